import { linkOf, type Operation, operation, type Principal, pageOf, pageQuery } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import type { Task } from '../workflow/types.ts';
import { missing, scope, seenVersion } from './fields.ts';
import type { ProgrammeApi } from './ports.ts';
import { seesAll, seesTask } from './reach.ts';
import * as schemas from './task-schemas.ts';

const type = 'Task';
const status = 200 as const;
const one = { type, scope, status, answer: schemas.task } as const;
const step = { ...one, method: 'POST', params: { id: type }, problems: [409, 412] } as const;

const listQuery = pageQuery.extend({
  kind: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,60}$/)
    .optional(),
  state: z.enum(['open', 'assigned', 'submitted', 'done', 'rejected', 'withdrawn']).optional(),
  mine: z.stringbool().optional().describe('Only what concerns the caller.'),
  overdue: z.stringbool().optional(),
});

const given = <T extends object>(fields: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const reading = ({ workflow, clock, actorOf }: ProgrammeApi): Operation[] => [
  operation({
    ...one,
    method: 'GET',
    path: '/programme/tasks',
    action: 'task-list',
    summary: 'Lists work of the programme: approvals, reviews, decisions; newest first',
    description: 'Officers and auditors see all of it, others what concerns them.',
    query: listQuery,
    answer: schemas.taskPage,
    async handle({ context, principal, query: { count, mine, ...filter } }) {
      const concerning = mine === true || !seesAll(actorOf(principal)) ? { concerning: principal.id } : {};
      const found = await workflow.list(principal.tenant, { ...given(filter), ...concerning, count: count + 1 });
      const page = pageOf(found, count);
      const items = page.items.map((task) => schemas.taskView(task, clock.now()));
      return { status, body: { ...page, items }, headers: linkOf(context, page) };
    },
  }),
  operation({
    ...one,
    method: 'GET',
    path: '/programme/tasks/:id',
    params: { id: type },
    action: 'task-read',
    summary: 'Shows a task with all its steps',
    async handle({ principal, params: { id = '' } }) {
      const found = await workflow.byId(principal.tenant, id);
      if (found === undefined || !seesTask(workflow, actorOf(principal), found)) throw missing();
      return { status, body: schemas.taskView(found, clock.now()), headers: schemas.etagOfTask(found) };
    },
  }),
];

interface Acting {
  readonly context: { readonly headers: Readonly<Record<string, unknown>> };
  readonly principal: Principal;
  readonly params: Readonly<Record<string, string>>;
}

/** One step; what comes of it is shown. */
const acting =
  ({ actorOf, clock, workflow }: ProgrammeApi) =>
  async ({ context, principal, params: { id = '' } }: Acting, act: (at: Step) => Promise<Task>) => {
    const actor = actorOf(principal);
    const version = seenVersion(context.headers);
    const found = await workflow.byId(principal.tenant, id);
    // What is not theirs to look at is told as what is not there.
    if (found === undefined || !seesTask(workflow, actor, found)) throw missing();
    const task = await act({ actor, id, version });
    return { status, body: schemas.taskView(task, clock.now()), headers: schemas.etagOfTask(task) };
  };

interface Step {
  readonly actor: ReturnType<ProgrammeApi['actorOf']>;
  readonly id: string;
  readonly version: number | undefined;
}

const steps = (api: ProgrammeApi): Operation[] => {
  const { workflow } = api;
  const act = acting(api);
  return [
    operation({
      ...step,
      path: '/programme/tasks/:id/notes',
      action: 'task-note',
      summary: 'Adds findings to a task',
      body: schemas.noted,
      handle: (asked) => act(asked, ({ actor, id, version }) => workflow.note(actor, id, asked.body.note, version)),
    }),
    operation({
      ...step,
      path: '/programme/tasks/:id/assignment',
      action: 'task-assign',
      summary: 'Gives a task to somebody',
      body: schemas.assigned,
      handle: (asked) => act(asked, ({ actor, id, version }) => workflow.assign(actor, id, asked.body.to, version)),
    }),
    operation({
      ...step,
      path: '/programme/tasks/:id/submission',
      action: 'task-submit',
      summary: 'Hands a task in for approval',
      body: schemas.maybeNoted,
      handle: (asked) => act(asked, ({ actor, id, version }) => workflow.submit(actor, id, asked.body.note, version)),
    }),
    operation({
      ...step,
      path: '/programme/tasks/:id/withdrawal',
      action: 'task-withdraw',
      summary: 'Takes a task back',
      body: schemas.noted,
      handle: (asked) => act(asked, ({ actor, id, version }) => workflow.withdraw(actor, id, asked.body.note, version)),
    }),
  ];
};

const deciding = (api: ProgrammeApi): Operation => {
  const { workflow } = api;
  const act = acting(api);
  return operation({
    ...step,
    path: '/programme/tasks/:id/decision',
    action: 'task-decide',
    summary: 'Approves, returns or rejects what was handed in; never by who opened, worked on or submitted it',
    body: schemas.decided,
    dangerous: true,
    handle: (asked) =>
      act(asked, ({ actor, id, version }) => {
        const { verdict, note } = asked.body;
        if (verdict === 'approve') return workflow.approve(actor, id, note, version);
        if (note === undefined) {
          const text = 'To return or reject needs a note that says why.';
          throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'note' }] });
        }
        const other = verdict === 'return' ? workflow.return : workflow.reject;
        return other(actor, id, note, version);
      }),
  });
};

const calendar = ({ workflow }: ProgrammeApi): Operation =>
  operation({
    method: 'GET',
    path: '/programme/tasks.ics',
    action: 'task-calendar',
    type,
    scope,
    summary: 'What concerns the caller, as a calendar (RFC 5545): titles and dates alone',
    status,
    files: ['text/calendar'],
    async handle({ principal }) {
      const body = await workflow.calendar(principal.tenant, principal.id);
      return { status, file: { type: 'text/calendar; charset=utf-8', body } };
    },
  });

export const taskOperations = (api: ProgrammeApi): Operation[] => [
  ...reading(api),
  ...steps(api),
  deciding(api),
  calendar(api),
];
