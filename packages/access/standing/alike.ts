import type { Holding } from './types.ts';

/** What somebody holds, and with whom it is alike. */
export interface HeldList {
  readonly holdings: readonly Holding[];
  /**
   * Lists of one number, but for `unlike`, differ in nothing but grants and their ends: the same roles in the same
   * order, none of which names patients or opens anything.
   */
  readonly alike: number;
}

/** Of a list that is like no other. */
export const unlike = 0;

/** Nothing but the role counts. */
export const isPlain = ({ patients, opens, kind }: Holding): boolean =>
  patients === undefined && opens === undefined && kind !== 'break-glass';

/** More than a tenant ever has; what comes after them is unlike, which only costs time. */
const most = 100_000;

/** Numbers lists, the same as long as it lives. */
export function createAlike(): (holdings: readonly Holding[]) => number {
  const known = new Map<string, number>();
  return (holdings) => {
    if (!holdings.every(isPlain)) return unlike;
    const key = holdings.length === 1 ? (holdings[0]?.role ?? '') : holdings.map(({ role }) => role).join('\n');
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= most) return unlike;
    known.set(key, known.size + 1);
    return known.size;
  };
}
