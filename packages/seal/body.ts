import { fault, isFault, isUuid } from '@safeguard/kernel';
import { decrypt, encrypt, nonceBytes, tagBytes } from './cipher.ts';
import { compress, decompress, plainLimit_bytes } from './compress.ts';
import { formatVersion, secretOf } from './data-key.ts';
import type { Binding, DataKey, SealSegment } from './types.ts';

type Place = { readonly tenant: number; readonly segment: SealSegment };

const plainHead = Buffer.from([formatVersion, 0]);
const compressedHead = Buffer.from([formatVersion, 1]);

/**
 * Sealed form: format version (1 byte), flags (1 byte; bit 0: compressed), nonce (12), ciphertext, tag (16).
 * Associated data: frame(format version, tenant, segment, owner, key id) and then resource, version, purpose, flags.
 */
export function sealBody(at: Place, key: DataKey, binding: Binding, plain: Buffer): Buffer {
  const secret = secretOf(key, at);
  if (plain.length > plainLimit_bytes) throw fault('tooLarge', 'the content is larger than can be stored');
  const compressed = compress(plain);
  const head = compressed === undefined ? plainHead : compressedHead;
  return encrypt(secret.key, head, bind(secret.prefix, binding, head[1] ?? 0), compressed ?? plain);
}

/** The inverse. Says the same whatever did not fit: the difference is for the log, in `cause`. */
export function openBody(at: Place, key: DataKey, binding: Binding, sealed: Buffer): Buffer {
  try {
    const secret = secretOf(key, at);
    const flags = sealed[1];
    if (sealed.length < 2 + nonceBytes + tagBytes || sealed[0] !== formatVersion || (flags !== 0 && flags !== 1))
      throw new RangeError('not a sealed body of a known format');
    const content = decrypt(secret.key, bind(secret.prefix, binding, flags), sealed.subarray(2));
    return flags === 1 ? decompress(content) : content;
  } catch (cause) {
    if (isFault(cause)) throw cause;
    throw fault('internal', 'stored data could not be opened', { cause });
  }
}

/**
 * Appends the framed binding to a key's prefix. Written out for speed (it runs for every body): the same bytes as
 * Buffer.concat([prefix, frame([resource, version, purpose, Buffer.from([flags])])]), which a test holds.
 */
export function bind(prefix: Buffer, binding: Binding, flags: number): Buffer {
  const { resource, version, purpose } = binding;
  const purpose_bytes = Buffer.byteLength(purpose);
  if (!isUuid(resource) || !Number.isSafeInteger(version) || version < 0)
    throw fault('internal', 'stored data could not be bound', { cause: new TypeError('bad resource or version') });
  if (purpose_bytes < 1 || purpose_bytes > 255)
    throw fault('internal', 'stored data could not be bound', { cause: new TypeError('bad purpose') });
  const aad = Buffer.allocUnsafe(prefix.length + 61 + purpose_bytes);
  let at = prefix.copy(aad);
  at = aad.writeUInt32BE(36, at);
  at += aad.write(resource, at, 36, 'latin1');
  at = aad.writeUInt32BE(8, at);
  at = aad.writeUInt32BE(Math.floor(version / 0x1_0000_0000), at);
  at = aad.writeUInt32BE(version % 0x1_0000_0000, at);
  at = aad.writeUInt32BE(purpose_bytes, at);
  at += aad.write(purpose, at, 'utf8');
  at = aad.writeUInt32BE(1, at);
  aad[at] = flags;
  return aad;
}
