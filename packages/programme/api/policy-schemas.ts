import { component, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import type { Acknowledgement, PolicyVersion } from '../policies/types.ts';
import { iso, isoOr } from './fields.ts';

const states = ['draft', 'in-review', 'approved', 'published', 'superseded', 'rejected'] as const;

const summary = {
  policy: z.string(),
  number: z.int(),
  title: z.string(),
  state: z.enum(states),
  digest: z.string().describe('SHA-256 of the text, hex: what people acknowledge.'),
  made_by: z.string().nullable(),
  inherited: z.boolean().describe('It is of the organization that runs the platform.'),
  made_at: time,
  approved_by: z.array(z.string()),
  published_at: time.nullable(),
  review_due_at: time.nullable(),
  commit: z.string().nullable().describe('Of the repository that it came from.'),
  task: uuid.nullable(),
};
export const policySummary = component('ProgrammePolicySummary', z.strictObject(summary));
export const policies = component('ProgrammePolicies', z.strictObject({ items: z.array(policySummary) }));
export const policy = component(
  'ProgrammePolicy',
  z.strictObject({
    ...summary,
    satisfies: z.array(z.string()),
    owner: z.string(),
    approver: z.array(z.string()),
    text: z.string().describe('Markdown, with the numbers of the programme filled in.'),
    source: z.string().describe('Markdown as written.'),
  }),
);
export const draft = component(
  'PolicyDraft',
  z.strictObject({
    markdown: z.string().min(1).max(65_536).describe('Front matter and text, as in `program/policies`; at most 64 KB.'),
  }),
);
export const redline = component(
  'Redline',
  z.strictObject({
    from: z.int(),
    to: z.int(),
    changes: z.array(z.strictObject({ kind: z.enum(['same', 'added', 'removed']), text: z.string() })),
  }),
);
const acknowledgement = component(
  'Acknowledgement',
  z.strictObject({ account: uuid, policy: z.string(), number: z.int(), digest: z.string(), at: time }),
);

export { acknowledgement };
export const acknowledge = component(
  'NewAcknowledgement',
  z.strictObject({
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('Of the text that was read.'),
  }),
);
export const owed = component(
  'OwedAcknowledgements',
  z.strictObject({
    items: z.array(
      z.strictObject({ policy: z.string(), number: z.int(), title: z.string(), digest: z.string(), by: time }),
    ),
  }),
);
export const standings = component(
  'AcknowledgementStandings',
  z.strictObject({
    items: z.array(z.strictObject({ account: uuid, done: z.array(acknowledgement), owed: z.array(z.string()) })),
  }),
);

/** Who of the house made and approved it is not for customers, who inherit it. `reader`: number of their tenant. */
export function summaryView(one: PolicyVersion, reader: number) {
  const isOwn = one.tenant === reader;
  const { policy: id, number, title, state, digest, made_by, made_at, approved_by, published_at, review_due_at } = one;
  return {
    ...{ policy: id, number, title, state, digest, made_at: iso(made_at), inherited: !isOwn },
    ...{ made_by: isOwn ? made_by : null, approved_by: isOwn ? [...approved_by] : [] },
    ...{
      published_at: isoOr(published_at),
      review_due_at: isoOr(review_due_at),
      task: (isOwn ? one.task : undefined) ?? null,
    },
    commit: one.source.kind === 'repository' ? (one.source.commit ?? null) : null,
  };
}

export function policyView(one: PolicyVersion, text: string, reader: number) {
  const { satisfies, owner, approver, text: source } = one.content;
  return { ...summaryView(one, reader), satisfies: [...satisfies], owner, approver: [...approver], text, source };
}

export const acknowledgementView = ({ at, ...rest }: Acknowledgement) => ({ ...rest, at: iso(at) });
