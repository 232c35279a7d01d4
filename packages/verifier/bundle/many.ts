import { nodeHash, same } from '../hash.ts';

/** A leaf that a proof speaks of. */
export interface Leaf {
  readonly index: number;
  readonly hash: Buffer;
}

const powerBelow = (count: number): number => {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
};

/**
 * Checks one proof of many leaves, in ascending order of their indexes: walks RFC 6962's tree of `size` leaves from the
 * root down, left before right; a part without any of the leaves takes the next hash of the proof. Every hash is used.
 */
export function verifyMany(claim: {
  readonly size: number;
  readonly root: Uint8Array;
  readonly leaves: readonly Leaf[];
  readonly hashes: readonly Uint8Array[];
}): boolean {
  const { size, root, leaves, hashes } = claim;
  const ascend = leaves.every(({ index }, at) => index > (leaves[at - 1]?.index ?? -1) && index < size);
  if (!Number.isSafeInteger(size) || size < 1 || leaves.length === 0 || !ascend) return false;
  if (!hashes.every((hash) => hash.length === 32)) return false;
  let [leaf, used] = [0, 0];
  const fold = (from: number, to: number): Uint8Array | undefined => {
    const next = leaves[leaf];
    if (next === undefined || next.index >= to) {
      used += 1;
      return hashes[used - 1];
    }
    if (to - from === 1) {
      leaf += 1;
      return next.hash;
    }
    const middle = from + powerBelow(to - from);
    const left = fold(from, middle);
    const right = left === undefined ? undefined : fold(middle, to);
    return left === undefined || right === undefined ? undefined : nodeHash(left, right);
  };
  const found = fold(0, size);
  return found !== undefined && used === hashes.length && leaf === leaves.length && same(found, root);
}
