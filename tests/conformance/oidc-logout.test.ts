/**
 * The case lists of the OpenID conformance suite, plans `oidcc-rp-initiated-logout-certification-test-plan` and
 * `oidcc-backchannel-rp-initiated-logout-certification-test-plan`, as tests of ours.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, decodeJwt, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { type App, ask, newApp, type Params, present, signedOut } from './app.ts';
import type { Walker } from './browser.ts';
import { flow, type House, openHouse, type Tokens, walker } from './house.ts';
import { keysOf } from './id-token.ts';

let house: House;
let app: App;
before(async () => {
  house = await openHouse();
  app = await newApp(house.instance, { options: { 'backchannel-uri': `${house.rp.url}/backchannel` } });
});
after(() => house.close());

/** Somebody who signed in to the app, and the tokens it got. */
async function begun(): Promise<{ as: Walker; tokens: Tokens }> {
  const as = walker(house, await house.person());
  return { as, tokens: (await flow(house, app, { scope: 'openid profile' }, as)).tokens };
}

const state = (): string => randomBytes(96).toString('base64url');

/** Where the browser ends that is sent to sign out. */
async function signOut({ jar }: Walker, params: Params) {
  const answer = await jar.go(`/oauth2/logout?${new URLSearchParams(present(params))}`);
  return { at: new URL(answer.at), answer };
}

const isSignedIn = async (as: Walker): Promise<boolean> => (await as.jar.go('/account')).at.endsWith('/account');

/** An authorization without pages: it must not work any more. */
async function assertOut(as: Walker): Promise<void> {
  const { told } = await ask(as, app, { prompt: 'none' });
  assert.equal(told['error'], 'login_required');
  assert.equal(await isSignedIn(as), false);
}

/** Neither back at the app nor signed out: an error, or a question. */
async function assertStays(as: Walker, params: Params): Promise<void> {
  const { at, answer } = await signOut(as, params);
  assert.equal(at.origin, house.issuer);
  assert.ok(answer.status === 400 || /<h1>Sign out\?/.test(answer.text), `${answer.status}`);
  assert.equal(await isSignedIn(as), true);
}

/** Nobody proves whose request it is: the person is asked, says yes, and is told that they are signed out. */
async function assertAsked(as: Walker, params: Params): Promise<void> {
  const { at, answer } = await signOut(as, params);
  assert.equal(at.origin, house.issuer);
  assert.match(answer.text, /<h1>Sign out\?/);
  const fields = Object.fromEntries(present(params));
  const out = await as.jar.post('/oauth2/logout/confirm', fields);
  assert.equal(new URL(out.at).origin, house.issuer);
  assert.equal(out.status, 200);
  assert.match(out.text, /signed out/i);
  await assertOut(as);
}

const back = { post_logout_redirect_uri: signedOut };

const discovery = async () => (await house.instance.request({ path: '/.well-known/openid-configuration' })).json;

async function assertEndpoints(): Promise<Record<string, unknown>> {
  const told = await discovery();
  assert.match(told.end_session_endpoint, /^https:\/\//);
  const endpoints = Object.entries(told).filter(([name]) => name.endsWith('_endpoint'));
  for (const [name, url] of endpoints) assert.match(String(url), /^https:\/\//, name);
  return told;
}

test('oidcc-rp-initiated-logout-discovery-endpoint-verification', async () => {
  await assertEndpoints();
});

test('oidcc-rp-initiated-logout', async () => {
  const { as, tokens } = await begun();
  const given = state();
  const { at } = await signOut(as, { id_token_hint: tokens.id_token, state: given, ...back });
  assert.equal(`${at.origin}${at.pathname}`, signedOut);
  assert.deepEqual([...at.searchParams], [['state', given]]);
  await assertOut(as);
});

test('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', async () => {
  const { as, tokens } = await begun();
  const post_logout_redirect_uri = 'https://app.example/not-registered';
  await assertStays(as, { id_token_hint: tokens.id_token, state: state(), post_logout_redirect_uri });
});

test('oidcc-rp-initiated-logout-modified-id-token-hint', async () => {
  const { as, tokens } = await begun();
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const id_token_hint = `${none}.${tokens.id_token.split('.')[1]}.`;
  await assertStays(as, { id_token_hint, state: state(), ...back });
});

test('oidcc-rp-initiated-logout-no-id-token-hint', async () => {
  const { as } = await begun();
  await assertStays(as, { state: state(), ...back });
});

test('oidcc-rp-initiated-logout-no-params', async () => {
  await assertAsked((await begun()).as, {});
});

test('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async () => {
  const { as, tokens } = await begun();
  const { at, answer } = await signOut(as, { id_token_hint: tokens.id_token, state: state() });
  assert.deepEqual([at.origin, answer.status], [house.issuer, 200]);
  assert.match(answer.text, /signed out/i);
  await assertOut(as);
});

test('oidcc-rp-initiated-logout-no-state', async () => {
  const { as, tokens } = await begun();
  const { at } = await signOut(as, { id_token_hint: tokens.id_token, ...back });
  assert.equal(at.href, signedOut);
  await assertOut(as);
});

test('oidcc-rp-initiated-logout-only-state', async () => {
  await assertAsked((await begun()).as, { state: state() });
});

test('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', async () => {
  const { as, tokens } = await begun();
  const post_logout_redirect_uri = `${signedOut}?foo=bar`;
  await assertStays(as, { id_token_hint: tokens.id_token, state: state(), post_logout_redirect_uri });
});

test('oidcc-rp-initiated-logout-bad-id-token-hint', async () => {
  const { as, tokens } = await begun();
  const { privateKey } = await generateKeyPair('RS256');
  const { sub = '' } = decodeJwt(tokens.id_token);
  const forged = new SignJWT({ sub }).setProtectedHeader({ alg: 'RS256', kid: 'suite' });
  const sent = forged.setIssuer(house.issuer).setAudience(app.client_id).setIssuedAt().setExpirationTime('5m');
  await assertStays(as, { id_token_hint: await sent.sign(privateKey), state: state(), ...back });
});

test('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
  const told = await assertEndpoints();
  assert.deepEqual([told['backchannel_logout_supported'], told['backchannel_logout_session_supported']], [true, true]);
});

/** The log-out token that the app's server was sent. */
async function toldByUs(before: number): Promise<URLSearchParams> {
  for (const end = Date.now() + 10_000; Date.now() < end && house.rp.posted.length === before; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return new URLSearchParams(house.rp.posted.at(-1));
}

test('oidcc-backchannel-rp-initiated-logout', async () => {
  const { as, tokens } = await begun();
  const before = house.rp.posted.length;
  const given = state();
  const { at } = await signOut(as, { id_token_hint: tokens.id_token, state: given, ...back });
  assert.equal(at.searchParams.get('state'), given);
  const form = await toldByUs(before);
  assert.deepEqual([...form.keys()], ['logout_token']);
  const expected = { issuer: house.issuer, audience: app.client_id, requiredClaims: ['iat', 'jti', 'events'] };
  const keys = createLocalJWKSet(await keysOf(house));
  const { payload } = await jwtVerify(form.get('logout_token') ?? '', keys, expected);
  const known = decodeJwt(tokens.id_token);
  assert.deepEqual([payload.sub, payload['sid']], [known.sub, known['sid']]);
  assert.ok(known['sid']);
  assert.equal('nonce' in payload, false);
  assert.deepEqual(payload['events'], { 'http://schemas.openid.net/event/backchannel-logout': {} });
  await assertOut(as);
});
