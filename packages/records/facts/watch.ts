import type { Eraser } from '../storage/erase.ts';
import type { Writer } from '../storage/write.ts';
import type { Facts } from './facts.ts';

/** A writer whose writes hold at once for the facts of this process. */
export const watchedWriter = (writer: Writer, { written }: Pick<Facts, 'written'>): Writer => ({
  ...writer,
  one: async (tenant, write, event) => {
    try {
      return await writer.one(tenant, write, event);
    } finally {
      // After a lost answer too: it may have been written.
      written(tenant, write.type);
    }
  },
  settled: (tenant, batch) => {
    for (const type of new Set(batch.rows.map(({ write }) => write.type))) written(tenant, type);
    writer.settled(tenant, batch);
  },
});

export const watchedEraser = (eraser: Eraser, { written }: Pick<Facts, 'written'>): Eraser => ({
  ...eraser,
  purge: async (tenant, id, event) => {
    try {
      return await eraser.purge(tenant, id, event);
    } finally {
      written(tenant);
    }
  },
});
