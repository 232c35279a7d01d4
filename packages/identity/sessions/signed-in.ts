import { hash } from 'node:crypto';
import { browserOf } from './browser.ts';
import { cookieOf } from './cookies.ts';
import type { SessionDeps } from './deps.ts';
import type { KnownSession, KnownSessions } from './known.ts';
import { lookupSession, touchSession } from './lookup.ts';
import { isSessionSecret } from './secrets.ts';
import { type EndReason, type Sessions, type SignedIn, sessionCookie } from './types.ts';

/** As for tokens (see authenticate/authenticate.ts): another process's ending holds here after this long. */
const oldestCheck_ms = 1_000;
/** A use is written down when the last one that was is this old. */
const touchEvery_ms = 60_000;

/** Why a session that stands in the database opens nothing; undefined: it does. */
function refusalOf(deps: SessionDeps, entry: KnownSession, agent: string | undefined): EndReason | undefined {
  const { clock, settings } = deps;
  const now = clock.now();
  if (now - entry.created_at >= settings.absolute_s * 1000) return 'too old';
  if (now - entry.last_used_at >= settings.idle_s * 1000) return 'idle';
  return browserOf(agent).equals(entry.browser) ? undefined : 'another browser';
}

interface Question {
  readonly asked_at_ms: number;
  readonly answer: Promise<KnownSession | undefined>;
}

type End = (who: SignedIn, reason: EndReason) => Promise<unknown>;

/** Requests with one cookie that come together share one question, if it is not too old to answer for them. */
function sharedQuestions(deps: SessionDeps, known: KnownSessions) {
  const underWay = new Map<string, Question>();
  return (key: string): Promise<KnownSession | undefined> => {
    const asked_at_ms = performance.now();
    const before = underWay.get(key);
    if (before !== undefined && asked_at_ms - before.asked_at_ms <= oldestCheck_ms) return before.answer;
    const answer = known
      .learn(key, () => lookupSession(deps.segment, Buffer.from(key, 'base64')))
      .finally(() => {
        if (underWay.get(key)?.answer === answer) underWay.delete(key);
      });
    underWay.set(key, { asked_at_ms, answer });
    return answer;
  };
}

export function createSignedIn(deps: SessionDeps, known: KnownSessions, end: End): Sessions['signedIn'] {
  const { segment, clock } = deps;
  const ask = sharedQuestions(deps, known);
  const isDue = (entry: KnownSession): boolean => clock.now() - entry.last_used_at >= touchEvery_ms;
  const learn = async (key: string, agent: string | undefined): Promise<SignedIn | undefined> => {
    const entry = await ask(key);
    if (entry === undefined) return undefined;
    const refusal = refusalOf(deps, entry, agent);
    if (refusal !== undefined) {
      known.drop(key);
      await end(entry.who, refusal);
      return undefined;
    }
    if (isDue(entry)) {
      known.drop(key);
      await touchSession(segment, clock, entry.who.session);
    }
    return entry.who;
  };
  return (cookie, agent) => {
    const secret = cookieOf(cookie, sessionCookie);
    if (secret === undefined || !isSessionSecret(secret)) return undefined;
    const key = hash('sha256', secret, 'base64');
    const entry = known.get(key);
    if (entry === undefined) return learn(key, agent);
    const stale = performance.now() - entry.checked_at_ms > oldestCheck_ms;
    if (!stale && !isDue(entry) && refusalOf(deps, entry, agent) === undefined) return entry.who;
    known.drop(key);
    return learn(key, agent);
  };
}
