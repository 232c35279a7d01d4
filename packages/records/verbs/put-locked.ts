import type { Shelf } from '../call.ts';
import type { Match } from '../search/find.ts';
import { lockConditions } from '../search/lock.ts';
import { type SealedBatch, unknownIfSo } from '../storage/write.ts';

/**
 * Writes a sealed batch under the locks of the conditions it was made on. False: a condition matches something else by
 * now, and nothing was written. Holds one connection of the clinical segment and never waits for a second.
 */
export async function putLocked(
  shelf: Shelf,
  tenant: number,
  matches: readonly Match[],
  batch: SealedBatch,
): Promise<boolean> {
  try {
    const done = await shelf.clinical.transaction(tenant, async (connection) => {
      const conditions = matches.map((match) => match.condition);
      await lockConditions(connection, tenant, conditions);
      if (!(await shelf.finder.unchanged(tenant, matches, connection))) return false;
      await shelf.writer.put(tenant, batch, connection);
      return true;
    });
    if (done) shelf.writer.settled(tenant, batch);
    return done;
  } catch (error) {
    throw unknownIfSo(error);
  }
}
