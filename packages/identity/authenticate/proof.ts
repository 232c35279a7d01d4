import { hash } from 'node:crypto';
import type { Clock } from '@safeguard/kernel';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from 'jose';

/** RFC 9449 11.1: a proof is good for a short while; our clocks may differ a little. */
const oldest_s = 60;
const ahead_s = 5;
/** A proof with an EC key has about 500 characters; an RSA key of 4096 bits makes it some 1,500. */
const longest = 4_096;

export const proofAlgorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'EdDSA'];

export interface Proof {
  /** SHA-256 thumbprint of the key (RFC 7638): what a bound token names. */
  readonly jkt: string;
  readonly jti: string;
}

interface Expected {
  readonly method: string;
  /** Full URL; query and fragment do not count (RFC 9449 4.3). */
  readonly url: string;
  /** The access token beside it; undefined at the token endpoint. */
  readonly token?: string;
}

/** Scheme and host in lower case, the port left out where it is the scheme's: `URL` does both. */
function targetOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const url = URL.parse(text);
  return url === null ? undefined : `${url.origin}${url.pathname}`;
}

function matches({ htm, htu, ath, iat, jti }: JWTPayload, expected: Expected, now_s: number): boolean {
  const { method, url, token } = expected;
  const target = targetOf(htu);
  return (
    htm === method &&
    target !== undefined &&
    target === targetOf(url) &&
    typeof iat === 'number' &&
    iat >= now_s - oldest_s &&
    iat <= now_s + ahead_s &&
    typeof jti === 'string' &&
    jti.length >= 8 &&
    jti.length <= 256 &&
    (token === undefined || ath === hash('sha256', token, 'base64url'))
  );
}

/**
 * Verifies a DPoP proof (RFC 9449 4.3): one JWT of type `dpop+jwt`, signed by the asymmetric key that it carries, for
 * this method, this URL, this token, now. Undefined when anything is wrong. Whether it was shown before is the
 * caller's to ask, by `jkt` and `jti`.
 */
export async function verifyProof(
  clock: Clock,
  text: string | undefined,
  expected: Expected,
): Promise<Proof | undefined> {
  // Two headers come joined by a comma, which no JWT contains.
  if (text === undefined || text.length > longest || text.includes(',')) return undefined;
  try {
    const { payload, protectedHeader } = await jwtVerify(text, EmbeddedJWK, {
      algorithms: proofAlgorithms,
      typ: 'dpop+jwt',
      currentDate: new Date(clock.now()),
    });
    if (!matches(payload, expected, Math.floor(clock.now() / 1000)) || protectedHeader.jwk === undefined) return;
    return { jkt: await calculateJwkThumbprint(protectedHeader.jwk), jti: String(payload.jti) };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** How long a proof must be remembered, milliseconds: from its earliest acceptance to its last. */
export const proofLife_ms = (oldest_s + ahead_s) * 1000;
