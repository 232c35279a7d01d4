import { leafHash, same } from './hash.ts';
import { type Checkpoint, isRefusal, openCheckpoint } from './note.ts';
import { addLeaf, copyRange, emptyRange, type Node, type Range, rootOf } from './range.ts';
import { type CheckpointRow, type Cursor, cursor, type EntryRow, type LogSource } from './source.ts';
import { type Stored, storedHashes } from './stored.ts';
import type { Bad } from './verdict.ts';

/**
 * A leaf that differs from a hash stored for it. Which of the two was altered only the next checkpoint can tell:
 * the tree over the entries and the tree over the stored hashes (`stored`) are carried on side by side until then.
 */
interface Suspect {
  readonly entry: Bad;
  readonly hash: Bad;
  readonly stored: Range | undefined;
}

/** One pass over a log. `range` is the tree over the entries read so far. */
export interface Walk {
  readonly source: LogSource;
  readonly publicKeys: readonly Uint8Array[];
  readonly range: Range;
  readonly rows: Cursor<CheckpointRow>;
  readonly levels: Map<number, Stored>;
  /** Trusted checkpoints from outside the database, smallest first; each is dropped when its size is reached. */
  readonly anchors: Checkpoint[];
  good: Checkpoint | null;
  checkpoints: number;
  suspect: Suspect | undefined;
}

export const beginWalk = (
  source: LogSource,
  publicKeys: readonly Uint8Array[],
  anchors: readonly Checkpoint[],
): Walk => ({
  source,
  publicKeys,
  range: emptyRange(),
  rows: cursor(source.checkpoints()),
  levels: new Map(),
  anchors: anchors.toSorted((a, b) => a.size - b.size),
  good: null,
  checkpoints: 0,
  suspect: undefined,
});

function level(walk: Walk, number: number): Stored {
  const known = walk.levels.get(number);
  if (known !== undefined) return known;
  const made = storedHashes(cursor(walk.source.tiles(number)));
  walk.levels.set(number, made);
  return made;
}

const differs = 'it differs from the hash that was stored when it was written';

/** The leaf hash that the coming checkpoint keeps for `index`, when it keeps one. */
function kept(row: CheckpointRow | undefined, index: number): Buffer | undefined {
  if (row === undefined) return undefined;
  const offset = row.leaves.length - (row.size - index) * 32;
  if (offset < 0 || offset + 32 > row.leaves.length) return undefined;
  return Buffer.from(row.leaves.buffer, row.leaves.byteOffset + offset, 32);
}

/** Begins to doubt at `index`: from here on the stored hashes are carried beside the entries. */
function doubt(walk: Walk, what: 'tile' | 'leaves', index: number, stored: Range | undefined): void {
  walk.suspect ??= {
    entry: { what: 'entry', index, reason: differs },
    hash: { what, index, reason: 'the entry is as it was signed; the hash stored for it was altered' },
    stored,
  };
}

/** Adds the leaf to the tree over the entries, and the stored hash to the tree beside it once there is one. */
function add(walk: Walk, leaf: Buffer, tile: Buffer | undefined, own: Buffer | undefined): Node[] {
  const index = walk.range.size;
  const odd = [tile, own].find((hash) => hash !== undefined && !same(hash, leaf));
  if (odd !== undefined) doubt(walk, odd === tile ? 'tile' : 'leaves', index, copyRange(walk.range));
  if (walk.suspect?.stored !== undefined) addLeaf(walk.suspect.stored, odd ?? leaf);
  const closed: Node[] = [];
  addLeaf(walk.range, leaf, closed);
  return closed;
}

/** Compares the nodes that were closed with the upper tiles. */
async function compareUpper(walk: Walk, closed: readonly Node[]): Promise<Bad | undefined> {
  for (const node of closed) {
    const first = node.position * 256 ** node.level;
    const stored = await level(walk, node.level).at(node.position);
    if (stored === 'missing')
      return { what: 'tile', index: first, reason: `the tile of level ${node.level} is missing` };
    if (stored !== undefined && !same(stored, node.hash)) doubt(walk, 'tile', first, undefined);
  }
  return undefined;
}

