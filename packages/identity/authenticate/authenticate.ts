import { hash } from 'node:crypto';
import type { Principal } from '@safeguard/http';
import { type Clock, fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { bearerOf, refusals } from './bearer.ts';
import type { KnownToken, KnownTokens } from './known.ts';
import { lookup } from './lookup.ts';

/**
 * How old a check may be. Another process's revocation holds here after this long at the latest, with or without the
 * background check, which only keeps tokens in use from costing a query a second each.
 */
export const oldestCheck_ms = 1_000;

export type Authenticate = (authorization: string | undefined) => Principal | Promise<Principal>;

interface Question {
  readonly asked_at_ms: number;
  readonly answer: Promise<KnownToken | undefined>;
}

export function createAuthenticate(segment: Segment, clock: Clock, known: KnownTokens): Authenticate {
  const underWay = new Map<string, Question>();
  /** Requests with one token that come together share one question, if it is not too old to answer for them. */
  const ask = (key: string): Promise<KnownToken | undefined> => {
    const asked_at_ms = performance.now();
    const before = underWay.get(key);
    if (before !== undefined && asked_at_ms - before.asked_at_ms <= oldestCheck_ms) return before.answer;
    const answer = known
      .learn(key, () => lookup(segment, clock, Buffer.from(key, 'base64')))
      .finally(() => {
        if (underWay.get(key)?.answer === answer) underWay.delete(key);
      });
    underWay.set(key, { asked_at_ms, answer });
    return answer;
  };
  const learn = async (key: string): Promise<Principal> => {
    const entry = await ask(key);
    if (entry === undefined) throw fault('unauthenticated', refusals.ended);
    return entry.principal;
  };
  return (authorization) => {
    const key = hash('sha256', bearerOf(authorization), 'base64');
    const entry = known.get(key);
    if (entry === undefined) return learn(key);
    if (entry.expires_at <= clock.now()) {
      known.drop(key);
      throw fault('unauthenticated', refusals.ended);
    }
    if (performance.now() - entry.checked_at_ms > oldestCheck_ms) {
      known.drop(key);
      return learn(key);
    }
    entry.used = true;
    return entry.principal;
  };
}
