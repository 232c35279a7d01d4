import { fault } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import { z } from 'zod';
import { openAt } from '../../checks/held.ts';
import { evidenceOf } from '../../checks/shape.ts';
import { lineOf, type Stated } from './lines.ts';

const most = 400;
const stated = z
  .array(
    z.strictObject({
      shard: z.int().min(0),
      index: z.int().min(0),
      evidence: z.uuid(),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  )
  .max(most);

/**
 * Opens entries of the platform's log and compares them with what a bundle states them to hold: what nobody without the
 * keys can do. Answers those that hold something else, or cannot be opened. At most 400 at a time.
 */
export async function compareStated(ledger: Pick<Ledger, 'readAt'>, given: unknown): Promise<readonly Stated[]> {
  const read = stated.safeParse(given);
  if (!read.success) throw fault('invalid', `items: expected at most ${most} stated leaves of a bundle`);
  const wrong: Stated[] = [];
  for (const [shard, some] of Map.groupBy(read.data, (one) => one.shard)) {
    const entries = await openAt(
      ledger,
      shard,
      some.map(({ index }) => index),
    );
    const digests = new Map(
      entries.flatMap(({ index, event }) => {
        const evidence = evidenceOf(event);
        if (evidence === undefined) return [];
        const { digest, evidence: id } = lineOf({ evidence, place: { log: '', shard, index } });
        return [[index, `${id} ${digest}`] as const];
      }),
    );
    wrong.push(...some.filter(({ index, evidence, digest }) => digests.get(index) !== `${evidence} ${digest}`));
  }
  return wrong;
}
