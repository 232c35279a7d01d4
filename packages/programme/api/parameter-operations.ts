import { component, type Operation, operation } from '@safeguard/http';
import { z } from 'zod';
import type { ListedParameter } from '../parameters/parameters.ts';
import { checkHouse, scope, why } from './fields.ts';
import type { ProgrammeApi } from './ports.ts';
import { task, taskView } from './task-schemas.ts';

const value = z.union([z.number(), z.string().max(100)]);
const parameter = component(
  'Parameter',
  z.strictObject({
    name: z.string(),
    title: z.string(),
    value: value.describe('In force.'),
    source: z.enum(['file', 'approved']),
    unit: z.string().nullable(),
    least: z.number().nullable(),
    most: z.number().nullable(),
    choices: z.array(z.string()).nullable(),
    setting: z.string().nullable().describe('The setting of the running services that it is.'),
    running: value.nullable().describe('What they work by; another value than the parameter is found by a check.'),
    formula: z.string().nullable(),
    serves: z.array(z.string()),
    why: z.string(),
  }),
);
const parameters = component('Parameters', z.strictObject({ items: z.array(parameter) }));
const proposal = component('ParameterProposal', z.strictObject({ name: z.string().max(80), value, why }));

function parameterView({ parameter: one, value: is, source, running }: ListedParameter) {
  const { name, title, unit, least, most, choices, setting, formula, serves, why: reason } = one;
  return {
    ...{ name, title, value: is, source, serves: [...serves], why: reason },
    ...{ unit: unit ?? null, least: least ?? null, most: most ?? null, formula: formula ?? null },
    ...{ choices: choices === undefined ? null : [...choices], setting: setting?.name ?? null },
    running: running ?? null,
  };
}

export const parameterOperations = ({ parameters: store, actorOf, clock }: ProgrammeApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/parameters',
    action: 'parameter-list',
    type: 'Parameter',
    scope,
    summary: 'Lists every number of the programme, with what the running services work by',
    status: 200,
    answer: parameters,
    async handle({ principal }) {
      checkHouse(principal);
      return { status: 200, body: { items: (await store.list()).map(parameterView) } };
    },
  }),
  operation({
    method: 'POST',
    path: '/programme/parameters',
    action: 'parameter-propose',
    type: 'Parameter',
    scope,
    summary: 'Proposes another value; it takes effect when others approve it',
    body: proposal,
    status: 201,
    answer: task,
    problems: [409],
    async handle({ principal, body }) {
      checkHouse(principal);
      const made = await store.propose(actorOf(principal), body.name, body.value, body.why);
      return { status: 201, body: taskView(made, clock.now()), targets: [{ type: 'Task', id: made.id }] };
    },
  }),
];
