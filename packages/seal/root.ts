import { timingSafeEqual } from 'node:crypto';
import { fault, isFault } from '@safeguard/kernel';
import { frame } from './frame.ts';
import type { Place } from './place.ts';
import type { RootKeyProvider, SealConnection, SealDatabase, SealSegment } from './types.ts';

/** The root keys at hand. New tenant keys are made under `current`; what stands under another is still read. */
export interface Roots {
  current: RootKeyProvider;
  readonly all: Map<string, RootKeyProvider>;
}

type RootRow = { root: string; proof: Buffer };

const selectRoots = { name: 'seal-root-select', text: 'select root, proof from seal.root_key where tenant = 0' };
const insertRoot = {
  name: 'seal-root-insert',
  text: 'insert into seal.root_key (root, proof) values ($1, $2) on conflict (root) do nothing',
};
// Of all processes that start on empty databases only one writes the first row; the others then find it.
const lockRoots = { name: 'seal-root-lock', text: "select pg_advisory_xact_lock(hashtext('safeguard seal root'))" };

const proofText = Buffer.from('the root key of these data, 32 B');
const proofContext = (segment: SealSegment): Buffer => frame(['safeguard root proof 1', segment]);

export const wrongRoot = (cause?: unknown) =>
  fault('unavailable', 'these data were sealed under another root key', { cause });

/** Context of a tenant key for the provider. */
export const tenantContext = (at: Pick<Place, 'tenant' | 'segment'>, version: number): Buffer =>
  frame(['safeguard tenant key 1', at.tenant, at.segment, version]);

/** Unwraps by the provider; a provider that is out of reach says so itself by a Fault, anything else is a wrong key. */
export async function unwrapByRoot(roots: Roots, root: string, wrapped: Buffer, context: Buffer): Promise<Buffer> {
  const provider = roots.all.get(root);
  if (provider === undefined) throw wrongRoot(new Error(`no provider of the root key ${root} is at hand`));
  try {
    return await provider.unwrap(wrapped, context);
  } catch (cause) {
    throw isFault(cause) ? cause : wrongRoot(cause);
  }
}

/**
 * Verifies that the current root key is the one this segment stands under. The first process on an empty segment
 * writes the proof; from then on another root key is refused before it could make any tenant key.
 */
export async function checkRoot(roots: Roots, segment: SealSegment, database: SealDatabase): Promise<void> {
  const rows = await database.query<RootRow>(0, selectRoots);
  if (rows.length > 0) return verifyProof(roots, segment, rows);
  const proof = await roots.current.wrap(proofText, proofContext(segment));
  const found = await database.transaction(0, (connection) => firstProof(connection, roots.current.id, proof));
  await verifyProof(roots, segment, found);
}

/** Adds the proof of a further root key, which is about to take over. */
export async function addRoot(next: RootKeyProvider, segment: SealSegment, database: SealDatabase): Promise<void> {
  const proof = await next.wrap(proofText, proofContext(segment));
  await database.query(0, insertRoot, [next.id, proof]);
}

async function firstProof(connection: SealConnection, root: string, proof: Buffer): Promise<RootRow[]> {
  await connection.query(lockRoots);
  const rows = await connection.query<RootRow>(selectRoots);
  if (rows.length > 0) return rows;
  await connection.query(insertRoot, [root, proof]);
  return [{ root, proof }];
}

async function verifyProof(roots: Roots, segment: SealSegment, rows: readonly RootRow[]): Promise<void> {
  const row = rows.find(({ root }) => root === roots.current.id);
  if (row === undefined) throw wrongRoot(new Error(`sealed under ${rows.map(({ root }) => root).join(', ')}`));
  const text = await unwrapByRoot(roots, row.root, row.proof, proofContext(segment));
  if (text.length !== proofText.length || !timingSafeEqual(text, proofText)) throw wrongRoot();
}
