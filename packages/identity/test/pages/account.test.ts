import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chrome, code, password, person } from '../sign-in/house.ts';
import { softPasskey } from '../sign-in/soft-passkey.ts';
import { grants, openSite, type Site } from './site.ts';
import { signedIn, type Visitor } from './visitor.ts';

const since = Date.parse('2026-10-02T08:00:00Z');
const chart = { grant: 'g1', client_id: 'c', name: 'Growth <Chart>', scopes: ['patient/*.rs', 'openid'], since };
let site: Site;
before(async () => {
  site = await openSite({ change: { apps: grants([chart]), describe: (scope) => `may: ${scope}` } });
  await person(site, { roles: ['administrator'] });
});
after(() => site.close());

const factorsOf = (id: string) => site.authenticators.list(1, id);
const stale = (): void => {
  site.clock.at += 6 * 60_000;
};

/** Through a step-up with password and app. */
async function confirmWith(who: Visitor, secret: string) {
  assert.equal((await who.post('/sign-in/confirm', { password: 'not it' })).status, 422);
  assert.equal((await who.post('/sign-in/confirm', { password })).to, '/sign-in/second');
  site.clock.at += 30_000;
  return who.post('/sign-in/second/code', { code: code(site, secret) });
}

test('what protects the account asks for a fresh factor first; until then nothing is changed', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  const before = await factorsOf(someone.id);
  const [factor] = before;
  const looked = ['/account/factors/add', '/account/password', '/account/recovery-codes'];
  const posted = [
    '/account/factors/app',
    '/account/factors/app/code',
    '/account/factors/passkey/options',
    '/account/factors/passkey',
    `/account/factors/${factor?.id}/remove`,
    '/account/recovery-codes',
    '/account/password',
  ];
  assert.equal((await who.get(looked[0] ?? '')).status, 200, 'fresh from the sign-in');
  stale();
  for (const path of looked) assert.equal((await who.get(path)).to, '/sign-in/confirm', path);
  for (const path of posted) {
    const reply = await who.post(path, { current: password, password: 'a new password 1', again: 'a new password 1' });
    assert.equal(reply.to, '/sign-in/confirm', path);
  }
  assert.deepEqual(await factorsOf(someone.id), before);
  assert.equal(await site.authenticators.recovery.left(1, someone.id), 10);
  assert.equal(await site.authenticators.passwords.verify(1, someone.id, password), true);

  const session = who.jar.get('__Host-safeguard');
  await who.get('/account/password');
  const back = await confirmWith(who, someone.secret);
  assert.equal(back.to, '/account/password');
  assert.equal(site.told('step-up')?.outcome, 'permit');
  assert.notEqual(who.jar.get('__Host-safeguard'), session, 'a rise gives the session a new secret');
  assert.equal((await who.get('/account/password')).status, 200);
});

test('a factor is added with an app, named, used and removed; the last one stays', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  const begun = (await who.post('/account/factors/app')).text;
  const secret = /id="key">([A-Z2-7 ]+)</.exec(begun)?.[1]?.replaceAll(' ', '') ?? '';
  const id = /name="id" value="([^"]+)"/.exec(begun)?.[1] ?? '';
  const wrong = await who.post('/account/factors/app/code', { id, code: '000000', label: 'Spare' });
  assert.equal(wrong.status, 422);
  assert.doesNotMatch(wrong.text, new RegExp(secret.slice(0, 4)), 'the key is shown once');
  const added = await who.post('/account/factors/app/code', { id, code: code(site, secret), label: 'Spare' });
  assert.equal(added.to, '/account/factors?done=added');
  assert.deepEqual(site.told('factor-add')?.targets, [{ type: 'Factor', id }]);
  const shown = (await who.get('/account/factors')).text;
  assert.match(shown, /<h3>Spare/);

  assert.equal((await who.post(`/account/factors/${id}/remove`)).to, '/account/factors?done=removed');
  const last = (await factorsOf(someone.id)).find(({ kind }) => kind === 'totp');
  const refused = await who.post(`/account/factors/${last?.id}/remove`);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /only second step/);
  assert.equal(await site.authenticators.hasSecond(1, someone.id), true);
});

