/** The case list of the OpenID conformance suite, plan `oidcc-basic-certification-test-plan`, as tests of ours. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import type { Answer } from '../harness/instance.ts';
import {
  type App,
  ask,
  askByPost,
  asking,
  byPost,
  form,
  newApp,
  type Params,
  present,
  redeem,
  refresh,
} from './app.ts';
import { browserOf, type Walker } from './browser.ts';
import { flow, type House, openHouse, walker } from './house.ts';
import { checkIdToken } from './id-token.ts';

let house: House;
let app: App;
before(async () => {
  house = await openHouse();
  app = await newApp(house.instance);
});
after(() => house.close());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Somebody in a browser in which nobody is signed in. */
async function newcomer(): Promise<Walker> {
  const person = await house.person();
  return { person, jar: browserOf(house.instance, person, { fresh: true }) };
}

/** A whole sign-in, held against OpenID Connect Core; answers what the app learned. */
async function signedIn(more: Params = {}, as = walker(house)) {
  const { answered, tokens } = await flow(house, app, more, as);
  assert.equal(answered.told['state'], answered.state);
  assert.equal(answered.told['iss'], house.issuer);
  const { nonce } = answered;
  const claims = await checkIdToken(house, app, tokens.id_token, { nonce, access_token: tokens.access_token });
  return { answered, tokens, claims };
}

const userinfo = (access_token: string): Promise<Answer> =>
  house.instance.request({ path: '/oauth2/userinfo', token: access_token });

/** The userinfo of a sign-in: JSON, and about the same person as the ID token. */
async function userinfoOf({ tokens, claims }: Awaited<ReturnType<typeof signedIn>>, answer?: Answer) {
  const { status, headers, json } = answer ?? (await userinfo(tokens.access_token));
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^application\/json/);
  assert.equal(json.sub, claims.sub);
  return json;
}

/** As oauth4webapi reads an answer. */
const asResponse = ({ status, headers, text }: Answer): Response =>
  new Response(text, { status, headers: { 'content-type': String(headers['content-type']) } });

test('oidcc-server', async () => {
  const answered = await ask(walker(house), app);
  const code = answered.told['code'] ?? '';
  assert.ok(code.length >= 22, 'at least 128 bits');
  const discovered = await house.instance.request({ path: '/.well-known/openid-configuration' });
  const as = await oauth.processDiscoveryResponse(new URL(house.issuer), asResponse(discovered));
  const client = { client_id: app.client_id };
  oauth.validateAuthResponse(as, client, new URLSearchParams(answered.told), answered.state);
  const answer = await redeem(house.instance, app, answered);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const expectedNonce = answered.nonce ?? '';
  const options = { expectedNonce, requireIdToken: true };
  const result = await oauth.processAuthorizationCodeResponse(as, client, asResponse(answer), options);
  assert.equal(result.token_type, 'bearer');
  assert.ok(Number.isInteger(result.expires_in) && Number(result.expires_in) > 0);
  const claims = await checkIdToken(house, app, answer.json.id_token, {
    nonce: answered.nonce,
    access_token: answer.json.access_token,
  });
  assert.equal(claims['name'], undefined);
  assert.equal((await userinfo(answer.json.access_token)).json.sub, claims.sub);
});

test('oidcc-response-type-missing', async () => {
  const { at, answer, told } = await ask(walker(house), app, { response_type: undefined });
  const shown = at.origin === house.issuer && answer.status === 400;
  assert.ok(shown || ['invalid_request', 'unsupported_response_type'].includes(told['error'] ?? ''), at.href);
});

test('oidcc-idtoken-signature', async () => {
  const { tokens, claims } = await signedIn();
  assert.ok(claims.sub);
  const { kid, alg } = JSON.parse(Buffer.from(tokens.id_token.split('.')[0] ?? '', 'base64url').toString());
  assert.ok(typeof kid === 'string' && alg === 'RS256');
});

test('oidcc-userinfo-get', async () => {
  await userinfoOf(await signedIn());
});

test('oidcc-userinfo-post-header', async () => {
  const known = await signedIn();
  const headers = { authorization: `Bearer ${known.tokens.access_token}` };
  await userinfoOf(known, await form(house.instance, '/oauth2/userinfo', {}, headers));
});

