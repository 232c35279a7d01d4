import { randomInt } from 'node:crypto';
import { compartmentPatients, identifiers, typeNumber, writeJson } from '@safeguard/fhir';
import { isUuid, type JsonObject } from '@safeguard/kernel';
import { type DataKey, noOwner, type Seal, type Vault } from '@safeguard/seal';
import { identifierTokens } from '../search/identifier.ts';
import { split } from '../segments/index.ts';
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
}

const persons = new Set(['Practitioner', 'Person']);

/** Elements that name the patient of types which R4 leaves out of the patient compartment: Device, Task, Contract … */
const patientElements = ['patient', 'subject', 'for', 'beneficiary'] as const;

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
  if (resource.resourceType === 'Patient' || persons.has(resource.resourceType as string)) return id;
  const inCompartment = compartmentPatients(resource);
  const patients = inCompartment.length > 0 ? inCompartment : patientsNamed(resource);
  const only = patients.length === 1 ? patients[0] : undefined;
  return only !== undefined && isUuid(only) ? only : noOwner;
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

const edition = (version: number): number => version * 0x100000 + randomInt(0x100000);

interface Keys {
  readonly clinical: Map<string, DataKey>;
  readonly identity: Map<string, DataKey>;
}

const keyOf = (keys: Map<string, DataKey>, owner: string): DataKey => {
  const key = keys.get(owner);
  if (key === undefined) throw new Error('no data key was made for this owner');
  return key;
};

/** Splits and seals writes. Yields to other requests every few resources: a bundle may hold thousands. */
export async function sealWrites(seal: Seal, tenant: number, writes: readonly Write[]): Promise<SealedWrite[]> {
  const [clinical, identity] = await Promise.all([seal.vault('clinical', tenant), seal.vault('identity', tenant)]);
  const pieces = await inTurns(writes, (write) => {
    const { resource } = write;
    if (resource === undefined) return { write, owner: noOwner, clinical: undefined, identity: undefined };
    return { write, owner: ownerOf(resource, write.id), ...split(resource) };
  });
  const owners = (some: typeof pieces): string[] => [...new Set(some.map((piece) => piece.owner))];
  const [clinicalKeys, identityKeys] = await Promise.all([
    clinical.keysFor(owners(pieces.filter((piece) => piece.clinical !== undefined))),
    identity.keysFor(owners(pieces.filter((piece) => piece.identity !== undefined))),
  ]);
  const keys: Keys = { clinical: clinicalKeys, identity: identityKeys };
  return inTurns(pieces, (piece) => {
    const { write } = piece;
    const type = typeNumber(write.type);
    if (piece.clinical === undefined) return { write, type, key: 0, body: null, part: undefined };
    const key = keyOf(keys.clinical, piece.owner);
    const part =
      piece.identity === undefined
        ? undefined
        : sealPart(identity, keyOf(keys.identity, piece.owner), write, writeJson(piece.identity));
    const purpose = purposes.clinical({ type, at_ms: write.at, edition: part?.edition ?? null });
    const binding = { resource: write.id, version: write.expected + 1, purpose };
    const body = clinical.seal(key, binding, Buffer.from(storedText(piece.clinical)));
    return { write, type, key: key.id, body, part };
  });
}

function sealPart(vault: Vault, key: DataKey, write: Write, text: string): SealedPart {
  const version = write.expected + 1;
  const chosen = edition(version);
  return {
    row: vault.pseudonym(write.id),
    edition: chosen,
    key: key.id,
    body: vault.seal(key, { resource: write.id, version, purpose: purposes.identity(chosen) }, Buffer.from(text)),
    tokens: identifiers(write.resource).flatMap((identifier) => identifierTokens(vault, write.type, identifier)),
  };
}

const turn = 24;

/** Maps in slices, letting the event loop run between them. */
export async function inTurns<I, O>(items: readonly I[], map: (item: I) => O): Promise<O[]> {
  const results: O[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % turn === 0) await new Promise(setImmediate);
    results.push(map(item));
  }
  return results;
}
