import { type Operation, operation } from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import { z } from 'zod';
import type { PolicyVersion } from '../policies/types.ts';
import { iso, missing, note, scope, word } from './fields.ts';
import * as schemas from './policy-schemas.ts';
import type { ProgrammeApi } from './ports.ts';
import { maybeNoted, noted, task, taskView } from './task-schemas.ts';

const type = 'Document';
const status = 200 as const;
const id = word(type);
const number = { type: 'DocumentVersion', form: 'number' } as const;
const most_bytes = 262_144;

const required = (found: PolicyVersion | undefined): PolicyVersion => {
  if (found === undefined) throw missing();
  return found;
};

/** As it was published: with the numbers of then; a draft with those of now. */
function textOf({ render }: ProgrammeApi, { state, content, parameters, units }: PolicyVersion): string {
  if (state !== 'published' && state !== 'superseded') return render(content.text);
  const then = Object.entries(parameters).map(([name, value]) => {
    const unit = units[name];
    return [name, unit === undefined ? { value } : { value, unit }] as const;
  });
  return render(content.text, new Map(then));
}

const reading = (api: ProgrammeApi): Operation[] => {
  const { policies } = api;
  return [
    operation({
      method: 'GET',
      path: '/programme/policies',
      action: 'document-list',
      type,
      scope,
      summary: 'Lists the policies of the organization, each in its newest version',
      status,
      answer: schemas.policies,
      handle: async ({ principal }) => ({
        status,
        body: {
          items: (await policies.list(principal.tenant)).map((one) => schemas.summaryView(one, principal.tenant)),
        },
      }),
    }),
    operation({
      method: 'GET',
      path: '/programme/policies/:id',
      params: { id },
      action: 'document-read',
      type,
      scope,
      summary: 'Shows a policy as it is in force',
      status,
      answer: schemas.policy,
      async handle({ principal, params }) {
        const found = required(await policies.read(principal.tenant, params.id ?? ''));
        return { status, body: schemas.policyView(found, textOf(api, found), principal.tenant) };
      },
    }),
  ];
};

const versions = (api: ProgrammeApi): Operation[] => {
  const { policies } = api;
  return [
    operation({
      method: 'GET',
      path: '/programme/policies/:id/versions',
      params: { id },
      action: 'document-read',
      name: 'document-versions',
      type,
      scope,
      summary: 'Lists the versions of a policy, newest first',
      status,
      answer: schemas.policies,
      async handle({ principal, params }) {
        const found = await policies.versions(principal.tenant, params.id ?? '');
        // A customer that derived none of its own reads that of the house.
        if (found.length === 0) required(await policies.read(principal.tenant, params.id ?? ''));
        const items = found.toReversed().map((one) => schemas.summaryView(one, principal.tenant));
        return { status, body: { items } };
      },
    }),
    operation({
      method: 'GET',
      path: '/programme/policies/:id/versions/:number',
      params: { id, number },
      action: 'document-read',
      name: 'document-version',
      type,
      scope,
      summary: 'Shows a version of a policy',
      status,
      answer: schemas.policy,
      async handle({ principal, params }) {
        const found = required(await policies.read(principal.tenant, params.id ?? '', Number(params.number)));
        return { status, body: schemas.policyView(found, textOf(api, found), principal.tenant) };
      },
    }),
    operation({
      method: 'GET',
      path: '/programme/policies/:id/redline',
      params: { id },
      action: 'document-read',
      name: 'document-redline',
      type,
      scope,
      summary: 'Compares two versions of a policy, line by line',
      query: z.strictObject({ from: z.coerce.number().int().min(1), to: z.coerce.number().int().min(1) }),
      status,
      answer: schemas.redline,
      handle: async ({ principal, params, query: { from, to } }) => ({
        status,
        body: { from, to, changes: [...(await policies.redline(principal.tenant, params.id ?? '', from, to))] },
      }),
    }),
  ];
};

