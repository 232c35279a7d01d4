import { type Call, missing, type Outcome, requireFullView, type Shelf } from '../call.ts';
import { replace } from './replace.ts';

/** FHIR R4 3.1.0.7 delete: a version without a body. Deleting what is deleted already is 204 again. */
export async function remove(shelf: Shelf, call: Call, type: string, id: string): Promise<Outcome> {
  shelf.guard(call.principal, 'delete', { type });
  requireFullView(call);
  return replace(shelf, call, { type, id, action: 'delete', next: () => undefined, absent: () => missing(type) });
}
