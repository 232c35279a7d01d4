import { setTimeout as sleep } from 'node:timers/promises';
import { LogDiffers, within } from './failure.ts';
import { hashLeaf } from './hash.ts';
import { addEntries } from './load.ts';
import type { LogRows } from './rows.ts';
import { copyTree, type Tree } from './tree.ts';
import type { Waiting } from './waiting.ts';
import { refuse, requeue, stopWriter, type Writer } from './writer.ts';

/** What the database turned out to hold behind the head that was known. */
export interface Found {
  readonly tree: Tree;
  /** Appends that landed, with their first index. */
  readonly landed: Map<Waiting, number>;
  /** Entries that none of ours explains: another writer's, or appends whose caller has given up. */
  readonly foreign: number;
}

/** Where an append stands in the database, if one of the attempts to send it landed. */
function landedAt(item: Waiting, leaves: ReadonlyMap<number, Buffer>): number | undefined {
  const attempt = item.sent.find((entries) =>
    entries.every(({ index, leaf }) => leaves.get(index)?.equals(leaf) === true),
  );
  return attempt?.[0]?.index;
}

/** What this process knows must be the beginning of what is there. Throws LogDiffers. */
async function checkKnown(rows: LogRows, known: Tree, size: number): Promise<void> {
  if (size < known.size) {
    throw new LogDiffers(`the database ends at ${size}, but ${known.size} entries were acknowledged`);
  }
  if (known.tip === undefined) return;
  const [last] = await rows.entries(known.size - 1, 1);
  if (last === undefined || !hashLeaf(last.body).equals(known.tip)) {
    throw new LogDiffers(`entry ${known.size - 1} is not the one that was acknowledged`);
  }
}

/** Reads the head, and which of the unsettled appends landed. Each did whole or not at all: it was one statement. */
export async function findHead(rows: LogRows, known: Tree, unsettled: readonly Waiting[]): Promise<Found> {
  const size = await rows.size();
  await checkKnown(rows, known, size);
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

const firstPause_ms = 25;
const longestPause_ms = 2000;

/** One attempt: answers what landed, queues the rest anew, serves again. */
async function settle(writer: Writer, batch: readonly Waiting[]): Promise<void> {
  const { rows, deadline_ms, log } = writer;
  const found = await within(deadline_ms * 2, findHead(rows, writer.head, batch));
  writer.head = found.tree;
  for (const [item, first] of found.landed) if (!item.answered) item.resolve(first);
  requeue(writer, batch);
  writer.phase = 'serving';
  const { tenant, shard } = rows;
  log.info({ tenant, shard, size: found.tree.size, foreign: found.foreign }, 'the audit log knows its head again');
}

/**
 * After a COMMIT whose outcome is unknown, or a head that was not as known: asks the database, again and again, until
 * it answers. Ends when the log serves, has stopped for good, or is closed and nobody waits any more.
 */
export async function recover(writer: Writer, batch: readonly Waiting[], cause: unknown): Promise<void> {
  const { tenant, shard } = writer.rows;
  writer.phase = 'unknown';
  writer.reason = 'the head of the log is not known';
  writer.log.warn({ tenant, shard, err: cause }, 'the audit log does not know its head and asks the database');
  const waitedFor = (): boolean => !writer.closed || batch.some((item) => !item.answered);
  let pause_ms = firstPause_ms;
  while (writer.phase === 'unknown' && waitedFor()) {
    await sleep(pause_ms);
    pause_ms = Math.min(pause_ms * 2, longestPause_ms);
    try {
      await settle(writer, batch);
    } catch (error) {
      if (!(error instanceof LogDiffers)) continue;
      refuse(batch, error);
      stopWriter(writer, error);
    }
  }
}
