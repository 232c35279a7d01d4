import { component, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import type { Task } from '../workflow/types.ts';
import { iso, isoOr, note } from './fields.ts';

const states = ['open', 'assigned', 'submitted', 'done', 'rejected', 'withdrawn'] as const;

const step = component(
  'TaskStep',
  z.strictObject({
    n: z.int(),
    at: time,
    by: z.string().describe('Id of an account, `service` or `operator`.'),
    act: z.string(),
    note: z.string().nullable(),
  }),
);
export const task = component(
  'Task',
  z.strictObject({
    id: uuid,
    kind: z.string(),
    title: z.string(),
    state: z.enum(states),
    subject: z.record(z.string(), z.unknown()),
    opened_by: z.string(),
    opened_at: time,
    assignee: z.string().nullable(),
    due_at: time,
    overdue: z.boolean(),
    closed_at: time.nullable(),
    approvals: z.array(z.string()),
    quorum: z.int().describe('Approvals that it needs, each of another person.'),
    steps: z.array(step),
    version: z.int().describe('Counts up with each step; also the ETag.'),
  }),
);
export const taskPage = pageSchema('TaskPage', task);

export function taskView(one: Task, now: number) {
  const { id, kind, title, state, subject, opened_by, opened_at, assignee, due_at, closed_at, approvals, quorum } = one;
  return {
    ...{ id, kind, title, state, subject: { ...subject }, opened_by, quorum, version: one.version },
    ...{ opened_at: iso(opened_at), due_at: iso(due_at), closed_at: isoOr(closed_at), assignee: assignee ?? null },
    ...{ overdue: closed_at === undefined && due_at < now, approvals: [...approvals] },
    steps: one.steps.map(({ n, at, by, act, note: said }) => ({ n, at: iso(at), by, act, note: said ?? null })),
  };
}

export const etagOfTask = ({ version }: Task): Record<string, string> => ({ ETag: `"${version}"` });

export const noted = component('TaskNote', z.strictObject({ note }));
export const maybeNoted = component('TaskSubmission', z.strictObject({ note: note.optional() }));
export const assigned = component('TaskAssignment', z.strictObject({ to: uuid.describe('Id of the account.') }));
export const decided = component(
  'TaskDecision',
  z.strictObject({
    verdict: z.enum(['approve', 'return', 'reject']),
    note: note.optional().describe('Needed to return and to reject.'),
  }),
);
