import { fault } from '@safeguard/kernel';
import type { Review, ReviewItem } from './types.ts';

export const noReview = () => fault('missing', 'There is no such review.');

export type ReviewRow = {
  id: string;
  tenant: number;
  started_by: string | null;
  started_at: Date;
  due_at: Date;
  closed_at: Date | null;
  all: number;
  kept: number;
  revoked: number;
};

/** The columns of a ReviewRow, of `access.review r`. */
export const reviewColumns = `r.id, r.tenant, r.started_by, r.started_at, r.due_at, r.closed_at,
  (select count(*)::int from access.review_item i where i.review = r.id) as all,
  (select count(*)::int from access.review_item i where i.review = r.id and i.verdict = 'keep') as kept,
  (select count(*)::int from access.review_item i where i.review = r.id and i.verdict = 'revoke') as revoked`;

/** When it stops being open. */
const endOf = ({ due_at, closed_at }: Pick<ReviewRow, 'due_at' | 'closed_at'>): 'closed' | Date =>
  closed_at === null ? due_at : 'closed';

export function stateAt(row: Pick<ReviewRow, 'due_at' | 'closed_at'>, at: number): Review['state'] {
  const end = endOf(row);
  return end === 'closed' ? end : end.getTime() > at ? 'open' : 'over';
}

export function asReview(row: ReviewRow, at: number): Review {
  const { id, tenant, started_by, started_at, due_at, closed_at, all, kept, revoked } = row;
  return {
    ...{ id, tenant, started_at: started_at.getTime(), due_at: due_at.getTime(), state: stateAt(row, at) },
    items: { all, kept, revoked, undecided: all - kept - revoked },
    ...(started_by === null ? {} : { started_by }),
    ...(closed_at === null ? {} : { closed_at: closed_at.getTime() }),
  };
}

export type ItemRow = {
  id: string;
  review: string;
  grant_id: string;
  account: string;
  role: string;
  from_at: Date;
  until_at: Date;
  due_at: Date;
  used_at: Date | null;
  recommendation: ReviewItem['recommendation'];
  because: ReviewItem['because'];
  verdict: 'keep' | 'revoke' | null;
  decided_by: string | null;
  decided_at: Date | null;
  key_id: number | null;
  sealed: Buffer | null;
};

export const itemStates = { keep: 'kept', revoke: 'revoked' } as const;

export function asItem(row: ItemRow, reason: string | undefined, at: number): ReviewItem {
  const { id, review, grant_id: grant, account, role, recommendation, because, verdict } = row;
  const { decided_by, decided_at, used_at } = row;
  return {
    ...{ id, review, grant, account, role, recommendation, because },
    since: row.from_at.getTime(),
    until: row.until_at.getTime(),
    state: verdict === null ? (row.due_at.getTime() > at ? 'undecided' : 'lapsed') : itemStates[verdict],
    ...(used_at === null ? {} : { used_at: used_at.getTime() }),
    ...(verdict === null ? {} : { verdict }),
    ...(decided_by === null ? {} : { decided_by }),
    ...(decided_at === null ? {} : { decided_at: decided_at.getTime() }),
    ...(reason === undefined ? {} : { reason }),
  };
}
