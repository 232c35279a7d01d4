import { emptyRoot, nodeHash, same } from './hash.ts';
import { isSubtree } from './subtree.ts';

/** That the tree of `to` leaves begins with the very `from` leaves of an older tree. */
export interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** That the subtree [start, end), hashing to `subtreeRoot`, is part of the tree of `size` leaves. */
export interface SubtreeConsistency {
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly subtreeRoot: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Where the walk stands: the subtree's first and last node and the tree's last node, all at one level. */
interface Walk {
  fn: bigint;
  sn: bigint;
  tn: bigint;
}

function up(walk: Walk): void {
  walk.fn >>= 1n;
  walk.sn >>= 1n;
  walk.tn >>= 1n;
}

const odd = (n: bigint): boolean => (n & 1n) === 1n;

/** Climbs to the level of the largest complete node that ends the subtree. */
function climb(walk: Walk): void {
  const atEnd = walk.sn === walk.tn;
  while (walk.fn !== walk.sn && (atEnd || odd(walk.sn))) up(walk);
}

/** Folds the path; the two roots it leads to, or undefined when it does not fit the shape of the tree. */
function fold(walk: Walk, first: Uint8Array, path: readonly Uint8Array[]): [Uint8Array, Uint8Array] | undefined {
  let inner = first;
  let outer = first;
  for (const step of path) {
    if (walk.tn === 0n || step.length !== 32) return undefined;
    if (odd(walk.sn) || walk.sn === walk.tn) {
      if (walk.fn < walk.sn) inner = nodeHash(step, inner);
      outer = nodeHash(step, outer);
      while (!odd(walk.sn) && walk.sn !== 0n) up(walk);
    } else {
      outer = nodeHash(outer, step);
    }
    up(walk);
  }
  return walk.tn === 0n ? [inner, outer] : undefined;
}

/** Checks a subtree consistency proof (draft-ietf-plants-merkle-tree-certs). Never throws. */
export function verifySubtreeConsistency(claim: SubtreeConsistency): boolean {
  const { start, end, size, subtreeRoot, root, proof } = claim;
  if (!isSubtree(start, end) || !Number.isSafeInteger(size) || end > size) return false;
  if (start === end) return proof.length === 0 && same(subtreeRoot, emptyRoot);
  const walk: Walk = { fn: BigInt(start), sn: BigInt(end) - 1n, tn: BigInt(size) - 1n };
  climb(walk);
  const whole = walk.fn === walk.sn;
  const first = whole ? subtreeRoot : proof[0];
  if (first === undefined) return false;
  const roots = fold(walk, first, whole ? proof : proof.slice(1));
  return roots !== undefined && same(roots[0], subtreeRoot) && same(roots[1], root);
}

/** Checks a consistency proof (RFC 9162 section 2.1.4.2). An empty old tree proves nothing and is refused. */
export function verifyConsistency({ from, to, fromRoot, toRoot, proof }: Consistency): boolean {
  if (from === 0) return false;
  return verifySubtreeConsistency({ start: 0, end: from, size: to, subtreeRoot: fromRoot, root: toRoot, proof });
}
