import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@safeguard/kernel';
import type { Connection, Segment } from '@safeguard/store';
import { keepClaim, claimShard as tryClaim } from './statements.ts';
import type { LedgerLog } from './types.ts';

/** A shard that this process alone writes, as long as the claim lasts. */
export interface Claim {
  readonly shard: number;
  /** Resolves when the claim has ended: by `release`, or because its connection was lost. */
  readonly ended: Promise<void>;
  release(): void;
}

const keep_ms = 5000;
const mostShards = 1024;
/** A process killed a moment ago may still hold its shard: waiting a little is better than beginning a new log. */
const patience = 8;

async function take(connection: Connection): Promise<number> {
  for (let attempt = 0; attempt < patience; attempt += 1) {
    const [row] = await connection.query<{ held: boolean }>(tryClaim, [0]);
    if (row?.held === true) return 0;
    await sleep(50);
  }
  for (let shard = 1; shard < mostShards; shard += 1) {
    const [row] = await connection.query<{ held: boolean }>(tryClaim, [shard]);
    if (row?.held === true) return shard;
  }
  throw fault('unavailable', 'The audit log has too many writers.');
}

/**
 * Claims the lowest free shard for this process, for all tenants, by an advisory lock in a transaction that stays open.
 * It takes one connection of the segment's pool. Safety does not rest on it (the primary key decides who takes an
 * index); it keeps writers from getting in one another's way.
 */
export async function claimShard(segment: Segment, log: LedgerLog): Promise<Claim> {
  const claimed = Promise.withResolvers<number>();
  const stop = new AbortController();
  const hold = async (connection: Connection): Promise<void> => {
    claimed.resolve(await take(connection));
    while (!stop.signal.aborted) {
      await sleep(keep_ms, undefined, { signal: stop.signal, ref: false }).catch((error: Error) => {
        if (error.name !== 'AbortError') throw error;
      });
      await connection.query(keepClaim);
    }
  };
  const ended = segment.transaction(0, hold).catch((error: unknown) => {
    claimed.reject(error);
    if (!stop.signal.aborted) log.warn({ err: error }, 'the claim on the shard of the audit log was lost');
  });
  return { shard: await claimed.promise, ended, release: () => stop.abort() };
}
