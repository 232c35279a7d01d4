import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { z } from 'zod';
import type { Shown } from '../content/render.ts';
import { numberOf, officers, serviceId } from '../workflow/deps.ts';
import type { Actor, Definition, Task } from '../workflow/types.ts';
import { houseOf, inForce, missingPolicy, type PoliciesDeps } from './deps.ts';
import { brokenIn } from './inherit.ts';
import { publishedOf, readVersion, type VersionRow, versionByNumber } from './rows.ts';
import { valuesFor } from './text.ts';
import type { PolicyVersion } from './types.ts';

export const approvalKind = 'policy-approval';
export const reviewKind = 'policy-review';

const shown = z.strictObject({
  value: z.union([z.number(), z.string().max(200)]),
  unit: z.string().max(50).optional(),
});
const common = {
  policy: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  number: z.int().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  approver: z.array(z.string().max(100)).max(20),
};
const approval = z.strictObject({ ...common, author: z.string().max(36), parameters: z.record(z.string(), shown) });
const review = z.strictObject(common);
type Approval = z.infer<typeof approval>;
type Review = z.infer<typeof review>;

function checked<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw fault('invalid', 'subject: expected the version of a policy, as it is submitted');
}

const version = {
  name: 'programme.policy-version.to-publish',
  text: `select content, digest, made_by from programme.policy_version
    where tenant = $1 and policy = $2 and number = $3`,
};
const publish = {
  name: 'programme.publication.insert',
  text: `insert into programme.publication (tenant, policy, number, task, published_at, parameters, review_due_at)
    values ($1, $2, $3, $4, $5, $6, $7)`,
};
const newer = {
  name: 'programme.publication.newer',
  text: `select number from programme.publication where tenant = $1 and policy = $2 and number >= $3 limit 1`,
};
const reviewed = {
  name: 'programme.policy-review.insert',
  text: `insert into programme.policy_review (tenant, policy, number, task, reviewed_at, due_at)
    values ($1, $2, $3, $4, $5, $6)`,
};

/** The same day some months on; of a month that is shorter its last day. */
export function monthsLater(at: number, months: number): number {
  const from = new Date(at);
  const day = from.getUTCDate();
  const to = new Date(at);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  return to.setUTCDate(Math.min(day, last));
}

const plain = (values: ReadonlyMap<string, Shown>) => Object.fromEntries([...values].sort());
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

type Row = Pick<VersionRow, 'content' | 'digest' | 'made_by'>;

/** The version that a subject names, held against what the subject says: a task that was made up publishes nothing. */
async function named(connection: Connection, task: Task, subject: Review): Promise<Row> {
  const { policy, number, digest, approver } = subject;
  const [row] = await connection.query<Row>(version, [task.tenant, policy, number]);
  if (row === undefined) throw missingPolicy();
  if (row.digest !== digest || !same(row.content.approver, approver)) {
    throw fault('conflict', 'The task names another text than the version has.');
  }
  return row;
}

async function publishWithin(deps: PoliciesDeps, connection: Connection, task: Task, at: number): Promise<void> {
  const subject = checked(approval, task.subject);
  const { policy, number, author, parameters } = subject;
  const { content, made_by } = await named(connection, task, subject);
  if (made_by !== author) throw fault('conflict', 'The task names another author than the version has.');
  const now = plain(valuesFor(content.text, inForce(deps)));
  if (!same(now, plain(new Map(Object.entries(parameters) as [string, Shown][])))) {
    throw fault('conflict', 'Parameters of the text changed since it was submitted: withdraw it and submit it again.');
  }
  const [other] = await connection.query(newer, [task.tenant, policy, number]);
  if (other !== undefined) throw fault('conflict', 'A newer version is published already.');
  const due = new Date(monthsLater(at, content.review_months));
  const what = [task.tenant, policy, number, task.id, new Date(at), JSON.stringify(now), due];
  await connection.query(publish, what);
}

