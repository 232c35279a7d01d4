import { emptyRoot, nodeHash } from './hash.ts';

/** A complete node of the tree: `level` counts in eights (1 = over 256 leaves), `position` from the left. */
export interface Node {
  readonly level: number;
  readonly position: number;
  readonly hash: Buffer;
}

/** The tree so far as the roots of its complete subtrees, largest first: all that a running root needs. */
export interface Range {
  size: number;
  readonly peaks: Buffer[];
}

export const emptyRange = (): Range => ({ size: 0, peaks: [] });
export const copyRange = (range: Range): Range => ({ size: range.size, peaks: [...range.peaks] });

/** Adds a leaf hash. Complete nodes at heights 8, 16, … that this closes are pushed onto `closed`. */
export function addLeaf(range: Range, leaf: Buffer, closed?: Node[]): void {
  let hash = leaf;
  let position = range.size;
  let height = 0;
  while (position % 2 === 1) {
    hash = nodeHash(range.peaks.pop() ?? emptyRoot, hash);
    position = (position - 1) / 2;
    height += 1;
    if (closed !== undefined && height % 8 === 0) closed.push({ level: height / 8, position, hash });
  }
  range.peaks.push(hash);
  range.size += 1;
}

/** The RFC 6962 root over all leaves added. */
export function rootOf(range: Range): Buffer {
  const peaks = range.peaks;
  let root = peaks[peaks.length - 1] ?? emptyRoot;
  for (let at = peaks.length - 2; at >= 0; at -= 1) root = nodeHash(peaks[at] ?? emptyRoot, root);
  return root;
}
