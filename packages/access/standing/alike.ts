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

/** Numbers lists; the same as long as it lives. */
export interface Alike {
  numberOf(holdings: readonly Holding[]): number;
  /** What stands for all lists of a number: their roles, without the grants. */
  sampleOf(alike: number): readonly Holding[];
}

const nothing: readonly Holding[] = Object.freeze([]);

export function createAlike(): Alike {
  const known = new Map<string, number>();
  const samples: (readonly Holding[])[] = [nothing];
  /** One for each role, so that looking at samples is looking at few things. */
  const plain = new Map<string, Holding>();
  const plainOf = ({ role }: Holding): Holding => {
    const one = plain.get(role) ?? Object.freeze({ role, kind: 'standing' });
    plain.set(role, one);
    return one;
  };
  return {
    numberOf(holdings) {
      if (!holdings.every(isPlain)) return unlike;
      const key = holdings.length === 1 ? (holdings[0]?.role ?? '') : holdings.map(({ role }) => role).join('\n');
      const before = known.get(key);
      if (before !== undefined) return before;
      if (samples.length > most) return unlike;
      known.set(key, samples.length);
      return samples.push(Object.freeze(holdings.map(plainOf))) - 1;
    },
    sampleOf: (alike) => samples[alike] ?? nothing,
  };
}
