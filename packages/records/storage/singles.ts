import type { RequestEvent } from '@safeguard/http';
import type { Segment } from '@safeguard/store';
import { createBatcher } from './batch.ts';
import { type DoneRow, dropParts, droppedOnConflict, isConflict, putParts, putValues } from './put.ts';
import { putRows } from './rows.ts';
import type { SealedWrite } from './seal-write.ts';
import type { StaleTokens } from './stale.ts';

/** One write with the event that tells of it. */
export interface Single {
  readonly sealed: SealedWrite;
  readonly event: RequestEvent;
  readonly intent: Buffer;
}

const batches = { concurrency: 2, size: 100 };

/** Writes one; false: the current version is not the expected one. */
export type PutSingle = (tenant: number, single: Single) => Promise<boolean>;

/** Singles of one tenant that fall together share statements and commits, never a fate. */
export function createSingles(identity: Segment, clinical: Segment, stale: Pick<StaleTokens, 'settle'>): PutSingle {
  /** Writes singles of different resources. Which of them were written; Fault `conflict`: a key of ours collided. */
  const putDistinct = async (tenant: number, singles: readonly Single[]): Promise<readonly boolean[]> => {
    const rows = singles.map((single) => single.sealed);
    const options = {
      atomic: false,
      owners: rows.map((_, index) => index + 1),
      events: singles.map((single) => ({ id: single.event.id, intent: single.intent })),
    };
    await putParts(identity, tenant, rows);
    const [answer] = await droppedOnConflict(identity, tenant, rows, () =>
      clinical.query<DoneRow>(tenant, putRows, putValues(tenant, rows, options)),
    );
    const done = answer?.done ?? [];
    stale.settle(
      tenant,
      rows.filter((_, index) => done[index] === true),
    );
    await dropParts(
      identity,
      tenant,
      rows.filter((_, index) => done[index] !== true),
    );
    return rows.map((_, index) => done[index] === true);
  };

  /** A collision is one row's misfortune: the others are tried without it. */
  const putApart = async (tenant: number, singles: readonly Single[]): Promise<readonly boolean[]> => {
    try {
      return singles.length === 0 ? [] : await putDistinct(tenant, singles);
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (singles.length === 1) return [false];
      const done: boolean[] = [];
      for (const single of singles) done.push(...(await putApart(tenant, [single])));
      return done;
    }
  };

  /** Two writes of one resource in one batch: the later one is told to try again. */
  const putSingles = async (tenant: number, singles: readonly Single[]): Promise<boolean[]> => {
    const seen = new Set<string>();
    const first = singles.map(({ sealed }) => {
      const fresh = !seen.has(sealed.write.id);
      seen.add(sealed.write.id);
      return fresh;
    });
    const done = await putApart(
      tenant,
      singles.filter((_, index) => first[index]),
    );
    let next = 0;
    return first.map((fresh) => (fresh ? done[next++] === true : false));
  };

  const batchers = new Map<number, (single: Single) => Promise<boolean>>();
  return (tenant, single) => {
    const batcher =
      batchers.get(tenant) ?? createBatcher<Single, boolean>((singles) => putSingles(tenant, singles), batches);
    batchers.set(tenant, batcher);
    return batcher(single);
  };
}
