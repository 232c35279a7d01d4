/**
 * Whether [start, end) is a subtree: a range that one hash of the tree can stand for. `start` is a multiple of the
 * smallest power of two that is not less than the width (draft-ietf-plants-merkle-tree-certs, section on subtrees).
 * The empty range counts as one at any start, as transparency-dev/merkle has it.
 */
export function isSubtree(start: number, end: number): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end) return false;
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0;
}
