import type { Check, Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { breakGlass } from './break-glass.ts';
import { crossTenant } from './cross-tenant.ts';
import { defaultDeny } from './default-deny.ts';
import type { AccessCheckDeps } from './deps.ts';
import { dutiesApart } from './duties-apart.ts';
import { expiredEnd } from './expired-end.ts';
import { grantsApproved } from './grants-approved.ts';
import { minimumNecessary } from './minimum-necessary.ts';
import { officers } from './officers.ts';
import { reviewsOnTime } from './reviews-on-time.ts';

/** What access proves of itself while it runs: who may, who decided so, and when it ends. */
export const accessChecks = (deps: AccessCheckDeps): Check[] => [
  defaultDeny(deps),
  crossTenant(deps),
  grantsApproved(deps),
  reviewsOnTime(deps),
  breakGlass(deps),
  minimumNecessary(deps),
  dutiesApart(deps),
  officers(deps),
  expiredEnd(deps),
];

const holding = {
  name: 'access.check.holders-among',
  text: `select distinct g.account from access.grant g where g.tenant = $1 and g.account = any ($2::uuid[])
    and g.ended_at is null and g.until_at > $3`,
};

/** Which of these accounts hold a grant that is in force, or will be: for checks of other packages. */
export const holdersAmong =
  ({ segment, clock }: { readonly segment: Segment; readonly clock: Clock }) =>
  async (tenant: number, accounts: readonly string[]): Promise<readonly string[]> => {
    const rows = await segment.query<{ account: string }>(tenant, holding, [tenant, accounts, new Date(clock.now())]);
    return rows.map(({ account }) => account);
  };
