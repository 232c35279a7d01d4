import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { GrantDeps } from '../grants/deps.ts';
import { openReasons, type SealedReason } from '../requests/reasons.ts';
import type { Causer, Hold, HoldCause } from './types.ts';

export type HoldRow = {
  id: string;
  tenant: number;
  account: string;
  cause: HoldCause;
  caused_kind: Causer['kind'];
  caused_by: string | null;
  made_at: Date;
  released_at: Date | null;
  released_by: string | null;
  key_id: number | null;
  sealed: Buffer | null;
};

/** The columns of a HoldRow. */
export const holdColumns = `h.id, h.tenant, h.account, h.cause, h.caused_kind, h.caused_by, h.made_at, r.released_at,
  r.released_by, r.key_id, r.sealed`;
export const holdTables = 'access.hold h left join access.hold_release r on r.hold = h.id and r.tenant = h.tenant';

/** Of a grant `g`: that its holder is not on hold. */
export const isFree = 'not access.is_held(g.tenant, g.account)';

export const releasePurpose = 'access hold release';

export const missingHold = () => fault('missing', 'There is no such hold.');

const heldOnes = {
  name: 'access.hold.accounts',
  text: `select distinct h.account from ${holdTables} where h.tenant = $1 and r.hold is null`,
};

/** Ids of the accounts of a tenant that are on hold. */
export async function heldAccounts(query: Connection['query'], tenant: number): Promise<ReadonlySet<string>> {
  const rows = await query<{ account: string }>(heldOnes, [tenant]);
  return new Set(rows.map(({ account }) => account));
}

const isReleased = (row: HoldRow): row is HoldRow & SealedReason & { released_at: Date } => row.released_at !== null;

function asHold(row: HoldRow, reason: string | undefined): Hold {
  const { id, tenant, account, cause, caused_kind: kind, caused_by, made_at, released_at, released_by } = row;
  return {
    ...{ id, tenant, account, cause, made_at: made_at.getTime() },
    by: caused_by === null ? { kind } : { kind, id: caused_by },
    ...(released_at === null
      ? {}
      : { released: { by: released_by ?? 'operator', at: released_at.getTime(), reason: reason ?? '' } }),
  };
}

/** The holds with the reasons of their releases, in the order of the rows. */
export async function asHolds(
  { vault }: Pick<GrantDeps, 'vault'>,
  tenant: number,
  rows: readonly HoldRow[],
): Promise<Hold[]> {
  const released = rows.filter(isReleased);
  const bound = released.map(({ id, key_id, sealed }) => ({ key_id, sealed, of: id, purpose: releasePurpose }));
  const opened = released.length === 0 ? [] : await openReasons(await vault(tenant), bound);
  const said = new Map(released.map(({ id }, index) => [id, opened[index]]));
  return rows.map((row) => asHold(row, said.get(row.id)));
}
