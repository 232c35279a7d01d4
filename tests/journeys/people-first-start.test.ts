import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { heading, noBrowser, openBrowser, openPage, press, shot } from '../harness/browser.ts';
import { type Instance, removeData, start, temporaryData } from '../harness/instance.ts';
import { administratorLink, firstAdministrator } from '../harness/people.ts';
import { openJar } from '../harness/people-jar.ts';
import { setUpByHand, signInByHand } from '../harness/people-pages.ts';

let safeguard: Instance;
let browser: Browser | undefined;
before(async () => {
  safeguard = await start({ data: await temporaryData() });
  if (noBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await safeguard.stop();
  await removeData(safeguard.data);
});

const linkOf = async (instance: Instance): Promise<string> => {
  for (let tries = 0; tries < 100; tries++) {
    const link = administratorLink(instance);
    if (link !== undefined) return link;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no link was printed');
};
const login = 'ada@clinic.example';
/** What nobody may see before there is an administrator. */
const pages = [
  '/sign-in',
  '/account',
  '/account/sessions',
  '/account/factors',
  '/account/apps',
  '/join/x',
  '/recover/x',
];
const apis = ['/me', '/me/sessions', '/accounts', '/clients', '/providers', '/branding', '/groups'];

test('before the first administrator nothing of people answers, and the operator’s clients work', async () => {
  const jar = openJar(safeguard);
  for (const path of pages) {
    const page = await jar.go(path);
    const told = page.status === 503 && page.text.includes('not set up yet');
    assert.ok(told || page.status === 401, `${path}: ${page.status} ${page.text.slice(0, 200)}`);
  }
  for (const path of ['/sign-in', '/sign-in/second/code', '/sign-in/passkey', '/join/x', '/sign-in/account']) {
    const page = await jar.post(path, { login, password: 'whatever-it-is-4711' });
    assert.ok([409, 503].includes(page.status), `${path}: ${page.status}`);
    assert.equal(jar.cookies.size, 0, 'no flow is begun');
  }
  for (const path of apis) {
    const { status, text } = await jar.api('GET', path);
    assert.ok(status === 401 || status === 403, `${path}: ${status} ${text}`);
  }
  const asked = new URLSearchParams({ client_id: 'c8d0f0a3-2b5e-4c1e-9d1f-0a1b2c3d4e5f', response_type: 'code' });
  const authorize = await jar.go(`/oauth2/authorize?${asked}`);
  assert.ok(authorize.status >= 400, String(authorize.status));
  const token = await safeguard.token('system/Patient.cruds');
  const made = await safeguard.request({
    method: 'POST',
    path: '/fhir/R4/Patient',
    token,
    body: { resourceType: 'Patient' },
  });
  assert.equal(made.status, 201);
  assert.equal((await safeguard.request({ path: '/fhir/R4/metadata' })).status, 200);
});

test('an app that an operator registered sends nobody anywhere before that', async () => {
  const redirect = 'https://app.example/cb';
  const made = await safeguard.cli(
    ...['client', 'create', 'app', '--public', '--redirect-uri', redirect, '--scopes', 'patient/*.rs', '--json'],
  );
  assert.equal(made.code, 0, made.stderr);
  const { client_id } = JSON.parse(made.stdout);
  const asked = new URLSearchParams({
    client_id,
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'patient/*.rs',
    aud: safeguard.fhir,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  });
  const page = await openJar(safeguard).go(`/oauth2/authorize?${asked}`);
  assert.equal(page.status, 503);
  assert.match(page.text, /not set up yet/);
});

test('the printed link makes the administrator, through every page, once', { skip: noBrowser }, async () => {
  if (browser === undefined) throw new Error('no browser');
  const page = await openPage(browser);
  await page.goto(`${safeguard.url}/account`);
  assert.equal(await heading(page), 'This server is not set up yet');
  await shot(page, '01-not-set-up');
  const link = await linkOf(safeguard);
  assert.match(link, /^https:\/\/localhost:\d+\/first\/sgl_[\w-]{43}$/);
  await page.goto(link);
  assert.equal(await heading(page), 'Welcome');
  await shot(page, '02-welcome');
  await press(page, 'Start');
  await page.getByLabel('Your name').fill('Ada Berg');
  await page.getByLabel('E-mail address').fill(login);
  await shot(page, '03-account');
  await press(page, 'Continue');
  const kept = await setUpByHand(page, '04');
  assert.equal(kept.codes.length, 10);
  assert.equal(await heading(page), 'Your account');
  await shot(page, '05-your-account');
  assert.match((await page.locator('main').textContent()) ?? '', /Ada Berg/);

  await page.goto(link);
  assert.equal(await heading(page), 'This link does not work');
  await shot(page, '06-used-link');
  await page.goto(`${safeguard.url}/account`);
  await press(page, 'Sign out');
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await signInByHand(page, { ...kept, login }, '07');
  assert.equal(await heading(page), 'Your account');
  for (const name of ['Devices', 'Apps']) {
    await page.getByRole('link', { name, exact: true }).click();
    await shot(page, `08-${name.toLowerCase()}`);
  }
});

test('after a restart no new link is printed, and the old one stays used up', async () => {
  if (noBrowser !== false) await firstAdministrator(safeguard, { login });
  const { pathname } = new URL(await linkOf(safeguard));
  await safeguard.stop();
  safeguard = await start({ data: safeguard.data });
  await safeguard.request({ path: '/healthz' });
  // The link is printed right after "ready", in the same breath: what comes later is no part of the start.
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.match(safeguard.output(), /^ready /m);
  assert.equal(administratorLink(safeguard), undefined);
  const jar = openJar(safeguard);
  assert.equal((await jar.go(pathname)).status, 404);
  assert.equal((await jar.post(pathname)).status, 404);
  assert.equal((await jar.go('/sign-in')).status, 200);
  const refused = await safeguard.cli('user', 'link', 'administrator');
  assert.equal(refused.code, 1, 'and none can be made');
});

test('as long as there is none, each start prints a new link, and the one before is dead', async () => {
  const data = await temporaryData();
  let other = await start({ data });
  try {
    const first = await linkOf(other);
    await other.stop();
    other = await start({ data });
    assert.notEqual(await linkOf(other), first);
    assert.equal((await openJar(other).go(new URL(first).pathname)).status, 404);
    await firstAdministrator(other);
  } finally {
    await other.stop();
    await removeData(data);
  }
});
