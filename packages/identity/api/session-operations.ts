import { type Operation, operation } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Factor } from '../authenticators/types.ts';
import { accountOf } from './account-of.ts';
import type { ApiDeps } from './ports.ts';
import * as schemas from './schemas.ts';
import { iso, sessionView } from './views.ts';

export const noSession = () => fault('missing', 'There is nothing of this kind under this id.');

/** Field by field: of a factor, no more than what names it leaves. */
export const factorView = ({ id, kind, label, created_at, last_used_at }: Factor) => ({
  id,
  kind,
  label,
  created_at: iso(created_at),
  last_used_at: last_used_at === null ? null : iso(last_used_at),
});

/** The sessions and factors of an account, for those who administer it. Factors are removed by recovery alone. */
export function sessionOperations({ accounts, sessions, authenticators }: ApiDeps): Operation[] {
  const path = '/accounts/:id/sessions';
  return [
    operation({
      method: 'GET',
      path,
      params: { id: 'Account' },
      action: 'session-list',
      type: 'Session',
      summary: 'Lists where somebody is signed in',
      status: 200,
      answer: schemas.sessionList,
      async handle({ principal, params: { id = '' } }) {
        await accountOf(accounts, principal, id);
        const found = await sessions.list(principal.tenant, id);
        return { status: 200, body: { items: found.map((one) => sessionView(one, principal.session)) } };
      },
    }),
    operation({
      method: 'DELETE',
      path: `${path}/:session`,
      params: { id: 'Account', session: 'Session' },
      action: 'session-end',
      type: 'Session',
      summary: 'Ends one session, and what hangs on it',
      status: 204,
      async handle({ principal: { tenant }, params: { id = '', session = '' } }) {
        if (!(await sessions.end(tenant, id, session, 'ended by the service'))) throw noSession();
        return { status: 204 };
      },
    }),
    operation({
      method: 'DELETE',
      path,
      params: { id: 'Account' },
      action: 'session-end',
      type: 'Session',
      summary: 'Ends all sessions of an account, and its tokens',
      status: 200,
      answer: schemas.ended,
      async handle({ principal, params: { id = '' } }) {
        await accountOf(accounts, principal, id);
        return { status: 200, body: { ended: await sessions.endAll(principal.tenant, id) } };
      },
    }),
    operation({
      method: 'GET',
      path: '/accounts/:id/factors',
      params: { id: 'Account' },
      action: 'factor-list',
      type: 'Account',
      summary: 'Lists what somebody signs in with, beside a password',
      description: 'A factor is removed by its owner, or by a recovery link: it sets all anew.',
      status: 200,
      answer: schemas.factorList,
      async handle({ principal, params: { id = '' } }) {
        await accountOf(accounts, principal, id);
        const found = await authenticators.list(principal.tenant, id);
        return { status: 200, body: { items: found.map(factorView) } };
      },
    }),
  ];
}
