import { parseWritten, patientCompartment, typeDefinition, typeName } from '@safeguard/fhir';
import { isUuid, type JsonObject } from '@safeguard/kernel';
import { type DataKey, noOwner, type Seal, type Vault } from '@safeguard/seal';
import type { StoredRow } from './rows.ts';
import { patientElements, patientsIn, persons, purposes } from './seal-write.ts';

/**
 * Ids of the patients in whose records rows are, as far as their keys tell: a row's data key has its patient as owner.
 * What several patients share stands under the common key, and is opened to see whose it is. Costs no round trip where
 * the keys are at hand, as they are once a row was opened. Of a deletion, or destroyed keys, only a Patient is known.
 */
export type PatientsOf = (tenant: number, rows: readonly StoredRow[]) => Promise<readonly string[]>;

const shareable = new Map<string, boolean>();

/** Whether one resource of a type may be in several records. */
function isShareable(type: string): boolean {
  let known = shareable.get(type);
  if (known === undefined) {
    const names = typeDefinition(type)?.elements;
    known = (patientCompartment(type)?.paths.length ?? 0) > 0 || patientElements.some((name) => names?.has(name));
    shareable.set(type, known);
  }
  return known;
}

/** Undefined: destroyed. */
async function keysOf(vault: Vault, rows: readonly StoredRow[]): Promise<(id: number) => DataKey | undefined> {
  const away = [...new Set(rows.map(({ key }) => key))].filter((id) => vault.cached(id) === undefined);
  const loaded = away.length === 0 ? undefined : await vault.keysById(away);
  return (id) => vault.cached(id) ?? loaded?.get(id);
}

function openShared(vault: Vault, key: DataKey, row: StoredRow): readonly string[] {
  if (row.body === null || !isShareable(typeName(row.type))) return [];
  const purpose = purposes.clinical({ type: row.type, at_ms: row.at.getTime(), edition: row.identity });
  const stored = vault.open(key, { resource: row.id, version: row.version, purpose }, row.body).toString();
  return patientsWritten(parseWritten(stored) as JsonObject, row.id);
}

/** The same of what is about to be written, as its references tell. */
export const patientsWritten = (resource: JsonObject, id: string): string[] => patientsIn(resource, id).filter(isUuid);

/** Rows whose key tells: not of a Patient, of another person, or of a deletion. */
const isTold = ({ type, body }: StoredRow): boolean => {
  const name = typeName(type);
  return body !== null && name !== 'Patient' && !persons.has(name);
};

/** The patients of a row by its key; none where the key was destroyed. */
function ownersOf(vault: Vault, key: DataKey | undefined, row: StoredRow): readonly string[] {
  if (key === undefined) return [];
  return key.owner === noOwner ? openShared(vault, key, row) : [key.owner];
}

export const createPatientsOf =
  (seal: Seal): PatientsOf =>
  async (tenant, rows) => {
    const found = new Set(rows.flatMap(({ id, type }) => (typeName(type) === 'Patient' ? id : [])));
    const told = rows.filter(isTold);
    if (told.length === 0) return [...found];
    const vault = await seal.vault('clinical', tenant);
    const keys = await keysOf(vault, told);
    for (const row of told) for (const id of ownersOf(vault, keys(row.key), row)) found.add(id);
    return [...found];
  };
