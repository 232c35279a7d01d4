import { component, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { accessPage, personReference, reason } from './fields.ts';

const count = z.int().min(0);

export const review = component(
  'AccessReview',
  z.strictObject({
    id: uuid,
    state: z.enum(['open', 'closed', 'over']).describe('`over`: the time is past.'),
    started_by: personReference.nullable().describe('null: it came of itself.'),
    started_at: time,
    due_at: time.describe('What is undecided then has lapsed.'),
    closed_at: time.nullable(),
    items: z.strictObject({ all: count, kept: count, revoked: count, undecided: count }),
  }),
);
export const reviewList = component('AccessReviewList', z.strictObject({ items: z.array(review) }));

const states = ['undecided', 'kept', 'revoked', 'lapsed'] as const;
export const itemsQuery = accessPage.extend({ state: z.enum(states).optional() });
export const reviewItem = component(
  'AccessReviewItem',
  z.strictObject({
    id: uuid,
    grant: uuid,
    account: personReference,
    role: z.string(),
    since: time,
    until: time,
    used_at: time.nullable().describe('When it last let a request through, as known at the start; null: never.'),
    recommendation: z.enum(['keep', 'revoke', 'let lapse']),
    because: z.string().describe('In a fixed word.'),
    state: z.enum(states).describe('`lapsed`: nobody decided in time.'),
    decided_by: personReference.nullable(),
    decided_at: time.nullable(),
    reason: z.string().nullable(),
  }),
);
export const itemPage = pageSchema('AccessReviewItemPage', reviewItem);

export const verdicts = component(
  'NewReviewDecisions',
  z
    .strictObject({
      items: z.array(uuid).min(1).max(200).describe('Ids of items: all are decided, or none.'),
      verdict: z.enum(['keep', 'revoke']),
      reason: reason.describe('One for all of them. Sealed at rest, and never in the log.'),
    })
    .meta({
      examples: [
        {
          items: ['5a2d3c4b-5a69-4788-9796-a5b4c3d2e1f0'],
          verdict: 'revoke',
          reason: 'Not used since spring.',
        },
      ],
    }),
);
export const decided = component('DecidedReviewItems', z.strictObject({ decided: count.describe('How many.') }));

export const setting = component(
  'AccessReviewSetting',
  z.strictObject({
    review_days: z.int().min(1).max(365).describe('How long after one campaign the next one starts.'),
    answer_days: z.int().min(1).max(60).describe('How long a campaign takes; less than `review_days`.'),
  }),
);