test('oidcc-userinfo-post-body', async () => {
  const known = await signedIn();
  const { access_token } = known.tokens;
  await userinfoOf(known, await form(house.instance, '/oauth2/userinfo', { access_token }));
});

test('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
  const { told } = await ask(walker(house), app, { nonce: undefined });
  assert.ok(told['code']);
});

test('oidcc-scope-profile', async () => {
  const told = await userinfoOf(await signedIn({ scope: 'openid profile' }));
  assert.equal(told.name, 'Person 1');
});

test('oidcc-scope-email', async () => {
  const told = await userinfoOf(await signedIn({ scope: 'openid email' }));
  assert.equal(told.email, house.clinician.login);
});

test('oidcc-ensure-other-scope-order-succeeds', async () => {
  const told = await userinfoOf(await signedIn({ scope: 'email openid' }));
  assert.equal(told.email, house.clinician.login);
});

test('oidcc-display-page', async () => {
  const { answered } = await signedIn({ display: 'page' }, await newcomer());
  assert.deepEqual(answered.seen, ['sign-in', 'consent']);
});

test('oidcc-display-popup', async () => {
  const { answered } = await signedIn({ display: 'popup' }, await newcomer());
  assert.deepEqual(answered.seen, ['sign-in', 'consent']);
});

test('oidcc-prompt-login', async () => {
  const as = await newcomer();
  const first = await signedIn({}, as);
  // A factor shown in the second of the request counts as shown after it: times in ID tokens are whole seconds.
  await pause(1_100);
  const second = await signedIn({ prompt: 'login' }, as);
  assert.deepEqual(second.answered.seen, ['sign-in']);
  assert.equal(second.claims.sub, first.claims.sub);
  assert.ok(Number(second.claims['auth_time']) > Number(first.claims['auth_time']));
});

const needsPage = ['interaction_required', 'login_required', 'account_selection_required', 'consent_required'];

test('oidcc-prompt-none-not-logged-in', async () => {
  const { told, state, seen } = await ask(await newcomer(), app, { prompt: 'none' });
  assert.ok(needsPage.includes(told['error'] ?? ''), told['error']);
  assert.deepEqual([told['state'], told['iss'], told['code'], seen], [state, house.issuer, undefined, []]);
});

/** The same person at once again: no page, the same subject, the same time. */
async function again(first: Params, second: (id_token: string) => Params) {
  const as = walker(house);
  const before = await signedIn(first, as);
  const { answered, claims } = await signedIn(second(before.tokens.id_token), as);
  assert.deepEqual(answered.seen, []);
  assert.equal(claims.sub, before.claims.sub);
  assert.equal(claims['auth_time'], before.claims['auth_time']);
  return claims;
}

test('oidcc-prompt-none-logged-in', async () => {
  await again({}, () => ({ prompt: 'none' }));
});

test('oidcc-max-age-1', async () => {
  const as = await newcomer();
  const first = await signedIn({}, as);
  await pause(2_100);
  const { answered, claims } = await signedIn({ max_age: '1' }, as);
  assert.deepEqual(answered.seen, ['sign-in']);
  assert.ok(Number(claims['auth_time']) > Number(first.claims['auth_time']));
  assert.ok(Date.now() / 1000 - Number(claims['auth_time']) < 60);
});

test('oidcc-max-age-10000', async () => {
  const claims = await again({ max_age: '15000' }, () => ({ max_age: '10000' }));
  assert.equal(typeof claims['auth_time'], 'number');
});

test('oidcc-ensure-request-with-unknown-parameter-succeeds', async () => {
  await signedIn({ extra: 'foobar' });
});

test('oidcc-id-token-hint', async () => {
  await again({}, (id_token_hint) => ({ prompt: 'none', id_token_hint }));
});

test('oidcc-login-hint', async () => {
  const as = await newcomer();
  const { answered } = await signedIn({ login_hint: as.person.login }, as);
  assert.deepEqual(answered.seen, ['sign-in', 'consent']);
});

test('oidcc-ui-locales', async () => {
  await signedIn({ ui_locales: 'se' }, await newcomer());
});

test('oidcc-claims-locales', async () => {
  await signedIn({ claims_locales: 'se' });
});

