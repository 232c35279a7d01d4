import { hashNode, hashRange } from './hash.ts';
import { tileHashes } from './rows.ts';
import { type Tree, tileWidth } from './tree.ts';

/** Reads the hashes of a full stored tile. */
export type ReadTile = (level: number, index: number) => Promise<Buffer>;

/** Hashes of any range of a tree whose right edge is `tree` and whose rest stands in tiles. */
export interface Hashes {
  /** RFC 6962's MTH(D[from:to]). */
  range(from: number, to: number): Promise<Buffer>;
}

const powerBelow = (count: number): number => {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
};

export function hashesOf(tree: Tree, readTile: ReadTile): Hashes {
  const read = new Map<string, Promise<Buffer[]>>();
  const full = (level: number, index: number): Promise<Buffer[]> => {
    const key = `${level}/${index}`;
    const known = read.get(key) ?? readTile(level, index).then(tileHashes);
    read.set(key, known);
    return known;
  };
  /** `count` neighbouring hashes of height 8 × level, all within one tile. */
  const nodes = async (level: number, first: number, count: number): Promise<Buffer[]> => {
    const index = Math.floor(first / tileWidth);
    const offset = first % tileWidth;
    const stored = (index + 1) * tileWidth ** (level + 1) <= tree.size;
    const hashes = stored ? await full(level, index) : (tree.levels[level] ?? []);
    return hashes.slice(offset, offset + count);
  };
  /** A complete subtree of `width` leaves (a power of two) that begins at a multiple of it. */
  const complete = async (from: number, width: number): Promise<Buffer> => {
    let level = 0;
    let unit = 1;
    while (unit * tileWidth <= width) {
      unit *= tileWidth;
      level += 1;
    }
    return hashRange(await nodes(level, from / unit, width / unit));
  };
  const range = async (from: number, to: number): Promise<Buffer> => {
    const split = powerBelow(to - from);
    if (split * 2 === to - from || to - from === 1) return complete(from, to - from);
    return hashNode(await complete(from, split), await range(from + split, to));
  };
  return { range };
}

/** PATH(index, D[from:to]) of RFC 6962 section 2.1.1: the siblings from the leaf up. */
export async function inclusionPath(hashes: Hashes, index: number, from: number, to: number): Promise<Buffer[]> {
  if (to - from === 1) return [];
  const middle = from + powerBelow(to - from);
  return index < middle
    ? [...(await inclusionPath(hashes, index, from, middle)), await hashes.range(middle, to)]
    : [...(await inclusionPath(hashes, index, middle, to)), await hashes.range(from, middle)];
}

/** SUBPROOF(size, D[from:to], whole) of RFC 6962 section 2.1.2, with `size` counted from the start of the log. */
export async function consistencyPath(
  hashes: Hashes,
  size: number,
  from: number,
  to: number,
  whole = true,
): Promise<Buffer[]> {
  if (size === to) return whole ? [] : [await hashes.range(from, to)];
  const middle = from + powerBelow(to - from);
  return size <= middle
    ? [...(await consistencyPath(hashes, size, from, middle, whole)), await hashes.range(middle, to)]
    : [...(await consistencyPath(hashes, size, middle, to, false)), await hashes.range(from, middle)];
}
