import { randomInt } from 'node:crypto';
import { type CustomParameter, compartmentPatients, typeNumber, writeJson } from '@safeguard/fhir';
import { isUuid, type JsonObject } from '@safeguard/kernel';
import { type DataKey, noOwner, type Seal, type Vault } from '@safeguard/seal';
import { type Indexed, type IndexRows, rowsOf } from '../index-rows/rows.ts';
import { type Segments, split } from '../segments/index.ts';
import { storedText } from './stamp.ts';

/** What is to be written: a new version of one resource. `resource` undefined deletes it. */
export interface Write {
  readonly type: string;
  readonly id: string;
  /** The version that must be the current one; 0: the resource is new. */
  readonly expected: number;
  /** meta.lastUpdated, milliseconds since the Unix epoch. */
  readonly at: number;
  readonly resource?: JsonObject;
}

export interface SealedPart {
  readonly row: string;
  readonly edition: number;
  readonly key: number;
  readonly body: Buffer;
  readonly tokens: readonly bigint[];
}

/** A write as the two segments take it. */
export interface SealedWrite {
  readonly write: Write;
  readonly type: number;
  readonly key: number;
  readonly body: Buffer | null;
  readonly part: SealedPart | undefined;
  /** What stands for it in the clinical search index; undefined of a deletion. */
  readonly index: IndexRows | undefined;
  /** The resource's pseudonym in the identity segment. */
  readonly row: string;
}

/** The search parameters that a tenant has added. The same list as long as it is the same: plans are kept by it. */
export type CustomParameters = (tenant: number) => readonly CustomParameter[];
export const noCustomParameters: CustomParameters = () => none;
const none: readonly CustomParameter[] = [];

/** Whose key is their own, and who are nobody's patients. */
export const persons: ReadonlySet<string> = new Set(['Practitioner', 'Person']);

/** Elements that name the patient of types which R4 leaves out of the patient compartment: Device, Task, Contract … */
export const patientElements = ['patient', 'subject', 'for', 'beneficiary'] as const;

function patientsNamed(resource: JsonObject): string[] {
  const references = patientElements.flatMap((name) => resource[name] ?? []) as { reference?: unknown }[];
  const ids = references.flatMap(({ reference }) => /^Patient\/([^/]+)$/.exec(String(reference))?.[1] ?? []);
  return [...new Set(ids)];
}

/**
 * Whose key a resource is sealed under: the one patient whose compartment it is in, or the person that it is. What
 * names several patients, or none, is nobody's alone and stands under the tenant's common key.
 */
export function ownerOf(resource: JsonObject, id: string): string {
  if (persons.has(resource.resourceType as string)) return id;
  const patients = patientsIn(resource, id);
  const only = patients.length === 1 ? patients[0] : undefined;
  return only !== undefined && isUuid(only) ? only : noOwner;
}

/** Ids of the patients in whose records a resource is: those of its compartments, else those that it names. */
export function patientsIn(resource: JsonObject, id: string): string[] {
  if (resource.resourceType === 'Patient') return [id];
  const inCompartment = compartmentPatients(resource);
  return inCompartment.length > 0 ? inCompartment : patientsNamed(resource);
}

export interface ClinicalBinding {
  readonly type: number;
  readonly at_ms: number;
  readonly edition: number | null;
}

/**
 * What a sealed body is bound to beside tenant, segment, owner, resource and version: a clinical body to its type, its
 * lastUpdated, and the identity part that belongs to it (or to having none); an identity part to its edition.
 */
export const purposes = {
  clinical: ({ type, at_ms, edition }: ClinicalBinding): string => `resource/${type}/${at_ms}/${edition ?? 'alone'}`,
  identity: (edition: number): string => `identity/${edition}`,
};

const edition = (version: number): number => lowestEdition(version) + randomInt(0x100000);

/** The lowest edition that an identity part of a version can have. */
export const lowestEdition = (version: number): number => version * 0x100000;

interface Keys {
  readonly clinical: Map<string, DataKey>;
  readonly identity: Map<string, DataKey>;
}

const keyOf = (keys: Map<string, DataKey>, owner: string): DataKey => {
  const key = keys.get(owner);
  if (key === undefined) throw new Error('no data key was made for this owner');
  return key;
};