test('oidcc-ensure-request-with-acr-values-succeeds', async () => {
  const { json } = await house.instance.request({ path: '/.well-known/openid-configuration' });
  const { claims } = await signedIn({ acr_values: json.acr_values_supported.join(' ') });
  assert.ok(json.acr_values_supported.includes(claims['acr']));
});

/** A code that is used twice: the second time is refused, and ends what the first one gave. */
async function reused(wait_ms: number) {
  const answered = await ask(walker(house), app);
  const first = await redeem(house.instance, app, answered);
  assert.equal((await userinfo(first.json.access_token)).status, 200);
  await pause(wait_ms);
  const second = await redeem(house.instance, app, answered);
  assert.deepEqual([second.status, second.json.error], [400, 'invalid_grant']);
  assert.equal((await userinfo(first.json.access_token)).status, 401);
}

test('oidcc-codereuse', () => reused(0));

// Nothing hangs on the length of the delay: whether a code was used is kept until it would have expired, and after.
test('oidcc-codereuse-30seconds', () => reused(3_000));

test('oidcc-ensure-registered-redirect-uri', async () => {
  const { at, answer } = await ask(walker(house), app, { redirect_uri: 'https://app.example/another' });
  assert.deepEqual([at.origin, answer.status], [house.issuer, 400]);
});

test('oidcc-ensure-post-request-succeeds', async () => {
  const answered = await askByPost(walker(house), app);
  const { status, json } = await redeem(house.instance, app, answered);
  assert.equal(status, 200);
  await checkIdToken(house, app, json.id_token, { nonce: answered.nonce });
});

test('oidcc-server-client-secret-post', async () => {
  const other = await newApp(house.instance, { options: { auth: 'client_secret_post' } });
  const { answered, tokens } = await flow(house, other, {}, walker(house), byPost);
  await checkIdToken(house, other, tokens.id_token, { nonce: answered.nonce });
  assert.equal((await userinfo(tokens.access_token)).status, 200);
});

/** The parameters of a request as an unsigned object (OpenID Connect Core 6.1). */
function unsigned(params: Params): string {
  const claims = { ...Object.fromEntries(present(params)), iss: app.client_id, aud: house.issuer };
  return ['{"alg":"none"}', JSON.stringify(claims)].map((one) => Buffer.from(one).toString('base64url')).join('.');
}

test('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', async () => {
  const before = house.rp.fetched();
  const { told, seen } = await ask(walker(house), app, { request_uri: `${house.rp.url}/request.jwt` });
  assert.deepEqual([told['error'], told['code'], seen], ['request_uri_not_supported', undefined, []]);
  assert.equal(house.rp.fetched(), before, 'nothing is fetched for it');
});

test('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported', async () => {
  const object = Object.fromEntries(new URLSearchParams(asking(app).query));
  const { told, seen } = await ask(walker(house), app, { request: `${unsigned(object)}.` });
  assert.deepEqual([told['error'], told['code'], seen], ['request_not_supported', undefined, []]);
});

test('oidcc-claims-essential', async () => {
  const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
  await userinfoOf(await signedIn({ claims }));
});

const offline = { scope: 'openid offline_access', prompt: 'consent' };

test('oidcc-refresh-token', async () => {
  const other = await newApp(house.instance);
  const first = await signedIn(offline);
  const refreshed = await refresh(house.instance, app, first.tokens.refresh_token ?? '');
  assert.equal(refreshed.status, 200);
  const { access_token, id_token, refresh_token } = refreshed.json;
  assert.match(refresh_token, /^[\x20-\x7e]+$/);
  const { nonce } = first.answered;
  const claims = await checkIdToken(house, app, id_token, { nonce, access_token });
  const { iss, sub, aud, auth_time } = first.claims;
  assert.deepEqual([claims.iss, claims.sub, claims.aud, claims['auth_time']], [iss, sub, aud, auth_time]);
  assert.equal((await userinfo(access_token)).status, 200);
  const theirs = await flow(house, other, offline);
  const stolen = await refresh(house.instance, app, theirs.tokens.refresh_token ?? '');
  assert.deepEqual([stolen.status, stolen.json.error], [400, 'invalid_grant']);
});

test('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
  const { answered } = await signedIn();
  assert.match(answered.verifier, /^[A-Za-z0-9._~-]{43,128}$/);
});
