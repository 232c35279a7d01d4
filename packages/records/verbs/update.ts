import { type Fault, fault, isUuid } from '@safeguard/kernel';
import { type Call, type Outcome, requireFullView, type Shelf } from '../call.ts';
import { checkResource } from './check.ts';
import { replace } from './replace.ts';

/**
 * FHIR R4 3.1.0.4 update. An id that never was is 405, unless the tenant lets clients choose ids. A deleted resource
 * comes back as its next version. 412: If-Match names another version.
 */
export async function update(
  shelf: Shelf,
  call: Call,
  type: string,
  id: string,
  body: () => unknown,
): Promise<Outcome> {
  shelf.guard(call.principal, 'update', { type });
  requireFullView(call);
  const { tenant } = call.principal;
  const resource = await checkResource(shelf, tenant, body(), type, id);
  if (resource.id !== id) throw fault('invalid', 'The id in the resource must equal the id in the URL');
  const first = (await mayName(shelf, tenant, id)) ? resource : undefined;
  return replace(shelf, call, { type, id, action: 'update', next: () => resource, absent: clientId, first });
}

/** 3.1.0.4.1: the server does not allow client-defined ids. */
export const clientId = (): Fault =>
  fault('method', 'No resource with this id; a new one is made with POST, under an id of the server');

/** Whether an update may create under this id. Ids are UUIDs here: another one is refused where it could be meant. */
export async function mayName(shelf: Shelf, tenant: number, id: string): Promise<boolean> {
  const { updateAsCreate } = await shelf.settings(tenant);
  if (updateAsCreate && !isUuid(id)) throw fault('invalid', 'A client-defined id must be a UUID in lower case');
  return updateAsCreate;
}
