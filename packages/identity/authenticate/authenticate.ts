import { hash } from 'node:crypto';
import type { Credential, Principal } from '@safeguard/http';
import { type Clock, fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Replay } from '../oauth/replay.ts';
import { refusals, type Shown, shownToken } from './bearer.ts';
import type { KnownToken, KnownTokens } from './known.ts';
import { lookup } from './lookup.ts';
import { proofLife_ms, verifyProof } from './proof.ts';

/**
 * How old a check may be. Another process's revocation holds here after this long at the latest, with or without the
 * background check, which only keeps tokens in use from costing a query a second each.
 */
export const oldestCheck_ms = 1_000;

export type Authenticate = (credential: Credential) => Principal | Promise<Principal>;

interface Question {
  readonly asked_at_ms: number;
  readonly answer: Promise<KnownToken | undefined>;
}

export interface AuthenticateDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly known: KnownTokens;
  readonly replay: Replay;
}

const ended = () => fault('unauthenticated', refusals.ended);
const unshown = (code: string) =>
  fault('unauthenticated', refusals.bound, { issues: [{ severity: 'error', code, text: refusals.bound }] });

/** Requests with one token that come together share one question, if it is not too old to answer for them. */
function createAsk({ segment, clock, known }: AuthenticateDeps): (key: string) => Question['answer'] {
  const underWay = new Map<string, Question>();
  return (key) => {
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
}

/** A bound token is worth nothing without what it is bound to (RFC 9449 7.1, RFC 8705 3); an unbound one is no DPoP. */
async function holderShown(
  { clock, replay }: AuthenticateDeps,
  { principal, confirmation }: KnownToken,
  { scheme, token }: Shown,
  credential: Credential,
): Promise<Principal> {
  if (confirmation?.jkt !== undefined) {
    if (scheme !== 'dpop') throw unshown('invalid_token');
    const { method, url } = credential;
    const proof = await verifyProof(clock, credential.dpop, { method, url, token });
    if (proof === undefined || proof.jkt !== confirmation.jkt) throw unshown('invalid_dpop_proof');
    const first = await replay.once(principal.tenant, ['dpop', proof.jkt, proof.jti], clock.now() + proofLife_ms);
    if (!first) throw unshown('invalid_dpop_proof');
    return principal;
  }
  if (scheme === 'dpop') throw unshown('invalid_token');
  const thumbprint = confirmation?.['x5t#S256'];
  if (thumbprint !== undefined && credential.certificate()?.thumbprint !== thumbprint) throw unshown('invalid_token');
  return principal;
}

const isBare = ({ confirmation }: KnownToken, { scheme }: Shown): boolean =>
  confirmation === undefined && scheme === 'bearer';

export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  const { clock, known } = deps;
  const ask = createAsk(deps);
  const learn = async (key: string, shown: Shown, credential: Credential): Promise<Principal> => {
    const entry = await ask(key);
    if (entry === undefined) throw ended();
    return isBare(entry, shown) ? entry.principal : holderShown(deps, entry, shown, credential);
  };
  return (credential) => {
    const shown = shownToken(credential.authorization);
    const key = hash('sha256', shown.token, 'base64');
    const entry = known.get(key);
    if (entry === undefined) return learn(key, shown, credential);
    if (entry.expires_at <= clock.now()) {
      known.drop(key);
      throw ended();
    }
    if (performance.now() - entry.checked_at_ms > oldestCheck_ms) {
      known.drop(key);
      return learn(key, shown, credential);
    }
    entry.used = true;
    return isBare(entry, shown) ? entry.principal : holderShown(deps, entry, shown, credential);
  };
}
