import type { Segment } from '@safeguard/store';
import { tryEntry } from './statements.ts';

class RolledBack extends Error {}

/** Writes an entry of the platform's log and takes it back. Throws what the segment throws when that is impossible. */
export async function tryToWrite(segment: Segment): Promise<void> {
  try {
    await segment.transaction(0, async (connection) => {
      await connection.query(tryEntry);
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}
