import { type LogDiffers, unavailable, within } from './failure.ts';
import { hashLeaf } from './hash.ts';
import type { LogRows } from './rows.ts';
import { addLeaf, copyTree, type Tile, type Tree } from './tree.ts';
import type { LedgerLog } from './types.ts';
import type { Sealed, Waiting } from './waiting.ts';

export interface SequencerDeps {
  readonly rows: LogRows;
  /** The tree as it was loaded; the sequencer owns it from here on. */
  readonly tree: Tree;
  /** Seals one entry for an index. */
  seal(index: number, plain: Buffer): Buffer;
  readonly deadline_ms: number;
  /** Entries that may wait. */
  readonly queue_limit: number;
  readonly log: LedgerLog;
}

/**
 * - `serving`: at most one batch is on its way; the next starts when its COMMIT has returned (natural group commit).
 * - `unknown`: the head is not known; nothing is written until the database has told it.
 * - `stopped`: for good, until the process starts anew.
 */
export type Phase = 'serving' | 'unknown' | 'stopped';

/** What the sequencer of one log knows. Invariant: entry `head.size` is the next, written only while `serving`. */
export interface Writer extends SequencerDeps {
  phase: Phase;
  reason: string;
  /** The committed tree. */
  head: Tree;
  queue: Waiting[];
  /** Entries in the queue. */
  queued: number;
  /** Entries on their way, and since when (`performance.now()`). */
  sending: number;
  sent_ms: number | undefined;
  committed_ms: number | undefined;
  closed: boolean;
}

/** Entries of one INSERT, unless a single append is larger. */
const batchLimit = 512;

export const sealAt = ({ seal }: Writer, plains: readonly Buffer[], first: number): Sealed[] =>
  plains.map((plain, at) => {
    const body = seal(first + at, plain);
    return { index: first + at, body, leaf: hashLeaf(body) };
  });

/** The next batch: as much as waits, up to the limit, sealed for the places it will have. */
export function takeBatch(writer: Writer): Waiting[] {
  const first = writer.head.size;
  const batch: Waiting[] = [];
  let next = first;
  let taken = 0;
  for (const item of writer.queue) {
    const count = item.plains.length;
    if (batch.length > 0 && next - first + count > batchLimit) break;
    taken += 1;
    writer.queued -= count;
    if (item.answered) continue;
    // Sealed when it was queued, for the place it would have; that changes when somebody before it gave up.
    if (item.entries[0]?.index !== next) item.entries = sealAt(writer, item.plains, next);
    batch.push(item);
    next += count;
  }
  writer.queue.splice(0, taken);
  return batch;
}

/** Appends a batch and answers it. Throws when it is not sure that the whole batch stands where it should. */
export async function writeBatch(writer: Writer, batch: readonly Waiting[]): Promise<void> {
  const { head, rows, deadline_ms } = writer;
  const entries = batch.flatMap((item) => item.entries);
  const next = copyTree(head);
  const tiles: Tile[] = [];
  for (const { leaf } of entries) addLeaf(next, leaf, tiles);
  writer.sending = entries.length;
  writer.sent_ms = performance.now();
  for (const item of batch) item.sent.push(item.entries);
  const bodies = entries.map(({ body }) => body);
  const added = await within(deadline_ms * 2, rows.append(head.size, head.tip, bodies, tiles));
  if (!added) throw new Error('the head of the log is not as this process knows it');
  writer.head = next;
  writer.committed_ms = performance.now();
  for (const item of batch) if (!item.answered) item.resolve(item.entries[0]?.index ?? 0);
}

/** Tells appends that they cannot be chained now. */
export function refuse(items: readonly Waiting[], cause: unknown): void {
  for (const item of items) if (!item.answered) item.reject(unavailable(cause));
}

export function dropQueue(writer: Writer, cause: unknown): void {
  refuse(writer.queue, cause);
  writer.queue = [];
  writer.queued = 0;
}

/** Puts appends back before all others. */
export function requeue(writer: Writer, batch: readonly Waiting[]): void {
  const again = batch.filter((item) => !item.answered);
  writer.queue.unshift(...again);
  writer.queued += again.reduce((sum, item) => sum + item.plains.length, 0);
}

/** Stops for good: loud, and every waiting append is told. */
export function stopWriter(writer: Writer, error: LogDiffers): void {
  const { tenant, shard } = writer.rows;
  writer.phase = 'stopped';
  writer.reason = error.message;
  writer.log.error({ tenant, shard, err: error }, 'the audit log stopped: its database is not what was written');
  dropQueue(writer, error);
}
