import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { nextChange } from '../../grants/change.ts';
import { checkWorkforce } from '../../requests/person.ts';
import type { PolicyDeps } from '../deps.ts';
import { lockPolicy, mustBe } from '../rows.ts';

const update = {
  name: 'access.policy.withdraw',
  text: `update access.policy set state = 'withdrawn' where tenant = $1 and version = $2`,
};

/** A draft, what waits for approval, and what was to begin later. What has begun is replaced, never withdrawn. */
export async function withdraw(deps: PolicyDeps, by: Principal, version: number): Promise<void> {
  checkWorkforce(by);
  const { tenant } = by;
  await deps.segment.transaction(tenant, async (connection) => {
    const row = await lockPolicy(connection, tenant, version);
    mustBe(row, 'draft', 'submitted', 'approved', 'activated');
    const began = row.state === 'activated' && (row.activates_at?.getTime() ?? 0) <= deps.clock.now();
    if (began) throw fault('conflict', 'The version was in force already: roll back, or activate another.');
    await connection.query(update, [tenant, version]);
    if (row.state === 'activated') await nextChange(connection, tenant);
  });
  deps.changed?.(tenant);
}
