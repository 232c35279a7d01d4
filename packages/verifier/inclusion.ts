import { leafHash, nodeHash, same } from './hash.ts';
import { isSubtree } from './subtree.ts';

/** That one leaf stands at `index` in the tree of `size` leaves whose root is `root`. */
export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** The root that an audit path leads to, or undefined when the path does not fit the shape of the tree. */
function rootOf({ index, size, leaf, proof }: Inclusion): Uint8Array | undefined {
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  let root = leaf;
  for (const step of proof) {
    if (sn === 0n || step.length !== 32) return undefined;
    if ((fn & 1n) === 1n || fn === sn) {
      root = nodeHash(step, root);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      root = nodeHash(root, step);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? root : undefined;
}

/** Checks an inclusion proof (RFC 9162 section 2.1.3.2). `leaf` is the leaf's hash. Never throws. */
export function verifyInclusion(claim: Inclusion): boolean {
  const { index, size, leaf, root } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return false;
  if (index < 0 || index >= size || leaf.length !== 32) return false;
  const found = rootOf(claim);
  return found !== undefined && same(found, root);
}

/** The same for the body of an entry instead of its hash. */
export const verifyEntry = (claim: Omit<Inclusion, 'leaf'> & { readonly body: Uint8Array }): boolean =>
  verifyInclusion({ ...claim, leaf: leafHash(claim.body) });

/** That a leaf of the tree stands in its subtree [start, end) (draft-ietf-plants-merkle-tree-certs, subtrees). */
export interface SubtreeInclusion {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Checks a subtree inclusion proof: ordinary inclusion at `index - start` in a tree of `end - start`. Never throws. */
export function verifySubtreeInclusion({ index, start, end, ...rest }: SubtreeInclusion): boolean {
  return isSubtree(start, end) && verifyInclusion({ ...rest, index: index - start, size: end - start });
}
