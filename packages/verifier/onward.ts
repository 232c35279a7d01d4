import { badLog, named } from './database.ts';
import type { Checkpoint } from './note.ts';
import { copyRange, emptyRange, type Range } from './range.ts';
import { type LogRow, type Query, sqlSource } from './sql.ts';
import type { Verdict } from './verdict.ts';
import { verdict } from './verify.ts';
import { beginWalk, finish, step } from './walk.ts';

/** How far a log held: the tree over its first entries. What comes after is held against it alone. */
export interface Reached {
  readonly range: Range;
  readonly good: Checkpoint | null;
}

export interface OnwardOptions {
  /** Raw Ed25519 public keys that may sign this log's checkpoints. */
  readonly publicKeys: readonly Uint8Array[];
  /** Where an earlier call stopped; without it the log is read from its first entry. */
  readonly from?: Reached | undefined;
  /** Asked after every page: true stops here. What is in doubt is settled first. */
  readonly enough?: () => boolean | Promise<boolean>;
  /** Entries of a page. */
  readonly page?: number;
}

export interface Onward {
  /** `entries` counts from the beginning of the log. */
  readonly verdict: Verdict;
  /** Entries that this call read. */
  readonly read: number;
  readonly reached: Reached;
  /** False: `enough` said so before the end. */
  readonly ended: boolean;
}

/** Whether the entry that an earlier call read last is still there: a log that was cut off ends before it. */
async function isCut(query: Query, { tenant, shard }: LogRow, start: number): Promise<boolean> {
  if (start === 0) return false;
  const text = 'select 1 as there from ledger.entries where tenant=$1 and shard=$2 and index=$3';
  return (await query(text, [tenant, shard, start - 1])).length === 0;
}

/**
 * Verifies one log in portions: from where an earlier call stopped, as long as the caller likes. Entries before `from`
 * are not read: one that was altered since is found by a call without it. Throws what `query` throws.
 */
export async function verifyOnward(query: Query, log: LogRow, options: OnwardOptions): Promise<Onward> {
  const { publicKeys, from = { range: emptyRange(), good: null }, enough = () => false, page } = options;
  const none = { read: 0, reached: from, ended: true };
  if (!named(log)) {
    const bad = badLog(log.origin, 'the log stands under a tenant or shard that its origin does not name');
    return { verdict: bad, ...none };
  }
  const start = from.range.size;
  if (await isCut(query, log, start)) {
    const bad = { what: 'entry', index: start - 1, reason: 'it is missing: it was there before' } as const;
    return { verdict: { ...badLog(log.origin, ''), bad }, ...none };
  }
  const source = await sqlSource(query, log, { from: start, ...(page === undefined ? {} : { page }) });
  const walk = { ...beginWalk(source, publicKeys, []), range: copyRange(from.range), good: from.good };
  const told = (bad: Verdict['bad'], ended: boolean): Onward => ({
    verdict: verdict(walk, bad),
    read: walk.range.size - start,
    reached: { range: copyRange(walk.range), good: walk.good },
    ended,
  });
  for await (const rows of source.entries()) {
    for (const row of rows) {
      const bad = await step(walk, row);
      if (bad !== undefined) return told(bad, true);
    }
    // An empty page is the end: whoever always has enough must come to it as well.
    if (rows.length > 0 && walk.suspect === undefined && (await enough())) return told(undefined, false);
  }
  return told(await finish(walk), true);
}