/** A write, split and indexed. A deletion has neither half. */
interface Piece {
  readonly write: Write;
  readonly owner: string;
  readonly halves: Segments | undefined;
  readonly indexed: Indexed | undefined;
}

/** What has tokens in the identity segment has a part there, be it an empty one: by it they are found again. */
function halvesOf(resource: JsonObject, indexed: Indexed): Segments {
  const halves = split(resource);
  return halves.identity === undefined && indexed.identity.length > 0 ? { ...halves, identity: {} } : halves;
}

/**
 * Splits, indexes and seals writes. The index is made of the whole resource: where a value goes, the segment map says.
 * Yields to other requests every few resources or milliseconds: a bundle may hold thousands.
 */
export async function sealWrites(
  seal: Seal,
  tenant: number,
  writes: readonly Write[],
  customParameters: CustomParameters = noCustomParameters,
): Promise<SealedWrite[]> {
  const [clinical, identity] = await Promise.all([seal.vault('clinical', tenant), seal.vault('identity', tenant)]);
  const custom = customParameters(tenant);
  const pieces = await inTurns(writes, (write): Piece => {
    const { resource } = write;
    if (resource === undefined) return { write, owner: noOwner, halves: undefined, indexed: undefined };
    const indexed = rowsOf(write.type, custom)({ clinical, identity }, write.id, resource);
    return { write, owner: ownerOf(resource, write.id), halves: halvesOf(resource, indexed), indexed };
  });
  const owners = (some: readonly Piece[]): string[] => [...new Set(some.map((piece) => piece.owner))];
  const [clinicalKeys, identityKeys] = await Promise.all([
    clinical.keysFor(owners(pieces.filter((piece) => piece.halves !== undefined))),
    identity.keysFor(owners(pieces.filter((piece) => piece.halves?.identity !== undefined))),
  ]);
  const keys: Keys = { clinical: clinicalKeys, identity: identityKeys };
  return inTurns(pieces, (piece) => sealPiece({ clinical, identity }, keys, piece));
}

interface Vaults {
  readonly clinical: Vault;
  readonly identity: Vault;
}

function sealPiece(vaults: Vaults, keys: Keys, { write, owner, halves, indexed }: Piece): SealedWrite {
  const type = typeNumber(write.type);
  const row = vaults.identity.pseudonym(write.id);
  if (halves === undefined || indexed === undefined) {
    return { write, type, key: 0, body: null, part: undefined, index: undefined, row };
  }
  const key = keyOf(keys.clinical, owner);
  const part =
    halves.identity === undefined
      ? undefined
      : sealPart(vaults.identity, keyOf(keys.identity, owner), write, writeJson(halves.identity), indexed.identity);
  const purpose = purposes.clinical({ type, at_ms: write.at, edition: part?.edition ?? null });
  const binding = { resource: write.id, version: write.expected + 1, purpose };
  const body = vaults.clinical.seal(key, binding, Buffer.from(storedText(halves.clinical)));
  return { write, type, key: key.id, body, part, index: indexed.clinical, row };
}

function sealPart(vault: Vault, key: DataKey, write: Write, text: string, tokens: readonly bigint[]): SealedPart {
  const version = write.expected + 1;
  const chosen = edition(version);
  return {
    row: vault.pseudonym(write.id),
    edition: chosen,
    key: key.id,
    body: vault.seal(key, { resource: write.id, version, purpose: purposes.identity(chosen) }, Buffer.from(text)),
    tokens,
  };
}

/** So many items, or so long, without letting others in: some items take far longer than others. */
const [turn, turn_ms] = [24, 10];

/** Maps in slices, letting the event loop run between them. */
export async function inTurns<I, O>(items: readonly I[], map: (item: I) => O): Promise<O[]> {
  const results: O[] = [];
  let [done, began] = [0, performance.now()];
  for (const item of items) {
    if (done === turn || (done > 0 && performance.now() - began >= turn_ms)) {
      await new Promise(setImmediate);
      [done, began] = [0, performance.now()];
    }
    results.push(map(item));
    done += 1;
  }
  return results;
}
