import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeJwt } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { heading, noBrowser, openBrowser, openPage, phone, press, shot } from '../harness/browser.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { firstAdministrator, invite, type Person } from '../harness/people.ts';
import {
  type AppServer,
  appAsks,
  appRefreshes,
  appSends,
  backInApp,
  openApp,
  registerApp,
  standalone,
  tokenResponse,
} from '../harness/people-app.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { signInByHand } from '../harness/people-pages.ts';
import { type Chart, newChart } from '../harness/people-records.ts';

const skip = noBrowser;
const all = 'openid fhirUser profile launch launch/patient offline_access patient/*.cruds user/*.rs';
let safeguard: Instance;
let browser: Browser;
let app: AppServer;
let client_id: string;
let [grace, ada, alan]: Chart[] = [];
const chart = (one: Chart | undefined): Chart => {
  if (one === undefined) throw new Error('no chart');
  return one;
};

before(async () => {
  if (skip !== false) return;
  [safeguard, browser, app] = await Promise.all([start(), openBrowser(), openApp()]);
  await firstAdministrator(safeguard);
  const token = await safeguard.token('system/*.cruds');
  grace = await newChart(safeguard, token, 'Grace', 'Hopper');
  ada = await newChart(safeguard, token, 'Ada', 'Lovelace');
  alan = await newChart(safeguard, token, 'Alan', 'Turing');
  client_id = await registerApp(safeguard, app, all);
});
after(async () => {
  await browser?.close();
  await app?.close();
  await safeguard?.stop();
  if (safeguard !== undefined) await removeData(safeguard.data);
});

