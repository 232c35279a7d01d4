import { fault, isUuid, newId } from '@safeguard/kernel';
import type { KnownTokens } from '../authenticate/known.ts';
import { newSecret, sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { ClientCredentials, RegistryDeps } from '../types.ts';
import { insertSecret } from './create.ts';
import { endTokens, noClient } from './revoke.ts';

const day_s = 86_400;
const longestOverlap_s = 90 * day_s;

/**
 * Two rotations of one client at once would each leave a predecessor: the lock on the client's row puts them in line.
 */
const lock = {
  name: 'identity.client.lock',
  text: `select id from identity.client where id = $1 and revoked_at is null
    and auth_method in ('client_secret_basic', 'client_secret_post') for update`,
};
/** The newest secret ends with the overlap, all before it end now: never more than two are valid. */
const endSecrets = {
  name: 'identity.secret.end',
  text: `update identity.client_secret s
    set expires_at = least(s.expires_at, case when s.id = newest.id then $3::timestamptz else $2::timestamptz end)
    from (select id from identity.client_secret where client = $1 order by number desc limit 1) newest
    where s.client = $1 and (s.expires_at is null or s.expires_at > $2)`,
};

export async function rotateSecret(
  deps: RegistryDeps,
  known: KnownTokens,
  client_id: string,
  overlap_s = day_s,
): Promise<ClientCredentials> {
  if (!isUuid(client_id)) throw noClient();
  if (!Number.isInteger(overlap_s) || overlap_s < 0 || overlap_s > longestOverlap_s) {
    throw fault('invalid', `The overlap of two secrets is between 0 and ${longestOverlap_s} seconds.`);
  }
  const client_secret = newSecret();
  const now = deps.clock.now();
  const at = new Date(now);
  await deps.segment.transaction(platform, async (connection) => {
    if ((await connection.query(lock, [client_id])).length === 0) throw noClient();
    await connection.query(endSecrets, [client_id, at, new Date(now + overlap_s * 1000)]);
    await connection.query(insertSecret, [newId(), client_id, sha256(client_secret), at]);
    if (overlap_s === 0) await connection.query(endTokens, [client_id, at]);
  });
  if (overlap_s === 0) known.forgetAll(client_id);
  return { client_id, client_secret };
}
