import { naming } from '@safeguard/http';
import { type Fault, fault, isUuid, type JsonObject } from '@safeguard/kernel';
import { type Call, type Head, type Outcome, type Shelf, targetOf, versionCondition } from '../call.ts';
import { patientsWritten } from '../storage/patients.ts';
import type { StoredRow } from '../storage/rows.ts';
import { hidingOf } from './hiding.ts';
import { requireKept } from './kept.ts';
import { newWrite } from './new-write.ts';
import { requireChangeable, requireSeen, requireWritable } from './sight.ts';
import { written } from './written.ts';

const attempts = 20;

/** The next version of one resource. */
export interface Change {
  readonly type: string;
  readonly id: string;
  /** As the guard names it. */
  readonly action: string;
  /** The interaction by which the caller must see what is there: the answer tells of it. Absent: it does not. */
  readonly tells?: string;
  /** The new content, given the row that is there; undefined deletes. Asked again when another writer came first. */
  next(row: StoredRow): Promise<JsonObject | undefined> | JsonObject | undefined;
  /** What is told where nothing is, or nothing that the caller sees. */
  absent(): Fault;
  /** What is written where nothing is (update as create, FHIR R4 3.1.0.4.1); absent: nothing. */
  readonly first?: JsonObject | undefined;
}

/** Writes the next version, on top of whatever is current (or of the version that If-Match names). */
export async function replace(shelf: Shelf, call: Call, change: Change): Promise<Outcome> {
  if (!isUuid(change.id)) throw change.absent();
  const wanted = versionCondition(call.conditions['if-match'], 'If-Match');
  return shelf.inOrder(change.id, async () => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const outcome = await attemptReplace(shelf, call, change, wanted);
      if (outcome !== undefined) return outcome;
    }
    throw fault('conflict', 'Others kept changing this resource; try again');
  });
}

export const staleFault = (header: string): Fault => fault('stale', `${header}: the current version is another`);

/** Undefined: another writer came first. */
async function attemptReplace(
  shelf: Shelf,
  call: Call,
  change: Change,
  wanted: number | undefined,
): Promise<Outcome | undefined> {
  const { type, id, action } = change;
  const { tenant } = call.principal;
  const row = await shelf.reader.current(tenant, type, id);
  if (row === undefined) return attemptFirst(shelf, call, change, wanted);
  await requireChangeable(shelf, call, action, row, change.absent);
  if (change.tells !== undefined) await requireSeen(shelf, call, change.tells, row, change.absent);
  if (wanted !== undefined && wanted !== row.version) throw staleFault('If-Match');
  const resource = await change.next(row);
  const status = resource === undefined ? 204 : 200;
  if (resource === undefined && row.body === null) return { status, targets: [{ type, id, version: row.version }] };
  if (resource !== undefined) {
    await requireWritable(shelf, call, { action, resource, id });
    await requireKept(shelf, call, { action, row, next: resource });
  }
  const head: Head = { type, id, version: row.version + 1, at: new Date(shelf.clock.now()) };
  const hiding = await hidingOf(shelf, call, 'read', { type, id, resource: resource ?? {} });
  const patients = [...(await shelf.patientsOf(tenant, [row])), ...(resource ? patientsWritten(resource, id) : [])];
  const event = naming(call.event(status, [targetOf(head)]), patients);
  const write = { type, id, expected: row.version, at: head.at.getTime(), ...(resource ? { resource } : {}) };
  if (!(await shelf.writer.one(tenant, write, event))) return undefined;
  shelf.conformance.written(tenant, type);
  return written({ status, head, resource, event, hiding });
}

/** The first version under an id that the client chose. */
async function attemptFirst(
  shelf: Shelf,
  call: Call,
  { type, id, action, absent, first }: Change,
  wanted: number | undefined,
): Promise<Outcome | undefined> {
  if (first === undefined) throw absent();
  if (wanted !== undefined) throw staleFault('If-Match');
  await requireWritable(shelf, call, { action, resource: first, id });
  const write = newWrite(shelf, type, first, id);
  const head: Head = { type, id, version: 1, at: new Date(write.at) };
  const hiding = await hidingOf(shelf, call, 'read', { type, id, resource: first });
  const event = naming(call.event(201, [targetOf(head)]), patientsWritten(first, id));
  if (!(await shelf.writer.one(call.principal.tenant, write, event))) return undefined;
  shelf.conformance.written(call.principal.tenant, type);
  return written({ status: 201, head, resource: first, event, hiding });
}
