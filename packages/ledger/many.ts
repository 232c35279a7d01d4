import { fault } from '@safeguard/kernel';
import { LogDiffers } from './failure.ts';
import { hashLeaf, hashRange } from './hash.ts';
import { hashesOf } from './proof.ts';
import { tileHashes } from './rows.ts';
import { tileWidth } from './tree.ts';
import type { ManyProof } from './types.ts';
import type { View } from './view.ts';

const powerBelow = (count: number): number => {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
};

/** Position of the first of ascending numbers that is not less. */
function lowest(sorted: readonly number[], least: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkIndexes(indexes: readonly number[], size: number): void {
  const ascend = indexes.every(
    (index, at) => Number.isSafeInteger(index) && index >= 0 && index < size && index > (indexes[at - 1] ?? -1),
  );
  if (!ascend) throw fault('missing', 'The audit log has no such entries.');
}

/**
 * That some entries stand in the log at its newest checkpoint, all by one proof. Walks RFC 6962's tree from the root
 * down, left before right: of a part without any of them its hash is given, a leaf of them is left out. So whoever has
 * the leaves computes the root by the same walk. Each tile of leaves is read once.
 */
export async function manyIn({ rows, tree, checkpoint }: View, indexes: readonly number[]): Promise<ManyProof> {
  if (checkpoint === undefined) throw fault('missing', 'The audit log is empty.');
  const { origin, size, root, note } = checkpoint;
  checkIndexes(indexes, size);
  const readTile = async (level: number, index: number): Promise<Buffer> => {
    const [tile] = await rows.tiles(level, index, index + 1);
    if (tile === undefined) throw new LogDiffers(`tile ${index} of level ${level} is missing`);
    return tile.hashes;
  };
  const hashes = hashesOf(tree, readTile);
  const proof: Buffer[] = [];
  const holds = (from: number, to: number): boolean => (indexes[lowest(indexes, from)] ?? to) < to;
  const leavesOf = async (tile: number): Promise<Buffer[]> =>
    (tile + 1) * tileWidth <= tree.size ? tileHashes(await readTile(0, tile)) : (tree.levels[0] ?? []);
  const within = (leaves: readonly Buffer[], first: number, from: number, to: number): void => {
    if (!holds(from, to)) {
      proof.push(Buffer.from(hashRange(leaves, from - first, to - first)));
      return;
    }
    if (to - from === 1) return;
    const middle = from + powerBelow(to - from);
    within(leaves, first, from, middle);
    within(leaves, first, middle, to);
  };
  const walk = async (from: number, to: number): Promise<void> => {
    if (!holds(from, to)) {
      proof.push(await hashes.range(from, to));
      return;
    }
    const tile = Math.floor(from / tileWidth);
    if (Math.floor((to - 1) / tileWidth) === tile) {
      within(await leavesOf(tile), tile * tileWidth, from, to);
      return;
    }
    const middle = from + powerBelow(to - from);
    await walk(from, middle);
    await walk(middle, to);
  };
  if (indexes.length > 0) await walk(0, size);
  return { origin, size, root, note, hashes: proof };
}

/** Entries as they stand in the database, sealed: what their leaves are the hashes of. At most 1000 indexes. */
export async function sealedIn({ rows }: Pick<View, 'rows'>, indexes: readonly number[]) {
  const found = indexes.length === 0 ? [] : await rows.entriesAt(indexes.slice(0, 1000));
  return found.map(({ index, body }) => ({ index, body, leaf: hashLeaf(body) }));
}
