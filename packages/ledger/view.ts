import { fault } from '@safeguard/kernel';
import { LogDiffers } from './failure.ts';
import { loadLog } from './load.ts';
import { originOf } from './note.ts';
import { consistencyPath, type Hashes, hashesOf, inclusionPath } from './proof.ts';
import type { LogRows } from './rows.ts';
import type { Tree } from './tree.ts';
import type { ConsistencyProof, InclusionProof, LedgerSigner, SignedCheckpoint } from './types.ts';

/** A log at its newest checkpoint: what proofs are made from. The tree may be larger than the checkpoint. */
export interface View {
  readonly rows: LogRows;
  readonly tree: Tree;
  readonly checkpoint: SignedCheckpoint | undefined;
}

/** The view of a log that another process writes. Throws Fault `missing` when there is no such log. */
export async function viewOf(rows: LogRows, signer: LedgerSigner): Promise<View> {
  const origin = originOf(signer.name, rows.tenant, rows.shard);
  if ((await rows.origin()) !== origin) throw fault('missing', 'There is no such audit log.');
  return { rows, ...(await loadLog({ rows, signer, origin })) };
}

function hashesIn({ rows, tree }: View): Hashes {
  return hashesOf(tree, async (level, index) => {
    const [tile] = await rows.tiles(level, index, index + 1);
    if (tile === undefined) throw new LogDiffers(`tile ${index} of level ${level} is missing`);
    return tile.hashes;
  });
}

/** Throws Fault `missing` when no checkpoint covers the index. */
export async function inclusionIn(view: View, index: number): Promise<InclusionProof> {
  const { checkpoint } = view;
  if (checkpoint === undefined || !Number.isSafeInteger(index) || index < 0 || index >= checkpoint.size) {
    throw fault('missing', 'The audit log has no such entry.');
  }
  const hashes = hashesIn(view);
  const { size, root, note } = checkpoint;
  const leaf = await hashes.range(index, index + 1);
  return { index, size, leaf, root, note, proof: await inclusionPath(hashes, index, 0, size) };
}

/** Throws Fault `invalid` unless 0 < from ≤ to ≤ the size of the log. */
export async function consistencyIn(view: View, from: number, to: number): Promise<ConsistencyProof> {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || from > to || to > view.tree.size) {
    throw fault('invalid', 'Two sizes of the audit log were expected: 0 < from ≤ to ≤ its size.');
  }
  const hashes = hashesIn(view);
  const [fromRoot, toRoot] = [await hashes.range(0, from), await hashes.range(0, to)];
  return { from, to, fromRoot, toRoot, proof: await consistencyPath(hashes, from, 0, to) };
}

/** A C2SP tlog-proof; its `extra` line carries the sealed entry, so that the text alone can be checked. */
export async function offlineProofIn(view: View, index: number): Promise<string> {
  const { proof, note } = await inclusionIn(view, index);
  const [row] = await view.rows.entries(index, 1);
  if (row?.index !== index) throw new LogDiffers(`entry ${index} is missing`);
  const lines = ['c2sp.org/tlog-proof@v1', `extra ${row.body.toString('base64')}`, `index ${index}`];
  return [...lines, ...proof.map((hash) => hash.toString('base64')), '', note].join('\n');
}