/** Opens the app, and signs in where it sends the person. */
async function open(person: Person, scope: string, name: string, page?: Page): Promise<Page> {
  const at = page ?? (await openPage(browser, phone));
  await at.goto(standalone(safeguard, app, client_id, scope));
  await at.waitForURL(/\/sign-in|\/interaction\//);
  if (page === undefined) {
    await signInByHand(at, person, name);
    await at.waitForURL(/\/interaction\//);
  }
  return at;
}

const scopesOf = async (page: Page): Promise<string[]> =>
  String((await tokenResponse(page))['scope'])
    .split(' ')
    .sort();

test('a patient lets an app into their own record, and nowhere else', { skip }, async () => {
  const [own, other] = [chart(grace), chart(ada)];
  const person = await invite(safeguard, {
    login: 'grace@mail.example',
    name: 'Grace Hopper',
    kind: 'patient',
    scopes: 'patient/*.rs patient/Observation.c',
    patients: [own.id],
    fhir_user: `Patient/${own.id}`,
  });
  const scope =
    'openid fhirUser launch/patient offline_access patient/Patient.r patient/Observation.crs patient/Condition.rs';
  const page = await open(person, scope, 'smart-1');
  assert.equal(await heading(page), 'Let Growth chart in?');
  await shot(page, 'smart-1-consent');
  const boxes = await page.getByRole('checkbox').evaluateAll((found) => found.map((one) => one.getAttribute('value')));
  assert.ok(boxes.includes('patient/Condition.rs'), String(boxes));
  await page.locator('input[value="patient/Condition.rs"]').uncheck();
  await page
    .locator('li', { has: page.locator('input[value="patient/Observation.crs"]') })
    .locator('summary')
    .click();
  await page.locator('input[name="letter"][value="patient/Observation.c"]').uncheck();
  await shot(page, 'smart-1-consent-narrowed');
  await press(page, 'Allow');
  assert.equal(await backInApp(page), `ready ${own.id}`);
  await shot(page, 'smart-1-app');

  const told = await tokenResponse(page);
  assert.equal(told['patient'], own.id);
  assert.deepEqual(await scopesOf(page), [
    'fhirUser',
    'launch/patient',
    'offline_access',
    'openid',
    'patient/Observation.rs',
    'patient/Patient.r',
  ]);
  assert.equal(decodeJwt(String(told['id_token']))['fhirUser'], `${safeguard.fhir}/Patient/${own.id}`);

  const read = await appAsks(page, `Patient/${own.id}`);
  assert.equal(read.body.name[0].family, 'Hopper');
  const found = await appAsks(page, 'Observation?code=29463-7');
  assert.deepEqual(
    found.body.entry.map((each: { resource: { id: string } }) => each.resource.id),
    [own.observation],
  );
  for (const path of [`Patient/${other.id}`, `Observation/${other.observation}`, `Observation?patient=${other.id}`]) {
    const refused = await appAsks(page, path);
    const nothing = refused.status === 200 && (refused.body.entry ?? []).length === 0;
    assert.ok([403, 404].includes(refused.status) || nothing, `${path}: ${refused.status}`);
  }
  assert.equal((await appAsks(page, 'Condition')).status, 403, 'what was unticked');
  const body = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${own.id}` },
  };
  const written = await appSends(page, { url: `${safeguard.fhir}/Observation`, method: 'POST', body });
  assert.equal(written.status, 403, 'the app may read what it may not write');
  const put = { resourceType: 'Patient', id: own.id };
  const changed = await appSends(page, { url: `${safeguard.fhir}/Patient/${own.id}`, method: 'PUT', body: put });
  assert.equal(changed.status, 403);
});

test('the app refreshes on its own; a refresh token that was used up ends the family', { skip }, async () => {
  const own = chart(alan);
  const person = await invite(safeguard, {
    login: 'alan@mail.example',
    kind: 'patient',
    scopes: 'patient/*.rs',
    patients: [own.id],
  });
  const page = await open(person, 'launch/patient offline_access patient/*.rs', 'smart-2');
  await press(page, 'Allow');
  await backInApp(page);
  const first = await tokenResponse(page);
  const fresh = await appRefreshes(page);
  assert.equal(fresh.status, 200, fresh.body);
  assert.notEqual(fresh.body.access_token, first['access_token']);
  assert.equal(fresh.body.patient, own.id);
  assert.equal((await appAsks(page, `Patient/${own.id}`)).status, 200);
  const again = await safeguard.request({
    method: 'POST',
    path: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id,
      refresh_token: String(first['refresh_token']),
    }).toString(),
  });
  assert.deepEqual([again.status, again.json.error], [400, 'invalid_grant']);
  assert.notEqual((await appAsks(page, `Patient/${own.id}`)).status, 200);
});

test('a proxy picks one of their own, the workforce searches for anybody', { skip }, async () => {
  const [one, two, other] = [chart(grace), chart(ada), chart(alan)];
  const proxy = await invite(safeguard, {
    login: 'parent@mail.example',
    kind: 'proxy',
    scopes: 'patient/*.rs',
    patients: [one.id, two.id],
  });
  const scope = 'launch/patient patient/*.rs';
  const page = await open(proxy, scope, 'smart-3');
  assert.equal(await heading(page), 'Whose record?');
  const shown = (await page.locator('main').textContent()) ?? '';
  assert.ok(shown.includes('Hopper') && shown.includes('Lovelace') && !shown.includes('Turing'), shown);
  await shot(page, 'smart-3-picker');
  await press(page, /Lovelace/);
  await press(page, 'Allow');
  assert.equal(await backInApp(page), `ready ${two.id}`);
  assert.equal((await appAsks(page, `Patient/${two.id}`)).status, 200);
  assert.ok(
    [403, 404].includes((await appAsks(page, `Patient/${one.id}`)).status),
    'the other child is not in context',
  );

  const nurse = await inviteWithRole(safeguard, {
    login: 'nurse@clinic.example',
    name: 'Nora Nurse',
    scopes: 'user/*.rs',
  });
  const at = await open(nurse, `${scope} user/Patient.rs`, 'smart-4');
  assert.equal(await heading(at), 'Whose record?');
  await shot(at, 'smart-4-search');
  await at.getByRole('searchbox').fill('turing');
  await press(at, 'Search');
  await shot(at, 'smart-4-found');
  await press(at, /Turing/);
  await shot(at, 'smart-4-consent');
  await press(at, 'Allow');
  assert.equal(await backInApp(at), `ready ${other.id}`);
  assert.equal((await appAsks(at, `Patient/${other.id}`)).status, 200);
  assert.equal((await appAsks(at, `Patient/${one.id}`)).status, 200, 'by user/Patient.rs');
  assert.ok([403, 404].includes((await appAsks(at, `Observation/${one.observation}`)).status));
  assert.ok(!at.url().includes('turing'));
});

test('who does not allow it is led back with an error, and the app gets nothing', { skip }, async () => {
  const own = chart(grace);
  const person = await invite(safeguard, {
    login: 'careful@mail.example',
    kind: 'patient',
    scopes: 'patient/*.rs',
    patients: [own.id],
  });
  const page = await open(person, 'launch/patient patient/*.rs', 'smart-5');
  await press(page, 'Do not allow');
  assert.match(await backInApp(page), /^failed .*access_denied/);
});

test('a page of another origin cannot read anything, even with the token', { skip }, async () => {
  const person = await inviteWithRole(safeguard, { login: 'cors@clinic.example', scopes: 'user/*.rs' });
  const page = await open(person, 'user/Patient.rs', 'smart-6');
  await press(page, 'Allow');
  await backInApp(page);
  const { access_token } = await tokenResponse(page);
  const url = `${safeguard.fhir}/Patient/${chart(grace).id}`;
  assert.equal((await appSends(page, { url, method: 'GET' })).status, 200, 'control: the app may');
  const cookies = await appSends(page, { url, method: 'GET', with_cookies: true });
  assert.equal(cookies.status, 0, 'never with cookies');
  const account = await appSends(page, { url: `${safeguard.url}/api/v1/me`, method: 'GET', with_cookies: true });
  assert.equal(account.status, 0, 'nor what a cookie opens');
  const elsewhere = await openApp();
  try {
    await page.goto(`${elsewhere.origin}/empty.html`);
    const read = await page.evaluate(
      async ([asked, token]) => {
        try {
          return (await fetch(asked ?? '', { headers: { authorization: `Bearer ${token}` } })).status;
        } catch {
          return 0;
        }
      },
      [url, String(access_token)],
    );
    assert.equal(read, 0);
  } finally {
    await elsewhere.close();
  }
});
