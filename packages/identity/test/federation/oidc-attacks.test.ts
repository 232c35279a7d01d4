import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeJwt, type JWTPayload } from 'jose';
import * as client from 'openid-client';
import { type Bent, believingKey, createBentCheck, headerChoosing, signatureAlone } from './broken-tokens.ts';
import { createBrowser } from './browser.ts';
import { type House, openHouse, outcome } from './house.ts';
import { client_id, client_secret, createStub, issuer, sign, strangerKey } from './stub-idp.ts';
import { enabled } from './walk.ts';

const stub = createStub();
let house: House;
before(async () => {
  house = await openHouse(stub.fetch);
});
after(() => house.close());

const provider = (more: object = {}) =>
  ({ kind: 'oidc', label: 'Stub', issuer, client_id, client_secret, accounts: 'provisioned', ...more }) as never;

const now_s = () => Math.floor(house.clock.now() / 1000);
const claims = (nonce: string, more: object = {}): JWTPayload => ({
  iss: issuer,
  aud: client_id,
  sub: 'ada',
  email: 'ada@clinic.example',
  email_verified: true,
  iat: now_s(),
  exp: now_s() + 300,
  nonce,
  ...more,
});

/** To the provider and back with a token that is made for the nonce; where it led, or why not. */
async function come(id: string, forge: (nonce: string) => Promise<string | undefined>, more = '') {
  const browser = createBrowser(house);
  await browser.begin();
  const start = await browser.post(`/federation/${id}/start`);
  const asked = new URL(start.next ?? '').searchParams;
  stub.id_token = await forge(asked.get('nonce') ?? '');
  const end = await browser.get(`/federation/${id}/callback?code=c&state=${asked.get('state')}${more}`);
  return end.location ?? `${end.status}: ${end.found.reason}`;
}

const refused = '403: token refused';

test('a token that the provider signed is taken', async () => {
  const id = await enabled(house, provider());
  assert.equal(await come(id, (nonce) => sign.honest(claims(nonce))), '/sign-in/enrol');
});

test('a mix-up: an answer that names another issuer is refused; negative control: one that names none', async () => {
  const id = await enabled(house, provider());
  const honest = (nonce: string) => sign.honest(claims(nonce, { sub: 'mixed', email: 'mixed@clinic.example' }));
  for (const iss of ['https://evil.example', `${issuer}/`, '']) {
    assert.equal(await come(id, honest, `&iss=${encodeURIComponent(iss)}`), '403: issuer', iss);
  }
  assert.equal(await come(id, honest), '/sign-in/enrol', 'where `iss` is not looked at');
});

/** The library as it comes: a token is believed because it came over TLS. */
async function lenient(token: string, nonce: string): Promise<string | undefined> {
  const server = { issuer, token_endpoint: `${issuer}/token`, id_token_signing_alg_values_supported: ['RS256'] };
  const lax = new client.Configuration(server, client_id, client_secret);
  lax[client.customFetch] = (url, init) => stub.fetch(url, init as RequestInit);
  stub.id_token = token;
  const url = new URL('https://localhost:8443/callback?code=c&state=s');
  const checks = { expectedState: 's', expectedNonce: nonce };
  return (await client.authorizationCodeGrant(lax, url, checks)).claims()?.sub;
}

test('a signature by somebody else, by no key, or by a key that is everybody’s is refused', async (t) => {
  const id = await enabled(house, provider());
  for (const way of ['stranger', 'embedded', 'none', 'secret', 'publicKey'] as const) {
    await t.test(way, async () => {
      let token = '';
      const forge = async (nonce: string) => {
        token = await sign[way](claims(nonce, { sub: 'evil' }));
        return token;
      };
      assert.equal(await come(id, forge), refused);
      const { nonce = '' } = decodeJwt<{ nonce: string }>(token);
      // The negative controls: verifiers with a mistake each.
      if (way === 'stranger' || way === 'embedded') assert.equal(await lenient(token, nonce), 'evil');
      else assert.equal(headerChoosing(token)?.sub, 'evil', 'taken where the header chooses the algorithm');
      if (way === 'embedded') assert.equal((await believingKey(token)).sub, 'evil');
    });
  }
});