async function reviewWithin(connection: Connection, task: Task, at: number): Promise<void> {
  const subject = checked(review, task.subject);
  const { policy, number } = subject;
  const { content } = await named(connection, task, subject);
  const [other] = await connection.query(newer, [task.tenant, policy, number + 1]);
  if (other !== undefined) throw fault('conflict', 'A newer version is published already.');
  const due = new Date(monthsLater(at, content.review_months));
  await connection.query(reviewed, [task.tenant, policy, number, task.id, new Date(at), due]);
}

const aboutOf = ({ policy, number }: Pick<Review, 'policy' | 'number'>): string => `${policy}#${number}`;

const definition = (deps: PoliciesDeps): Omit<Definition, 'kind' | 'title' | 'subject'> => {
  const number = (name: string): number => numberOf(inForce(deps), name);
  return {
    ...{ open: officers, work: officers, approve: officers, escalate_to: officers },
    quorum: number('policies.quorum'),
    due_days: number('workflow.due_days'),
    remind_days: [7, 1],
    escalate_days: number('workflow.escalate_days'),
    immediate: true,
    about: (subject) => aboutOf(subject as Review),
    approvers: (subject) => (subject as Review).approver,
  };
};

/** Of a customer: what it has inherited is what the house has published now. */
async function checkInherited(deps: PoliciesDeps, tenant: number, { policy, number }: Review): Promise<void> {
  if (tenant === houseOf(deps)) return;
  const [[house], own] = [
    await publishedOf(deps, houseOf(deps), policy),
    await versionByNumber(deps, tenant, policy, number),
  ];
  if (own === undefined) throw missingPolicy();
  if (house?.number === own.based_on && brokenIn(house?.content ?? own.content, own.content.text).length === 0) return;
  throw fault('conflict', 'The house has published this policy anew: draft yours again from it.');
}

/** Registers both kinds; once, at the start. */
export function definePolicyKinds(deps: PoliciesDeps): void {
  deps.workflow.define(
    () => ({
      ...definition(deps),
      kind: approvalKind,
      title: 'Approval of a policy',
      subject: (value) => checked(approval, value),
      check: (tenant, subject) => checkInherited(deps, tenant, subject as Approval),
      apart: (subject) => [(subject as Approval).author].filter((author) => author !== serviceId),
    }),
    (connection, task, at) => publishWithin(deps, connection, task, at),
  );
  deps.workflow.define(
    () => ({
      ...definition(deps),
      kind: reviewKind,
      title: 'Review of a policy',
      subject: (value) => checked(review, value),
    }),
    reviewWithin,
  );
}

const subjectOf = ({ policy, number, digest, content }: PolicyVersion): Review => ({
  ...{ policy, number, digest },
  approver: [...content.approver],
});

export async function submit(deps: PoliciesDeps, actor: Actor, policy: string, number: number, note?: string) {
  const found = await versionByNumber(deps, actor.tenant, policy, number);
  if (found === undefined) throw missingPolicy();
  if (found.state !== 'draft') throw fault('conflict', 'Only a draft is submitted.');
  const values = plain(valuesFor(found.content.text, inForce(deps)));
  return deps.workflow.open(actor, {
    kind: approvalKind,
    title: `Policy: ${found.title}, version ${number}`,
    subject: { ...subjectOf(found), author: found.made_by, parameters: values },
    ...(note === undefined ? {} : { note }),
  });
}

/** For the published version of the actor's own tenant. */
export async function openReview(deps: PoliciesDeps, actor: Actor, policy: string, note: string): Promise<Task> {
  const found = await readVersion(deps, actor.tenant, policy);
  if (found === undefined || found.tenant !== actor.tenant) throw missingPolicy();
  const title = `Review: ${found.title}, version ${found.number}`;
  return deps.workflow.open(actor, { kind: reviewKind, title, subject: subjectOf(found), note });
}
