import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import {
  type Call,
  checkResource,
  type Head,
  missing,
  type Outcome,
  requireFullView,
  type Shelf,
  targetOf,
  versionCondition,
} from '../call.ts';
import { written } from './written.ts';

const attempts = 20;

/**
 * FHIR R4 3.1.0.4 update. Ids are server-made: an id that never was is 404, not a creation. A deleted resource comes
 * back as its next version. 412: If-Match names another version.
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
  const resource = checkResource(body(), type);
  if (resource.id !== id) throw fault('invalid', 'The id in the resource must equal the id in the URL');
  return replace(shelf, call, type, id, resource);
}

/** Writes the next version, on top of whatever is current (or of the version that If-Match names). */
export async function replace(
  shelf: Shelf,
  call: Call,
  type: string,
  id: string,
  resource: JsonObject | undefined,
): Promise<Outcome> {
  if (!isUuid(id)) throw missing(type);
  const wanted = versionCondition(call.conditions['if-match'], 'If-Match');
  return shelf.inOrder(id, async () => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const outcome = await attemptReplace(shelf, call, { type, id, wanted, resource });
      if (outcome !== undefined) return outcome;
    }
    throw fault('conflict', 'Others kept changing this resource; try again');
  });
}

interface Replacement {
  readonly type: string;
  readonly id: string;
  readonly wanted: number | undefined;
  readonly resource: JsonObject | undefined;
}

/** Undefined: another writer came first. */
async function attemptReplace(
  shelf: Shelf,
  call: Call,
  { type, id, wanted, resource }: Replacement,
): Promise<Outcome | undefined> {
  const { tenant } = call.principal;
  const status = resource === undefined ? 204 : 200;
  const row = await shelf.reader.current(tenant, type, id);
  if (row === undefined) throw missing(type);
  if (wanted !== undefined && wanted !== row.version) throw fault('stale', 'If-Match: the current version is another');
  if (resource === undefined && row.body === null) return { status, targets: [{ type, id, version: row.version }] };
  const head: Head = { type, id, version: row.version + 1, at: new Date(shelf.clock.now()) };
  const event = call.event(status, [targetOf(head)]);
  const write = { type, id, expected: row.version, at: head.at.getTime(), ...(resource ? { resource } : {}) };
  if (!(await shelf.writer.one(tenant, write, event))) return undefined;
  return written(status, head, resource, event);
}
