import { hash } from 'node:crypto';

const leafPrefix = Buffer.of(0);
const scratch = Buffer.alloc(65, 1);

/** RFC 6962 section 2.1: the root of the empty tree. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

/** RFC 6962 section 2.1: SHA-256(0x00 || body). */
export const hashLeaf = (body: Buffer): Buffer => hash('sha256', Buffer.concat([leafPrefix, body]), 'buffer');

/** RFC 6962 section 2.1: SHA-256(0x01 || left || right), both 32 bytes. */
export function hashNode(left: Buffer, right: Buffer): Buffer {
  left.copy(scratch, 1);
  right.copy(scratch, 33);
  return hash('sha256', scratch, 'buffer');
}

/** RFC 6962's MTH over hashes of leaves, or of equally high complete subtrees (the last may be lower). */
export function hashRange(hashes: readonly Buffer[], from = 0, to = hashes.length): Buffer {
  if (to - from === 0) return emptyRoot;
  if (to - from === 1) return hashes[from] ?? emptyRoot;
  let split = 1;
  while (split * 2 < to - from) split *= 2;
  return hashNode(hashRange(hashes, from, from + split), hashRange(hashes, from + split, to));
}
