import type { Principal } from '@safeguard/http';

/** What the holder of a bound token must show: a DPoP key (RFC 9449 6) or a certificate (RFC 8705 3). */
export interface Confirmation {
  readonly jkt?: string;
  readonly 'x5t#S256'?: string;
}

/** A token that this process found valid. */
export interface KnownToken {
  readonly principal: Principal;
  /** Present: the token alone is worth nothing. */
  readonly confirmation?: Confirmation;
  /** Milliseconds since the Unix epoch. */
  readonly expires_at: number;
  /** When the database was last asked, on the monotonic clock of `performance.now`: before the question, not after. */
  checked_at_ms: number;
  /** Used since the last background check; an entry that was not is dropped. */
  used: boolean;
}

/** A question under way. What ends meanwhile is noted here, for the answer may be older than the end. */
interface Asking {
  readonly key: string;
  /** Ids of clients, accounts and sessions. */
  readonly endedIds: Set<string>;
  /** Of whose tokens some may have ended meanwhile: the answer may be too old. */
  readonly doubtedIds: Set<string>;
  ended: boolean;
}

/** Tokens by the base64 of their hash: the token itself is not kept in memory. Bounded; the oldest entry makes room. */
export interface KnownTokens {
  get(key: string): KnownToken | undefined;
  drop(key: string): void;
  /** Asks the database for a token and keeps what it answers, unless the token ended while it was being asked. */
  learn(key: string, ask: () => Promise<KnownToken | undefined>): Promise<KnownToken | undefined>;
  /** The entries used since the last call, marked as unused; the others are dropped. */
  takeUsed(): Map<string, KnownToken>;
  /** True while this very entry stands in the map. */
  holds(key: string, entry: KnownToken): boolean;
  forgetToken(hash: Buffer): void;
  /** All tokens of a client, an account or a session. */
  forgetAll(id: string): void;
  /** Some of the tokens of an account may have ended: each is asked for again. */
  doubtAll(id: string): void;
  clear(): void;
}

const isOf = ({ id, client, session }: Principal, ended: string): boolean =>
  id === ended || client === ended || session === ended;

const isAmong = (principal: Principal, ids: ReadonlySet<string>): boolean => [...ids].some((id) => isOf(principal, id));

function takeUsed(known: Map<string, KnownToken>): Map<string, KnownToken> {
  for (const [key, entry] of known) {
    if (!entry.used) known.delete(key);
    entry.used = false;
  }
  return new Map(known);
}

export function createKnownTokens(most: number): KnownTokens {
  const known = new Map<string, KnownToken>();
  const asking = new Set<Asking>();
  const keep = (key: string, entry: KnownToken): void => {
    const [oldest] = known.keys();
    if (known.size >= most && oldest !== undefined && !known.has(key)) known.delete(oldest);
    known.set(key, entry);
  };
  return {
    get: (key) => known.get(key),
    drop: (key) => void known.delete(key),
    async learn(key, ask) {
      const question: Asking = { key, endedIds: new Set(), doubtedIds: new Set(), ended: false };
      asking.add(question);
      try {
        for (;;) {
          question.doubtedIds.clear();
          const entry = await ask();
          if (entry === undefined || question.ended || isAmong(entry.principal, question.endedIds)) return undefined;
          if (isAmong(entry.principal, question.doubtedIds)) continue;
          keep(key, entry);
          return entry;
        }
      } finally {
        asking.delete(question);
      }
    },
    takeUsed: () => takeUsed(known),
    holds: (key, entry) => known.get(key) === entry,
    forgetToken(hash) {
      const key = hash.toString('base64');
      known.delete(key);
      for (const question of asking) if (question.key === key) question.ended = true;
    },
    forgetAll(id) {
      for (const [key, entry] of known) if (isOf(entry.principal, id)) known.delete(key);
      for (const question of asking) question.endedIds.add(id);
    },
    doubtAll(id) {
      for (const [key, entry] of known) if (isOf(entry.principal, id)) known.delete(key);
      for (const question of asking) question.doubtedIds.add(id);
    },
    clear: () => known.clear(),
  };
}
