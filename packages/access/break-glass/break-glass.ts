import { fault } from '@safeguard/kernel';
import type { GrantDeps } from '../grants/deps.ts';
import type { BreakGlass, BreakGlassUse } from '../grants/types.ts';
import { requestRow } from '../requests/decide.ts';
import { asRequests } from '../requests/rows.ts';
import { openEmergency } from './open.ts';
import { reviewUse } from './review.ts';
import { asUses, type UseRow, useColumns, useTables } from './rows.ts';

const select = {
  name: 'access.break_glass.list',
  text: `select ${useColumns} from ${useTables} where b.tenant = $1
      and ($2::bool is null or (b.reviewed_at is not null) = $2) and ($3::uuid is null or b.grant_id = $3)
    order by g.number desc limit 500`,
};

/** Emergency access (45 CFR 164.312(a)(2)(ii)): at once, for one patient, for an hour, and looked at afterwards. */
export function createBreakGlass(deps: GrantDeps): BreakGlass {
  const find = async (tenant: number, reviewed: boolean | null, grant: string | null): Promise<BreakGlassUse[]> =>
    asUses(deps, tenant, await deps.segment.query<UseRow>(tenant, select, [tenant, reviewed, grant]));
  return {
    async open(by, wanted) {
      const opened = await openEmergency(deps, by, wanted);
      if (typeof opened !== 'string') return { grant: opened };
      const row = await requestRow(deps, by.tenant, opened);
      const [request] = row === undefined ? [] : await asRequests(deps, by.tenant, [row]);
      if (request === undefined) throw fault('internal', 'A request is missing.');
      return { request };
    },
    async review(by, grant, verdict, reason) {
      await reviewUse(deps, by, grant, verdict, reason);
      const [use] = await find(by.tenant, null, grant);
      if (use === undefined) throw fault('internal', 'A use of the emergency access is missing.');
      return use;
    },
    list: (tenant, { reviewed } = {}) => find(tenant, reviewed ?? null, null),
  };
}