test('a token for another client, time, sign-in or provider is refused, though its signature holds', async (t) => {
  const id = await enabled(house, provider());
  const check = createBentCheck(house, stub, id);
  const other: Bent = { settings: { client_id: 'another-client' } };
  const late = { nbf: now_s() + 600, exp: now_s() + 900 };
  // What is bent, and the expectation bent alike with which it is taken: the negative control.
  const bent: Readonly<Record<string, readonly [object, Bent?]>> = {
    'another issuer': [{ iss: 'https://evil.example' }, { settings: { issuer: 'https://evil.example' } }],
    'another audience': [{ aud: 'another-client' }, other],
    'many audiences without azp': [{ aud: [client_id, 'another-client'] }],
    'many audiences, for another': [{ aud: [client_id, 'another-client'], azp: 'another-client' }, other],
    'another azp': [{ aud: client_id, azp: 'another-client' }],
    expired: [{ iat: now_s() - 900, exp: now_s() - 600 }, { ahead_s: -700 }],
    'not yet': [late, { ahead_s: 700 }],
    'another nonce': [{ nonce: 'x'.repeat(43) }, { nonce: 'x'.repeat(43) }],
    'no nonce': [{ nonce: undefined }],
    'no subject': [{ sub: undefined }],
    'no end': [{ exp: undefined }],
    'a subject that is no text': [{ sub: { toString: 'ada' } }],
  };
  for (const [name, [change, control]] of Object.entries(bent)) {
    await t.test(name, async () => {
      let [token, sent] = ['', ''];
      const forge = async (nonce: string) => {
        sent = nonce;
        token = await sign.honest(claims(nonce, change));
        return token;
      };
      assert.equal(await come(id, forge), refused);
      if (control !== undefined) assert.equal(await check.idToken(token, sent, control), 'ada');
      // Where there is no other expectation to bend: a verifier that looks at the signature alone takes all of them.
      else assert.equal((await signatureAlone(token)).iss, issuer);
    });
  }
  assert.equal(await come(id, async () => undefined), refused, 'no token at all');
});

test('discovery decides nothing that was configured', async () => {
  const { providers } = house.federation;
  const attempt = async (metadata: object) => {
    stub.metadata = metadata;
    const { id } = await providers.create(1, provider());
    const end = String(await outcome(providers.enable(1, id, true)));
    await providers.remove(1, id);
    stub.metadata = {};
    return end;
  };
  assert.match(await attempt({ issuer: 'https://evil.example' }), /another issuer/);
  assert.match(await attempt({ issuer: `${issuer}/` }), /another issuer/);
  assert.match(await attempt({ issuer: 'https://stub.example/{tenantid}' }), /another issuer/);
  assert.match(await attempt({ id_token_signing_alg_values_supported: ['HS256', 'none'] }), /no algorithm/);
  assert.match(await attempt({ token_endpoint: 'http://stub.example/token' }), /did not answer/);
  assert.match(await attempt({ authorization_endpoint: 'javascript:alert(1)' }), /did not answer/);
  assert.equal(await attempt({}), '[object Object]');
});

test('an old sign-in is no step-up', async () => {
  const id = await enabled(house, provider({ trusted_amr: ['mfa'] }));
  const who = { sub: 'step', email: 'step@clinic.example', amr: ['mfa'] };
  const browser = createBrowser(house);
  await browser.begin();
  const back = async (more: object) => {
    const { next = '' } = await browser.post(`/federation/${id}/start`);
    const asked = new URL(next).searchParams;
    stub.id_token = await sign.honest(claims(asked.get('nonce') ?? '', { ...who, ...more }));
    return browser.get(`/federation/${id}/callback?code=c&state=${asked.get('state')}`);
  };
  assert.equal((await back({})).location, '/sign-in/done');
  const { account } = await browser.complete();
  await browser.begin(1, { purpose: 'step-up', account });
  assert.equal((await back({})).found.reason, 'authentication too old');
  assert.equal((await back({ auth_time: now_s() - 600 })).found.reason, 'authentication too old');
  assert.equal((await back({ auth_time: now_s() })).location, '/sign-in/done');
});