test('a passkey is added against a challenge of this session, once', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  const other = await signedIn(site, await person(site));
  const key = softPasskey(site.url);
  const add = (visitor: Visitor, response: object) =>
    visitor.post('/account/factors/passkey', { response: JSON.stringify(response), label: 'Key' });
  const options = JSON.parse((await who.post('/account/factors/passkey/options')).text);
  const response = key.register(options);
  assert.equal((await add(other.who, response)).status, 422, 'of another session');
  assert.equal((await add(who, { ...response, response: 'nothing' })).status, 422);
  assert.equal((await add(who, response)).status, 422, 'the challenge is gone with the first answer');
  const again = JSON.parse((await who.post('/account/factors/passkey/options')).text);
  assert.equal((await add(who, key.register(again))).to, '/account/factors?done=added');
  assert.equal((await factorsOf(someone.id)).filter(({ kind }) => kind === 'passkey').length, 1);
});

test('a new password needs the current one, ends what is open elsewhere, and guesses run out', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  const elsewhere = await signedIn(site, someone, {}, chrome);
  const next = 'salt harbour 22 lanterns';
  const change = (current: string, text = next, again = text) =>
    who.post('/account/password', { current, password: text, again, others: 'yes' });
  assert.equal((await change(password, next, 'another')).status, 422);
  assert.match((await change(password, 'password')).text, /tried first/);
  assert.match((await change(password, 'harborclinic1')).text, /name of this service or organization/, 'of the brand');
  const wrong = await change('not it');
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /id="current-error"/);
  assert.equal(site.told('password-change')?.reason, 'wrong current password');
  assert.equal((await change(password)).to, '/account/factors?done=password');
  assert.equal(await site.authenticators.passwords.verify(1, someone.id, next), true);
  assert.equal((await elsewhere.who.get('/account')).status, 303);
  assert.equal((await who.get('/account')).status, 200);
  const statuses = [];
  for (let tries = 0; tries < 6; tries += 1) statuses.push((await change('not it')).status);
  assert.deepEqual(statuses, [422, 422, 422, 422, 422, 429]);
});

test('recovery codes are made anew and shown once', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  const codes = [...(await who.post('/account/recovery-codes')).text.matchAll(/<li>([a-z0-9]{5}-[a-z0-9]{5})</g)];
  assert.equal(codes.length, 10);
  assert.equal(await site.authenticators.recovery.use(1, someone.id, someone.codes[0] ?? ''), false);
  assert.equal(await site.authenticators.recovery.use(1, someone.id, codes[0]?.[1] ?? ''), true);
  assert.match((await who.get('/account/factors')).text, /9 of 10 codes are left/);
});

test('devices: listed, ended one by one and all together, and nobody else’s', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  const second = await signedIn(site, someone, {}, chrome);
  const stranger = await signedIn(site, await person(site));
  const own = await site.sessions.list(1, someone.id);
  const text = (await who.get('/account/sessions')).text;
  assert.match(text, /Firefox on Linux.*this device/);
  assert.match(text, /Chrome on Windows/);
  const chromes = own.find(({ device }) => device.startsWith('Chrome'));
  assert.equal((await stranger.who.post(`/account/sessions/${chromes?.id}/end`)).status, 404);
  assert.equal((await second.who.get('/account')).status, 200, 'a stranger ends nothing');
  assert.equal((await who.post(`/account/sessions/${chromes?.id}/end`)).to, '/account/sessions?ended=one');
  assert.deepEqual(site.told('session-end')?.targets, [{ type: 'Session', id: chromes?.id ?? '' }]);
  assert.equal((await second.who.get('/account')).status, 303);
  const third = await signedIn(site, someone, {}, chrome);
  assert.equal((await who.post('/account/sessions/end-all')).to, '/sign-out');
  for (const each of [who, third.who]) assert.equal((await each.get('/account')).status, 303);
});

