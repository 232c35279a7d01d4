/** Choices that a seed fixes (mulberry32). Timing is not: a drill repeats what is asked, not when it lands. */
export interface Choices {
  /** 0 ≤ n < below, whole. */
  int(below: number): number;
  between(least: number, most: number): number;
  pick<T>(some: readonly T[]): T;
  chance(share: number): boolean;
  /** Choices of their own for one worker. */
  fork(): Choices;
}

export function choices(seed: number): Choices {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    between: (least, most) => least + int(most - least + 1),
    pick: (some) => {
      const one = some[int(some.length)];
      if (one === undefined) throw new RangeError('there is nothing to pick from');
      return one;
    },
    chance: (share) => next() < share,
    fork: () => choices(int(2 ** 32)),
  };
}
