import type { EvidenceDeps } from './evidence.ts';
import { openAt, platform } from './held.ts';
import { evidenceOf } from './shape.ts';
import { known } from './statements.ts';
import type { PlacedEvidence } from './types.ts';

export interface Unfound {
  /** Evidence that stands in the log. */
  readonly entries: number;
  readonly missing: readonly PlacedEvidence[];
}

const page = 1000;
/** How far the clocks of replicas may be apart. */
const skew_ms = 60_000;

/** Reads the platform's log backwards, shard by shard, as far as `since`. */
export async function unfoundSince(
  { ledger, segment }: Pick<EvidenceDeps, 'ledger' | 'segment'>,
  originOf: (shard: number) => string,
  since: number,
): Promise<Unfound> {
  const missing: PlacedEvidence[] = [];
  let entries = 0;
  for (const { shard, size } of await ledger.sizes(platform)) {
    for (let end = size; end > 0; ) {
      const from = Math.max(0, end - page);
      const read = await openAt(
        ledger,
        shard,
        Array.from({ length: end - from }, (_, at) => from + at),
      );
      const found = read.flatMap(({ index, event }): PlacedEvidence[] => {
        const evidence = evidenceOf(event);
        if (evidence === undefined || evidence.at < since) return [];
        return [{ evidence, place: { log: originOf(shard), shard, index } }];
      });
      const ids = found.map(({ evidence }) => evidence.id);
      const rows = await segment.query<{ id: string }>(platform, known, [ids]);
      const there = new Set(rows.map(({ id }) => id));
      entries += found.length;
      missing.push(...found.filter(({ evidence }) => !there.has(evidence.id)));
      const oldest = Math.min(...read.map(({ at }) => at));
      end = oldest < since - skew_ms ? 0 : from;
    }
  }
  return { entries, missing };
}
