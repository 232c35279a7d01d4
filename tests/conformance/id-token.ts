import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { App } from './app.ts';
import type { House } from './house.ts';

export async function keysOf({ instance }: Pick<House, 'instance'>): Promise<JSONWebKeySet> {
  const { json } = await instance.request({ path: '/.well-known/openid-configuration' });
  const answer = await instance.request({ path: json.jwks_uri });
  assert.equal(answer.status, 200);
  return answer.json;
}

const halfHash = (text: string): string => {
  const digest = createHash('sha256').update(text).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
};

/** OpenID Connect Core 2 and 3.1.3.7: what every ID token is held against. Answers its claims. */
export async function checkIdToken(
  house: Pick<House, 'instance' | 'issuer'>,
  app: App,
  id_token: string,
  { nonce, access_token }: { readonly nonce?: string | undefined; readonly access_token?: string } = {},
): Promise<JWTPayload> {
  const keys = await keysOf(house);
  const { kid, alg } = decodeProtectedHeader(id_token);
  assert.ok(kid !== undefined && keys.keys.some((key) => key.kid === kid), 'its key is published');
  assert.equal(alg, 'RS256');
  const requiredClaims = ['iss', 'sub', 'aud', 'exp', 'iat'];
  const expected = { issuer: house.issuer, audience: app.client_id, algorithms: ['RS256'], requiredClaims };
  const { payload } = await jwtVerify(id_token, createLocalJWKSet(keys), expected);
  const now_s = Date.now() / 1000;
  assert.ok(Math.abs((payload.iat ?? 0) - now_s) < 60, 'it was made just now');
  assert.match(payload.sub ?? '', /^[\x21-\x7e]{1,255}$/);
  assert.equal(payload['nonce'], nonce);
  if (Array.isArray(payload.aud)) assert.equal(payload['azp'], app.client_id);
  const { at_hash, auth_time, acr, amr } = payload;
  if (at_hash !== undefined) assert.equal(at_hash, halfHash(access_token ?? ''));
  if (auth_time !== undefined) assert.ok(Number.isInteger(auth_time) && Number(auth_time) <= now_s + 1);
  if (acr !== undefined) assert.equal(typeof acr, 'string');
  if (amr !== undefined) assert.ok(Array.isArray(amr) && amr.every((one) => typeof one === 'string'));
  return payload;
}
