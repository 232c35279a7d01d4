import type { Mask } from './types.ts';

/** Masks by small numbers, so that of thousands of people the same few are put together once. 0 is the empty one. */
export interface Masks {
  numberOf(mask: Mask): number;
  of(number: number): Mask;
  union(one: number, other: number): number;
}

export function createMasks(): Masks {
  const all: Mask[] = [0n];
  const numbers = new Map<Mask, number>([[0n, 0]]);
  const unions = new Map<number, number>();
  const numberOf = (mask: Mask): number => {
    const known = numbers.get(mask);
    if (known !== undefined) return known;
    numbers.set(mask, all.length);
    return all.push(mask) - 1;
  };
  const of = (number: number): Mask => all[number] ?? 0n;
  return {
    numberOf,
    of,
    union(one, other) {
      if (one === other || other === 0) return one;
      if (one === 0) return other;
      const key = Math.min(one, other) * 2 ** 24 + Math.max(one, other);
      const known = unions.get(key);
      if (known !== undefined) return known;
      const made = numberOf(of(one) | of(other));
      unions.set(key, made);
      return made;
    },
  };
}
