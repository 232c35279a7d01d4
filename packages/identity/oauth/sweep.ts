import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { inSlices, slice } from '../slices.ts';

const kept_ms = 86_400_000;
/** Clocks of processes differ a little. */
const skew_ms = 60_000;

/**
 * In slices, so that no sweep holds locks for long. What was used up stays until its time is over, and a day more:
 * until then its replay is told apart from nonsense. Requests that nobody came back to go as soon as they are over.
 */
const remove = {
  name: 'identity.oidc.sweep',
  text: `delete from identity.oidc where (kind, hash) in (
    select kind, hash from identity.oidc where expires_at < $1
      or (expires_at < $2 and kind in ('Interaction', 'PushedAuthorizationRequest', 'Session'))
    order by expires_at limit ${slice}) returning 1 as gone`,
};

/** Removes what expired more than a day ago; returns how many. */
export async function sweepRecords(segment: Segment, clock: Clock): Promise<number> {
  const now = clock.now();
  const values = [new Date(now - kept_ms), new Date(now - skew_ms)];
  return (await inSlices(segment, remove, values)).length;
}
