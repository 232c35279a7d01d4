import { setTimeout as wait } from 'node:timers/promises';
import { fault, isFault } from '@safeguard/kernel';
import type { ManyProof } from '@safeguard/ledger';
import type { ReportsDeps, Told } from '../types.ts';
import { canonical } from './canonical.ts';
import { type Files, lineFiles, type Stated } from './lines.ts';

type Ledger = ReportsDeps['ledger'];

/** Where a log stood when a bundle was made: what the next one goes on from. */
export interface Mark {
  readonly shard: number;
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

const platform = 0;
const page = 1_000;
/** A log that another process writes is signed by it, every second. */
const [tries, wait_ms] = [5, 1_000];

async function proofOf(ledger: Ledger, shard: number, indexes: readonly number[]): Promise<ManyProof> {
  for (let left = tries; ; left -= 1) {
    try {
      return await ledger.proveMany(platform, indexes, shard);
    } catch (error) {
      if (!isFault(error) || error.kind !== 'missing' || left <= 1) throw error;
      await wait(wait_ms);
    }
  }
}

/** The sealed entries, as lines beside what they are stated to be. */
async function addLeaves(ledger: Ledger, files: Files, shard: number, leaves: readonly Stated[], told: Told) {
  const lines = lineFiles(files, `log/${shard}/leaves-`);
  for (let at = 0; at < leaves.length; at += page) {
    const some = leaves.slice(at, at + page);
    const entries = await ledger.sealedAt(
      platform,
      some.map(({ index }) => index),
      shard,
    );
    const bodies = new Map(entries.map(({ index, body }) => [index, body]));
    for (const { index, evidence, digest } of some) {
      const body = bodies.get(index);
      if (body === undefined) throw fault('internal', 'An entry of the log is missing.');
      lines.add(canonical({ index, evidence, digest, body: body.toString('base64') }));
    }
    told('Collecting entries of the log', at / leaves.length);
  }
  lines.flush();
}

/** That the log begins with what it was at the bundle before; null where that had none of this log. */
async function onward(ledger: Ledger, { size }: ManyProof, shard: number, before: Mark | undefined) {
  if (before === undefined) return null;
  const { hashes, root } = await ledger
    .proveConsistency(platform, before.size, size, shard)
    .then(({ proof, fromRoot }) => ({ hashes: proof, root: fromRoot.toString('base64') }));
  if (root !== before.root) throw fault('internal', 'The log is not what it was when the last bundle was made.');
  return { size: before.size, root, hashes: hashes.map((one) => one.toString('base64')) };
}

/** For each log that evidence stands in: its leaves, one proof of them all, and where it went on from. */
export async function addLogs(
  ledger: Ledger,
  files: Files,
  all: readonly Stated[],
  before: readonly Mark[],
  told: Told,
): Promise<Mark[]> {
  const marks: Mark[] = [];
  for (const [shard, stated] of Map.groupBy(all, (one) => one.shard)) {
    const leaves = stated.toSorted((one, other) => one.index - other.index);
    const proof = await proofOf(
      ledger,
      shard,
      leaves.map(({ index }) => index),
    );
    await addLeaves(ledger, files, shard, leaves, told);
    const previous = await onward(
      ledger,
      proof,
      shard,
      before.find((one) => one.shard === shard),
    );
    const hashes = proof.hashes.map((one) => one.toString('base64'));
    files.set(`log/${shard}/proof.json`, Buffer.from(canonical({ note: proof.note, hashes, previous })));
    marks.push({ shard, size: proof.size, root: proof.root.toString('base64') });
  }
  return marks;
}
