import type { Connection, Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { Sealed, Sealer } from './rows.ts';
import type { Actor, ApplicationEvent, EventKind } from './types.ts';

const insert = {
  name: 'identity.application.tell',
  text: `insert into identity.application_event (application, tenant, number, at, kind, actor_kind, actor, revision,
      scopes, key_id, sealed)
    select $1, $2, 1 + coalesce(max(number), 0), $3, $4, $5, $6, $7, $8, $9, $10
      from identity.application_event where application = $1
    returning number`,
};
const select = {
  name: 'identity.application.history',
  text: `select number, at, kind, actor_kind, actor, revision, scopes, key_id, sealed
    from identity.application_event where tenant = $1 and application = $2 order by number`,
};

type Row = {
  number: number;
  at: Date;
  kind: EventKind;
  actor_kind: Actor['kind'];
  actor: string | null;
  revision: number;
  scopes: string[] | null;
  key_id: number | null;
  sealed: Buffer | null;
};

export interface Told {
  readonly id: string;
  readonly at: Date;
  readonly kind: EventKind;
  readonly actor: Actor;
  readonly version: number;
  readonly scopes?: readonly string[];
  readonly reason?: Sealed | undefined;
}

export const actorId = (actor: Actor): string | null => ('id' in actor ? actor.id : null);

/** One line of the history, in the transaction of what it tells. The application's row is locked by then. */
export async function tell(connection: Connection, told: Told): Promise<void> {
  const { id, at, kind, actor, version, scopes = null, reason } = told;
  const what = [id, actor.tenant, at, kind, actor.kind, actorId(actor), version, scopes];
  await connection.query(insert, [...what, reason?.key_id ?? null, reason?.sealed ?? null]);
}

export async function historyOf(
  segment: Segment,
  sealer: Sealer,
  tenant: number,
  id: string,
): Promise<ApplicationEvent[]> {
  const rows = await segment.query<Row>(platform, select, [tenant, id]);
  return rows.map(({ at, revision, key_id, sealed, ...rest }) => {
    const reason = key_id === null || sealed === null ? null : sealer.openReason(id, { key_id, sealed });
    return { ...rest, at: at.getTime(), version: revision, reason };
  });
}
