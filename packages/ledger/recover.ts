import { LogDiffers } from './failure.ts';
import { hashLeaf } from './hash.ts';
import { addEntries } from './load.ts';
import type { LogRows } from './rows.ts';
import { copyTree, type Tree } from './tree.ts';
import type { Waiting } from './waiting.ts';

/** What the database turned out to hold behind the head that was known. */
export interface Found {
  readonly tree: Tree;
  /** Appends that landed, with their first index. */
  readonly landed: Map<Waiting, number>;
  /** Entries that none of ours explains: another writer's, or appends whose caller has given up. */
  readonly foreign: number;
}

/** The attempt of an append that stands in the database, if one does. */
function landedAt(item: Waiting, leaves: ReadonlyMap<number, Buffer>): number | undefined {
  const attempt = item.sent.find((entries) =>
    entries.every(({ index, leaf }) => leaves.get(index)?.equals(leaf) === true),
  );
  return attempt?.[0]?.index;
}

/**
 * Finds the head again after a COMMIT whose outcome is unknown, or a head that was not as known. What this process
 * knows must be the beginning of what is there: else LogDiffers. An append is all or nothing, so each either landed whole
 * or not at all.
 */
export async function recoverHead(rows: LogRows, known: Tree, unsettled: readonly Waiting[]): Promise<Found> {
  const size = await rows.size();
  if (size < known.size) {
    throw new LogDiffers(`the database ends at ${size}, but ${known.size} entries were acknowledged`);
  }
  if (known.tip !== undefined) {
    const [last] = await rows.entries(known.size - 1, 1);
    if (last === undefined || !hashLeaf(last.body).equals(known.tip)) {
      throw new LogDiffers(`entry ${known.size - 1} is not the one that was acknowledged`);
    }
  }
  const tree = copyTree(known);
  const leaves = new Map<number, Buffer>();
  await addEntries(rows, tree, size, (index, leaf) => leaves.set(index, leaf));
  const landed = new Map<Waiting, number>();
  let ours = 0;
  for (const item of unsettled) {
    const first = landedAt(item, leaves);
    if (first === undefined) continue;
    landed.set(item, first);
    ours += item.plains.length;
  }
  return { tree, landed, foreign: leaves.size - ours };
}
