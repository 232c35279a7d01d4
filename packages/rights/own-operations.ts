import { linkOf, type Operation, operation, type Principal, pageOf, pageQuery } from '@safeguard/http';
import { type Clock, fault } from '@safeguard/kernel';
import * as schemas from './schemas.ts';
import type { NewRightRequest, RightKind, Rights } from './types.ts';

interface OwnDeps {
  readonly rights: Rights;
  readonly clock: Clock;
}

const self = { self: true, type: 'Account' } as const;

const lists = {
  export: ['/me/exports', 'self-export-list', 'Lists the copies of the record that you asked for'],
  amendment: ['/me/amendments', 'self-amendment-list', 'Lists the corrections that you asked for'],
  objection: ['/me/objections', 'self-objection-list', 'Lists your objections to accesses'],
} as const;

const listing = ({ rights, clock }: OwnDeps, kind: RightKind): Operation => {
  const [path, action, summary] = lists[kind];
  return operation({
    ...self,
    method: 'GET',
    path,
    action,
    summary,
    query: pageQuery,
    status: 200,
    answer: schemas.rightPage,
    async handle({ context, principal, query: { after, count } }) {
      const page = after === undefined ? {} : { after };
      const wanted = { kind, account: principal.id, count: count + 1, ...page };
      const found = pageOf(await rights.list(principal.tenant, wanted), count);
      const items = found.items.map((one) => schemas.rightView(one, clock.now()));
      return { status: 200, body: { ...found, items }, headers: linkOf(context, found) };
    },
  });
};

/** Whoever stands for nobody asks here for nothing: what came in on paper, officers write down. */
function requirePatients({ within = [] }: Principal): void {
  if (within.length === 0) throw fault('missing', 'There is no such patient.');
}

const asked = async ({ rights, clock }: OwnDeps, by: Parameters<Rights['ask']>[0], wanted: NewRightRequest) => {
  requirePatients(by);
  const made = await rights.ask(by, wanted);
  const targets = [{ type: 'PrivacyRequest', id: made.id }];
  return { status: 201, body: schemas.rightView(made, clock.now()), targets, patients: [made.patient] } as const;
};

const asking = (deps: OwnDeps): Operation[] => [
  operation({
    ...self,
    method: 'POST',
    path: '/me/exports',
    action: 'self-export-ask',
    summary: 'Asks for a copy of a record (45 CFR 164.524)',
    description: 'The copy can be fetched at once; the clock of 30 days stops with the first fetch.',
    body: schemas.newExport,
    status: 201,
    answer: schemas.right,
    problems: [409],
    handle: ({ principal, body }) => asked(deps, principal, { kind: 'export', ...body }),
  }),
  operation({
    ...self,
    method: 'POST',
    path: '/me/amendments',
    action: 'self-amendment-make',
    summary: 'Asks for a correction of a record (45 CFR 164.526)',
    body: schemas.newAmendment,
    status: 201,
    answer: schemas.right,
    handle: ({ principal, body }) => asked(deps, principal, { kind: 'amendment', ...body }),
  }),
  operation({
    ...self,
    method: 'POST',
    path: '/me/objections',
    action: 'self-objection-make',
    summary: "Objects to somebody's look at a record",
    body: schemas.newObjection,
    status: 201,
    answer: schemas.right,
    handle: ({ principal, body }) => asked(deps, principal, { kind: 'objection', ...body }),
  }),
];

const following = ({ rights, clock }: OwnDeps): Operation[] => [
  operation({
    ...self,
    method: 'GET',
    path: '/me/exports/:id/content',
    params: { id: 'PrivacyRequest' },
    action: 'self-export-read',
    summary: 'Fetches the copy: FHIR resources, one a line',
    status: 200,
    files: ['application/fhir+ndjson'],
    problems: [409],
    async handle({ principal, params: { id = '' } }) {
      requirePatients(principal);
      const { request, lines } = await rights.fetch(principal, id);
      const headers = { 'Content-Disposition': 'attachment; filename="record.ndjson"', 'Cache-Control': 'no-store' };
      return {
        status: 200,
        file: { type: 'application/fhir+ndjson', body: lines },
        headers,
        targets: [{ type: 'Patient', id: request.patient }],
        patients: [request.patient],
      };
    },
  }),
  operation({
    ...self,
    method: 'POST',
    path: '/me/amendments/:id/disagreement',
    params: { id: 'PrivacyRequest' },
    action: 'self-amendment-make',
    summary: 'Puts a statement of disagreement beside a denied correction (45 CFR 164.526(d)(2))',
    body: schemas.statement,
    status: 200,
    answer: schemas.right,
    problems: [409],
    handle: async ({ principal, params: { id = '' }, body }) => ({
      status: 200,
      body: schemas.rightView(await rights.disagree(principal, id, body.text), clock.now()),
    }),
  }),
  operation({
    ...self,
    method: 'POST',
    path: '/me/rights/:id/withdrawal',
    params: { id: 'PrivacyRequest' },
    action: 'self-right-withdraw',
    summary: 'Takes back what you asked',
    status: 200,
    answer: schemas.right,
    problems: [409],
    handle: async ({ principal, params: { id = '' } }) => ({
      status: 200,
      body: schemas.rightView(await rights.withdraw(principal, id), clock.now()),
    }),
  }),
];

/** What patients and proxies ask, at our own pages. */
export const ownOperations = (deps: OwnDeps): Operation[] => [
  ...(['export', 'amendment', 'objection'] as const).map((kind) => listing(deps, kind)),
  ...asking(deps),
  ...following(deps),
];
