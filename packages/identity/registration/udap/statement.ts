import { type JsonWebKey, X509Certificate } from 'node:crypto';
import { type Clock, fault } from '@safeguard/kernel';
import { compactVerify, decodeProtectedHeader } from 'jose';
import type { Replay } from '../../oauth/replay.ts';
import { readChain, trustedLeaf, urisOf } from './chain.ts';

/** HL7 UDAP Security IG 1.0, 1.2.3: RS256 for all; the others where the key is of that kind. */
const algorithms = ['RS256', 'RS384', 'ES256', 'ES384'];
const longest_chars = 60_000;
const longest_s = 300;
const skew_s = 15;

const refused = (code: 'invalid_software_statement' | 'unapproved_software_statement', text: string) =>
  fault('invalid', text, { issues: [{ severity: 'error', code, text }] });
const invalid = (text: string) => refused('invalid_software_statement', text);

/** What a member of the community says of itself, proven. */
export interface Statement {
  /** A URI of its certificate: who it is. */
  readonly member: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The key of the authority at the end of its path (SPKI, DER): only the same one speaks of the same member. */
  readonly community: Buffer;
  /** Its key, public, under the thumbprint of its certificate and with the certificate's end. */
  readonly key: JsonWebKey;
}

export interface StatementDeps {
  readonly clock: Clock;
  readonly replay: Pick<Replay, 'once'>;
  /** Injected by a negative control. */
  readonly leafOf?: typeof trustedLeaf;
}

type Claims = Readonly<Record<string, unknown>>;

function headerOf(statement: string): { readonly alg?: unknown; readonly x5c?: unknown; readonly crit?: unknown } {
  try {
    return decodeProtectedHeader(statement);
  } catch (cause) {
    if (cause instanceof Error) throw invalid('The software statement is not a signed JWT.');
    throw cause;
  }
}

async function claimsOf(statement: string, leaf: X509Certificate): Promise<Claims> {
  try {
    const { payload } = await compactVerify(statement, leaf.publicKey, { algorithms });
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
  }
  throw invalid('The signature of the software statement does not verify.');
}

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= most;

/** IG 3.1: who says it is who it is about, at this very address, now, for five minutes at most. */
function checkClaims(claims: Claims, leaf: X509Certificate, audience: string, now: number): string {
  const { iss, sub, aud, iat, exp, jti } = claims;
  const now_s = now / 1000;
  if (!isText(iss, 500) || !urisOf(leaf).includes(iss)) throw invalid('iss is not a URI of the certificate.');
  if (sub !== iss) throw invalid('sub is not iss.');
  if (aud !== audience) throw invalid('aud is not the address of this registration.');
  if (typeof iat !== 'number' || typeof exp !== 'number') throw invalid('iat and exp are required.');
  if (iat > now_s + skew_s || exp <= now_s - skew_s) throw invalid('The software statement is not valid now.');
  if (exp <= iat || exp - iat > longest_s) throw invalid('The software statement lives longer than five minutes.');
  if (!isText(jti, 256)) throw invalid('jti is required.');
  return iss;
}

/** RFC 8705 3.1's thumbprint as the key's name: the same key under a renewed certificate is another. */
function keyOf(leaf: X509Certificate): JsonWebKey {
  const kid = Buffer.from(leaf.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  const exp = Math.floor(Date.parse(leaf.validTo) / 1000);
  return { ...leaf.publicKey.export({ format: 'jwk' }), kid, use: 'sig', exp } as JsonWebKey;
}

/**
 * A software statement, proven: its certificates lead to an anchor of the tenant, its signature is by the leaf, its
 * claims are as they must be, and it never came before. Fault `invalid` with RFC 7591's code.
 */
export async function provenStatement(
  { clock, replay, leafOf = trustedLeaf }: StatementDeps,
  statement: unknown,
  at: { readonly tenant: number; readonly audience: string; readonly anchors: readonly string[] },
): Promise<Statement> {
  if (!isText(statement, longest_chars)) throw invalid('A software statement is required.');
  const { x5c, alg, crit } = headerOf(statement);
  const chain = readChain(x5c);
  if (chain === undefined || crit !== undefined || !algorithms.includes(String(alg))) {
    throw invalid('The header of the software statement is not as UDAP describes it.');
  }
  const now = clock.now();
  const anchors = at.anchors.map((pem) => new X509Certificate(pem));
  const trusted = leafOf(chain, anchors, now);
  if (trusted === undefined) {
    throw refused(
      'unapproved_software_statement',
      'The certificates do not lead to an authority that is trusted here.',
    );
  }
  const { leaf, anchor } = trusted;
  const claims = await claimsOf(statement, leaf);
  const member = checkClaims(claims, leaf, at.audience, now);
  const until = (Number(claims['exp']) + skew_s) * 1000;
  if (!(await replay.once(at.tenant, ['udap', member, String(claims['jti'])], until))) {
    throw invalid('The software statement was shown before.');
  }
  const community = anchor.publicKey.export({ type: 'spki', format: 'der' });
  return { member, community, claims, key: keyOf(leaf) };
}
