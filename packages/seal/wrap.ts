import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { decrypt, encrypt, nonceBytes, tagBytes } from './cipher.ts';
import { frame } from './frame.ts';
import type { SealSegment } from './types.ts';

export const keyBytes = 32;
const commitmentBytes = 32;
/** Nonce 12, key 32, tag 16, commitment 32. */
export const wrappedBytes = nonceBytes + keyBytes + tagBytes + commitmentBytes;
const nothing = Buffer.alloc(0);

/** What a wrapped key is bound to. `purpose` is `data` with the key's id, `index` or `pseudonym`. */
export interface WrapContext {
  readonly tenant: number;
  readonly segment: SealSegment;
  /** The owner in clear; empty for keys of the tenant itself. */
  readonly owner: string;
  readonly purpose: 'data' | 'index' | 'pseudonym';
  /** The data key's id; 0 otherwise. */
  readonly id: number;
  /** The version of the tenant key it is wrapped under. */
  readonly version: number;
}

const wrapAad = (at: WrapContext): Buffer =>
  frame(['safeguard wrap 1', at.tenant, at.segment, at.owner, at.purpose, at.id, at.version]);

/**
 * AES-GCM does not commit to its key: one ciphertext can be made to open under two keys, to two different things.
 * The commitment, HMAC-SHA256 of the wrapped key over a fixed label, ties the row to exactly one key.
 */
export const commitment = (key: KeyObject): Buffer =>
  createHmac('sha256', key).update('safeguard key commitment 1').digest();

/** A fresh random 256-bit key; its bytes are cleared from the JavaScript heap. */
export function newKey(): KeyObject {
  return takeKey(randomBytes(keyBytes));
}

/** Moves key bytes into a KeyObject and clears them. */
export function takeKey(bytes: Buffer): KeyObject {
  if (bytes.length !== keyBytes) throw new RangeError('a key has 32 bytes');
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

/** Wraps `key` under `under`: nonce, ciphertext, tag, commitment. */
export const wrapKey = (under: KeyObject, at: WrapContext, key: KeyObject): Buffer =>
  wrapUnder(under, wrapAad(at), key);

/** The inverse. Throws a plain Error when the bytes, the place or the wrapping key are others. */
export const unwrapKey = (under: KeyObject, at: WrapContext, wrapped: Buffer): KeyObject =>
  unwrapUnder(under, wrapAad(at), wrapped);

export function wrapUnder(under: KeyObject, aad: Buffer, key: KeyObject): Buffer {
  const plain = key.export();
  const sealed = encrypt(under, nothing, aad, plain);
  plain.fill(0);
  return Buffer.concat([sealed, commitment(key)]);
}

export function unwrapUnder(under: KeyObject, aad: Buffer, wrapped: Buffer): KeyObject {
  if (wrapped.length !== wrappedBytes) throw new RangeError('a wrapped key has 92 bytes');
  const key = takeKey(decrypt(under, aad, wrapped.subarray(0, wrappedBytes - commitmentBytes)));
  if (!timingSafeEqual(commitment(key), wrapped.subarray(wrappedBytes - commitmentBytes)))
    throw new Error('the key commitment does not fit the key');
  return key;
}
