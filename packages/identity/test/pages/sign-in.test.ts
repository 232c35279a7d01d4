import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { code, password, person } from '../sign-in/house.ts';
import { openSite, type Site } from './site.ts';
import { login, signedIn, visitor } from './visitor.ts';

let site: Site;
const provider = { id: '7d6f3a52-0d8b-4a7b-9c37-1c7f7dcd2f10', label: 'Harbor staff' };
before(async () => {
  site = await openSite({ change: { providers: async (tenant) => (tenant === 1 ? [provider] : []) } });
});
after(() => site.close());

const title = (text: string): string => /<title>(.*?)<\/title>/.exec(text)?.[1] ?? '';

test('before the first administrator every door says so, and nothing is begun', async () => {
  const who = visitor(site);
  for (const path of ['/sign-in', '/join/sgl_x', '/recover/sgl_x']) {
    const reply = await who.get(path);
    assert.equal(reply.status, 503, path);
    assert.match(reply.text, /not set up yet/);
  }
  assert.equal((await login(who, { login: 'a@b.example' })).status, 503);
  assert.equal((await who.post('/sign-in/passkey/options')).status, 503);
  assert.equal((await who.get('/account')).to, '/sign-in?return=%2Faccount');
  const flows = await site.sql('select count(*)::int as count from identity.sign_in_flow');
  assert.equal(flows[0]?.['count'], 0);
});

test('a link may be looked at as often as a scanner likes: only the whole flow uses it up', async () => {
  const { secret } = await site.accounts.links.make('administrator', 1, null);
  const path = `/first/${secret}`;
  const scanner = visitor(site);
  for (let count = 0; count < 5; count += 1) {
    assert.equal((await scanner.get(path)).status, 200);
    assert.equal((await scanner.head(path)).status, 200);
  }
  assert.equal(scanner.jar.size, 0);
  assert.equal((await scanner.get(path)).headers.get('referrer-policy'), 'strict-origin');
  const left = await scanner.post(path);
  assert.equal(left.to, '/sign-in/account', 'one who opens it and goes away does not use it up either');

  const who = visitor(site);
  assert.equal((await who.post(path)).to, '/sign-in/account');
  assert.equal((await who.get('/sign-in/enrol')).to, '/sign-in/account', 'a step that is not due');
  const named = { name: 'Ada Berg', login: 'ada@harbor.example' };
  assert.equal((await who.post('/sign-in/account', { ...named, login: 'no address' })).status, 422);
  assert.equal((await who.post('/sign-in/account', named)).to, '/sign-in/password');
  assert.equal((await who.post('/sign-in/password', { password, again: `${password}x` })).status, 422);
  assert.equal((await who.post('/sign-in/password', { password, again: password })).to, '/sign-in/enrol');
  assert.equal((await who.post('/sign-in/enrol/app')).to, '/sign-in/enrol/app');
  const key = /id="key">([A-Z2-7 ]+)</.exec((await who.get('/sign-in/enrol/app')).text)?.[1]?.replaceAll(' ', '') ?? '';
  assert.equal((await who.post('/sign-in/enrol/app/code', { code: '000000' })).status, 422);
  assert.equal((await who.post('/sign-in/enrol/app/code', { code: code(site, key) })).to, '/sign-in/codes');
  assert.equal((await who.post('/sign-in/codes')).status, 422, 'unticked');
  assert.equal((await scanner.get(path)).status, 200, 'still open before the last step');
  const done = await who.post('/sign-in/codes', { kept: 'yes' });
  assert.deepEqual([done.status, done.to], [303, '/account']);
  assert.equal((await who.get('/account')).status, 200);
  assert.equal((await scanner.get(path)).status, 404);
  assert.equal((await scanner.post(path)).status, 404);
  const event = site.told('link-use');
  assert.deepEqual([event?.outcome, event?.tenant], ['permit', 1]);
  assert.deepEqual(
    event?.targets.map(({ type }) => type),
    ['Account', 'Session', 'Link'],
  );
  assert.equal(event?.actor, event?.targets[0]?.id);
});

test('unknown, malformed and another kind of link look the same', async () => {
  const { id } = await site.accounts.create({ tenant: 1, kind: 'workforce', login: 'k@x.example', name: 'K' });
  const { secret } = await site.accounts.links.make('invitation', 1, id);
  const replies = await Promise.all(
    ['/join/x', `/join/sgl_${'A'.repeat(43)}`, `/recover/${secret}`, `/first/${secret}`].map((path) =>
      visitor(site).get(path),
    ),
  );
  assert.deepEqual(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size, 1);
  assert.equal(replies[0]?.status, 404);
});

