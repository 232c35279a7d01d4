import { typeName } from '@safeguard/fhir';
import { naming, operationOutcome } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { type Call, missing, type Outcome, requireFullView, type Shelf } from '../call.ts';
import type { StoredRow } from '../storage/rows.ts';
import { changeable, requireChangeable, sightOf } from '../verbs/sight.ts';

const told = (text: string): string =>
  JSON.stringify(operationOutcome([{ severity: 'information', code: 'informational', text }]));

/**
 * `Patient/:id/$purge`: destroys the patient's keys, so that everything sealed under them is unreadable for good, in
 * every version and every backup whose keys are gone. Needs the permission `purge`.
 */
export async function purge(shelf: Shelf, call: Call, type: string, id: string): Promise<Outcome> {
  if (type !== 'Patient') throw fault('missing', 'There is nothing at this address');
  shelf.guard(call.principal, 'purge', { type });
  requireFullView(call);
  const { tenant } = call.principal;
  const row = isUuid(id) ? await shelf.reader.current(tenant, type, id) : undefined;
  if (row === undefined) throw missing(type);
  await requireChangeable(shelf, call, 'purge', row, () => missing(type));
  await shelf.destroyPatient(tenant, id);
  return { status: 200, text: told('The keys of this Patient were destroyed'), targets: [{ type, id }] };
}

/**
 * Deletes the earlier versions of a resource for good, or one of them; the current one stays. Needs the permission
 * `history-delete`. R4 leaves this open; the address is that of FHIR R5's delete-history.
 */
export async function deleteHistory(
  shelf: Shelf,
  call: Call,
  { type, id, version }: { readonly type: string; readonly id: string; readonly version?: string },
): Promise<Outcome> {
  shelf.guard(call.principal, 'history-delete', { type });
  requireFullView(call);
  const { tenant } = call.principal;
  const current = isUuid(id) ? await shelf.reader.current(tenant, type, id) : undefined;
  if (current === undefined) throw missing(type);
  await requireChangeable(shelf, call, 'history-delete', current, () => missing(type));
  if (version !== undefined) return deleteVersion(shelf, call, { type, id, version, current: current.version });
  const event = naming(call.event(204, [{ type, id }]), await shelf.patientsOf(tenant, [current]));
  if (sightOf(shelf, call, type, 'history-delete') === 'all') await shelf.eraser.history(tenant, id, event);
  else await shelf.eraser.versions(tenant, await heldVersions(shelf, call, current), event);
  return { status: 204, targets: event.targets, event };
}

const rows_at_once = 500;

/** Earlier versions that the caller may change: one that was somebody else's stays, and is not told of. */
async function heldVersions(shelf: Shelf, call: Call, current: StoredRow): Promise<StoredRow[]> {
  const { tenant } = call.principal;
  const held: StoredRow[] = [];
  for (let before = current.version; ; ) {
    const rows = await shelf.reader.history(tenant, typeName(current.type), current.id, before, rows_at_once);
    held.push(...(await changeable(shelf, call, 'history-delete', rows)));
    const last = rows.at(-1);
    if (last === undefined || rows.length < rows_at_once) return held;
    before = last.version;
  }
}

async function deleteVersion(
  shelf: Shelf,
  call: Call,
  asked: { readonly type: string; readonly id: string; readonly version: string; readonly current: number },
): Promise<Outcome> {
  const { type, id, version } = asked;
  const { tenant } = call.principal;
  const number = /^[1-9]\d{0,8}$/.test(version) ? Number(version) : 0;
  if (number === asked.current) throw fault('conflict', 'The current version cannot be deleted from the history');
  const found = number === 0 ? undefined : await shelf.reader.version(tenant, type, id, number);
  const [row] = found === undefined ? [] : await changeable(shelf, call, 'history-delete', [found]);
  if (row === undefined) throw fault('missing', `No such version of a ${type}`);
  const event = naming(call.event(204, [{ type, id, version: number }]), await shelf.patientsOf(tenant, [row]));
  await shelf.eraser.versions(tenant, [row], event);
  return { status: 204, targets: event.targets, event };
}
