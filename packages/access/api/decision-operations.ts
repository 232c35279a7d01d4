import { checkIfMatch, type Operation, operation } from '@safeguard/http';
import type { AccessApiDeps } from './ports.ts';
import { requestOf } from './request-operations.ts';
import * as schemas from './request-schemas.ts';
import { requestTag, toldRequest } from './request-views.ts';

type Deps = Pick<AccessApiDeps, 'requests' | 'people'>;

const type = 'AccessRequest';
const common = { method: 'POST', params: { id: type }, type, scope: 'safeguard/access', status: 200 } as const;

const decide = (deps: Deps): Operation =>
  operation({
    ...common,
    path: '/access/requests/:id/decision',
    action: 'access-request-decide',
    summary: 'Approves or rejects a request',
    description:
      'By somebody else than who asked and for whom it is. An approval asks for a factor that was shown within the ' +
      'last 5 minutes; a rejection needs a reason.',
    body: schemas.requestDecision,
    answer: schemas.accessRequest,
    problems: [409, 412],
    async handle({ principal, params: { id = '' }, body: { verdict, reason }, fresh, context }) {
      if (verdict === 'approve') fresh();
      checkIfMatch(context, requestTag(await requestOf(deps, principal, id)));
      return toldRequest(deps, await deps.requests.decide(principal, id, verdict, reason));
    },
  });

const withdraw = (deps: Deps): Operation =>
  operation({
    ...common,
    path: '/access/requests/:id/withdrawal',
    action: 'access-request-withdraw',
    summary: 'Takes a request back, by who asked or for whom it is',
    answer: schemas.accessRequest,
    problems: [409, 412],
    async handle({ principal, params: { id = '' }, context }) {
      checkIfMatch(context, requestTag(await requestOf(deps, principal, id)));
      return toldRequest(deps, await deps.requests.withdraw(principal, id));
    },
  });

export const decisionOperations = (deps: Deps): Operation[] => [decide(deps), withdraw(deps)];
