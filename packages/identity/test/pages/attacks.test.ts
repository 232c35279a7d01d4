import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { person } from '../sign-in/house.ts';
import { grants, openSite, type Site } from './site.ts';
import { login, signedIn, visitor } from './visitor.ts';

const chart = { grant: 'g1', client_id: 'c', name: 'Chart', scopes: [], since: 0 };
let site: Site;
let open: Site;
before(async () => {
  const change = { apps: grants([chart]) };
  [site, open] = await Promise.all([openSite({ change }), openSite({ change, anyOrigin: true })]);
  for (const each of [site, open]) await person(each, { roles: ['administrator'] });
});
after(() => Promise.all([site.close(), open.close()]));

const strangers: readonly Record<string, string>[] = [
  { Origin: 'https://evil.example' },
  { Origin: 'null' },
  {},
  { 'Sec-Fetch-Site': 'cross-site' },
  { 'Sec-Fetch-Site': 'same-site' },
];

/** True when the app’s access was ended by a form of somebody else’s page. */
async function forged(target: Site, headers: Record<string, string>): Promise<boolean> {
  const { who } = await signedIn(target, await person(target));
  const reply = await who.post('/account/apps/g1/end', {}, headers);
  return reply.status === 303;
}

test('CSRF: what another site sends is refused at every form; without the check it would work', async () => {
  for (const headers of strangers) {
    assert.equal(await forged(site, headers), false);
    const who = visitor(site);
    assert.equal((await who.post('/sign-in', { login: 'a@b.example', password: 'x' }, headers)).status, 403);
    assert.equal(who.jar.size, 0, 'no flow was begun: nobody is signed in as somebody else');
  }
  assert.equal(await forged(open, strangers[0] ?? {}), true, 'negative control');
  for (const headers of strangers) {
    const who = visitor(open);
    assert.notEqual((await who.post('/sign-in', { login: 'a@b.example', password: 'x' }, headers)).status, 403);
    assert.ok(who.jar.size > 0, 'negative control: a flow was begun for whoever came');
  }
});

test('what was there before a sign-in is worth nothing after it (session fixation)', async () => {
  const someone = await person(site);
  const attacker = visitor(site);
  await attacker.post('/sign-in/passkey/options');
  const flow = attacker.jar.get('__Host-safeguard-flow') ?? '';
  const session = `sgn_${'A'.repeat(43)}`;
  const { who } = await signedIn(site, someone);
  assert.notEqual(who.jar.get('__Host-safeguard'), session);
  attacker.jar.set('__Host-safeguard', session);
  assert.equal((await attacker.get('/account')).status, 303);
  assert.match(flow, /^sgf_/);

  const planted = visitor(site);
  planted.jar.set('__Host-safeguard', session);
  planted.jar.set('__Host-safeguard-flow', 'sgf_planted');
  await login(planted, { login: someone.login });
  assert.notEqual(planted.jar.get('__Host-safeguard-flow'), 'sgf_planted');
});

test('a cookie that comes twice is none', async () => {
  const { who } = await signedIn(site, await person(site));
  const cookie = `__Host-safeguard=${who.jar.get('__Host-safeguard')}`;
  const ask = (header: string) =>
    fetch(`${site.url}/account`, {
      redirect: 'manual',
      headers: {
        Cookie: header,
        'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
      },
    });
  assert.equal((await ask(cookie)).status, 200);
  assert.equal((await ask(`${cookie}; __Host-safeguard=sgn_x`)).status, 303);
});

test('every page forbids frames, inline code and foreign forms, is not stored, and says its language', async () => {
  const { who } = await signedIn(site, await person(site));
  for (const path of [
    '/sign-in?return=/account',
    '/account',
    '/account/factors/add',
    '/account/nothing',
    '/join/x',
    '/sign-out',
  ]) {
    const reply = await who.get(path);
    const policy = reply.headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      assert.ok(policy.includes(rule), `${path} ${rule}`);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(reply.headers.get('x-frame-options'), 'DENY');
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.match(reply.text, /<html lang="en">/);
    assert.doesNotMatch(reply.text, / style=| on[a-z]+=|<style|<script>/);
  }
  const plain = (await who.get('/account')).headers.get('content-security-policy') ?? '';
  assert.doesNotMatch(plain, /script-src/, 'a page without a passkey may run nothing');
});

test('assets: hashed names, for good, with their types; nothing else is there', async () => {
  const who = visitor(site);
  const page = (await who.get('/sign-in')).text;
  const names = [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  assert.equal(names.length, 2);
  for (const path of names) {
    const reply = await who.get(path);
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get('cache-control') ?? '', /immutable/);
    assert.match(reply.headers.get('content-type') ?? '', /^text\/(css|javascript); charset=utf-8$/);
  }
  for (const path of ['/assets/nothing.js', '/assets/..%2fassets.ts', '/assets/style.css'])
    assert.equal((await who.get(path)).status, 404, path);
});
