import { fhirpathPatch, jsonPatch, parseJson, parseWritten } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import { type Call, goneFault, type Shelf } from '../call.ts';
import type { StoredRow } from '../storage/rows.ts';
import { type Frozen, frozenFor } from './frozen.ts';
import { paced } from './pace.ts';

/** A patch as sent: operations of RFC 6902, or a Parameters resource of FHIRPath Patch (FHIR R4 fhirpatch.html). */
export type Patch =
  | { readonly kind: 'json'; readonly operations: unknown }
  | { readonly kind: 'fhirpath'; readonly parameters: unknown };

/** The content of a row, opened to be changed. 410: it is deleted, or its keys are destroyed. */
export async function openToChange(shelf: Shelf, tenant: number, row: StoredRow, type: string): Promise<JsonObject> {
  if (row.body === null) throw goneFault(type);
  const text = await shelf.opener.text(tenant, row, 'full');
  if (text === undefined) throw fault('gone', `The keys of this ${type} were destroyed`);
  return parseWritten(text) as JsonObject;
}

/**
 * The content of a row with a patch applied; not validated yet. 422: the patch would change type or id. 403: it touches
 * what is hidden from the caller.
 */
export async function patched(
  shelf: Shelf,
  call: Call,
  row: StoredRow,
  type: string,
  patch: Patch,
): Promise<JsonObject> {
  const before = await openToChange(shelf, call.principal.tenant, row, type);
  const frozen = await frozenFor(shelf, call, before);
  const after = await paced(() => applyShown(before, patch, frozen));
  if (after.id === row.id && after.resourceType === type) return after;
  throw fault('unprocessable', 'A patch may change neither the id nor the type of a resource');
}

function applyShown(before: JsonObject, patch: Patch, frozen: Frozen | undefined): JsonObject {
  if (frozen === undefined) return apply(before, patch);
  frozen.require(patch.kind === 'json' ? patch.operations : patch.parameters);
  return frozen.thawed(apply(frozen.shown, patch));
}

function apply(resource: JsonObject, patch: Patch): JsonObject {
  if (patch.kind === 'json') return jsonPatch(resource, patch.operations);
  return fhirpathPatch(resource, patch.parameters);
}

const jsonPatchType = 'application/json-patch+json';

/** A patch in a bundle's entry: a Binary that holds a JSON Patch, or a Parameters (FHIR R4 3.1.0.6.1, 3.1.0.11). */
export function patchOfEntry(resource: JsonObject | undefined): Patch | undefined {
  if (resource?.resourceType === 'Parameters') return { kind: 'fhirpath', parameters: resource };
  if (resource?.resourceType !== 'Binary' || resource.contentType !== jsonPatchType) return undefined;
  const data = Buffer.from(typeof resource.data === 'string' ? resource.data : '', 'base64');
  return { kind: 'json', operations: parseJson(data) };
}
