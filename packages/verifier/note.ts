import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';

/** A checkpoint whose signature held: who said it, how many entries, and the root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** The signed note as it was read (C2SP tlog-checkpoint). */
  readonly note: string;
}

/** Why a note is no checkpoint of this log, in words of ours. */
export interface Refusal {
  readonly reason: string;
}

export const isRefusal = (found: Checkpoint | Refusal): found is Refusal => 'reason' in found;

const base64Form = /^[A-Za-z0-9+/]+={0,2}$/;
const sizeForm = /^(0|[1-9][0-9]{0,15})$/;

/** The key of a raw 32-byte Ed25519 public key. */
function keyOf(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** The 4-byte key id of an Ed25519 key under a name (C2SP signed-note, "Signatures"). */
const keyId = (name: string, raw: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(1), raw]), 'buffer').subarray(0, 4);

/** The signatures of one name: 4 bytes of key id, then the signature. Other names' lines are ignored, as C2SP asks. */
function signatures(lines: readonly string[], name: string): Buffer[] {
  const start = `— ${name} `;
  return lines
    .filter((line) => line.startsWith(start) && base64Form.test(line.slice(start.length)))
    .map((line) => Buffer.from(line.slice(start.length), 'base64'))
    .filter((signature) => signature.length === 68);
}

/** Whether one of the keys signed `text` under `name`. */
function signed(text: string, lines: readonly string[], name: string, publicKeys: readonly Uint8Array[]): boolean {
  const message = Buffer.from(text);
  return signatures(lines, name).some((signature) =>
    publicKeys.some(
      (raw) =>
        keyId(name, raw).equals(signature.subarray(0, 4)) && verify(null, message, keyOf(raw), signature.subarray(4)),
    ),
  );
}

/**
 * Reads a checkpoint and checks its signature: origin, size, root, no extension lines.
 * `publicKeys` are raw Ed25519 keys; one good signature under the origin's name is enough. Never throws.
 */
export function openCheckpoint(
  note: string,
  origin: string | undefined,
  publicKeys: readonly Uint8Array[],
): Checkpoint | Refusal {
  const cut = note.indexOf('\n\n');
  if (cut < 0 || !note.endsWith('\n')) return { reason: 'not a signed note' };
  const text = note.slice(0, cut + 1);
  const [name = '', size = '', root = '', ...rest] = text.split('\n');
  if (rest.join('') !== '' || !sizeForm.test(size) || !base64Form.test(root)) return { reason: 'not a checkpoint' };
  const rootBytes = Buffer.from(root, 'base64');
  if (rootBytes.length !== 32) return { reason: 'its root is not 32 bytes' };
  if (origin !== undefined && name !== origin) return { reason: 'it belongs to another log' };
  if (!signed(text, note.slice(cut + 2).split('\n'), name, publicKeys)) {
    return { reason: 'no signature of a trusted key holds' };
  }
  return { origin: name, size: Number(size), root: rootBytes, note };
}
