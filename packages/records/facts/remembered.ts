import type { Clock } from '@safeguard/kernel';

/** An answer, and until when it holds if nothing is written (milliseconds since the Unix epoch). */
export interface Answer<T> {
  readonly value: T;
  readonly until: number;
}

interface Kept<T> {
  readonly stamp: string;
  readonly from: number;
  readonly answer: Promise<Answer<T>>;
  until: number;
}

const kept_most = 10_000;

/**
 * Answers by key, as long as the stamp is the same and none of the times in them has come. Who asks together for one
 * key shares one look. A failed one is not kept.
 */
export function createRemembered<T>(
  clock: Clock,
): (key: string, stamp: string, make: (at: number) => Promise<Answer<T>>) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  const start = (key: string, stamp: string, make: (at: number) => Promise<Answer<T>>): Kept<T> => {
    const from = clock.now();
    const one: Kept<T> = { stamp, from, answer: make(from), until: Number.POSITIVE_INFINITY };
    kept.delete(key);
    kept.set(key, one);
    const [oldest] = kept.keys();
    if (kept.size > kept_most && oldest !== undefined) kept.delete(oldest);
    return one;
  };
  return async (key, stamp, make) => {
    const known = kept.get(key);
    const now = clock.now();
    const holds = known !== undefined && known.stamp === stamp && known.from <= now && now < known.until;
    const one = holds ? known : start(key, stamp, make);
    try {
      const { value, until } = await one.answer;
      one.until = until;
      return value;
    } catch (error) {
      if (kept.get(key) === one) kept.delete(key);
      throw error;
    }
  };
}
