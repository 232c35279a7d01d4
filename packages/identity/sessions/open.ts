import { fault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { networkOf } from '../attempts.ts';
import { sha256 } from '../secrets.ts';
import { browserOf, deviceOf } from './browser.ts';
import { bindingOf, type EndedRow, endedOf, type SessionDeps } from './deps.ts';
import { isSessionSecret, newSessionSecret } from './secrets.ts';
import type { EndedSession, Opening, PreparedSession } from './types.ts';

/** The lock puts this in line with a suspension of the same moment: it ends the session, or the session is not made. */
const insert = {
  name: 'identity.session.insert',
  text: `insert into identity.session (id, hash, tenant, account, level, methods, browser, key_id, sealed,
      authenticated_at, created_at, last_used_at)
    select $1, $2, a.tenant, a.id, $5, $6, $7, $8, $9, $10, $10, $10
    from identity.account a where a.tenant = $3 and a.id = $4 and a.state = 'active' for share of a
    returning id`,
};
const replace = {
  name: 'identity.session.replace',
  text: `update identity.session set ended_at = $2, reason = 'replaced' where hash = $1 and ended_at is null
    returning id, tenant, account`,
};

/** As it is written for people (RFC 5952): an IPv6 network by its prefix, this machine itself by its address. */
function networkWords(remote: string): string {
  const network = networkOf(remote);
  if (!network.includes(':')) return network;
  return remote === '::1' ? remote : `${network.replace(/(:0)+$/, '')}::/64`;
}

/** What the person is shown of it: network and device. */
const shownOf = (remote: string, agent: string): Buffer =>
  Buffer.from(JSON.stringify({ network: networkWords(remote), device: deviceOf(agent) }));

/**
 * Everything of a new session but its row: secret, key, sealed words. Inside a transaction no key could be asked for.
 */
export async function prepareSession(deps: SessionDeps, opening: Opening): Promise<PreparedSession> {
  const { tenant, account, level, methods, remote, agent } = opening;
  const id = newId();
  const secret = newSessionSecret();
  const vault = await deps.vault(tenant);
  const key = (await vault.keysFor([account])).get(account);
  if (key === undefined) throw fault('internal', 'An account has no key.');
  const sealed = vault.seal(key, bindingOf(id), shownOf(remote, agent));
  const values = [id, sha256(secret), tenant, account, level, methods, browserOf(agent), key.id, sealed];
  return { id, secret, opening, values };
}

/** Opens it. What the browser brought ends in the same transaction: a cookie from before is never the one after. */
export async function insertSession(
  deps: SessionDeps,
  connection: Connection,
  { opening, values }: PreparedSession,
): Promise<EndedSession[]> {
  const at = new Date(deps.clock.now());
  const made = await connection.query(insert, [...values, at]);
  if (made.length === 0) throw fault('unauthenticated', 'Sign in again.');
  const { previous } = opening;
  if (previous === undefined || !isSessionSecret(previous)) return [];
  const ended = await connection.query<EndedRow>(replace, [sha256(previous), at]);
  return ended.map(endedOf('replaced'));
}
