import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { sha256 } from '../secrets.ts';
import { inSlices, slice } from '../slices.ts';
import { platform } from '../tenants.ts';

/** What may be shown once, in any process. */
export interface Replay {
  /** True the first time. `until`, milliseconds since the Unix epoch: when it is refused for its age alone. */
  once(tenant: number, parts: readonly string[], until: number): Promise<boolean>;
  /** Removes what is past its time; answers how many. */
  sweep(): Promise<number>;
}

const insert = {
  name: 'identity.replay.insert',
  text: `insert into identity.replay (hash, tenant, expires_at) values ($1, $2, $3)
    on conflict (hash) do nothing returning tenant`,
};
const remove = {
  name: 'identity.replay.sweep',
  text: `delete from identity.replay where hash in (
    select hash from identity.replay where expires_at < $1 order by expires_at limit ${slice}) returning 1 as gone`,
};

/** Clocks of processes differ a little: what is past its time is kept a while longer. */
const kept_ms = 600_000;

/** The insert decides: of two who show one thing at once, one is first. */
export function createReplay(segment: Segment, clock: Clock): Replay {
  return {
    async once(tenant, parts, until) {
      const values = [sha256(JSON.stringify([tenant, ...parts])), tenant, new Date(until)];
      return (await segment.query(platform, insert, values)).length === 1;
    },
    async sweep() {
      const before = new Date(clock.now() - kept_ms);
      return (await inSlices(segment, remove, [before])).length;
    },
  };
}
