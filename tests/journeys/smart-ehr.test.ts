import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { noBrowser, openBrowser, openPage, press, shot } from '../harness/browser.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { firstAdministrator, invite, type Person } from '../harness/people.ts';
import { type AppServer, appAsks, backInApp, openApp, registerApp, tokenResponse } from '../harness/people-app.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { signInByHand } from '../harness/people-pages.ts';
import { type Chart, newChart } from '../harness/people-records.ts';

const skip = noBrowser;
let safeguard: Instance;
let browser: Browser;
let app: AppServer;
let client_id: string;
let open: Chart;
let other: Chart;
let nurse: Person;

before(async () => {
  if (skip !== false) return;
  [safeguard, browser, app] = await Promise.all([start(), openBrowser(), openApp()]);
  await firstAdministrator(safeguard);
  const token = await safeguard.token('system/*.cruds');
  open = await newChart(safeguard, token, 'Grace', 'Hopper');
  other = await newChart(safeguard, token, 'Ada', 'Lovelace');
  client_id = await registerApp(safeguard, app, 'openid launch patient/*.rs user/*.rs');
  nurse = await inviteWithRole(safeguard, { login: 'nurse@clinic.example', name: 'Nora Nurse', scopes: 'user/*.rs' });
});
after(async () => {
  await browser?.close();
  await app?.close();
  await safeguard?.stop();
  if (safeguard !== undefined) await removeData(safeguard.data);
});

const launch = (body: object) => nurse.jar.api('POST', '/launches', { client_id, ...body });
/** The EHR's own address of the app, with the scopes that this app's launch page takes from it. */
const launchPage = (launch_url: string): string => {
  const url = new URL(launch_url);
  url.searchParams.set('client', client_id);
  url.searchParams.set('scope', 'openid fhirUser launch patient/Patient.r patient/Observation.rs');
  return url.href;
};

test('an app that the EHR launches opens the patient that is open there, without a picker, once', {
  skip,
}, async () => {
  const made = await launch({ patient: open.id, intent: 'reconcile-medications', need_patient_banner: false });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.launch, /^sge_/);
  assert.equal(new URL(made.json.launch_url).searchParams.get('iss'), safeguard.fhir);
  const page = await openPage(browser);
  await page.goto(launchPage(made.json.launch_url));
  await page.waitForURL(/\/sign-in/);
  await signInByHand(page, nurse, 'ehr-1');
  await page.waitForURL(/\/interaction\//);
  await shot(page, 'ehr-1-consent');
  assert.match((await page.locator('main').textContent()) ?? '', /Grace Hopper/);
  await press(page, 'Allow');
  assert.equal(await backInApp(page), `ready ${open.id}`);
  const told = await tokenResponse(page);
  assert.equal(told['intent'], 'reconcile-medications');
  assert.equal(told['need_patient_banner'], false);
  assert.equal((await appAsks(page, `Patient/${open.id}`)).body.id, open.id);
  assert.equal((await appAsks(page, 'Observation')).body.entry.length, 1);
  assert.ok([403, 404].includes((await appAsks(page, `Patient/${other.id}`)).status));
  assert.equal((await appAsks(page, 'Condition')).status, 403);

  await page.goto(launchPage(made.json.launch_url));
  assert.match(await backInApp(page), /^failed .*invalid_request/, 'a launch is used up by its grant');
});

test('a launch is for who made it, and what is made up opens nothing', { skip }, async () => {
  const { json } = await launch({ patient: open.id });
  const somebody = await inviteWithRole(safeguard, { login: 'else@clinic.example', scopes: 'user/*.rs' });
  const page = await openPage(browser);
  await page.goto(launchPage(json.launch_url));
  await signInByHand(page, somebody, 'ehr-2');
  assert.match(await backInApp(page), /^failed .*invalid_request/);
  const forged = new URL(json.launch_url);
  forged.searchParams.set('launch', `sge_${'A'.repeat(43)}`);
  await page.goto(launchPage(forged.href));
  assert.match(await backInApp(page), /^failed .*invalid_request/);
});

test('who may not open a patient cannot launch an app for them, and a stranger launches nothing', {
  skip,
}, async () => {
  assert.equal((await launch({ patient: '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de' })).status, 400);
  const own = await invite(safeguard, {
    login: 'grace@mail.example',
    kind: 'patient',
    scopes: 'patient/*.rs',
    patients: [open.id],
  });
  const body = { client_id, patient: open.id };
  assert.equal((await own.jar.api('POST', '/launches', body)).status, 403);
  const nobody = await safeguard.request({
    method: 'POST',
    path: '/api/v1/launches',
    headers: { origin: safeguard.url, 'content-type': 'application/json' },
    body,
  });
  assert.equal(nobody.status, 401);
});
