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

/** What was opened into accounts by others, and who confirmed that it is the person who came in. */
export function createHolds(deps: Omit<GrantDeps, 'policies' | 'log'>): Holds {
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
    async releaseAsOperator(tenant, id, reason) {
      await releaseAsOperator(deps, tenant, id, reason);
      return known(tenant, id);
    },
  };
}
