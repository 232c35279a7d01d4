import { setTimeout as sleep } from 'node:timers/promises';
import { type Claim, claimShard } from './claim.ts';
import { createLogs, type Logs } from './logs.ts';
import type { LogDeps } from './open-log.ts';

/** This process's place among the writers: its shard, and the logs on it. Both change when the shard is lost. */
export interface Place {
  shard(): number;
  logs(): Logs;
  close(): Promise<void>;
}

const retry_ms = 250;

/** Claims a shard and keeps it. Throws Fault `unavailable` when the database does not answer. */
export async function takePlace(deps: LogDeps): Promise<Place> {
  let claim = await claimShard(deps.segment, deps.log);
  let logs = createLogs(deps, claim.shard);
  let closed = false;

  /** Appending goes on while the claim is being taken again: the primary key keeps two writers apart meanwhile. */
  const regain = async (): Promise<Claim | undefined> => {
    while (!closed) {
      await sleep(retry_ms, undefined, { ref: false });
      try {
        return await claimShard(deps.segment, deps.log);
      } catch (error) {
        deps.log.warn({ err: error }, 'the shard of the audit log cannot be claimed yet');
      }
    }
    return undefined;
  };

  const move = async (next: Claim): Promise<void> => {
    const before = logs;
    const moved = next.shard !== claim.shard;
    claim = next;
    if (!moved) return;
    deps.log.warn(
      { shard: next.shard },
      'another process took this shard of the audit log; this one goes on on its own',
    );
    logs = createLogs(deps, next.shard);
    await before.leave();
  };

  const keep = async (): Promise<void> => {
    while (!closed) {
      await claim.ended;
      const next = closed ? undefined : await regain();
      if (next !== undefined) await move(next);
    }
  };
  const keeping = keep();

  return {
    shard: () => claim.shard,
    logs: () => logs,
    close: async () => {
      await logs.leave();
      closed = true;
      claim.release();
      await Promise.race([keeping, sleep(deps.append_deadline_ms, undefined, { ref: false })]);
      claim.release();
    },
  };
}
