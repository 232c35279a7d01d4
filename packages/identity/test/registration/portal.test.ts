import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { noBrowser, openBrowser, openPage, violations } from '../pages/browser.ts';
import { administrator, type House, openHouse, person } from './house.ts';

let house: House;
let dev: Principal;
let admin: Principal;
before(async () => {
  house = await openHouse();
  dev = await person(house);
  admin = await administrator(house);
});
after(() => house.close());

const fields = {
  name: 'Wound photos',
  publisher: 'Harbor Clinic <script>alert(1)</script>',
  contact: 'it@harbor.example',
  description: 'Keeps photos.\r\n\r\nOf wounds.',
  purpose: 'Care of wounds.',
  kind: 'service',
  auth_method: 'client_secret_basic',
  view: 'full',
  scopes: 'system/Observation.rs\r\nsystem/Patient.r',
  redirect_uris: '',
};
const get = (path: string, as = dev) => house.send('GET', path, { as });
const post = (path: string, form: Record<string, string> = {}, as = dev, headers = {}) =>
  house.send('POST', path, { as, body: new URLSearchParams(form), headers });

async function drafted(): Promise<string> {
  const made = await post('/applications', fields);
  assert.equal(made.status, 303, made.text);
  return String(made.headers.get('location')).split('?')[0] ?? '';
}

test('drafted, asked for, seen in plain words, approved in part, its secret shown once', async () => {
  const path = await drafted();
  const shown = await get(path);
  assert.equal(shown.status, 200);
  assert.ok(!shown.text.includes('<script>alert'), 'what people type is text');
  assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'.*form-action 'self'/);
  assert.equal((await post(`${path}/submit`)).status, 303);
  assert.match((await get('/applications/review', admin)).text, /Wound photos/);
  const asking = await get(`${path}/decide`, admin);
  assert.match(asking.text, /name="version" value="1"/);
  assert.match(asking.text, /[Rr]ead.*Observation/s);
  const decision = { version: '1', decision: 'approve', 'grant-0': 'yes', reason: 'Observations will do.' };
  assert.equal((await post(`${path}/decide`, decision, admin)).status, 303);
  const id = path.split('/')[2] ?? '';
  assert.deepEqual((await house.oauth.clients.byId(id))?.scopes, ['system/Observation.rs']);
  assert.match((await get(path)).text, /Observations will do\./);
  const secret = await post(`${path}/secret`);
  assert.equal(secret.status, 200);
  assert.match(secret.text, /sgs_[A-Za-z0-9_-]{43}/);
  assert.equal(secret.headers.get('cache-control'), 'no-store');
  assert.doesNotMatch((await get(path)).text, /sgs_/);
  assert.equal((await post(`${path}/revoke`, {}, admin)).status, 303);
  assert.match((await get(path)).text, /Revoked/);
});

test('no decision on one’s own, on a version not shown, without a fresh factor, from elsewhere', async () => {
  const made = await post('/applications', fields, admin);
  const own = String(made.headers.get('location')).split('?')[0] ?? '';
  await post(`${own}/submit`, {}, admin);
  assert.match((await get(own, admin)).text, /Nobody approves what they asked for/);
  const approval = { version: '1', decision: 'approve' };
  const refused = await post(`${own}/decide`, approval, admin);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /Nobody approves what they asked for.*operator on the machine/s);
  const other = await administrator(house);
  assert.match(
    (await post(`${own}/decide`, { ...approval, version: '2' }, other)).text,
    /It was changed since you looked/,
  );
  assert.match(
    (await post(`${own}/decide`, { version: '1', decision: 'refuse' }, other)).text,
    /A refusal needs a reason/,
  );
  const stale = { ...other, assurance: { level: 2 as const, at: 0, methods: ['pwd', 'otp'] } };
  const stepped = await post(`${own}/decide`, approval, stale);
  assert.equal(stepped.status, 303);
  assert.match(stepped.headers.get('location') ?? '', /^\/sign-in/);
  const forged = await post(`${own}/decide`, approval, other, { origin: 'https://evil.example' });
  assert.equal(forged.status, 403);
  assert.equal((await house.registration.applications.byId(1, own.split('/')[2] ?? ''))?.state, 'pending');
  assert.equal((await get('/applications/review', dev)).status, 403);
  assert.equal((await get(own, dev)).status, 404, 'somebody else’s');
});

test('what is wrong is told at its field, and what was typed stays', async () => {
  const answer = await post('/applications', {
    ...fields,
    kind: 'people',
    scopes: 'nonsense',
    redirect_uris: 'http://x.example',
  });
  assert.equal(answer.status, 422);
  assert.match(answer.text, /<title>Error: /);
  assert.match(answer.text, /href="#redirect_uris"/);
  assert.match(answer.text, /href="#scopes"/);
  assert.match(answer.text, /Wound photos/);
});

test('nothing for axe on any of its pages, light and dark, and no sideways scrolling', {
  skip: noBrowser ?? false,
}, async (t) => {
  const path = await drafted();
  await post(`${path}/submit`);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const found: string[] = [];
  for (const as of [dev, admin]) {
    const cookie = `s=${Buffer.from(JSON.stringify(as)).toString('base64url')}`;
    const page = await openPage(browser, {
      script: true,
      bypassCSP: true,
      reducedMotion: 'reduce',
      extraHTTPHeaders: { cookie },
    });
    const own = ['/applications', '/applications/new', path, `${path}/edit`];
    for (const place of as === dev ? own : ['/applications/review', path, `${path}/decide`]) {
      const response = await page.goto(`${house.url}${place}`);
      assert.equal(response?.status(), 200, place);
      for (const line of await violations(page)) found.push(`${place}: ${line}`);
      await page.emulateMedia({ colorScheme: 'dark' });
      for (const line of await violations(page, 'colours')) found.push(`${place} dark: ${line}`);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 320, height: 640 });
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (overflow > 0) found.push(`${place}: ${overflow} px too wide`);
      await page.setViewportSize({ width: 1100, height: 800 });
    }
  }
  assert.deepEqual(found, []);
});
