import { fault, isUuid } from '@safeguard/kernel';
import type { Call, Outcome, Shelf } from '../call.ts';
import { answerRow } from './read.ts';
import { seenVersions } from './sight.ts';

const versionForm = /^[1-9]\d{0,8}$/;

/** FHIR R4 3.1.0.2 vread. 404: no such version; 410: this version is a deletion. */
export async function vread(shelf: Shelf, call: Call, type: string, id: string, version: string): Promise<Outcome> {
  shelf.guard(call.principal, 'vread', { type });
  const known = isUuid(id) && versionForm.test(version);
  const row = known ? await shelf.reader.version(call.principal.tenant, type, id, Number(version)) : undefined;
  const [visible] = row === undefined ? [] : await seenVersions(shelf, call, 'vread', [row]);
  if (row === undefined || visible === undefined) throw fault('missing', `No such version of a ${type}`);
  return answerRow(shelf, call, type, row, { action: 'vread' });
}