const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const logoutClaims = (more: object = {}): JWTPayload => ({
  iss: issuer,
  aud: client_id,
  sub: 'leaver',
  iat: now_s(),
  exp: now_s() + 120,
  jti: crypto.randomUUID(),
  events: event,
  ...more,
});

test('back-channel logout ends the sessions of whom it names, and of nobody by a token that is none', async () => {
  const id = await enabled(house, provider({ trusted_amr: ['mfa'] }));
  const browser = createBrowser(house);
  const enter = async () => {
    await browser.begin();
    const asked = new URL((await browser.post(`/federation/${id}/start`)).next ?? '').searchParams;
    const who = { sub: 'leaver', email: 'leaver@clinic.example', amr: ['mfa'] };
    stub.id_token = await sign.honest(claims(asked.get('nonce') ?? '', who));
    await browser.get(`/federation/${id}/callback?code=c&state=${asked.get('state')}`);
    return browser.complete();
  };
  const { account } = await enter();
  const tell = async (token: string) => {
    const form = { logout_token: token };
    return (await browser.post(`/federation/${id}/logout`, form, { crossSite: true })).status;
  };
  const check = createBentCheck(house, stub, id);
  const alike = (bent: Bent) => (given: string) => check.logoutToken(given, bent);
  const read = async (given: string) => (await signatureAlone(given)).sub;
  const confused = async (given: string) => headerChoosing(given)?.sub;
  const old = { iat: now_s() - 3600, exp: now_s() + 60 };
  // Each with who would end the session by it: the product with that expectation bent, or a verifier with a mistake.
  const wrong: readonly [Promise<string>, (given: string) => Promise<string | undefined>][] = [
    [sign.honest(claims('n', { sub: 'leaver' })), read],
    [sign.honest(logoutClaims()), read],
    [sign.honest(logoutClaims(), 'JWT'), read],
    [sign.honest(logoutClaims({ nonce: 'n' }), 'logout+jwt'), read],
    [sign.honest(logoutClaims({ events: {} }), 'logout+jwt'), read],
    [sign.honest(logoutClaims({ aud: 'other' }), 'logout+jwt'), alike({ settings: { client_id: 'other' } })],
    [
      sign.honest(logoutClaims({ iss: 'https://evil.example' }), 'logout+jwt'),
      alike({ settings: { issuer: 'https://evil.example' } }),
    ],
    [sign.honest(logoutClaims(old), 'logout+jwt'), alike({ ahead_s: -3600 })],
    [sign.stranger(logoutClaims()), async (given) => (await believingKey(given, strangerKey)).sub],
    [sign.none(logoutClaims()), confused],
    [sign.secret(logoutClaims()), confused],
    [sign.publicKey(logoutClaims()), confused],
  ];
  for (const [made, control] of wrong) {
    const given = await made;
    assert.equal(await tell(given), 'invalid');
    assert.equal(await control(given), 'leaver', 'negative control');
  }
  const nobody = await sign.honest(logoutClaims({ sub: undefined, sid: 's' }), 'logout+jwt');
  assert.equal(await tell(nobody), 'invalid', 'it names nobody: there is nobody to end');
  assert.equal((await browser.signedIn())?.account, account);
  const token = await sign.honest(logoutClaims(), 'logout+jwt');
  assert.equal(await tell(token), 200);
  assert.deepEqual(await house.sessions.list(1, account), []);
  await enter();
  assert.equal(await tell(token), 'invalid', 'it is taken once');
  assert.equal((await house.sessions.list(1, account)).length, 1);
  assert.equal(
    await tell(await sign.honest(logoutClaims({ sub: 'nobody' }), 'logout+jwt')),
    200,
    'and tells not who is here',
  );
});
