import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from './failure.ts';
import { recover } from './recover.ts';
import type { Tree } from './tree.ts';
import type { State } from './types.ts';
import { waiting } from './waiting.ts';
import { dropQueue, type SequencerDeps, sealAt, takeBatch, type Writer, writeBatch } from './writer.ts';

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

async function run(writer: Writer): Promise<void> {
  while (writer.phase === 'serving' && writer.queue.length > 0) {
    const batch = takeBatch(writer);
    if (batch.length === 0) continue;
    try {
      await writeBatch(writer, batch);
    } catch (error) {
      await recover(writer, batch, error);
    } finally {
      writer.sending = 0;
      writer.sent_ms = undefined;
    }
  }
}

function stateOf(writer: Writer): State {
  if (writer.closed) return { serving: false, reason: 'the audit log is closed' };
  if (writer.phase !== 'serving') return { serving: false, reason: writer.reason };
  if (writer.sent_ms !== undefined && performance.now() - writer.sent_ms > writer.deadline_ms) {
    return { serving: false, reason: 'the database does not answer' };
  }
  return { serving: true };
}

const newWriter = (deps: SequencerDeps): Writer => ({
  ...deps,
  phase: 'serving',
  reason: '',
  head: deps.tree,
  queue: [],
  queued: 0,
  sending: 0,
  sent_ms: undefined,
  committed_ms: undefined,
  closed: false,
});

export function createSequencer(deps: SequencerDeps): Sequencer {
  const writer = newWriter(deps);
  let turn: Promise<void> | undefined;
  const start = (): void => {
    turn ??= run(writer).finally(() => {
      turn = undefined;
      if (writer.phase === 'serving' && writer.queue.length > 0) start();
    });
  };
  return {
    append: async (plains) => {
      const { serving, reason } = stateOf(writer);
      if (!serving) throw unavailable(new Error(reason));
      if (writer.queued + plains.length > deps.queue_limit) throw unavailable(new Error('the queue is full'));
      const entries = sealAt(writer, plains, writer.head.size + writer.sending + writer.queued);
      const { item, promise } = waiting(plains, entries, deps.deadline_ms);
      writer.queue.push(item);
      writer.queued += plains.length;
      start();
      return promise;
    },
    tree: () => writer.head,
    state: () => stateOf(writer),
    committed_ms: () => writer.committed_ms,
    close: async () => {
      writer.closed = true;
      const begun_ms = performance.now();
      while (turn !== undefined && performance.now() - begun_ms < deps.deadline_ms) await sleep(5);
      dropQueue(writer, new Error('the audit log is closed'));
    },
  };
}
