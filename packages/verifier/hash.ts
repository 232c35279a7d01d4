import { hash } from 'node:crypto';

const leafPrefix = Buffer.of(0);
const nodeScratch = Buffer.alloc(65, 1);

/** SHA-256 of nothing: the root of an empty tree (RFC 6962 section 2.1). */
export const emptyRoot: Buffer = hash('sha256', Buffer.alloc(0), 'buffer');

/** Hash of a leaf: SHA-256(0x00 || body) (RFC 6962 section 2.1). */
export const leafHash = (body: Uint8Array): Buffer => hash('sha256', Buffer.concat([leafPrefix, body]), 'buffer');

/** Hash of an inner node over two 32-byte hashes: SHA-256(0x01 || left || right) (RFC 6962 section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== 32 || right.length !== 32)
    return hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer');
  nodeScratch.set(left, 1);
  nodeScratch.set(right, 33);
  return hash('sha256', nodeScratch, 'buffer');
}

/** Byte-wise equality. Nothing here is secret, so it need not run in constant time. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
