import type { Clock } from '@safeguard/kernel';
import { writeAnchor } from './anchor.ts';
import { signCheckpoint } from './note.ts';
import type { LogRows } from './rows.ts';
import { rootOf, type Tree, tileWidth } from './tree.ts';
import type { LedgerLog, LedgerSigner, SignedCheckpoint } from './types.ts';

export interface CheckpointerDeps {
  readonly rows: LogRows;
  readonly origin: string;
  readonly signer: LedgerSigner;
  readonly anchors: string;
  readonly clock: Clock;
  readonly log: LedgerLog;
  /** The committed tree. */
  tree(): Tree;
  readonly newest: SignedCheckpoint | undefined;
}

/** Signs the tree heads of one log. */
export interface Checkpointer {
  /** Signs, stores and anchors the tree as it is now, if it has grown. Answers the newest checkpoint. */
  sign(): Promise<SignedCheckpoint | undefined>;
  /** Since when a checkpoint has been due that could not be stored, by `performance.now()`. */
  failing_ms(): number | undefined;
}

/** Hashes of the leaves that no earlier checkpoint and no full tile holds. */
function newLeaves(tree: Tree, signed: number): Buffer {
  const tail = tree.levels[0] ?? [];
  const from = Math.max(signed, tree.size - (tree.size % tileWidth));
  return Buffer.concat(tail.slice(tail.length - (tree.size - from)));
}

/**
 * Invariant: only what is committed is signed, and the database has a checkpoint before the anchor has it. So an anchor
 * that the database does not know means that the database was rolled back.
 */
export function createCheckpointer(deps: CheckpointerDeps): Checkpointer {
  const { rows, origin, signer, anchors, clock, log } = deps;
  let newest = deps.newest;
  let failing_ms: number | undefined;
  let running: Promise<SignedCheckpoint | undefined> | undefined;
  let queued: Promise<SignedCheckpoint | undefined> | undefined;

  const store = async (tree: Tree): Promise<void> => {
    const checkpoint = await signCheckpoint(signer, origin, tree.size, rootOf(tree));
    await rows.addCheckpoint(checkpoint, clock.now(), newLeaves(tree, newest?.size ?? 0));
    newest = checkpoint;
    await writeAnchor(anchors, checkpoint);
  };

  const sign = async (): Promise<SignedCheckpoint | undefined> => {
    const tree = deps.tree();
    if (tree.size === (newest?.size ?? 0)) return newest;
    try {
      await store(tree);
      failing_ms = undefined;
    } catch (error) {
      failing_ms ??= performance.now();
      log.warn({ tenant: rows.tenant, shard: rows.shard, err: error }, 'a checkpoint could not be stored');
      throw error;
    }
    return newest;
  };

  const next = (): Promise<SignedCheckpoint | undefined> => {
    running = sign().finally(() => {
      running = undefined;
    });
    return running;
  };
  const after = (): Promise<SignedCheckpoint | undefined> => {
    queued = undefined;
    return next();
  };
  return {
    // One at a time, or two would write one file of the anchor: whoever comes meanwhile shares the next one, which
    // signs what is there when it begins.
    sign() {
      if (queued !== undefined) return queued;
      if (running === undefined) return next();
      queued = running.then(after, after);
      return queued;
    },
    failing_ms: () => failing_ms,
  };
}
