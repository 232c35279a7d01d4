import { type Operation, operation } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import * as schemas from './control-schemas.ts';
import { checkHouse, iso, missing, momentOf, scope, word } from './fields.ts';
import type { ProgrammeApi } from './ports.ts';

const at = z.iso.datetime({ offset: true }).optional().describe('At this moment; default now.');
const status = 200 as const;

const controls = ({ postureAt, clock, render }: ProgrammeApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/posture',
    action: 'posture-read',
    type: 'Control',
    scope,
    summary: 'Shows the state of every control, now or at a moment in the past',
    query: z.strictObject({ at }),
    status,
    answer: schemas.posture,
    async handle({ principal, query }) {
      checkHouse(principal);
      return { status, body: schemas.postureView(await postureAt(momentOf(query.at, clock.now()))) };
    },
  }),
  operation({
    method: 'GET',
    path: '/programme/controls',
    action: 'control-list',
    type: 'Control',
    scope,
    summary: 'Lists the controls with their states',
    query: z.strictObject({
      at,
      family: z.string().max(40).optional(),
      state: z.string().max(40).optional().describe('Only those in this state.'),
    }),
    status,
    answer: schemas.posture,
    async handle({ principal, query }) {
      checkHouse(principal);
      const { family, state } = query;
      const found = schemas.postureView(await postureAt(momentOf(query.at, clock.now())));
      const fits = (one: { family: string; state: string }): boolean =>
        (family === undefined || one.family === family) && (state === undefined || one.state === state);
      return { status, body: { ...found, controls: found.controls.filter(fits) } };
    },
  }),
  operation({
    method: 'GET',
    path: '/programme/controls/:id',
    params: { id: word('Control') },
    action: 'control-read',
    type: 'Control',
    scope,
    summary: 'Shows a control: requirement, approach, checks and their evidence',
    query: z.strictObject({ at }),
    status,
    answer: schemas.control,
    async handle({ principal, params: { id = '' }, query }) {
      checkHouse(principal);
      const found = (await postureAt(momentOf(query.at, clock.now()))).controls.find(
        ({ control }) => control.id === id,
      );
      if (found === undefined) throw missing();
      return { status, body: schemas.controlView(found, render) };
    },
  }),
];

const run = z.strictObject({
  checks: z.array(z.string().max(63)).min(1).max(200).optional().describe('Default: all.'),
});

const checks = ({ runner }: ProgrammeApi): Operation[] => [
  operation({
    method: 'POST',
    path: '/programme/checks/run',
    action: 'check-run',
    type: 'Control',
    scope,
    summary: 'Runs checks now and keeps their evidence',
    description: 'As after a deployment. A check that is under way already is not run twice.',
    body: run,
    deadline_ms: 120_000,
    status,
    answer: schemas.evidencePage,
    async handle({ principal, body }) {
      checkHouse(principal);
      const unknown = (body.checks ?? []).filter((id) => !runner.checks.has(id));
      if (unknown.length > 0) {
        const text = 'There is no check of this name.';
        throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'checks' }] });
      }
      const done = await runner.run({ why: 'asked', ...(body.checks === undefined ? {} : { ids: body.checks }) });
      const targets = done.map(({ evidence: { id } }) => ({ type: 'Evidence', id }));
      return { status, body: { items: done.map(schemas.evidenceView), next: null }, targets };
    },
  }),
];

const evidence = ({ evidence: store, runner, clock }: ProgrammeApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/checks/:check/evidence',
    params: { check: word('Check') },
    action: 'evidence-list',
    type: 'Evidence',
    scope,
    summary: 'Lists the evidence of a check, newest first',
    query: z.strictObject({
      before: z.iso.datetime({ offset: true }).optional().describe('Received before: `next` of the page before.'),
      count: z.coerce.number().int().min(1).max(200).default(50),
    }),
    status,
    answer: schemas.evidencePage,
    async handle({ principal, params: { check = '' }, query: { before, count } }) {
      checkHouse(principal);
      if (!runner.checks.has(check)) throw missing();
      const end = before === undefined ? clock.now() + 1 : Date.parse(before);
      const found = await store.list(check, { before: end, count: count + 1 });
      const items = found.slice(0, count);
      const last = items.at(-1);
      const next = found.length > count && last !== undefined ? iso(last.evidence.at) : null;
      return { status, body: { items: items.map(schemas.evidenceView), next } };
    },
  }),
  operation({
    method: 'GET',
    path: '/programme/evidence/:id',
    params: { id: 'Evidence' },
    action: 'evidence-read',
    type: 'Evidence',
    scope,
    summary: 'Shows one piece of evidence and where it stands in the log',
    status,
    answer: schemas.evidence,
    async handle({ principal, params: { id = '' } }) {
      checkHouse(principal);
      const found = await store.byId(id);
      if (found === undefined) throw missing();
      return { status, body: schemas.evidenceView(found) };
    },
  }),
];

export const controlOperations = (api: ProgrammeApi): Operation[] => [
  ...controls(api),
  ...checks(api),
  ...evidence(api),
];
