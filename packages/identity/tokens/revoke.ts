import type { KnownTokens } from '../authenticate/known.ts';
import { isToken, sha256 } from '../secrets.ts';
import { platform } from '../tenants.ts';
import type { RegistryDeps } from '../types.ts';
import type { ProvenClient } from '../verify-client.ts';

const end = {
  name: 'identity.token.revoke',
  text: `update identity.token set revoked_at = $3 where hash = $1 and client = $2 and revoked_at is null
    returning client`,
};

/**
 * Ends a token of this client (RFC 7009 2.1). A token that is unknown, ended or another client's is left alone without
 * a word: an answer that differed would tell whether it exists.
 */
export async function revokeToken(
  deps: RegistryDeps,
  known: KnownTokens,
  client: ProvenClient,
  token: string,
): Promise<void> {
  if (!isToken(token)) return;
  const digest = sha256(token);
  const ended = await deps.segment.query(platform, end, [digest, client.client_id, new Date(deps.clock.now())]);
  if (ended.length > 0) known.forgetToken(digest);
}
