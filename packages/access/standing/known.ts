import { oldest_ms } from './deps.ts';
import type { Later } from './later.ts';

interface Entry<T> {
  /** Before the question, not after. */
  asked_at_ms: number;
  value: T | undefined;
  asking: Promise<T> | undefined;
}

const most = 20_000;

/** The same list stays the same object, frozen, so that what was found out from it stays too. */
const kept = (before: readonly string[] | undefined, now: readonly string[]): readonly string[] =>
  before?.length === now.length && before.every((one, index) => one === now[index]) ? before : Object.freeze([...now]);

/** Answers of one question, each from memory for a second. One that fails is not kept. */
export interface Known {
  of(key: string, ask: () => Promise<readonly string[]>): Later<readonly string[]>;
  clear(): void;
}

/** Bounded: the one asked for first makes room. */
export function createKnown(ticks: () => number): Known {
  const entries = new Map<string, Entry<readonly string[]>>();
  const renew = (key: string, entry: Entry<readonly string[]>, ask: () => Promise<readonly string[]>) => {
    const asked_at_ms = ticks();
    const asking = ask().then(
      (answer) => {
        entry.value = kept(entry.value, answer);
        entry.asked_at_ms = asked_at_ms;
        entry.asking = undefined;
        return entry.value;
      },
      (error: unknown) => {
        entries.delete(key);
        throw error;
      },
    );
    entry.asking = asking;
    return asking;
  };
  return {
    of(key, ask) {
      const before = entries.get(key);
      if (before?.value !== undefined && ticks() - before.asked_at_ms <= oldest_ms) return before.value;
      if (before?.asking !== undefined) return before.asking;
      const entry = before ?? { asked_at_ms: -Infinity, value: undefined, asking: undefined };
      const [oldest] = entries.keys();
      if (before === undefined && entries.size >= most && oldest !== undefined) entries.delete(oldest);
      entries.set(key, entry);
      return renew(key, entry, ask);
    },
    clear: () => entries.clear(),
  };
}
