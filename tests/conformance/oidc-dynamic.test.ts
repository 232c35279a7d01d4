/**
 * The case lists of the OpenID conformance suite, plans `oidcc-config-certification-test-plan` and, as far as it can be
 * asked of apps that an operator registers, `oidcc-dynamic-certification-test-plan`, as tests of ours.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type App, ask, callback, newApp, type Proof, refresh } from './app.ts';
import { flow, type House, openHouse, walker } from './house.ts';
import { checkIdToken, keysOf } from './id-token.ts';

let house: House;
let app: App;
let rotated: Rotated;
before(async () => {
  house = await openHouse();
  app = await newApp(house.instance);
  rotated = await rotate();
});
after(() => house.close());

const discovery = async () => {
  const { status, headers, json } = await house.instance.request({ path: '/.well-known/openid-configuration' });
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^application\/json/);
  return json;
};

const privateParts = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'];

test('oidcc-discovery-endpoint-verification', async () => {
  const told = await discovery();
  assert.equal(told.issuer, house.issuer);
  assert.ok(told.response_types_supported.includes('code'));
  assert.ok(told.subject_types_supported.includes('public'));
  assert.ok(told.id_token_signing_alg_values_supported.includes('RS256'));
  assert.ok(told.grant_types_supported.includes('authorization_code'));
  assert.ok(told.scopes_supported.includes('openid'));
  assert.ok(told.scopes_supported.every((scope: string) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)));
  assert.ok(told.claims_supported.includes('sub'));
  assert.equal(told.request_uri_parameter_supported, false);
  assert.notEqual(told.request_parameter_supported, true);
  assert.ok(Array.isArray(told.code_challenge_methods_supported));
  const addresses = Object.entries(told).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
  assert.ok(addresses.length > 5);
  for (const [name, url] of addresses) assert.match(String(url), /^https:\/\//, name);
  const { keys } = await keysOf(house);
  assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
  for (const key of keys)
    assert.deepEqual(
      [...privateParts].filter((part) => part in key),
      [],
    );
});

test('oidcc-idtoken-rs256', async () => {
  const { answered, tokens } = await flow(house, app);
  const { nonce } = answered;
  await checkIdToken(house, app, tokens.id_token, { nonce, access_token: tokens.access_token });
});

test('oidcc-ensure-redirect-uri-in-authorization-request', async () => {
  const { at, answer } = await ask(walker(house), app, { redirect_uri: undefined });
  assert.deepEqual([at.origin, answer.status], [house.issuer, 400]);
});

const withQuery = `${callback}?foo=bar`;

test('oidcc-redirect-uri-query-OK', async () => {
  const other = await newApp(house.instance, { redirect_uri: withQuery });
  const { answered, tokens } = await flow(house, other);
  assert.equal(answered.told['foo'], 'bar');
  await checkIdToken(house, other, tokens.id_token, { nonce: answered.nonce });
});

test('oidcc-redirect-uri-query-mismatch', async () => {
  const other = await newApp(house.instance, { redirect_uri: withQuery });
  const { at, answer } = await ask(walker(house), other, { redirect_uri: `${callback}?bar=foo` });
  assert.deepEqual([at.origin, answer.status], [house.issuer, 400]);
});

test('oidcc-redirect-uri-query-added', async () => {
  const { at, answer } = await ask(walker(house), app, { redirect_uri: withQuery });
  assert.deepEqual([at.origin, answer.status], [house.issuer, 400]);
});

test('oidcc-redirect-uri-regfrag', async () => {
  await assert.rejects(newApp(house.instance, { redirect_uri: `${callback}#fragment` }), /without fragment/);
});

type Key = Awaited<ReturnType<typeof generateKeyPair>> & { readonly kid: string };

const newKey = async (): Promise<Key> => ({ ...(await generateKeyPair('RS256')), kid: randomUUID() });

const published = async ({ publicKey, kid }: Key) => ({
  ...(await exportJWK(publicKey)),
  kid,
  alg: 'RS256',
  use: 'sig',
});

/** A client assertion (RFC 7523) for one of the two audiences that may be named. */
async function assertionOf({ client_id }: App, { privateKey, kid }: Key, audience: string): Promise<Proof> {
  const client_assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(client_id)
    .setSubject(client_id)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey);
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return () => ({ params: { client_assertion, client_assertion_type } });
}

/** An app whose keys stand at its own address. */
async function keyedApp(key: Key, path: string): Promise<App> {
  house.rp.serveKeys(path, [await published(key)]);
  return newApp(house.instance, { options: { jwks: `${house.rp.url}${path}` } });
}

test('oidcc-registration-jwks-uri', async () => {
  const key = await newKey();
  const keyed = await keyedApp(key, `/jwks/${key.kid}`);
  const proof = await assertionOf(keyed, key, `${house.issuer}/oauth2/token`);
  const { answered, tokens } = await flow(house, keyed, {}, walker(house), proof);
  await checkIdToken(house, keyed, tokens.id_token, { nonce: answered.nonce });
});

test('oidcc-server-rotate-keys', async () => {
  const before = (await keysOf(house)).keys.map(({ kid }) => kid);
  const made = await house.instance.cli('keys', 'rotate', '--signing');
  assert.equal(made.code, 0, made.stderr);
  const now = (await keysOf(house)).keys.map(({ kid }) => kid);
  assert.ok(before.every((kid) => now.includes(kid)) && now.length > before.length);
  const { answered, tokens } = await flow(house, app);
  await checkIdToken(house, app, tokens.id_token, { nonce: answered.nonce });
});

test('oidcc-ensure-client-assertion-with-iss-aud-succeeds', async () => {
  const key = await newKey();
  const keyed = await keyedApp(key, `/jwks/${key.kid}`);
  const proof = await assertionOf(keyed, key, house.issuer);
  const { answered, tokens } = await flow(house, keyed, {}, walker(house), proof);
  await checkIdToken(house, keyed, tokens.id_token, { nonce: answered.nonce });
});

interface Rotated {
  readonly keyed: App;
  readonly key: Key;
  readonly nonce: string | undefined;
  readonly refresh_token: string;
  readonly at_ms: number;
}

/** An app that has a refresh token and then other keys: begun first, for it has to wait the longest. */
async function rotate(): Promise<Rotated> {
  const [first, key] = [await newKey(), await newKey()];
  const keyed = await keyedApp(first, '/jwks/rotated');
  const proof = await assertionOf(keyed, first, `${house.issuer}/oauth2/token`);
  const offline = { scope: 'openid offline_access', prompt: 'consent' };
  const { answered, tokens } = await flow(house, keyed, offline, walker(house), proof);
  house.rp.serveKeys('/jwks/rotated', [await published(key)]);
  return { keyed, key, nonce: answered.nonce, refresh_token: tokens.refresh_token ?? '', at_ms: Date.now() };
}

/** As long as the suite waits: an app's keys are kept for a minute. */
const kept_ms = 60_000;

test('oidcc-refresh-token-rp-key-rotation', async () => {
  const { keyed, key, nonce, refresh_token, at_ms } = rotated;
  await new Promise((resolve) => setTimeout(resolve, at_ms + kept_ms + 1_000 - Date.now()));
  const proof = await assertionOf(keyed, key, `${house.issuer}/oauth2/token`);
  const answer = await refresh(house.instance, keyed, refresh_token, proof);
  assert.equal(answer.status, 200, answer.text);
  const { access_token, id_token } = answer.json;
  assert.ok((await checkIdToken(house, keyed, id_token, { nonce, access_token })).sub);
});