/** Holds a trusted checkpoint against the tree of its size: undefined when it fits and nothing was in doubt. */
function settle(walk: Walk, trusted: Checkpoint): Bad | undefined {
  const { suspect, range, good } = walk;
  const fits = same(rootOf(range), trusted.root);
  if (fits) {
    if (suspect !== undefined) return suspect.hash;
    walk.good = trusted;
    return undefined;
  }
  if (suspect?.stored !== undefined && same(rootOf(suspect.stored), trusted.root)) return suspect.entry;
  const reason = 'entries in this interval, and the hashes stored for them, are not those that were signed';
  return { what: 'entry', index: good?.size ?? 0, until: trusted.size, reason };
}

/** The checkpoint row whose size was reached, if its turn has come. */
async function judge(walk: Walk, row: CheckpointRow | undefined): Promise<Bad | undefined> {
  if (row === undefined || row.size > walk.range.size) return undefined;
  walk.rows.take();
  const found = openCheckpoint(row.note, walk.source.origin, walk.publicKeys);
  const bad = (reason: string): Bad => walk.suspect?.entry ?? { what: 'checkpoint', index: row.size, reason };
  if (isRefusal(found)) return bad(found.reason);
  if (found.size !== row.size || row.size < walk.range.size)
    return bad('it stands at a size that it does not speak of');
  const verdict = settle(walk, found);
  if (verdict === undefined) walk.checkpoints += 1;
  return verdict;
}

function judgeAnchors(walk: Walk): Bad | undefined {
  while (walk.anchors[0]?.size === walk.range.size) {
    const bad = settle(walk, walk.anchors[0]);
    if (bad !== undefined) return bad;
    walk.anchors.shift();
  }
  return undefined;
}

/** Takes one entry; the first bad position when it can be named. */
export async function step(walk: Walk, row: EntryRow): Promise<Bad | undefined> {
  const index = walk.range.size;
  if (row.index !== index) {
    const reason = row.index > index ? 'it is missing' : 'an index stands twice or out of order';
    return walk.suspect?.entry ?? { what: 'entry', index, reason };
  }
  const ahead = await walk.rows.peek();
  const tile = await level(walk, 0).at(index);
  if (tile === 'missing') {
    return walk.suspect?.entry ?? { what: 'tile', index: index - 255, reason: 'the tile of level 0 is missing' };
  }
  const closed = add(walk, leafHash(row.body), tile, kept(ahead, index));
  const bad = closed.length > 0 ? await compareUpper(walk, closed) : undefined;
  return bad ?? (await judge(walk, ahead)) ?? judgeAnchors(walk);
}

/** What is left when the entries have ended: everything that speaks of later entries shows that they are gone. */
export async function finish(walk: Walk): Promise<Bad | undefined> {
  if (walk.suspect !== undefined) {
    const open = 'no checkpoint covers it yet, so the hash may have been altered as well';
    return { ...walk.suspect.entry, reason: `${walk.suspect.entry.reason}; ${open}` };
  }
  const index = walk.range.size;
  const row = await walk.rows.peek();
  if (row !== undefined) {
    const found = openCheckpoint(row.note, walk.source.origin, walk.publicKeys);
    if (isRefusal(found)) return { what: 'checkpoint', index: row.size, reason: found.reason };
    return { what: 'entry', index, until: row.size, reason: 'it is missing: a signed checkpoint covers it' };
  }
  const anchor = walk.anchors[0];
  if (anchor !== undefined) {
    const reason = 'it is missing: a signed checkpoint kept outside the database covers it';
    return { what: 'entry', index, until: anchor.size, reason };
  }
  if (await level(walk, 0).beyond(index)) {
    return { what: 'entry', index, reason: 'it is missing: a stored tile covers it' };
  }
  return undefined;
}
