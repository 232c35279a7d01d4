import { type Operation, operation } from '@safeguard/http';
import type { AccessApiDeps } from './ports.ts';
import { byId, ofReview, reviewPath, toldReview } from './review-operations.ts';
import * as schemas from './review-schemas.ts';

type Deps = Pick<AccessApiDeps, 'reviews' | 'people'>;

const decide = (deps: Deps): Operation =>
  operation({
    ...ofReview,
    ...byId,
    method: 'POST',
    path: `${reviewPath}/:id/decisions`,
    action: 'review-decide',
    summary: 'Keeps or revokes grants, many at once, with one reason',
    description:
      'Nobody decides of their own. To keep asks for a factor that was shown within the last 5 minutes; what nobody ' +
      'keeps is over when the review is.',
    body: schemas.verdicts,
    status: 200,
    answer: schemas.decided,
    problems: [409],
    async handle({ principal, params: { id = '' }, body, fresh, context }) {
      const targets = [{ type: 'Review', id }, ...body.items.map((item) => ({ type: 'ReviewItem', id: item }))];
      context.about?.(targets);
      if (body.verdict === 'keep') fresh();
      const decided = await deps.reviews.decide(principal, id, body);
      return { status: 200, body: { decided }, targets: targets.slice(1) };
    },
  });

const close = (deps: Deps): Operation =>
  operation({
    ...ofReview,
    ...byId,
    method: 'POST',
    path: `${reviewPath}/:id/close`,
    action: 'review-close',
    summary: 'Ends a review before its time, when everything is decided',
    status: 200,
    answer: schemas.review,
    problems: [409],
    handle: async ({ principal, params: { id = '' } }) => toldReview(deps, await deps.reviews.close(principal, id)),
  });

const settings = (deps: Deps): Operation[] => [
  operation({
    ...ofReview,
    method: 'GET',
    path: '/access/review-setting',
    action: 'review-read',
    name: 'review-setting',
    summary: 'How often grants are reviewed, and how long it takes',
    status: 200,
    answer: schemas.setting,
    handle: async ({ principal: { tenant } }) => ({ status: 200, body: await deps.reviews.setting(tenant) }),
  }),
  operation({
    ...ofReview,
    method: 'PUT',
    path: '/access/review-setting',
    action: 'review-configure',
    summary: 'Changes how often grants are reviewed: from the next review on',
    body: schemas.setting,
    status: 200,
    answer: schemas.setting,
    handle: async ({ principal, body }) => ({ status: 200, body: await deps.reviews.configure(principal, body) }),
  }),
];

export const reviewSteps = (deps: Deps): Operation[] => [decide(deps), close(deps), ...settings(deps)];
