import type { z } from 'zod';
import type { Review, ReviewItem } from '../reviews/types.ts';
import { iso, isoOr } from './fields.ts';
import { type NameOf, namesOf } from './names.ts';
import type { AccessApiDeps } from './ports.ts';
import type * as schemas from './review-schemas.ts';

type Deps = Pick<AccessApiDeps, 'people'>;

const reviewView = (of: Review, nameOf: NameOf): z.output<typeof schemas.review> => ({
  id: of.id,
  state: of.state,
  started_by: of.started_by === undefined ? null : nameOf(of.started_by),
  started_at: iso(of.started_at),
  due_at: iso(of.due_at),
  closed_at: isoOr(of.closed_at),
  items: { ...of.items },
});

export async function reviewViews(deps: Deps, tenant: number, reviews: readonly Review[]) {
  const starters = reviews.map(({ started_by }) => started_by);
  const nameOf = await namesOf(deps, tenant, starters);
  return reviews.map((one) => reviewView(one, nameOf));
}

const itemView = (of: ReviewItem, nameOf: NameOf): z.output<typeof schemas.reviewItem> => ({
  id: of.id,
  grant: of.grant,
  account: nameOf(of.account),
  role: of.role,
  since: iso(of.since),
  until: iso(of.until),
  used_at: isoOr(of.used_at),
  recommendation: of.recommendation,
  because: of.because,
  state: of.state,
  decided_by: of.decided_by === undefined ? null : nameOf(of.decided_by),
  decided_at: isoOr(of.decided_at),
  reason: of.reason ?? null,
});

export async function itemViews(deps: Deps, tenant: number, items: readonly ReviewItem[]) {
  const people = items.flatMap(({ account, decided_by }) => [account, decided_by]);
  const nameOf = await namesOf(deps, tenant, people);
  return items.map((one) => itemView(one, nameOf));
}
