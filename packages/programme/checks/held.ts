import { isFault } from '@safeguard/kernel';
import type { Ledger, ReadEntry } from '@safeguard/ledger';
import { evidenceOf } from './shape.ts';
import type { EvidenceRow } from './statements.ts';
import type { PlacedEvidence } from './types.ts';

type Reading = Pick<Ledger, 'readAt'>;

/** The log that evidence stands in: the platform's. */
export const platform = 0;
const atOnce = 1000;

export interface Held {
  /** Rows that the ledger bears out, in the order of the rows. */
  readonly found: readonly PlacedEvidence[];
  /** Ids of rows without their entry, or with another than it. */
  readonly forged: readonly string[];
}

/**
 * Holds rows of the index against the ledger: what counts is the entry, opened at the place that the row names, and
 * only where it says the same id, check and time. One call per shard and thousand.
 */
export async function heldAgainst(
  ledger: Reading,
  originOf: (shard: number) => string,
  rows: readonly EvidenceRow[],
): Promise<Held> {
  const entries = new Map<string, object>();
  for (const [shard, some] of Map.groupBy(rows, (row) => row.shard)) {
    const indexes = some.map(({ index }) => index);
    for (let from = 0; from < indexes.length; from += atOnce) {
      for (const { index, event } of await openAt(ledger, shard, indexes.slice(from, from + atOnce))) {
        entries.set(`${shard}/${index}`, event);
      }
    }
  }
  const [found, forged]: [PlacedEvidence[], string[]] = [[], []];
  for (const { id, check_id, at, shard, index } of rows) {
    const evidence = evidenceOf(entries.get(`${shard}/${index}`) ?? {});
    const isBorneOut = evidence?.id === id && evidence.check === check_id && evidence.at === at;
    if (isBorneOut) found.push({ evidence, place: { log: originOf(shard), shard, index } });
    else forged.push(id);
  }
  return { found, forged };
}

/**
 * Entries that open. An altered one makes its whole batch fail: then each half is tried, so that it is known which,
 * and the others count. What does not answer is no forgery, and is thrown.
 */
export async function openAt(
  ledger: Reading,
  shard: number,
  indexes: readonly number[],
): Promise<readonly ReadEntry[]> {
  try {
    return await ledger.readAt(platform, indexes, shard);
  } catch (error) {
    if (!isFault(error) || !['internal', 'gone'].includes(error.kind)) throw error;
    if (indexes.length <= 1) return [];
    const half = Math.ceil(indexes.length / 2);
    return [
      ...(await openAt(ledger, shard, indexes.slice(0, half))),
      ...(await openAt(ledger, shard, indexes.slice(half))),
    ];
  }
}
