import { type Call, type Outcome, requireFullView, type Shelf } from '../call.ts';
import { replace } from './update.ts';

/** FHIR R4 3.1.0.7 delete: a version without a body. Deleting what is deleted already is 204 again. */
export function remove(shelf: Shelf, call: Call, type: string, id: string): Promise<Outcome> {
  shelf.guard(call.principal, 'delete', { type });
  requireFullView(call);
  return replace(shelf, call, type, id, undefined);
}
