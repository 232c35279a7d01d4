import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { sha256 } from '../secrets.ts';
import type { SessionDeps } from './deps.ts';
import { isSessionSecret, newSessionSecret } from './secrets.ts';
import type { Assurance, Method } from './types.ts';

const renew = {
  name: 'identity.session.renew',
  text: `update identity.session s set hash = $2, level = $3, methods = $4, authenticated_at = $5, last_used_at = $5
    from identity.account a
    where s.id = $1 and s.ended_at is null and a.id = s.account and a.tenant = s.tenant and a.state = 'active'
    returning s.id`,
};
const lock = {
  name: 'identity.session.lock',
  text: `select id from identity.session
    where hash = $1 and tenant = $2 and account = $3 and ended_at is null and last_used_at > $4 and created_at > $5
    for update`,
};

/** A new secret for the same session; the one before opens nothing from the commit on. */
export async function renewSession(
  { clock }: SessionDeps,
  connection: Connection,
  session: string,
  { level, methods }: { readonly level: Assurance; readonly methods: readonly Method[] },
): Promise<{ secret: string }> {
  const secret = newSessionSecret();
  const at = new Date(clock.now());
  const done = await connection.query(renew, [session, sha256(secret), level, methods, at]);
  if (done.length === 0) throw fault('unauthenticated', 'Sign in again.');
  return { secret };
}

/** See `SessionSteps.lock`. */
export async function lockSession(
  { clock, settings }: SessionDeps,
  connection: Connection,
  { tenant, account }: { readonly tenant: number; readonly account: string },
  secret: string | undefined,
): Promise<string | undefined> {
  if (secret === undefined || !isSessionSecret(secret)) return undefined;
  const now = clock.now();
  const since = [new Date(now - settings.idle_s * 1000), new Date(now - settings.absolute_s * 1000)];
  const [row] = await connection.query<{ id: string }>(lock, [sha256(secret), tenant, account, ...since]);
  return row?.id;
}
