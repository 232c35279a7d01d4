import { component, type Operation, operation, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { type DecisionKind, decisionKinds } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import { iso, isoOr, scope, why } from './fields.ts';
import type { ProgrammeApi } from './ports.ts';
import { task, taskView } from './task-schemas.ts';

const status = 200 as const;

const decision = component(
  'AddressableDecision',
  z.strictObject({
    id: uuid,
    control: z.string(),
    kind: z.enum(decisionKinds),
    why: z.string(),
    factors: z.string(),
    by: z.string(),
    approved_by: z.array(z.string()),
    at: time,
  }),
);
const decisionPage = component('AddressableDecisions', z.strictObject({ items: z.array(decision) }));
const newDecision = component(
  'NewAddressableDecision',
  z.strictObject({
    control: z.string().max(63),
    kind: z.enum(decisionKinds).describe('45 CFR 164.306(d)(3).'),
    why,
    factors: why.describe('How size, infrastructure, cost and risk were weighed (164.306(b)(2)).'),
  }),
);
const waiver = component(
  'Waiver',
  z.strictObject({
    id: uuid,
    control: z.string(),
    owner: z.string(),
    why: z.string(),
    approved_by: z.array(z.string()),
    from: time,
    until: time,
    ended_at: time.nullable(),
  }),
);
const waivers = component('Waivers', z.strictObject({ items: z.array(waiver) }));
const newWaiver = component(
  'NewWaiver',
  z.strictObject({
    control: z.string().max(63),
    owner: uuid.describe('Id of the account that answers for it.'),
    why,
    until: z.iso.datetime({ offset: true }),
  }),
);
const tasks = pageSchema('OpenedTasks', task);

const decisionView = ({ at, approved_by, ...rest }: Decision) => ({
  ...rest,
  approved_by: [...approved_by],
  at: iso(at),
});
const waiverView = ({ from, until, ended_at, approved_by, ...rest }: Waiver) => ({
  ...rest,
  approved_by: [...approved_by],
  ...{ from: iso(from), until: iso(until), ended_at: isoOr(ended_at) },
});

const decisions = ({ decisions: store, actorOf, clock }: ProgrammeApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/decisions',
    action: 'decision-list',
    type: 'Decision',
    scope,
    summary: 'Lists what was decided of addressable specifications, newest first',
    status,
    answer: decisionPage,
    handle: async ({ principal }) => ({
      status,
      body: { items: (await store.list(principal.tenant)).map(decisionView) },
    }),
  }),
  operation({
    method: 'POST',
    path: '/programme/decisions',
    action: 'decision-propose',
    type: 'Decision',
    scope,
    summary: 'Proposes what to do about an addressable specification; others approve it',
    body: newDecision,
    status: 201,
    answer: task,
    problems: [409],
    async handle({ principal, body }) {
      const wanted: { control: string; kind: DecisionKind; why: string; factors: string } = body;
      const made = await store.propose(actorOf(principal), wanted);
      return { status: 201, body: taskView(made, clock.now()), targets: [{ type: 'Task', id: made.id }] };
    },
  }),
  operation({
    method: 'POST',
    path: '/programme/decisions/defaults',
    action: 'decision-propose',
    name: 'decision-propose-defaults',
    type: 'Decision',
    scope,
    summary: 'Opens a task with the reasoned default for each addressable specification that has no decision',
    status: 201,
    answer: tasks,
    async handle({ principal }) {
      const made = await store.proposeDefaults(actorOf(principal));
      const items = made.map((one) => taskView(one, clock.now()));
      return { status: 201, body: { items, next: null }, targets: made.map(({ id }) => ({ type: 'Task', id })) };
    },
  }),
];

const ofWaivers = ({ decisions: { waivers: store }, actorOf, clock }: ProgrammeApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/waivers',
    action: 'waiver-list',
    type: 'Waiver',
    scope,
    summary: 'Lists waivers: who answers for what is not met, why, and until when',
    status,
    answer: waivers,
    handle: async ({ principal }) => ({
      status,
      body: { items: (await store.list(principal.tenant)).map(waiverView) },
    }),
  }),
  operation({
    method: 'POST',
    path: '/programme/waivers',
    action: 'waiver-propose',
    type: 'Waiver',
    scope,
    summary: 'Proposes that somebody answers for a control that is not met, for a while; others approve it',
    body: newWaiver,
    status: 201,
    answer: task,
    problems: [409],
    async handle({ principal, body: { until, ...rest } }) {
      const made = await store.propose(actorOf(principal), { ...rest, until: Date.parse(until) });
      return { status: 201, body: taskView(made, clock.now()), targets: [{ type: 'Task', id: made.id }] };
    },
  }),
  operation({
    method: 'POST',
    path: '/programme/waivers/:id/end',
    params: { id: 'Waiver' },
    action: 'waiver-end',
    type: 'Waiver',
    scope,
    summary: 'Ends a waiver before its time',
    body: component('WaiverEnd', z.strictObject({ why })),
    status,
    answer: waiver,
    problems: [409],
    handle: async ({ principal, params: { id = '' }, body }) => ({
      status,
      body: waiverView(await store.end(actorOf(principal), id, body.why)),
    }),
  }),
];

export const decisionOperations = (api: ProgrammeApi): Operation[] => [...decisions(api), ...ofWaivers(api)];
