import type { RequestEvent } from '@safeguard/http';
import type { IdentityDeps } from '@safeguard/identity';

type SessionEnd = Parameters<NonNullable<IdentityDeps['record']>>[0];

/**
 * The end of a session that nobody asked for, as the ledger keeps it: under the session's own id, so that two entries
 * of one end are known as one. `from`: it was noticed here.
 */
export const sessionEvent = ({ tenant, account, session, reason, at }: SessionEnd): RequestEvent => ({
  id: session,
  at,
  kind: 'request',
  tenant,
  actor: account,
  view: 'full',
  action: 'session-end',
  outcome: 'permit',
  status: 200,
  reason,
  from: 'local',
  targets: [
    { type: 'Session', id: session },
    { type: 'Account', id: account },
  ],
});
