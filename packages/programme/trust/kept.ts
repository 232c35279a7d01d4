import type { Clock } from '@safeguard/kernel';

export interface KeptOptions {
  readonly clock: Clock;
  /** How long what was made is given again, from when it was begun. */
  readonly keep_ms: number;
  /** How many are kept at most, default 1; the oldest goes first. */
  readonly most?: number;
}

interface One<T> {
  readonly at: number;
  made: Promise<T>;
  done: boolean;
}

/**
 * Makes what everybody may ask for, for all who ask within a while: whoever asks for what is being made waits for it.
 * What could not be made is not kept.
 */
export function createKept<T>({ clock, keep_ms, most = 1 }: KeptOptions) {
  const kept = new Map<string, One<T>>();

  async function make(key: string, one: One<T>, work: () => Promise<T>): Promise<T> {
    try {
      const made = await work();
      one.done = true;
      return made;
    } catch (thrown) {
      if (kept.get(key) === one) kept.delete(key);
      throw thrown;
    }
  }

  return (key: string, work: () => Promise<T>): Promise<T> => {
    const at = clock.now();
    const found = kept.get(key);
    if (found !== undefined && (!found.done || Math.abs(at - found.at) < keep_ms)) return found.made;
    const one: One<T> = { at, made: Promise.resolve() as Promise<never>, done: false };
    kept.delete(key);
    kept.set(key, one);
    one.made = make(key, one, work);
    for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - most))) kept.delete(oldest);
    return one.made;
  };
}
