import type { Principal } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { GrantDeps } from '../grants/deps.ts';
import { endWithin } from '../grants/end.ts';
import { lockHolders } from '../grants/holder.ts';
import { missingGrant } from '../grants/rows.ts';
import { holdersOf } from '../requests/approvers.ts';
import { checkWorkforce } from '../requests/person.ts';
import { checkReason, sealReason } from '../requests/reasons.ts';
import { officerRoles } from './opened.ts';
import { reviewPurpose } from './rows.ts';

const holderOf = {
  name: 'access.break_glass.holder',
  text: 'select account from access.break_glass where tenant = $1 and grant_id = $2',
};
const review = {
  name: 'access.break_glass.review',
  text: `update access.break_glass set reviewed_by = $3, reviewed_at = $4, verdict = $5, key_id = $6, sealed = $7
    where tenant = $1 and grant_id = $2 and reviewed_at is null returning grant_id`,
};
const inForce = {
  name: 'access.grant.in-force',
  text: 'select id from access.grant where tenant = $1 and id = $2 and ended_at is null and until_at > $3',
};

type Verdict = 'justified' | 'unjustified';

/** Fault `missing`, `forbidden`. Answers for whom it was. */
async function checkMayReview(deps: GrantDeps, { tenant, id: by }: Principal, grant: string): Promise<string> {
  const values = [tenant, grant];
  const [use] = isUuid(grant) ? await deps.segment.query<{ account: string }>(tenant, holderOf, values) : [];
  if (use === undefined) throw missingGrant();
  if (use.account === by) throw fault('forbidden', 'Nobody reviews what they did themselves.');
  const { granted } = await holdersOf(deps, tenant, officerRoles);
  if (!granted.has(by)) throw fault('forbidden', 'Access denied: security and privacy officers only.');
  return use.account;
}

/** What somebody else found of an emergency. */
export async function reviewUse(
  deps: GrantDeps,
  by: Principal,
  grant: string,
  verdict: Verdict,
  reason: string,
): Promise<void> {
  checkWorkforce(by);
  const { tenant } = by;
  const account = await checkMayReview(deps, by, grant);
  if (verdict !== 'justified' && verdict !== 'unjustified') {
    throw fault('invalid', 'verdict: expected justified or unjustified');
  }
  checkReason(reason);
  const bound = { of: grant, purpose: reviewPurpose };
  const { key_id, sealed } = await sealReason(await deps.vault(tenant), by.id, bound, reason);
  const at = deps.clock.now();
  await deps.segment.transaction(tenant, async (connection) => {
    await lockHolders(connection, tenant, [account]);
    const found = [tenant, grant, by.id, new Date(at), verdict, key_id, sealed];
    const done = await connection.query(review, found);
    if (done.length === 0) throw fault('conflict', 'It was reviewed already.');
    const open = await connection.query(inForce, [tenant, grant, new Date(at)]);
    if (verdict === 'justified' || open.length === 0) return;
    await endWithin(connection, tenant, grant, { at, by: by.id, why: 'review' });
  });
  if (verdict === 'unjustified') deps.changed?.(tenant);
}
