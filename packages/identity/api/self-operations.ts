import { etagOf, type Operation, operation } from '@safeguard/http';
import { z } from 'zod';
import { accountOf } from './account-of.ts';
import type { ApiDeps } from './ports.ts';
import * as schemas from './schemas.ts';
import { factorView, noSession } from './session-operations.ts';
import { accountView, iso, sessionView } from './views.ts';

const self = { type: 'Account', self: true } as const;
const selfChanges = z.strictObject({ name: schemas.newAccount.shape.name });

/** What everybody may see and do of their own account. */
export const selfOperations = (deps: ApiDeps): Operation[] => [
  ...profile(deps),
  ...mySessions(deps),
  ...(deps.apps === undefined ? [] : myApps(deps.apps)),
];

const profile = ({ accounts, authenticators }: ApiDeps): Operation[] => [
  operation({
    method: 'GET',
    path: '/me',
    action: 'self-read',
    ...self,
    summary: 'Reads one’s own account',
    status: 200,
    answer: schemas.account,
    async handle({ principal }) {
      const body = accountView(await accountOf(accounts, principal, principal.id));
      return { status: 200, body, headers: { ETag: etagOf(body) } };
    },
  }),
  operation({
    method: 'PATCH',
    path: '/me',
    action: 'self-change',
    ...self,
    summary: 'Changes one’s own name',
    body: selfChanges,
    status: 200,
    answer: schemas.account,
    async handle({ principal, body: { name } }) {
      return {
        status: 200,
        body: accountView(await accounts.change(principal.tenant, principal.id, { name }, principal)),
      };
    },
  }),
  operation({
    method: 'GET',
    path: '/me/factors',
    action: 'self-factor-list',
    ...self,
    summary: 'Lists one’s own second factors',
    status: 200,
    answer: schemas.factorList,
    async handle({ principal }) {
      const found = await authenticators.list(principal.tenant, principal.id);
      return { status: 200, body: { items: found.map(factorView) } };
    },
  }),
];

const mySessions = ({ sessions }: ApiDeps): Operation[] => [
  operation({
    method: 'GET',
    path: '/me/sessions',
    action: 'self-session-list',
    ...self,
    summary: 'Lists where one is signed in',
    status: 200,
    answer: schemas.sessionList,
    async handle({ principal }) {
      const found = await sessions.list(principal.tenant, principal.id);
      return { status: 200, body: { items: found.map((one) => sessionView(one, principal.session)) } };
    },
  }),
  operation({
    method: 'DELETE',
    path: '/me/sessions/:session',
    params: { session: 'Session' },
    action: 'self-session-end',
    ...self,
    summary: 'Ends one of one’s own sessions',
    description: 'Another session than the one that asks: a person must have shown a factor within the last 5 minutes.',
    status: 204,
    async handle({ principal, params: { session = '' }, fresh }) {
      if (session !== principal.session) fresh();
      if (!(await sessions.end(principal.tenant, principal.id, session))) throw noSession();
      return { status: 204 };
    },
  }),
  operation({
    method: 'DELETE',
    path: '/me/sessions',
    action: 'self-session-end',
    ...self,
    summary: 'Ends all of one’s own sessions but the one that asks',
    dangerous: true,
    status: 200,
    answer: schemas.ended,
    async handle({ principal }) {
      const ended = await sessions.endAll(principal.tenant, principal.id, principal.session);
      return { status: 200, body: { ended } };
    },
  }),
];

const myApps = (apps: NonNullable<ApiDeps['apps']>): Operation[] => [
  operation({
    method: 'GET',
    path: '/me/apps',
    action: 'self-app-list',
    ...self,
    summary: 'Lists the apps that one let in',
    status: 200,
    answer: schemas.appList,
    async handle({ principal }) {
      const found = await apps.list(principal.tenant, principal.id);
      const items = found.map(({ id, client_id, name, scopes, created_at }) => ({
        ...{ id, client_id, name, scopes },
        created_at: iso(created_at),
      }));
      return { status: 200, body: { items } };
    },
  }),
  operation({
    method: 'DELETE',
    path: '/me/apps/:app',
    params: { app: 'Grant' },
    action: 'self-app-end',
    ...self,
    summary: 'Takes back what one let an app do; its tokens end at once',
    status: 204,
    async handle({ principal, params: { app = '' } }) {
      if (!(await apps.end(principal.tenant, principal.id, app))) throw noSession();
      return { status: 204 };
    },
  }),
];
