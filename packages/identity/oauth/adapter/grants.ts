import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { KnownTokens } from '../../authenticate/known.ts';
import { platform } from '../../tenants.ts';

const endGrant = {
  name: 'identity.oidc.end-grant',
  text: `update identity.oidc set consumed_at = $2 where kind = 'Grant' and grant_id = $1 and consumed_at is null`,
};
const endTokens = {
  name: 'identity.token.end-grant',
  text: `update identity.token set revoked_at = $2 where grant_id = $1 and revoked_at is null returning hash`,
};

/**
 * Ends a grant and all that came from it. Codes and refresh tokens are looked up together with their grant; access
 * tokens too, so that one which is being made at this moment is born dead.
 */
export type EndGrant = (grant_id: string) => Promise<void>;

export const createEndGrant =
  (segment: Segment, clock: Clock, known: KnownTokens): EndGrant =>
  async (grant_id) => {
    const at = new Date(clock.now());
    const ended = await segment.transaction(platform, async (connection) => {
      await connection.query(endGrant, [grant_id, at]);
      return connection.query<{ hash: Buffer }>(endTokens, [grant_id, at]);
    });
    for (const { hash } of ended) known.forgetToken(hash);
  };