test('other sessions are ended after a fresh factor alone; oneself is signed out without one', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  const away = await signedIn(site, someone, {}, chrome);
  const own = await site.sessions.list(1, someone.id);
  const [mine, theirs] = ['Firefox', 'Chrome'].map((name) => own.find(({ device }) => device.startsWith(name))?.id);
  stale();
  for (const path of [`${theirs}/end`, 'end-all']) {
    assert.equal((await who.post(`/account/sessions/${path}`)).to, '/sign-in/confirm', path);
    const told = site.told('session-end');
    assert.deepEqual([told?.outcome, told?.reason], ['deny', 'a factor has to be shown first']);
  }
  for (const each of [who, away.who]) assert.equal((await each.get('/account')).status, 200, 'nothing was ended');
  assert.equal((await confirmWith(who, someone.secret)).to, '/account/sessions');
  assert.equal((await who.post(`/account/sessions/${theirs}/end`)).to, '/account/sessions?ended=one');
  assert.equal((await away.who.get('/account')).status, 303);
  stale();
  assert.equal((await who.post(`/account/sessions/${mine}/end`)).to, '/sign-out', 'one’s own');
  assert.equal((await who.get('/account')).status, 303);
});

test('apps: listed in words, escaped, and ended', async () => {
  const { who } = await signedIn(site, await person(site));
  const text = (await who.get('/account/apps')).text;
  assert.match(text, /Growth &lt;Chart&gt;/);
  assert.match(text, /may: patient\/\*\.rs/);
  assert.equal((await who.post('/account/apps/nothing/end')).status, 404);
  assert.equal((await who.post('/account/apps/g1/end')).to, '/account/apps?ended=one');
  assert.match((await who.get('/account/apps')).text, /No app has access/);
});

test('a session below level 2 is refused at every page of the account', async () => {
  const someone = await person(site);
  const { secret } = await site.sessions.open({
    tenant: 1,
    account: someone.id,
    level: 1,
    methods: ['pwd'],
    remote: '192.0.2.1',
    agent: chrome,
  });
  const { who } = await signedIn(site, await person(site), {}, chrome);
  who.jar.set('__Host-safeguard', secret);
  for (const path of ['/account', '/account/factors', '/account/sessions', '/account/apps', '/account/password'])
    assert.equal((await who.get(path)).status, 403, path);
});

test('single sign-on: what is linked is listed, what is not has a form; without any nothing is said', async () => {
  const { who } = await signedIn(site, await person(site));
  assert.doesNotMatch((await who.get('/account')).text, /Single sign-on/);
  const offered = [
    { id: 'p1', label: 'Ward <SSO>' },
    { id: 'p2', label: 'Lab SSO' },
  ];
  const linked = [
    { provider: 'p2', label: 'Lab SSO', created_at: since },
    { provider: 'p3', label: 'Old SSO', created_at: since },
  ];
  const tenants: number[] = [];
  const withSso = await openSite({
    change: {
      providers: async () => offered,
      linked: async (tenant) => {
        tenants.push(tenant);
        return linked;
      },
    },
  });
  try {
    await person(withSso, { roles: ['administrator'] });
    const text = (await (await signedIn(withSso, await person(withSso))).who.get('/account')).text;
    assert.deepEqual(
      [...text.matchAll(/action="(\/federation\/[^"]+)"/g)].map(([, path]) => path),
      ['/federation/p1/link'],
    );
    assert.match(text, /Ward &lt;SSO&gt;/);
    for (const label of ['Lab SSO', 'Old SSO']) assert.match(text, new RegExp(`<h3>${label}</h3><p[^>]*>Linked`));
    assert.deepEqual(tenants, [1]);
  } finally {
    await withSso.close();
  }
});
