import type { Principal } from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import type { GrantDeps } from '../grants/deps.ts';
import { idOrNobody, pageOf } from '../grants/list.ts';
import { holdWithin } from './make.ts';
import { holdRow, mayRelease, release, releaseAsOperator } from './release.ts';
import { asHolds, type HoldRow, holdColumns, holdTables, missingHold } from './rows.ts';
import type { Hold, Holds } from './types.ts';

/** Who left holds nothing that could be released. */
const select = {
  name: 'access.hold.list',
  text: `select ${holdColumns} from ${holdTables} where h.tenant = $1
      and ($2 or (r.hold is null and not exists (select from access.holder p
        where p.tenant = h.tenant and p.account = h.account and p.left_at is not null)))
      and ($3::uuid is null or h.account = $3)
      and ($4::uuid is null or h.number > (select number from access.hold where tenant = $1 and id = $4))
    order by h.number limit $5`,
};

/** What one act put on hold, and stands. */
const ofAct = {
  name: 'access.hold.of-act',
  text: `select h.id from access.hold o join (${holdTables}) on h.tenant = o.tenant and h.about = o.about
      and h.cause = o.cause and h.made_at = o.made_at
    where o.tenant = $1 and o.id = $2 and h.id <> o.id and r.hold is null order by h.number`,
};

/** One's own, and what somebody else has released meanwhile, is left. */
async function releasedToo(deps: HoldDeps, by: Principal, id: string, reason: string): Promise<boolean> {
  try {
    await release(deps, by, id, reason);
    return true;
  } catch (error) {
    if (isFault(error) && (error.kind === 'forbidden' || error.kind === 'conflict')) return false;
    throw error;
  }
}

type HoldDeps = Omit<GrantDeps, 'policies' | 'log'>;

/** What was opened into accounts by others, and who confirmed that it is the person who came in. */
export function createHolds(deps: HoldDeps): Holds {
  const byId = async (tenant: number, id: string): Promise<Hold | undefined> => {
    const row = await holdRow(deps, tenant, id);
    return row === undefined ? undefined : (await asHolds(deps, tenant, [row]))[0];
  };
  const known = async (tenant: number, id: string): Promise<Hold> => {
    const hold = await byId(tenant, id);
    if (hold === undefined) throw missingHold();
    return hold;
  };
  return {
    within: (connection, way) => holdWithin(deps, connection, way),
    byId,
    async list(tenant, wanted = {}) {
      const { after, count } = pageOf(wanted);
      const { account, all = false } = wanted;
      const values = [tenant, all, idOrNobody(account), after, count];
      return asHolds(deps, tenant, await deps.segment.query<HoldRow>(tenant, select, values));
    },
    mayRelease: (by, hold) => mayRelease(deps, by, hold),
    async release(by, id, reason) {
      await release(deps, by, id, reason);
      return known(by.tenant, id);
    },
    async releaseAct(by: Principal, id, reason) {
      await release(deps, by, id, reason);
      const done = [id];
      for (const other of await deps.segment.query<{ id: string }>(by.tenant, ofAct, [by.tenant, id])) {
        if (await releasedToo(deps, by, other.id, reason)) done.push(other.id);
      }
      return Promise.all(done.map((one) => known(by.tenant, one)));
    },
    async releaseAsOperator(tenant, id, reason) {
      await releaseAsOperator(deps, tenant, id, reason);
      return known(tenant, id);
    },
  };
}
