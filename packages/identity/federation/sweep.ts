import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';

const statements = [
  {
    name: 'identity.federation_flow.sweep',
    text: 'delete from identity.federation_flow where expires_at < $1 returning id',
  },
  {
    name: 'identity.federation_seen.sweep',
    text: 'delete from identity.federation_seen where expires_at < $1 returning hash',
  },
];

/** Removes sign-ins that ended and ids that can no longer come again; answers how many. */
export async function sweepFederation({ segment, clock }: { segment: Segment; clock: Clock }): Promise<number> {
  const now = new Date(clock.now());
  let count = 0;
  for (const statement of statements) count += (await segment.query(platform, statement, [now])).length;
  return count;
}
