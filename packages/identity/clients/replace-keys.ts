import { fault, isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { PublicKeys } from '../types.ts';
import { isKeySet } from './keys.ts';
import { noClient } from './revoke.ts';
import { isHttpsUri } from './uris.ts';

const change = {
  name: 'identity.client.keys',
  text: `update identity.client set jwks = $2, jwks_uri = $3 where id = $1 and state <> 'revoked'
    and auth_method in ('private_key_jwt', 'self_signed_tls_client_auth') returning id`,
};

/** From now on, everywhere: a client is read anew at every request that names it. */
export async function replaceKeys(
  segment: Segment,
  client_id: string,
  keys: { readonly jwks: PublicKeys } | { readonly jwks_uri: string },
): Promise<void> {
  const sound = 'jwks' in keys ? isKeySet(keys.jwks) : isHttpsUri(keys.jwks_uri);
  if (!sound) throw fault('invalid', 'Keys are a set of 1 to 10 public keys, each with a kid, or an https address.');
  if (!isUuid(client_id)) throw noClient();
  const values = 'jwks' in keys ? [client_id, JSON.stringify(keys.jwks), null] : [client_id, null, keys.jwks_uri];
  if ((await segment.query(platform, change, values)).length === 0) throw noClient();
}
