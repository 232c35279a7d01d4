import { apiPrefix, etagOf, linkOf, type Operation, operation, pageOf, present } from '@safeguard/http';
import type { Review, ReviewItemFilter } from '../reviews/types.ts';
import type { AccessApiDeps } from './ports.ts';
import { noSuch } from './reach.ts';
import * as schemas from './review-schemas.ts';
import { itemViews, reviewViews } from './review-views.ts';

type Deps = Pick<AccessApiDeps, 'reviews' | 'people'>;

export const reviewPath = '/access/reviews';
const type = 'Review';
export const ofReview = { type, scope: 'safeguard/access' } as const;
export const byId = { params: { id: type } } as const;

export async function toldReview(deps: Deps, review: Review, status: 200 | 201 = 200) {
  const [body] = await reviewViews(deps, review.tenant, [review]);
  const targets = status === 201 ? [{ type, id: review.id }] : [];
  return { status, ...(body && { body }), headers: { ETag: etagOf(review) }, targets };
}

const start = (deps: Deps): Operation =>
  operation({
    ...ofReview,
    method: 'POST',
    path: reviewPath,
    action: 'review-start',
    summary: 'Starts a review of every grant in force, at once',
    status: 201,
    answer: schemas.review,
    problems: [409],
    async handle({ principal, context }) {
      const made = await deps.reviews.start(principal);
      const told = await toldReview(deps, made, 201);
      return { ...told, headers: { ...told.headers, Location: `${context.base}${apiPrefix}${reviewPath}/${made.id}` } };
    },
  });

const list = (deps: Deps): Operation =>
  operation({
    ...ofReview,
    method: 'GET',
    path: reviewPath,
    action: 'review-list',
    summary: 'Lists the last 100 reviews, newest first',
    status: 200,
    answer: schemas.reviewList,
    async handle({ principal: { tenant } }) {
      return { status: 200, body: { items: await reviewViews(deps, tenant, await deps.reviews.list(tenant)) } };
    },
  });

const read = (deps: Deps): Operation =>
  operation({
    ...ofReview,
    ...byId,
    method: 'GET',
    path: `${reviewPath}/:id`,
    action: 'review-read',
    summary: 'Reads a review',
    status: 200,
    answer: schemas.review,
    async handle({ principal: { tenant }, params: { id = '' } }) {
      const found = await deps.reviews.byId(tenant, id);
      if (found === undefined) throw noSuch();
      return toldReview(deps, found);
    },
  });

const items = (deps: Deps): Operation =>
  operation({
    ...ofReview,
    ...byId,
    method: 'GET',
    path: `${reviewPath}/:id/items`,
    action: 'review-read',
    name: 'review-items',
    summary: 'Lists what is looked at: each grant with its last use and what is recommended',
    query: schemas.itemsQuery,
    status: 200,
    answer: schemas.itemPage,
    async handle({ principal: { tenant }, params: { id = '' }, query: { count, ...rest }, context }) {
      if ((await deps.reviews.byId(tenant, id)) === undefined) throw noSuch();
      const wanted = { ...present(rest), count: count + 1 } as ReviewItemFilter;
      const page = pageOf(await deps.reviews.items(tenant, id, wanted), count);
      const body = { items: await itemViews(deps, tenant, page.items), next: page.next };
      return { status: 200, body, headers: linkOf(context, page) };
    },
  });

export const reviewOperations = (deps: Deps): Operation[] => [start(deps), list(deps), read(deps), items(deps)];
