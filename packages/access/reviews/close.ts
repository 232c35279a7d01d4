import type { Principal } from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { checkWorkforce } from '../requests/person.ts';
import type { ReviewDeps } from './deps.ts';
import { noReview, stateAt } from './rows.ts';

const lock = {
  name: 'access.review.lock',
  text: 'select due_at, closed_at from access.review where tenant = $1 and id = $2 for update',
};
const undecided = {
  name: 'access.review_item.undecided',
  text: 'select id from access.review_item where tenant = $1 and review = $2 and verdict is null limit 1',
};
const update = {
  name: 'access.review.close',
  text: 'update access.review set closed_at = $3, closed_by = $4 where tenant = $1 and id = $2',
};

/** Ends a review of which every item is decided. */
export async function close({ segment, clock }: ReviewDeps, by: Principal, review: string): Promise<void> {
  checkWorkforce(by);
  const { tenant } = by;
  if (!isUuid(review)) throw noReview();
  await segment.transaction(tenant, async (connection) => {
    const now = clock.now();
    const [row] = await connection.query<{ due_at: Date; closed_at: Date | null }>(lock, [tenant, review]);
    if (row === undefined) throw noReview();
    if (stateAt(row, now) !== 'open') throw fault('conflict', 'The review is over.');
    const left = await connection.query(undecided, [tenant, review]);
    if (left.length > 0) throw fault('conflict', 'Not every item of the review is decided.');
    await connection.query(update, [tenant, review, new Date(now), by.id]);
  });
}
