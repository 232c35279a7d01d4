import { inSlices, slice } from '../slices.ts';
import { type EndedRow, endedOf, type SessionDeps } from './deps.ts';
import { toldByNoRequest } from './record.ts';
import type { EndedSession } from './types.ts';

const day_ms = 86_400_000;
const deviceKept_ms = 180 * day_ms;

/** In slices, so that no sweep holds locks for long; rows that somebody is working on wait for the next one. */
const endOverdue = {
  name: 'identity.session.sweep_overdue',
  text: `update identity.session set ended_at = $3, reason = case when created_at <= $2 then 'too old' else 'idle' end
    where id in (select id from identity.session
      where ended_at is null and (last_used_at <= $1 or created_at <= $2) limit ${slice} for update skip locked)
    returning id, tenant, account, reason`,
};
const removeEnded = {
  name: 'identity.session.sweep_ended',
  text: `delete from identity.session where id in
    (select id from identity.session where ended_at < $1
      and (recorded_at is not null or reason is null or reason <> all ($2)) limit ${slice} for update skip locked)
    returning 1 as gone`,
};
const removeDevices = {
  name: 'identity.device.sweep',
  text: `delete from identity.device where (hash, account) in
    (select hash, account from identity.device where last_used_at < $1 limit ${slice}) returning 1 as gone`,
};

export interface Swept {
  readonly ended: readonly EndedSession[];
  readonly rows: number;
}

export async function sweepSessions({ segment, clock, settings, record }: SessionDeps): Promise<Swept> {
  const now = clock.now();
  const before = (age_ms: number): Date => new Date(now - age_ms);
  const overdue = await inSlices<EndedRow & { reason: 'idle' | 'too old' }>(segment, endOverdue, [
    before(settings.idle_s * 1000),
    before(settings.absolute_s * 1000),
    new Date(now),
  ]);
  // What the ledger still has to be told of stays, however old.
  const kept = record === undefined ? [] : toldByNoRequest;
  const removed = await inSlices(segment, removeEnded, [before(day_ms), kept]);
  const devices = await inSlices(segment, removeDevices, [before(deviceKept_ms)]);
  return {
    ended: overdue.map((row) => endedOf(row.reason)(row)),
    rows: overdue.length + removed.length + devices.length,
  };
}
