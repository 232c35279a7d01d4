import { open } from 'node:fs/promises';
import { type Gathered, readEvidence } from './evidence.ts';
import { checkEntry, type Log, readLogs } from './logs.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { checkPosture } from './state.ts';
import { fail, type Wrong, wrongOf } from './wrong.ts';
import { readZip } from './zip.ts';

export interface BundleOptions {
  /** The key that the bundle must be signed with, raw Ed25519, 32 bytes, from somewhere else than the bundle. */
  readonly publicKey?: Uint8Array | undefined;
  /** An earlier bundle of the same platform: what it said must not have been rewritten since. */
  readonly earlier?: Uint8Array | undefined;
}

/** What a bundle comes to. Times are ISO 8601. */
export interface BundleVerdict {
  readonly ok: boolean;
  /** The first thing that is wrong. */
  readonly wrong?: Wrong;
  readonly bundle?: {
    readonly id: string;
    readonly organization: string;
    readonly made_at: string;
    readonly from: string;
    readonly until: string;
    /** SHA-256 of manifest.json, hex. */
    readonly manifest: string;
    /** The bundle that it names as the one before. */
    readonly previous: string | null;
  };
  /** Base64 of the raw key that signed. */
  readonly public_key?: string;
  /** Whether that key was known before: else only that one holder of a key made all of it. */
  readonly key_was_given: boolean;
  /** Whether it was held against an earlier one. */
  readonly held_against_earlier: boolean;
  readonly evidence: number;
  /** The checkpoints of the platform's logs: keep them. */
  readonly logs: readonly { readonly origin: string; readonly size: number; readonly root: string }[];
  /** Controls by state at the end of the period, as computed here. */
  readonly states: Readonly<Record<string, number>>;
}

interface Read {
  readonly manifest: Manifest;
  readonly logs: readonly Log[];
  readonly gathered: Gathered;
  readonly states: Readonly<Record<string, number>>;
}

function read(bytes: Uint8Array, publicKey: Uint8Array | undefined): Read {
  const files = readZip(bytes);
  const manifest = readManifest(files, publicKey);
  const logs = readLogs(files, manifest);
  checkEntry(files, manifest, logs);
  const gathered = readEvidence(files, manifest, logs);
  return { manifest, logs, gathered, states: checkPosture(files, manifest, gathered) };
}

/** Nothing of an earlier bundle was rewritten: its leaves are what they were, and its logs go on where they ended. */
function checkOnward(now: Read, before: Read): void {
  const where = 'the earlier bundle';
  if (now.manifest.made_at < before.manifest.made_at) fail(where, 'was made after this one');
  const { previous } = now.manifest;
  if (previous?.id === before.manifest.id && previous.manifest !== before.manifest.digest) {
    fail(where, 'is not the one that this one names as its predecessor, though it has its number');
  }
  for (const { shard, checkpoint, leaves } of before.logs) {
    const same = now.logs.find((log) => log.shard === shard);
    if (same === undefined) continue;
    if (same.checkpoint.size < checkpoint.size) fail(where, `log ${checkpoint.origin} was longer than it is now`);
    const at = same.previous;
    if (at?.size === checkpoint.size && !at.root.equals(checkpoint.root)) {
      fail(where, `log ${checkpoint.origin} is not the one that it was`);
    }
    const known = new Map(leaves.map((leaf) => [leaf.index, leaf]));
    for (const leaf of same.leaves) {
      const one = known.get(leaf.index);
      if (one !== undefined && (one.digest !== leaf.digest || !one.hash.equals(leaf.hash))) {
        fail(leaf.where, 'is another piece of evidence than in the earlier bundle');
      }
    }
  }
}

const nothing = { evidence: 0, logs: [], states: {} } as const;
const iso = (at: number): string => new Date(at).toISOString();

function verdictOf({ manifest, logs, gathered, states }: Read, options: BundleOptions): BundleVerdict {
  const { id, organization, made_at, from, until, digest, previous, publicKey } = manifest;
  return {
    ok: true,
    bundle: {
      ...{ id, organization, manifest: digest, previous: previous?.id ?? null },
      ...{ made_at: iso(made_at), from: iso(from), until: iso(until) },
    },
    public_key: publicKey.toString('base64'),
    key_was_given: options.publicKey !== undefined,
    held_against_earlier: options.earlier !== undefined,
    evidence: gathered.count,
    logs: logs.map(({ checkpoint: { origin, size, root } }) => ({ origin, size, root: root.toString('base64') })),
    states,
  };
}

/**
 * Verifies an evidence bundle with nothing but its bytes: archive, digests, signatures, proofs, and that the states of
 * the controls follow from the evidence. Never throws: the first thing that is wrong stands in `wrong`.
 */
export function verifyBundle(bytes: Uint8Array, options: BundleOptions = {}): BundleVerdict {
  try {
    const found = read(bytes, options.publicKey);
    if (options.earlier !== undefined) checkOnward(found, read(options.earlier, found.manifest.publicKey));
    return verdictOf(found, options);
  } catch (error) {
    const given = { key_was_given: options.publicKey !== undefined, held_against_earlier: false };
    return { ok: false, wrong: wrongOf(error), ...given, ...nothing };
  }
}

/** The leaves of a bundle, and what each is stated to hold: for who can open the log's entries and compare. */
export const leavesIn = (bytes: Uint8Array) =>
  read(bytes, undefined).logs.flatMap(({ shard, leaves }) =>
    leaves.map(({ index, evidence, digest }) => ({ shard, index, evidence, digest })),
  );

/** Larger archives are not read. */
const largest_bytes = 1024 * 1024 * 1024;

/** Reads a bundle, or throws what the file system does. Fails for what is larger than any bundle. */
export async function readBundle(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > largest_bytes) throw new Error('the file is larger than any bundle');
    return await file.readFile();
  } finally {
    await file.close();
  }
}
