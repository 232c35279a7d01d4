import { component, time, uuid, views } from '@safeguard/http';
import { z } from 'zod';
import { policyStates } from '../policies/types.ts';
import { instant, personReference, reason } from './fields.ts';

const version = z.int().min(0).describe('0: the policy of the house.');
const document = z
  .record(z.string(), z.unknown())
  .describe('A whole policy (docs/access/policies.md). What is wrong with it is told by JSON pointer.');
const tests = z.array(z.record(z.string(), z.unknown())).max(1_000).describe('What it is to answer, kept with it.');
const note = z.string().min(1).max(2_000).describe('What was changed and why. Sealed at rest.');

export const newPolicy = component(
  'NewPolicy',
  z
    .strictObject({
      based_on: version.optional().describe('Absent: the version in force.'),
      policy: document.optional().describe('Absent: that of `based_on`.'),
      note: note.optional(),
      tests: tests.optional(),
    })
    .meta({ examples: [{ note: 'Billing sees no notes any more.' }] }),
);
export const policyText = component(
  'PolicyText',
  z.strictObject({ policy: document, note: note.optional(), tests: tests.optional() }),
);
export const policyDecision = component(
  'NewPolicyDecision',
  z.strictObject({ verdict: z.enum(['approve', 'reject']), reason: reason.optional().describe('Of a rejection.') }),
);
export const activation = component(
  'PolicyActivation',
  z.strictObject({ at: instant.optional().describe('Absent: at once. At most a year ahead.') }),
);

export const policyQuery = z.strictObject({
  state: z.enum(policyStates).optional(),
  before: z.coerce.number().int().min(1).optional().describe('Versions below this one: `next` of the page before.'),
  count: z.coerce.number().int().min(1).max(99).default(50).describe('How many at most.'),
});

const summary = {
  version,
  state: z.enum(policyStates).describe('`scheduled`, `active` and `superseded` are read off the clock.'),
  edition: z.int().describe('One more with each change of the draft.'),
  authors: z.array(personReference),
  based_on: version,
  rolls_back: z.boolean().describe('True: it has the text of `based_on`.'),
  drafted_at: time,
  changed_at: time,
  submitted_by: personReference.nullable(),
  submitted_at: time.nullable(),
  needed: z.int().nullable().describe('How many must approve.'),
  activates_at: time.nullable(),
  activated_by: personReference.nullable(),
};
export const policySummary = component('PolicySummary', z.strictObject(summary));
export const policyPage = component(
  'PolicyPage',
  z.strictObject({ items: z.array(policySummary), next: z.int().nullable().describe('`before` of the next page.') }),
);
export const policyVersion = component(
  'PolicyVersion',
  z.strictObject({
    ...summary,
    policy: document,
    note: note.nullable(),
    tests,
    decisions: z.array(
      z.strictObject({
        by: personReference,
        verdict: z.enum(['approve', 'reject']),
        reason: z.string().nullable(),
        at: time,
      }),
    ),
  }),
);

const view = z.enum(views);
export const simulation = component(
  'PolicySimulation',
  z.strictObject({
    version,
    against: version.describe('The version in force.'),
    holders: z.strictObject({ count: z.int(), all: z.boolean().describe('Nobody was left out.') }),
    resources: z.int(),
    changes: z
      .array(
        z.strictObject({
          change: z.enum(['opens', 'closes', 'view']),
          role: z.string(),
          type: z.string(),
          letter: z.string().describe('Of `cruds`.'),
          people: z.int(),
          resources: z.int(),
          from: view.optional(),
          to: view.optional(),
          examples: z.array(z.strictObject({ holder: uuid, resource: z.string().optional() })),
        }),
      )
      .describe('What opens first.'),
    tests: z.array(z.strictObject({ index: z.int(), holds: z.boolean() })),
  }),
);
