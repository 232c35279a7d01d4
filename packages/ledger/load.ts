import { readAnchor } from './anchor.ts';
import { LogDiffers } from './failure.ts';
import { hashLeaf, hashRange } from './hash.ts';
import { readCheckpoint } from './note.ts';
import { type LogRows, tileHashes } from './rows.ts';
import { addLeaf, emptyTree, rootOf, type Tree, tileWidth } from './tree.ts';
import type { LedgerSigner, SignedCheckpoint } from './types.ts';

const page = 2000;

/** The right edge of the tree at a multiple of 256, from full tiles: at most 255 tiles of each level are read. */
export async function treeFromTiles(rows: LogRows, size: number): Promise<Tree> {
  const tree = emptyTree();
  tree.size = size;
  for (let level = 0, nodes = size; nodes > 0; level += 1) {
    const full = Math.floor(nodes / tileWidth);
    const above = full - (full % tileWidth);
    const tiles = await rows.tiles(level, above, full);
    if (tiles.length !== full - above) throw new LogDiffers(`tiles of level ${level} are missing`);
    tree.levels[level] ??= [];
    tree.levels[level + 1] = tiles.map((tile) => hashRange(tileHashes(tile.hashes)));
    if (level === 0) tree.tip = (tiles.at(-1) ?? (await rows.tiles(0, full - 1, full))[0])?.hashes.subarray(-32);
    nodes = full;
  }
  return tree;
}

/** Adds the entries from the tree's size on, page by page; `seen` is called after each. Indexes must be contiguous. */
export async function addEntries(
  rows: LogRows,
  tree: Tree,
  end: number,
  seen: (index: number, leaf: Buffer) => void,
): Promise<void> {
  while (tree.size < end) {
    const found = await rows.entries(tree.size, Math.min(page, end - tree.size));
    if (found.length === 0) throw new LogDiffers(`entry ${tree.size} is missing`);
    for (const { index, body } of found) {
      if (index !== tree.size) throw new LogDiffers(`entry ${tree.size} is missing`);
      const leaf = hashLeaf(body);
      addLeaf(tree, leaf, []);
      seen(index, leaf);
    }
  }
}

/** Refuses a database that is behind what was signed: a restored backup, a truncated table. */
function refuseOlder(size: number, newest: SignedCheckpoint | undefined, anchor: SignedCheckpoint | undefined): void {
  if (newest !== undefined && newest.size > size) {
    throw new LogDiffers(`the log ends at ${size}, but its newest checkpoint covers ${newest.size} entries`);
  }
  if (anchor !== undefined && anchor.size > (newest?.size ?? 0)) {
    const text = `the database knows no checkpoint over ${anchor.size} entries, but the local anchor is one`;
    throw new LogDiffers(`${text}: it was rolled back, restored from an older backup, or truncated`);
  }
}

/** A log as it was found: its tree, and the newest checkpoint. */
export interface Loaded {
  readonly tree: Tree;
  readonly checkpoint: SignedCheckpoint | undefined;
}

export interface Load {
  readonly rows: LogRows;
  readonly signer: LedgerSigner;
  readonly origin: string;
  /** Folder of the anchors; absent for a log of another writer, which this process keeps no anchor of. */
  readonly anchors?: string;
}

/**
 * Reads the head of a log and holds it against the newest checkpoint in the database and the local anchor. Only the
 * entries since the older of the two are read, the rest of the tree comes from tiles. Throws LogDiffers.
 */
export async function loadLog({ rows, signer, origin, anchors }: Load): Promise<Loaded> {
  const anchor = anchors === undefined ? undefined : await readAnchor(anchors, signer, origin);
  const row = await rows.newestCheckpoint();
  const newest = row === undefined ? undefined : readCheckpoint(signer, origin, row.note);
  if (row !== undefined && newest?.size !== row.size) {
    throw new LogDiffers(`the newest checkpoint, at ${row.size}, is none that this key signed`);
  }
  const size = await rows.size();
  refuseOlder(size, newest, anchor);
  const trusted = [newest, anchor].filter((checkpoint) => checkpoint !== undefined);
  const known = trusted.length === 0 ? 0 : Math.min(...trusted.map((checkpoint) => checkpoint.size));
  const tree = await treeFromTiles(rows, known - (known % tileWidth));
  const judge = (): void => {
    for (const checkpoint of trusted) {
      if (checkpoint.size !== tree.size || rootOf(tree).equals(checkpoint.root)) continue;
      throw new LogDiffers(`the first ${tree.size} entries are not those that were signed`);
    }
  };
  judge();
  await addEntries(rows, tree, size, judge);
  return { tree, checkpoint: newest };
}
