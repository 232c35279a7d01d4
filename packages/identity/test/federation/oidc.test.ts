import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Browser, createBrowser } from './browser.ts';
import { type House, openHouse } from './house.ts';
import { client_id, client_secret, issuer, type OidcIdp, openIdp } from './oidc-idp.ts';
import { enabled } from './walk.ts';

let idp: OidcIdp;
let house: House;
before(async () => {
  idp = await openIdp();
  house = await openHouse(idp.fetch);
});
after(async () => {
  await house.close();
  await idp.close();
});

const provider = (more: object = {}) =>
  ({ kind: 'oidc', label: 'IdP', issuer, client_id, client_secret, accounts: 'provisioned', ...more }) as never;

async function toIdp(browser: Browser, id: string): Promise<string> {
  await browser.begin();
  const start = await browser.post(`/federation/${id}/start`);
  assert.equal(start.status, 200, start.text);
  return start.next ?? '';
}

async function come(browser: Browser, id: string, jar?: Map<string, string>) {
  const back = await idp.walk(await toIdp(browser, id), jar);
  return browser.get(back.href);
}

test('a person signs in with OpenID Connect, gets an account, and our second factor is added', async () => {
  idp.person = { sub: 'ada', email: 'ada@clinic.example' };
  const id = await enabled(house, provider());
  const browser = createBrowser(house);
  const end = await come(browser, id);
  assert.deepEqual([end.status, end.location], [303, '/sign-in/enrol'], end.text);
  const account = await house.accounts.byId(1, (await browser.view())?.account?.id ?? '');
  assert.deepEqual([account?.login, account?.name, account?.source], ['ada@clinic.example', 'Ada L.', id]);
  idp.person = { sub: 'ada', email: 'married@clinic.example' };
  const again = createBrowser(house);
  assert.equal((await come(again, id)).location, '/sign-in/enrol');
  assert.equal((await again.view())?.account?.id, account?.id);
});

test('acr and amr count where they are trusted, and nowhere else', async () => {
  const trusting = await enabled(house, provider({ trusted_acr: ['urn:two-factors'], trusted_amr: ['mfa'] }));
  const wary = await enabled(house, provider({ trusted_amr: ['hospital-card'] }));
  const end = async (id: string, sub: string, more: object) => {
    idp.person = { sub, email: `${sub}-${id}@clinic.example`, ...more };
    return (await come(createBrowser(house), id)).location;
  };
  assert.equal(await end(trusting, 'a1', { acr: 'urn:two-factors' }), '/sign-in/done');
  assert.equal(await end(trusting, 'a2', { amr: ['pwd', 'mfa'] }), '/sign-in/done');
  assert.equal(await end(trusting, 'a3', { amr: ['pwd'] }), '/sign-in/enrol');
  assert.equal(await end(wary, 'a4', { acr: 'urn:two-factors', amr: ['mfa'] }), '/sign-in/enrol');
});

test('an address that nobody verified gives no account', async () => {
  idp.person = { sub: 'lax', email: 'chief@clinic.example', email_verified: false };
  const id = await enabled(house, provider({ domains: ['clinic.example'] }));
  const end = await come(createBrowser(house), id);
  assert.deepEqual([end.status, end.found.reason], [403, 'address not allowed']);
  const open = await enabled(house, provider());
  assert.equal((await come(createBrowser(house), open)).found.reason, 'no login in the answer');
});

test('userinfo is asked where it is wanted', async () => {
  idp.person = { sub: 'uma', email: 'uma@clinic.example' };
  const id = await enabled(house, provider({ userinfo: true, client_auth: 'client_secret_post' }));
  const before = idp.asked.get('/me') ?? 0;
  assert.equal((await come(createBrowser(house), id)).location, '/sign-in/enrol');
  assert.equal(idp.asked.get('/me'), before + 1);
});

test('a client secret that the provider does not know is its refusal, and rotates without a new provider', async () => {
  idp.person = { sub: 'rosa', email: 'rosa@clinic.example' };
  const id = await enabled(house, provider({ client_secret: 'an-old-secret' }));
  const end = await come(createBrowser(house), id);
  assert.deepEqual([end.status, end.found.reason], [403, 'provider refused']);
  await house.federation.providers.change(1, id, { client_secret });
  assert.equal((await come(createBrowser(house), id)).location, '/sign-in/enrol');
});

test('discovery and keys are remembered for ten minutes, and no longer', async () => {
  idp.person = { sub: 'kay', email: 'kay@clinic.example' };
  const id = await enabled(house, provider());
  const count = () => idp.asked.get('/.well-known/openid-configuration') ?? 0;
  const before = count();
  await come(createBrowser(house), id);
  await come(createBrowser(house), id);
  assert.equal(count(), before + 1, 'enabling asked once, before; the change made it another version');
  house.clock.ahead += 10 * 60_000;
  await toIdp(createBrowser(house), id);
  assert.equal(count(), before + 2);
  house.clock.ahead -= 10 * 60_000;
});

