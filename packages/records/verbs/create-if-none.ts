import { fault, type JsonObject } from '@safeguard/kernel';
import { type Call, type Outcome, type Shelf, targetOf } from '../call.ts';
import { headOf } from '../storage/open.ts';
import type { StoredRow } from '../storage/rows.ts';
import { newWrite } from './new-write.ts';
import { putLocked } from './put-locked.ts';
import { written } from './written.ts';

const attempts = 10;

/**
 * Conditional create (FHIR R4 3.1.0.8.1). 200: it was there already; 412: several match. Everything is looked up and
 * sealed first; then, under the condition's lock, only that the look-up still stands: so a transaction never waits for
 * a second connection, and two callers with one condition make one resource.
 */
export async function createIfNone(
  shelf: Shelf,
  call: Call,
  type: string,
  resource: JsonObject,
  condition: string,
): Promise<Outcome> {
  // What matches can be told from the answer: that is a search.
  shelf.guard(call.principal, 'search-type', { type });
  const { tenant } = call.principal;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const matches = await shelf.finder.match(tenant, [{ type, condition }]);
    const rows = matches[0]?.rows ?? [];
    if (rows.length > 1) throw fault('stale', 'If-None-Exist: several resources match');
    if (rows[0] !== undefined) return existing(shelf, call, rows[0]);
    const write = newWrite(shelf, type, resource);
    const head = { type, id: write.id, version: 1, at: new Date(write.at) };
    const event = call.event(201, [targetOf(head)]);
    const sealed = await shelf.writer.seal(tenant, [write], event);
    if (await putLocked(shelf, tenant, matches, sealed)) return written(201, head, resource, event);
  }
  throw fault('conflict', 'Others kept writing what this condition names; try again');
}

async function existing(shelf: Shelf, call: Call, row: StoredRow): Promise<Outcome> {
  const head = headOf(row);
  const text = await shelf.opener.text(call.principal.tenant, row, 'full');
  return { status: 200, head, ...(text === undefined ? {} : { text }), targets: [targetOf(head)] };
}
