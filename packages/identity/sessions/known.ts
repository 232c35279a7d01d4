import type { SignedIn } from './types.ts';

/** A session that this process found open. */
export interface KnownSession {
  readonly who: SignedIn;
  readonly browser: Buffer;
  /** The last use that is written down, milliseconds since the Unix epoch. */
  readonly last_used_at: number;
  readonly created_at: number;
  /** When the database was asked, on the monotonic clock of `performance.now`: before the question, not after. */
  readonly checked_at_ms: number;
}

type Matches = (who: SignedIn) => boolean;

/** A question under way. What ends meanwhile is noted here, for the answer may be older than the end. */
interface Asking {
  readonly ended: Matches[];
}

/** Sessions by the base64 of their cookie's hash. Bounded; the oldest entry makes room. */
export interface KnownSessions {
  get(key: string): KnownSession | undefined;
  drop(key: string): void;
  /** Asks, and keeps the answer, unless it ended or got a new secret while it was being asked. */
  learn(key: string, ask: () => Promise<KnownSession | undefined>): Promise<KnownSession | undefined>;
  forget(matches: Matches): void;
  clear(): void;
}

export function createKnownSessions(most: number): KnownSessions {
  const known = new Map<string, KnownSession>();
  const asking = new Set<Asking>();
  return {
    get: (key) => known.get(key),
    drop: (key) => void known.delete(key),
    async learn(key, ask) {
      const question: Asking = { ended: [] };
      asking.add(question);
      try {
        const entry = await ask();
        if (entry === undefined || question.ended.some((matches) => matches(entry.who))) return undefined;
        const [oldest] = known.keys();
        if (known.size >= most && oldest !== undefined && !known.has(key)) known.delete(oldest);
        known.set(key, entry);
        return entry;
      } finally {
        asking.delete(question);
      }
    },
    forget(matches) {
      for (const [key, entry] of known) if (matches(entry.who)) known.delete(key);
      for (const question of asking) question.ended.push(matches);
    },
    clear: () => known.clear(),
  };
}
