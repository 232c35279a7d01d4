import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import { sweepInvitations } from './dynamic/invitations.ts';

/** Keys past their `exp`; they prove nothing any more, so that this only tidies. One key at least stays in a set. */
const sweepKeys = {
  name: 'identity.application.sweep-keys',
  text: `update identity.client c set jwks = jsonb_build_object('keys', live.keys)
    from (select id, jsonb_agg(key) as keys from identity.client, jsonb_array_elements(jwks->'keys') key
      where jwks is not null and state = 'approved' and coalesce((key->>'exp')::numeric, 'infinity') > $1
      group by id) live
    where c.id = live.id and jsonb_array_length(live.keys) < jsonb_array_length(c.jwks->'keys') returning c.id`,
};
const month_ms = 30 * 86_400_000;

export async function sweepRegistration(segment: Segment, clock: Clock): Promise<number> {
  const now = clock.now();
  const keys = await segment.query(platform, sweepKeys, [Math.floor(now / 1000)]);
  const gone = await segment.query(platform, sweepInvitations, [new Date(now - month_ms)]);
  return keys.length + gone.length;
}
