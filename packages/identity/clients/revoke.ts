import { fault, isUuid } from '@safeguard/kernel';
import type { KnownTokens } from '../authenticate/known.ts';
import { platform } from '../tenants.ts';
import type { RegistryDeps } from '../types.ts';

const endClient = {
  name: 'identity.client.revoke',
  text: `update identity.client set revoked_at = coalesce(revoked_at, $2), state = 'revoked' where id = $1
    returning id`,
};

export const endTokens = {
  name: 'identity.token.end-all',
  text: `update identity.token set revoked_at = $2 where client = $1 and revoked_at is null`,
};

export const noClient = () => fault('missing', 'The client does not exist.');

/** Ends the client and its tokens in one transaction, then in this process's map: no request is let in after this. */
export async function revokeClient(deps: RegistryDeps, known: KnownTokens, client_id: string): Promise<void> {
  if (!isUuid(client_id)) throw noClient();
  const at = new Date(deps.clock.now());
  await deps.segment.transaction(platform, async (connection) => {
    const ended = await connection.query(endClient, [client_id, at]);
    if (ended.length === 0) throw noClient();
    await connection.query(endTokens, [client_id, at]);
  });
  known.forgetAll(client_id);
}
