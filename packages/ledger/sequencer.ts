import { setTimeout as sleep } from 'node:timers/promises';
import { LogDiffers, unavailable, within } from './failure.ts';
import { hashLeaf } from './hash.ts';
import { recoverHead } from './recover.ts';
import type { LogRows } from './rows.ts';
import { addLeaf, copyTree, type Tile, type Tree } from './tree.ts';
import type { LedgerLog, State } from './types.ts';
import { type Sealed, type Waiting, waiting } from './waiting.ts';

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

/** The one writer of one log. */
export interface Sequencer {
  /** The index of the first of the entries, once they are durable. Throws Fault `unavailable` by the deadline. */
  append(plains: readonly Buffer[]): Promise<number>;
  /** The committed tree. Replaced, never changed, by each commit: what is read now stays as it is. */
  tree(): Tree;
  state(): State;
  /** When the last commit returned, by `performance.now()`; undefined before the first. */
  committed_ms(): number | undefined;
  /** Refuses new appends and settles those that wait. */
  close(): Promise<void>;
}

/** Entries of one INSERT, unless a single append is larger. */
const batchLimit = 512;
const longestPause_ms = 2000;

/**
 * - `serving`: at most one batch is on its way; the next starts when its COMMIT has returned (natural group commit).
 * - `unknown`: the head is not known; nothing is written until the database has told it.
 * - `stopped`: for good, until the process starts anew.
 */
type Phase = 'serving' | 'unknown' | 'stopped';

/** Invariant: entry `tree.size` is the next to be written, and only while `phase` is `serving`. */
export function createSequencer({ rows, tree, seal, deadline_ms, queue_limit, log }: SequencerDeps): Sequencer {
  let phase: Phase = 'serving';
  let reason = '';
  let head = tree;
  let queue: Waiting[] = [];
  let queued = 0;
  let sending = 0;
  let sent_ms: number | undefined;
  let committed_ms: number | undefined;
  let turn: Promise<void> | undefined;
  let closed = false;

  const place = { tenant: rows.tenant, shard: rows.shard };
  const sealAt = (plains: readonly Buffer[], first: number): Sealed[] =>
    plains.map((plain, at) => {
      const body = seal(first + at, plain);
      return { index: first + at, body, leaf: hashLeaf(body) };
    });

  /** The next batch: as much as waits, up to the limit, sealed for the places it will have. */
  const takeBatch = (): Waiting[] => {
    const batch: Waiting[] = [];
    let next = head.size;
    let taken = 0;
    for (const item of queue) {
      const count = item.plains.length;
      if (batch.length > 0 && next - head.size + count > batchLimit) break;
      taken += 1;
      queued -= count;
      if (item.answered) continue;
      // Sealed when it was queued for the place it would have; that changes when somebody before it gave up.
      if (item.entries[0]?.index !== next) item.entries = sealAt(item.plains, next);
      batch.push(item);
      next += count;
    }
    queue.splice(0, taken);
    return batch;
  };

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    const entries = batch.flatMap((item) => item.entries);
    const next = copyTree(head);
    const tiles: Tile[] = [];
    for (const { leaf } of entries) addLeaf(next, leaf, tiles);
    sending = entries.length;
    sent_ms = performance.now();
    for (const item of batch) item.sent.push(item.entries);
    const bodies = entries.map(({ body }) => body);
    const added = await within(deadline_ms * 2, rows.append(head.size, head.tip, bodies, tiles));
    if (!added) throw new Error('the head of the log is not as this process knows it');
    head = next;
    committed_ms = performance.now();
    for (const item of batch) if (!item.answered) item.resolve(item.entries[0]?.index ?? 0);
  };

  const run = async (): Promise<void> => {
    while (phase === 'serving' && queue.length > 0) {
      const batch = takeBatch();
      if (batch.length === 0) continue;
      try {
        await write(batch);
      } catch (error) {
        await recover(batch, error);
      } finally {
        sending = 0;
        sent_ms = undefined;
      }
    }
  };

  /** Stops for good: loud, and every waiting append is told. */
  const stop = (error: LogDiffers): void => {
    phase = 'stopped';
    reason = error.message;
    log.error({ ...place, err: error }, 'the audit log stopped: its database is not what was written');
    drop(error);
  };

  const drop = (cause: unknown): void => {
    for (const item of queue) if (!item.answered) item.reject(unavailable(cause));
    queue = [];
    queued = 0;
  };

  /** Finds the head again, answers what landed, queues the rest anew. Ends when the log serves or has stopped. */
  const recover = async (batch: Waiting[], cause: unknown): Promise<void> => {
    phase = 'unknown';
    reason = 'the head of the log is not known';
    log.warn({ ...place, err: cause }, 'the audit log does not know its head and asks the database');
    for (let pause_ms = 25; phase === 'unknown'; pause_ms = Math.min(pause_ms * 2, longestPause_ms)) {
      if (closed && batch.every((item) => item.answered)) return;
      await sleep(pause_ms);
      try {
        const found = await within(deadline_ms * 2, recoverHead(rows, head, batch));
        head = found.tree;
        for (const [item, first] of found.landed) if (!item.answered) item.resolve(first);
        const again = batch.filter((item) => !item.answered);
        queue.unshift(...again);
        queued += again.reduce((sum, item) => sum + item.plains.length, 0);
        phase = 'serving';
        log.info({ ...place, size: head.size, foreign: found.foreign }, 'the audit log knows its head again');
      } catch (error) {
        if (!(error instanceof LogDiffers)) continue;
        for (const item of batch) if (!item.answered) item.reject(unavailable(error));
        stop(error);
      }
    }
  };

  const start = (): void => {
    turn ??= run().finally(() => {
      turn = undefined;
      if (phase === 'serving' && queue.length > 0) start();
    });
  };

  const state = (): State => {
    if (closed) return { serving: false, reason: 'the audit log is closed' };
    if (phase !== 'serving') return { serving: false, reason };
    if (sent_ms !== undefined && performance.now() - sent_ms > deadline_ms) {
      return { serving: false, reason: 'the database does not answer' };
    }
    return { serving: true };
  };

  return {
    append: async (plains) => {
      const now = state();
      if (!now.serving) throw unavailable(new Error(now.reason));
      if (queued + plains.length > queue_limit) throw unavailable(new Error('the queue is full'));
      const entries = sealAt(plains, head.size + sending + queued);
      const { item, promise } = waiting(plains, entries, deadline_ms);
      queue.push(item);
      queued += plains.length;
      start();
      return promise;
    },
    tree: () => head,
    state,
    committed_ms: () => committed_ms,
    close: async () => {
      closed = true;
      const begun_ms = performance.now();
      while (turn !== undefined && performance.now() - begun_ms < deadline_ms) await sleep(5);
      drop(new Error('the audit log is closed'));
    },
  };
}
