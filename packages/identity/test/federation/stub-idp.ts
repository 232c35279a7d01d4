import { createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { SafeFetch } from '../../federation/types.ts';

export const issuer = 'https://stub.example';
export const client_id = 'safeguard';
export const client_secret = 'a-client-secret-of-the-test';

const keys = await generateKeyPair('RS256', { extractable: true });
const stranger = await generateKeyPair('RS256', { extractable: true });
const kid = 'k1';
export const publicKey = keys.publicKey;
export const strangerKey = stranger.publicKey;
const jwk = { ...(await exportJWK(keys.publicKey)), kid, use: 'sig', alg: 'RS256' };
const strangerJwk = await exportJWK(stranger.publicKey);
const pem = await exportSPKI(keys.publicKey);

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Ways to sign, one honest. */
export const sign = {
  honest: (claims: JWTPayload, typ?: string) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid, ...(typ === undefined ? {} : { typ }) })
      .sign(keys.privateKey),
  stranger: (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(stranger.privateKey),
  /** Brings its own key in the header. */
  embedded: (claims: JWTPayload) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid, jwk: strangerJwk, jku: 'https://evil.example/jwks' } as never)
      .sign(stranger.privateKey),
  none: async (claims: JWTPayload) => `${base64({ alg: 'none' })}.${base64(claims)}.`,
  secret: async (claims: JWTPayload) => hmac(claims, client_secret),
  /** Algorithm confusion: the public key is everybody's. */
  publicKey: async (claims: JWTPayload) => hmac(claims, pem),
} as const;

function hmac(claims: JWTPayload, key: string): string {
  const body = `${base64({ alg: 'HS256', kid })}.${base64(claims)}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

export interface Stub {
  readonly fetch: SafeFetch;
  /** What the token endpoint gives. */
  id_token: string | undefined;
  /** Bent discovery. */
  metadata: object;
}

const json = (value: object): Response =>
  new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } });

/** A provider whose every answer the test writes. */
export function createStub(): Stub {
  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    ...stub.metadata,
  });
  const stub: Stub = {
    id_token: undefined,
    metadata: {},
    async fetch(address) {
      const { pathname } = new URL(address);
      if (pathname === '/.well-known/openid-configuration') return json(metadata());
      if (pathname === '/jwks') return json({ keys: [jwk] });
      if (pathname !== '/token') throw new Error('no such place');
      const token = stub.id_token === undefined ? {} : { id_token: stub.id_token };
      return json({ access_token: 'at', token_type: 'Bearer', ...token });
    },
  };
  return stub;
}
