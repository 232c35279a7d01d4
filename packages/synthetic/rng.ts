/**
 * Chance that repeats: sfc32 (Chris Doty-Humphrey, PractRand), seeded by a hash of a text. Only integer arithmetic
 * and exact sums, so that the same seed gives the same bytes on every machine. Not for secrets.
 */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number, both ends included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Bell-shaped around `mean`; never further than 4.25 `deviation` away, so that no value is absurd. */
  around(mean: number, deviation: number): number;
  digits(count: number): string;
  /**
   * The text form of a UUID version 4, repeatable: for `urn:uuid:` names inside a bundle, never for an id of
   * record.
   */
  uuid(): string;
}

/** FNV-1a with a final mix; four different starts make the four words of the state. */
function hash(text: string, start: number): number {
  let value = 0x811c9dc5 ^ start;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function sfc32(seed: string): () => number {
  let [a, b, c, counter] = [hash(seed, 1), hash(seed, 2), hash(seed, 3), 1];
  const step = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let turn = 0; turn < 15; turn += 1) step();
  return step;
}

/** The same `seed` gives the same sequence. */
export function createRng(seed: string | number): Rng {
  const word = sfc32(String(seed));
  const next = (): number => word() / 0x1_0000_0000;
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const hex = (count: number): string =>
    Array.from({ length: Math.ceil(count / 8) }, () => word().toString(16).padStart(8, '0'))
      .join('')
      .slice(0, count);
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => list[int(0, list.length - 1)] as T,
    around(mean, deviation) {
      // The sum of six uniforms has variance 1/2.
      const sum = next() + next() + next() + next() + next() + next();
      return mean + (sum - 3) * Math.SQRT2 * deviation;
    },
    digits: (count) => Array.from({ length: count }, () => int(0, 9)).join(''),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[int(0, 3)]}${hex(3)}-${hex(12)}`,
  };
}
