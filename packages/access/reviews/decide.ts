import type { Principal } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { nextChange } from '../grants/change.ts';
import { endWithin } from '../grants/end.ts';
import { lockHolders } from '../grants/holder.ts';
import type { Policy } from '../policy/types.ts';
import { type Approvers, holdersOf, mayStill } from '../requests/approvers.ts';
import { checkWorkforce } from '../requests/person.ts';
import { checkReason, sealReason } from '../requests/reasons.ts';
import { areApart } from '../requests/role.ts';
import { type ReviewDeps, reviewers } from './deps.ts';
import { noReview, stateAt } from './rows.ts';
import type { ReviewVerdict } from './types.ts';

const items_most = 1_000;

/** Shared with those who decide about other items; closing waits for all of them. */
const readReview = {
  name: 'access.review.lock-shared',
  text: 'select due_at, closed_at from access.review where tenant = $1 and id = $2 for share',
};
const find = {
  name: 'access.review_item.find',
  text: `select i.id, i.account, i.grant_id from access.review_item i
    where i.tenant = $1 and i.review = $2 and i.id = any ($3::uuid[])`,
};
/** Only what is undecided is. */
const decideItems = {
  name: 'access.review_item.decide',
  text: `update access.review_item set verdict = $4, decided_by = $5, decided_at = $6, key_id = $7, sealed = $8
    where tenant = $1 and review = $2 and id = any ($3::uuid[]) and verdict is null returning id`,
};
/** What is over already stays so. In the order of ids, as everybody locks several grants. */
const lockLive = {
  name: 'access.review.lock-live',
  text: `select g.id from access.grant g where g.tenant = $1 and g.id = any ($2::uuid[]) and g.ended_at is null
    and g.until_at > $3 order by g.id for update`,
};
const keep = {
  name: 'access.grant.reviewed',
  text: `update access.grant set until_at = approved_until, approved_until = null, changed = $3
    where tenant = $1 and id = any ($2::uuid[]) and approved_until is not null`,
};

/** What else the holders hold in the time that comes back. */
const meeting = {
  name: 'access.grant.meeting',
  text: `select distinct g.role, o.role as other from access.grant g join access.grant o
      on o.tenant = g.tenant and o.account = g.account and o.id <> g.id and o.ended_at is null
        and o.from_at < g.approved_until and o.until_at > g.until_at
    where g.tenant = $1 and g.id = any ($2::uuid[])`,
};

type Found = { id: string; account: string; grant_id: string };

interface Asked {
  readonly tenant: number;
  readonly by: string;
  readonly at: number;
  readonly review: string;
  readonly wanted: ReviewVerdict;
  readonly policy: Policy;
}

function checkItems(items: readonly string[]): readonly string[] {
  const distinct = [...new Set(items)];
  const fits = distinct.length > 0 && distinct.length <= items_most && distinct.every(isUuid);
  if (!fits) throw fault('invalid', `items: expected 1 to ${items_most} ids`);
  return distinct;
}

async function checkOpen(connection: Connection, { tenant, at, review }: Asked): Promise<void> {
  const [row] = await connection.query<{ due_at: Date; closed_at: Date | null }>(readReview, [tenant, review]);
  if (row === undefined) throw noReview();
  if (stateAt(row, at) !== 'open') throw fault('conflict', 'The review is over: what was undecided has lapsed.');
}

/** None of them is the reviewer's own. */
async function itemsOf(connection: Connection, { tenant, by, review }: Asked, ids: readonly string[]) {
  const found = await connection.query<Found>(find, [tenant, review, ids]);
  if (found.length < ids.length) throw fault('missing', 'The review has no such item.');
  if (found.some(({ account }) => account === by))
    throw fault('forbidden', 'Nobody reviews what they hold themselves.');
  return found;
}

/** Fault `conflict`: since the review began somebody was granted what must not meet what they are to keep. */
async function checkMeeting(connection: Connection, { tenant, policy }: Asked, ids: readonly string[]): Promise<void> {
  const pairs = await connection.query<{ role: string; other: string }>(meeting, [tenant, ids]);
  if (pairs.some(({ role, other }) => areApart(policy, role, other))) {
    throw fault('conflict', 'One of the people holds a role by now that must not meet the one to keep.');
  }
}

/** `keep`: the grants hold till the end that was approved. `revoke`: they end now. */
async function carryOut(connection: Connection, asked: Asked, items: readonly Found[]) {
  const { tenant, by, at, wanted } = asked;
  const grants = items.map(({ grant_id }) => grant_id);
  const live = await connection.query<{ id: string }>(lockLive, [tenant, grants, new Date(at)]);
  const ids = live.map(({ id }) => id);
  if (ids.length === 0) return;
  if (wanted.verdict === 'keep') {
    await checkMeeting(connection, asked, ids);
    await connection.query(keep, [tenant, ids, await nextChange(connection, tenant)]);
    return;
  }
  for (const id of ids) await endWithin(connection, tenant, id, { at, by, why: 'review' });
}

async function decideWithin(connection: Connection, asked: Asked, approvers: Approvers, text: readonly unknown[]) {
  const { tenant, by, at, review, wanted } = asked;
  const ids = checkItems(wanted.items);
  const items = await itemsOf(connection, asked, ids);
  // Before every other lock, the reviewer's own among them: two who look at each other's wait and do not meet.
  await lockHolders(connection, tenant, [by, ...items.map(({ account }) => account)]);
  if (!(await mayStill(connection, tenant, { account: by, roles: reviewers, at }, approvers))) {
    throw fault('forbidden', 'Access denied: not a reviewer.');
  }
  await checkOpen(connection, asked);
  const values = [tenant, review, ids, wanted.verdict, by, new Date(at), ...text];
  const decided = await connection.query(decideItems, values);
  if (decided.length < ids.length) throw fault('conflict', 'One of the items was decided already.');
  await carryOut(connection, asked, items);
  return decided.length;
}

export const verdictPurpose = 'review verdict';

/** All of the items or none of them. Answers how many. */
export async function decide(
  deps: ReviewDeps,
  principal: Principal,
  review: string,
  wanted: ReviewVerdict,
): Promise<number> {
  checkWorkforce(principal);
  const { tenant, id: by } = principal;
  if (!isUuid(review)) throw noReview();
  checkReason(wanted.reason);
  checkItems(wanted.items);
  const approvers = await holdersOf(deps, tenant, reviewers);
  // One text for all of them, bound to the review.
  const place = { of: review, purpose: verdictPurpose };
  const { key_id, sealed } = await sealReason(await deps.vault(tenant), by, place, wanted.reason);
  const { policy } = await deps.policies.active(tenant);
  const asked: Asked = { tenant, by, at: deps.clock.now(), review, wanted, policy };
  const count = await deps.segment.transaction(tenant, (connection) =>
    decideWithin(connection, asked, approvers, [key_id, sealed]),
  );
  deps.changed?.(tenant);
  return count;
}