test('the request carries PKCE, state, nonce, and an address of its own per provider', async () => {
  const [one, two] = [await enabled(house, provider()), await enabled(house, provider())];
  const browser = createBrowser(house);
  const [first, second] = [new URL(await toIdp(browser, one)), new URL(await toIdp(browser, two))];
  const asked = first.searchParams;
  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.match(asked.get('code_challenge') ?? '', /^[\w-]{43}$/);
  assert.match(asked.get('nonce') ?? '', /^[\w-]{43}$/);
  assert.notEqual(asked.get('state'), second.searchParams.get('state'));
  assert.notEqual(asked.get('redirect_uri'), second.searchParams.get('redirect_uri'));
});

test('login CSRF: a code of the attacker, in the browser of somebody else, signs nobody in', async () => {
  idp.person = { sub: 'mallory', email: 'mallory@clinic.example' };
  const id = await enabled(house, provider());
  const attacker = createBrowser(house);
  const back = await idp.walk(await toIdp(attacker, id));
  const victim = createBrowser(house);
  await victim.begin();
  const end = await victim.get(back.href);
  assert.deepEqual([end.status, end.found.reason], [403, 'another browser']);
  assert.equal((await victim.view())?.step, 'identify');
  assert.equal((await attacker.get(back.href)).status, 303, 'nothing was used up, and nothing else was wrong');
});

test('a code comes back once, with its own state, from its own provider, and to it', async () => {
  idp.person = { sub: 'once', email: 'once@clinic.example' };
  const [one, two] = [await enabled(house, provider()), await enabled(house, provider())];
  const browser = createBrowser(house);
  const back = await idp.walk(await toIdp(browser, one));
  const mixed = new URL(back.href.replace(one, two));
  assert.equal((await browser.get(mixed.href)).found.reason, 'flow not known');
  const copy = createBrowser(house);
  const other = new URL(await idp.walk(await toIdp(copy, one)));
  other.searchParams.set('iss', 'https://evil.example');
  assert.equal((await copy.get(other.href)).found.reason, 'issuer');
  // A provider that promised to name itself does; the negative control is with one that did not: oidc-attacks.test.ts.
  const mute = createBrowser(house);
  const unnamed = new URL(await idp.walk(await toIdp(mute, one)));
  unnamed.searchParams.delete('iss');
  assert.equal((await mute.get(unnamed.href)).status, 403);
  assert.equal((await browser.get(back.href)).status, 303);
  assert.equal((await browser.get(back.href)).found.reason, 'flow not known');
  const bare = createBrowser(house);
  await toIdp(bare, one);
  assert.equal((await bare.get(`/federation/${one}/callback?code=x&state=${'y'.repeat(43)}`)).status, 403);
});

test('a provider that says no, says so', async () => {
  const id = await enabled(house, provider());
  const browser = createBrowser(house);
  const asked = new URL(await toIdp(browser, id));
  const query = new URLSearchParams({
    error: 'access_denied',
    state: asked.searchParams.get('state') ?? '',
    iss: issuer,
  });
  const end = await browser.get(`/federation/${id}/callback?${query}`);
  assert.deepEqual([end.status, end.found.reason], [403, 'provider refused']);
  assert.doesNotMatch(end.text, /access_denied/);
});

test('a step-up wants a new sign-in of the same person at the provider', async () => {
  idp.person = { sub: 'stella', email: 'stella@clinic.example', amr: ['mfa'] };
  const id = await enabled(house, provider({ trusted_amr: ['mfa'] }));
  const browser = createBrowser(house);
  const jar = new Map<string, string>();
  assert.equal((await come(browser, id, jar)).location, '/sign-in/done');
  const { account } = await browser.complete();
  await browser.begin(1, { purpose: 'step-up', account });
  const { next = '' } = await browser.post(`/federation/${id}/start`);
  assert.equal(new URL(next).searchParams.get('prompt'), 'login');
  assert.equal((await browser.get((await idp.walk(next, jar)).href)).location, '/sign-in/done');
});

test('a provider that is switched off or unknown is not there', async () => {
  const id = await enabled(house, provider());
  const browser = createBrowser(house);
  await browser.begin();
  await house.federation.providers.enable(1, id, false);
  assert.equal((await browser.post(`/federation/${id}/start`)).status, 'missing');
  assert.equal((await browser.post('/federation/nothing/start')).status, 'missing');
  assert.equal((await browser.post(`/federation/${id}/acs`, {}, { crossSite: true })).status, 'missing');
});
