import { leafHash } from './hash.ts';
import { verifyInclusion } from './inclusion.ts';
import { isRefusal, openCheckpoint } from './note.ts';

/** What an offline proof shows when it holds. */
export interface OfflineProof {
  readonly ok: true;
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  readonly root: Buffer;
  /** The sealed entry itself: what the leaf is the hash of. Only a key holder can read it. */
  readonly body: Buffer;
}

export type OfflineVerdict = OfflineProof | { readonly ok: false; readonly reason: string };

const head = /^c2sp\.org\/tlog-proof@v1\nextra ([A-Za-z0-9+/]+={0,2})\nindex (0|[1-9][0-9]{0,15})\n/;

/**
 * Checks a self-contained proof that one entry stands in a log (C2SP tlog-proof; `extra` is the entry's sealed body).
 * It needs only the text and the log's raw Ed25519 public keys. Give `origin` to insist on one log. Never throws.
 */
export function verifyOfflineProof(
  text: string,
  { publicKeys, origin }: { readonly publicKeys: readonly Uint8Array[]; readonly origin?: string },
): OfflineVerdict {
  const start = head.exec(text);
  const cut = text.indexOf('\n\n');
  if (start === null || cut < start[0].length - 1) return { ok: false, reason: 'not a tlog-proof with its entry' };
  const checkpoint = openCheckpoint(text.slice(cut + 2), origin, publicKeys);
  if (isRefusal(checkpoint)) return { ok: false, reason: `its checkpoint: ${checkpoint.reason}` };
  const lines = cut < start[0].length ? [] : text.slice(start[0].length, cut).split('\n');
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  const body = Buffer.from(start[1] ?? '', 'base64');
  const index = Number(start[2]);
  const { size, root } = checkpoint;
  if (!verifyInclusion({ index, size, root, proof, leaf: leafHash(body) })) {
    return { ok: false, reason: 'the path does not lead from the entry to the root' };
  }
  return { ok: true, origin: checkpoint.origin, index, size, root, body };
}