test('a failed sign-in is 422, begins with Error, tells nothing of who exists, and stands in the ledger', async () => {
  const who = await person(site);
  const known = await login(visitor(site), { login: who.login, password: 'wrong one' });
  const event = site.told('sign-in');
  assert.deepEqual([event?.outcome, event?.reason, event?.tenant], ['deny', 'wrong password or login', 1]);
  assert.deepEqual(event?.targets, [{ type: 'Account', id: who.id }]);
  assert.equal(event?.actor, 'anonymous');
  const unknown = await login(visitor(site), { login: 'nobody@example.org', password: 'wrong one' });
  assert.equal(known.status, 422);
  assert.match(title(known.text), /^Error: Sign in/);
  const same = (text: string, own: string): string => text.replaceAll(own, '…');
  assert.equal(same(unknown.text, 'nobody@example.org'), same(known.text, who.login));
  assert.equal(unknown.status, 422);
  assert.doesNotMatch(known.text, /wrong one/);
});

test('signing in: flow and session cookies, the ledger, and the way back to an app by a page of its own', async () => {
  const who = await person(site);
  const { who: browser, reply } = await signedIn(site, who);
  assert.deepEqual([reply.status, reply.to], [303, '/account']);
  for (const line of reply.headers.getSetCookie()) {
    assert.match(line, /^__Host-safeguard/);
    for (const rule of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']) assert.ok(line.includes(`; ${rule}`), line);
    assert.doesNotMatch(line, /Domain/i);
  }
  assert.deepEqual([...browser.jar.keys()].sort(), [
    '__Host-safeguard',
    '__Host-safeguard-device',
    '__Host-safeguard-tenant',
  ]);
  const event = site.told('sign-in');
  assert.deepEqual([event?.outcome, event?.actor], ['permit', who.id]);

  const app = await signedIn(site, who, { return: '/interaction/abc' });
  assert.equal(app.reply.status, 200);
  assert.match(app.reply.text, /<meta http-equiv="refresh" content="0; url=\/interaction\/abc">/);
  assert.match(app.reply.headers.get('content-security-policy') ?? '', /form-action 'self';/);
});

test('only pages of ours can be gone back to', async () => {
  for (const path of ['https://evil.example', '//evil.example', '/\\evil.example', '/interaction/../x', '/oauth2/x']) {
    const { reply } = await signedIn(site, await person(site), { return: path });
    assert.equal(reply.to, '/account', path);
  }
  const text = (await visitor(site).get('/sign-in?return=//evil.example')).text;
  assert.doesNotMatch(text, /evil/);
});

test('a tenant by its name; an unknown one is no page; the last one is remembered', async () => {
  const who = visitor(site);
  assert.equal((await who.get('/sign-in?tenant=nobody')).status, 404);
  assert.match((await who.get('/sign-in?tenant=other')).text, /name="tenant" value="other"/);
  who.jar.set('__Host-safeguard-tenant', 'other');
  assert.match((await who.get('/sign-in')).text, /name="tenant" value="other"/);
  who.jar.set('__Host-safeguard-tenant', 'gone');
  assert.match((await who.get('/sign-in')).text, /name="tenant" value="default"/);
});

test('a step without a flow, and one of a flow that is over, begins again', async () => {
  const who = visitor(site);
  assert.equal((await who.get('/sign-in/second')).status, 409);
  const someone = await person(site);
  await login(who, { login: someone.login });
  site.clock.at += 16 * 60_000;
  const late = await who.post('/sign-in/second/code', { code: '123456' });
  assert.equal(late.status, 409);
  assert.match(late.text, /Please start again/);
});

test('wrong codes are counted; too many are told with how long to wait, right or wrong', async () => {
  const someone = await person(site);
  const who = visitor(site);
  await login(who, { login: someone.login });
  const wrong = await who.post('/sign-in/second/code', { code: '000000' });
  assert.equal(wrong.status, 422);
  assert.equal(site.told('sign-in')?.reason, 'wrong code');
  assert.deepEqual(site.told('sign-in')?.targets, [{ type: 'Account', id: someone.id }]);
  const statuses: number[] = [];
  for (let flows = 0; flows < 3; flows += 1) {
    const other = visitor(site);
    await login(other, { login: someone.login });
    for (let tries = 0; tries < 4; tries += 1)
      statuses.push((await other.post('/sign-in/second/code', { code: '000000' })).status);
  }
  assert.deepEqual(statuses.slice(0, 9), Array(9).fill(422));
  assert.equal(statuses.at(-1), 429);
  site.clock.at += 1_000;
  const other = visitor(site);
  await login(other, { login: someone.login });
  const right = await other.post('/sign-in/second/code', { code: code(site, someone.secret) });
  assert.equal(right.status, 429);
  assert.match(right.text, /Please wait \d+ minutes|Please wait a minute/);
  assert.ok(Number(right.headers.get('retry-after')) > 0);
});

test('a recovery code lets in once, and the ledger says that it was one', async () => {
  const someone = await person(site);
  const who = visitor(site);
  await login(who, { login: someone.login });
  const [recovery = ''] = someone.codes;
  assert.equal(
    (await who.post('/sign-in/second/recovery', { recovery: ` ${recovery.toUpperCase()} ` })).to,
    '/account',
  );
  assert.equal(site.told('recovery-code-use')?.outcome, 'permit');
  const again = visitor(site);
  await login(again, { login: someone.login });
  assert.equal((await again.post('/sign-in/second/recovery', { recovery })).status, 422);
  assert.equal(site.told('recovery-code-use')?.outcome, 'deny');
});

test('signing out ends the session, and only a form does it', async () => {
  const { who } = await signedIn(site, await person(site));
  const cookies = new Map(who.jar);
  assert.equal((await who.get('/sign-out')).status, 200);
  assert.equal((await who.get('/account')).status, 200);
  const out = await who.post('/sign-out');
  assert.equal(out.to, '/sign-out');
  assert.match(out.headers.get('clear-site-data') ?? '', /"storage"/);
  assert.equal(who.jar.has('__Host-safeguard'), false);
  for (const [name, value] of cookies) who.jar.set(name, value);
  assert.equal((await who.get('/account')).status, 303, 'the cookie opens nothing any more');
});

test('secrets stand in no log and no event', async () => {
  const someone = await person(site);
  const { who } = await signedIn(site, someone);
  await who.get('/account');
  const said = site.log() + JSON.stringify(site.events);
  for (const secret of [
    password,
    someone.login,
    someone.secret,
    ...who.jar.values().filter((each) => each.length > 20),
  ])
    assert.ok(!said.includes(secret));
});

test('single sign-on begins a flow of this browser, and what the provider vouched for becomes a session', async () => {
  const someone = await person(site);
  const who = visitor(site);
  assert.match((await who.get('/sign-in')).text, /Continue with Harbor staff/);
  assert.equal((await who.post('/sign-in/with/another')).status, 404);
  assert.equal((await who.post(`/sign-in/with/${provider.id}`, { tenant: 'other' })).status, 404);
  const away = await who.post(`/sign-in/with/${provider.id}`, { return: '/account/sessions' });
  assert.deepEqual([away.status, away.to], [307, `/federation/${provider.id}/start`]);
  const flow = who.jar.get('__Host-safeguard-flow') ?? '';
  await site.signIn.external(flow, { account: someone.id, level: 2, methods: ['sso', 'mfa'] });
  assert.equal((await visitor(site).get('/sign-in/done')).status, 409, 'another browser has no part in it');
  assert.equal((await who.get('/sign-in/done')).to, '/account/sessions');
  assert.deepEqual([site.told('sign-in')?.actor, site.told('sign-in')?.outcome], [someone.id, 'permit']);
  assert.equal((await who.get('/account')).status, 200);
});

test('an account without a second factor cannot get in before it has one', async () => {
  const someone = await person(site, { factor: false });
  const who = visitor(site);
  assert.equal((await login(who, { login: someone.login })).to, '/sign-in/enrol');
  for (const path of ['/sign-in/done', '/sign-in/second', '/sign-in/codes'])
    assert.equal((await who.get(path)).to, '/sign-in/enrol', path);
  for (const path of ['/sign-in/codes', '/sign-in/second/code'])
    assert.equal((await who.post(path, { kept: 'yes', code: '000000' })).to, '/sign-in/enrol', path);
  assert.equal((await who.get('/account')).status, 303);
});
