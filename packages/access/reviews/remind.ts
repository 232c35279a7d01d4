import { besides, holdersOf } from '../requests/approvers.ts';
import { type ReviewDeps, reviewers } from './deps.ts';

const day_ms = 86_400_000;
/** How long before a review or a grant ends people are told. */
const review_ms = 3 * day_ms;
const grant_ms = 7 * day_ms;
const grants_most = 1_000;

const endingReviews = {
  name: 'access.review.ending',
  text: `select r.id from access.review r
    where r.tenant = $1 and r.closed_at is null and r.due_at > $2 and r.due_at <= $3
    and exists (select from access.review_item i where i.review = r.id and i.verdict is null)`,
};
/** Not those of a few hours; while somebody may still keep it in a review, late. `$5`: how late. */
const endingGrants = {
  name: 'access.grant.ending',
  text: `select g.id, g.account from access.grant g where g.tenant = $1 and g.ended_at is null and g.kind = 'standing'
    and g.from_at <= $2 and g.until_at > $2 and g.until_at <= case when g.approved_until is null then $3::timestamptz
      else $5::timestamptz end
    and not exists (select from access.notice n where n.tenant = $1 and n.account = g.account
      and n.kind = 'grant-ends-soon' and n.about = g.id::text and n.again = '')
    order by g.id limit $4`,
};
/** Uses of the emergency access that somebody has to look at within a day. */
const endingUses = {
  name: 'access.break_glass.ending',
  text: `select b.grant_id as id, b.account from access.break_glass b
    where b.tenant = $1 and b.reviewed_at is null and b.review_by <= $2`,
};

type Ids = { id: string; account: string };

/** Tells each once what ends soon: reviews and emergencies those who look after them, grants their holders. */
export async function remind(deps: ReviewDeps, tenant: number): Promise<void> {
  const { segment, clock, notices } = deps;
  const now = clock.now();
  const at = new Date(now);
  const reviews = await segment.query<Ids>(tenant, endingReviews, [tenant, at, new Date(now + review_ms)]);
  const grants = await segment.query<Ids>(tenant, endingGrants, [
    ...[tenant, at, new Date(now + grant_ms), grants_most, new Date(now + review_ms)],
  ]);
  const uses = await segment.query<Ids>(tenant, endingUses, [tenant, new Date(now + day_ms)]);
  if (reviews.length + grants.length + uses.length === 0) return;
  const officers = await holdersOf(deps, tenant, reviewers);
  await segment.transaction(tenant, async (connection) => {
    for (const { id } of reviews) {
      const to = [...besides(officers, [])];
      await notices.tell(connection, { tenant, kind: 'review-due', to, about: id, at: now });
    }
    for (const { id, account } of uses) {
      const to = [...besides(officers, [account])];
      await notices.tell(connection, { tenant, kind: 'break-glass-review-due', to, about: id, at: now });
    }
    for (const { id, account } of grants) {
      await notices.tell(connection, { tenant, kind: 'grant-ends-soon', to: [account], about: id, at: now });
    }
  });
}
