import { verifyConsistency } from '../consistency.ts';
import { leafHash } from '../hash.ts';
import { type Checkpoint, isRefusal, openCheckpoint } from '../note.ts';
import { verifyOfflineProof } from '../offline.ts';
import { base64, fields, json, list, number, text } from './json.ts';
import { fileOf, type Manifest } from './manifest.ts';
import { type Leaf, verifyMany } from './many.ts';
import { fail } from './wrong.ts';

type Files = ReadonlyMap<string, Buffer>;

/** A leaf of a log, and the piece of evidence that the signer says it is. */
export interface Stated extends Leaf {
  /** Id of the evidence, and the SHA-256 of its line, hex. */
  readonly evidence: string;
  readonly digest: string;
  readonly where: string;
}

/** One log of the platform at the bundle's checkpoint. */
export interface Log {
  readonly shard: number;
  readonly checkpoint: Checkpoint;
  readonly leaves: readonly Stated[];
  /** The checkpoint of the bundle before, where it had one of this log. */
  readonly previous: { readonly size: number; readonly root: Buffer } | undefined;
}

/** Lines of a file with their places: `evidence/00001.jsonl:12`. */
export function* linesOf(files: Files, name: string): Generator<{ readonly where: string; readonly line: string }> {
  const whole = fileOf(files, name).toString('utf8');
  if (whole !== '' && !whole.endsWith('\n')) fail(name, 'does not end with a line break');
  let number = 0;
  for (const line of whole === '' ? [] : whole.slice(0, -1).split('\n')) {
    number += 1;
    yield { where: `${name}:${number}`, line };
  }
}

const leafFile = (shard: number): RegExp => new RegExp(`^log/${shard}/leaves-\\d{5}\\.jsonl$`);

function leavesOf(files: Files, shard: number): Stated[] {
  const form = leafFile(shard);
  const found: Stated[] = [];
  for (const name of [...files.keys()].filter((one) => form.test(one)).sort()) {
    for (const { where, line } of linesOf(files, name)) {
      const one = fields(where, json(where, line));
      found.push({
        index: number(where, one['index']),
        hash: leafHash(base64(where, one['body'])),
        evidence: text(where, one['evidence']),
        digest: text(where, one['digest']),
        where,
      });
    }
  }
  return found;
}

function previousOf(where: string, value: unknown, { size, root }: Checkpoint): Log['previous'] {
  if (value === null) return undefined;
  const one = fields(where, value);
  const before = { size: number(where, one['size']), root: base64(where, one['root'], 32) };
  const proof = list(where, one['hashes']).map((each) => base64(where, each, 32));
  const claim = { from: before.size, to: size, fromRoot: before.root, toRoot: root, proof };
  if (!verifyConsistency(claim)) fail(where, 'the log does not begin with what it was at the bundle before');
  return before;
}

function readLog(files: Files, name: string, shard: number, { signer, publicKey }: Manifest): Log {
  const one = fields(name, json(name, fileOf(files, name).toString('utf8')));
  const checkpoint = openCheckpoint(text(name, one['note']), `${signer}/0/${shard}`, [publicKey]);
  if (isRefusal(checkpoint)) return fail(name, `its checkpoint: ${checkpoint.reason}`);
  const leaves = leavesOf(files, shard);
  const hashes = list(name, one['hashes']).map((each) => base64(name, each, 32));
  const { size, root } = checkpoint;
  if (!verifyMany({ size, root, leaves, hashes })) fail(name, 'its leaves do not lead to the root that was signed');
  return { shard, checkpoint, leaves, previous: previousOf(name, one['previous'], checkpoint) };
}

/** Every log that the bundle speaks of: its checkpoint's signature, and that its leaves stand in it. */
export function readLogs(files: Files, manifest: Manifest): Log[] {
  return [...files.keys()].flatMap((name) => {
    const shard = /^log\/(0|[1-9]\d{0,5})\/proof\.json$/.exec(name)?.[1];
    return shard === undefined ? [] : [readLog(files, name, Number(shard), manifest)];
  });
}

/** The entry that says that this bundle was made: it stands in one of the platform's logs, behind what it speaks of. */
export function checkEntry(files: Files, { signer, publicKey }: Manifest, logs: readonly Log[]): void {
  const name = 'entry.tlog-proof';
  const proof = verifyOfflineProof(fileOf(files, name).toString('utf8'), { publicKeys: [publicKey] });
  if (!proof.ok) fail(name, proof.reason);
  if (!proof.origin.startsWith(`${signer}/0/`)) fail(name, 'is of a log that is not the platform’s');
  const same = logs.find(({ checkpoint }) => checkpoint.origin === proof.origin);
  if (same !== undefined && proof.index < same.checkpoint.size) fail(name, 'stands before what the bundle speaks of');
}