/** What is wrong with a text: all of it, each with its line. */
function thrownOn(error: unknown): never {
  if (!isFault(error) || error.kind !== 'invalid') throw error;
  const issues = error.issues.map(({ at = '', text, ...rest }) => {
    const line = /:(\d+)$/.exec(at)?.[1];
    return { ...rest, text: line === undefined ? text : `line ${line}: ${text}`, at: '/markdown' };
  });
  throw fault('invalid', 'The text has errors.', { issues, cause: error });
}

const changing = ({ policies, actorOf, clock }: ProgrammeApi): Operation[] => [
  operation({
    method: 'POST',
    path: '/programme/policies/:id/versions',
    params: { id },
    action: 'document-draft',
    type,
    scope,
    summary: 'Drafts a version of a policy; of a customer’s, the sections that are inherited stay as they are',
    body: schemas.draft,
    limit_bytes: most_bytes,
    status: 201,
    answer: schemas.policySummary,
    problems: [409, 413],
    handle: async ({ principal, params, body }) => ({
      status: 201,
      body: schemas.summaryView(
        await policies.draft(actorOf(principal), params.id ?? '', body.markdown).catch(thrownOn),
        principal.tenant,
      ),
    }),
  }),
  operation({
    method: 'POST',
    path: '/programme/policies/:id/versions/:number/submission',
    params: { id, number },
    action: 'document-submit',
    type,
    scope,
    summary: 'Hands a draft in for approval; the last approval publishes it',
    body: maybeNoted,
    status: 201,
    answer: task,
    problems: [409],
    async handle({ principal, params, body }) {
      const made = await policies.submit(actorOf(principal), params.id ?? '', Number(params.number), body.note);
      return { status: 201, body: taskView(made, clock.now()), targets: [{ type: 'Task', id: made.id }] };
    },
  }),
  operation({
    method: 'POST',
    path: '/programme/policies/:id/review',
    params: { id },
    action: 'document-review',
    type,
    scope,
    summary: 'States that a policy was reviewed and stays as it is; others approve that',
    body: noted,
    status: 201,
    answer: task,
    problems: [409],
    async handle({ principal, params, body }) {
      const made = await policies.review(actorOf(principal), params.id ?? '', note.parse(body.note));
      return { status: 201, body: taskView(made, clock.now()), targets: [{ type: 'Task', id: made.id }] };
    },
  }),
];

const acknowledging = ({ policies, actorOf }: ProgrammeApi): Operation[] => [
  operation({
    method: 'GET',
    path: '/programme/acknowledgements/owed',
    action: 'document-owed',
    type,
    scope,
    summary: 'Lists what the caller has still to acknowledge',
    status,
    answer: schemas.owed,
    async handle({ principal }) {
      const found = await policies.owed(principal.tenant, principal.id);
      const items = found.map(({ version: { policy, number: n, title, digest }, by }) => ({
        ...{ policy, number: n, title, digest },
        by: iso(by),
      }));
      return { status, body: { items } };
    },
  }),
  operation({
    method: 'POST',
    path: '/programme/policies/:id/versions/:number/acknowledgement',
    params: { id, number },
    action: 'document-acknowledge',
    type,
    scope,
    summary: 'Acknowledges exactly this version, for oneself',
    body: schemas.acknowledge,
    status: 201,
    answer: schemas.acknowledgement,
    problems: [409],
    async handle({ principal, params, body }) {
      const actor = actorOf(principal);
      const made = await policies.acknowledge(actor, params.id ?? '', Number(params.number), body.digest);
      return { status: 201, body: schemas.acknowledgementView(made) };
    },
  }),
  operation({
    method: 'GET',
    path: '/programme/acknowledgements',
    action: 'document-acknowledgements',
    type,
    scope,
    summary: 'Lists how far every active person of the workforce is',
    status,
    answer: schemas.standings,
    async handle({ principal }) {
      const found = await policies.acknowledgements(principal.tenant);
      const items = found.map(({ account, done, owed }) => ({
        ...{ account, owed: [...owed] },
        done: done.map(schemas.acknowledgementView),
      }));
      return { status, body: { items } };
    },
  }),
];

export const policyOperations = (api: ProgrammeApi): Operation[] => [
  ...reading(api),
  ...versions(api),
  ...changing(api),
  ...acknowledging(api),
];
