import { fault, isFault, type JsonObject } from '@safeguard/kernel';
import { type Call, missing, type Outcome, requireFullView, type Shelf } from '../call.ts';
import { checkResource } from './check.ts';
import { type Patch, patched } from './patched.ts';
import { replace } from './replace.ts';

/**
 * FHIR R4 3.1.0.6 patch: on the version that is current, or that If-Match names; never on one that another writer has
 * replaced meanwhile. 422: it cannot be applied, or what comes of it is not valid.
 */
export async function patch(shelf: Shelf, call: Call, type: string, id: string, asked: Patch): Promise<Outcome> {
  shelf.guard(call.principal, 'patch', { type });
  // Its answer shows what was there, and its tests ask for it.
  shelf.guard(call.principal, 'read', { type });
  requireFullView(call);
  const { tenant } = call.principal;
  return replace(shelf, call, {
    type,
    id,
    action: 'patch',
    tells: 'read',
    next: async (row) => checkPatched(shelf, tenant, await patched(shelf, call, row, type, asked), type),
    absent: () => missing(type),
  });
}

/** The request was in order; what would come of it is not: 422. */
export async function checkPatched(
  shelf: Shelf,
  tenant: number,
  resource: JsonObject,
  type: string,
): Promise<JsonObject> {
  try {
    return await checkResource(shelf, tenant, resource, type, String(resource.id));
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid') throw error;
    throw fault('unprocessable', 'With the patch the resource is not valid FHIR R4', { issues: error.issues });
  }
}
