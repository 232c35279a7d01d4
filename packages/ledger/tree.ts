import { emptyRoot, hashRange } from './hash.ts';

/** Hashes in a tile (C2SP tlog-tiles). */
export const tileWidth = 256;

/** A full tile: the hashes of 256 neighbouring nodes of height 8 × level. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
}

/**
 * The right edge of a Merkle tree: per level the hashes that do not fill a tile yet. Everything left of it stands in
 * full tiles. `tip` is the hash of the last leaf: what the next entry must follow.
 */
export interface Tree {
  size: number;
  tip: Buffer | undefined;
  readonly levels: Buffer[][];
}

export const emptyTree = (): Tree => ({ size: 0, tip: undefined, levels: [] });

export const copyTree = (tree: Tree): Tree => ({
  size: tree.size,
  tip: tree.tip,
  levels: tree.levels.map((hashes) => [...hashes]),
});

function push(tree: Tree, level: number, hash: Buffer, full: Tile[]): void {
  const hashes = tree.levels[level] ?? [];
  tree.levels[level] = hashes;
  hashes.push(hash);
  if (hashes.length < tileWidth) return;
  const index = Math.floor((tree.size - 1) / tileWidth ** (level + 1));
  full.push({ level, index, hashes: Buffer.concat(hashes) });
  tree.levels[level] = [];
  push(tree, level + 1, hashRange(hashes), full);
}

/** Adds a leaf's hash; tiles that it fills are pushed onto `full`. */
export function addLeaf(tree: Tree, leaf: Buffer, full: Tile[]): void {
  tree.size += 1;
  tree.tip = leaf;
  push(tree, 0, leaf, full);
}

/** The RFC 6962 root of the whole tree. */
export function rootOf(tree: Tree): Buffer {
  let right: Buffer | undefined;
  for (const hashes of tree.levels) {
    const items = right === undefined ? hashes : [...hashes, right];
    if (items.length > 0) right = hashRange(items);
  }
  return right ?? emptyRoot;
}
