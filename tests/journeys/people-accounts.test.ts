import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { heading, noBrowser, openBrowser, openPage, phone, press, shot } from '../harness/browser.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { newApp, tokensFor } from '../harness/oauth-app.ts';
import { cliJson, createUser, firstAdministrator, invite, join, type Person, signIn } from '../harness/people.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { openJar } from '../harness/people-jar.ts';
import { setUpByHand, signInByHand } from '../harness/people-pages.ts';
import { type Chart, newChart } from '../harness/people-records.ts';

let safeguard: Instance;
let browser: Browser | undefined;
let admin: Person;
let grace: Chart;
let ada: Chart;
before(async () => {
  safeguard = await start();
  if (noBrowser === false) browser = await openBrowser();
  admin = await firstAdministrator(safeguard);
  const token = await safeguard.token('system/*.cruds');
  grace = await newChart(safeguard, token, 'Grace', 'Hopper');
  ada = await newChart(safeguard, token, 'Ada', 'Lovelace');
});
after(async () => {
  await browser?.close();
  await safeguard.stop();
  await removeData(safeguard.data);
});

const statusAt = async (path: string, token: string): Promise<number> =>
  (await safeguard.request({ path: `/fhir/R4/${path}`, token })).status;

test('invited by the operator, set up and signed in on a phone', { skip: noBrowser }, async () => {
  if (browser === undefined) throw new Error('no browser');
  const login = 'ines@clinic.example';
  const { id, invitation } = await createUser(safeguard, { login, name: 'Ines Duarte', scopes: 'user/*.rs' });
  const page = await openPage(browser, phone);
  await page.goto(invitation);
  assert.equal(await heading(page), 'You are invited');
  await shot(page, '10-invited');
  await press(page, 'Start');
  const kept = await setUpByHand(page, '11');
  assert.equal(await heading(page), 'Your account');
  await page.goto(invitation);
  assert.equal(await heading(page), 'This link does not work');
  await page.goto(`${safeguard.url}/account`);
  await press(page, 'Sign out');
  await shot(page, '12-signed-out');
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await page.getByLabel('E-mail address').fill(login);
  await page.getByLabel('Password').fill('not the password at all');
  await press(page, 'Sign in');
  await shot(page, '13-wrong-password');
  await signInByHand(page, { ...kept, login }, '14');
  assert.equal(await heading(page), 'Your account');
  const shown = await cliJson<{ account: { id: string; state: string }; factors: { kind: string }[] }>(
    safeguard,
    ...['user', 'show', login],
  );
  assert.deepEqual([shown.account.id, shown.account.state], [id, 'active']);
  assert.deepEqual(shown.factors.map(({ kind }) => kind).sort(), ['recovery-codes', 'totp']);
});

test('who lost their phone gets back in by a recovery link; everything before it ends', async () => {
  const person = await inviteWithRole(safeguard, { login: 'lost@clinic.example', scopes: 'user/*.rs' });
  const link = await cliJson<{ url: string }>(safeguard, 'user', 'link', 'recovery', person.login);
  assert.equal((await person.jar.api('GET', '/me')).status, 200, 'the link alone changes nothing');
  const again = await join(safeguard, link.url);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal((await person.jar.api('GET', '/me')).status, 401);
  assert.equal((await again.jar.api('GET', '/me')).json.id, person.id);
  await assert.rejects(signIn(safeguard, person), /not right/, 'the old app makes wrong codes now');
  await signIn(safeguard, { ...person, ...again });
  assert.equal((await openJar(safeguard).go(new URL(link.url).pathname)).status, 404);
});

test('a patient’s account reaches one Patient that was made over FHIR, through an app, and no other', async () => {
  const person = await invite(safeguard, {
    login: 'grace@mail.example',
    kind: 'patient',
    scopes: 'patient/*.rs',
    patients: [grace.id],
    fhir_user: `Patient/${grace.id}`,
  });
  const app = await newApp(safeguard, { scopes: 'patient/*.cruds user/*.cruds' });
  const scope = 'openid launch/patient patient/*.cruds user/*.rs system/*.rs';
  const tokens = await tokensFor(person.jar, app, { scope });
  assert.deepEqual(
    tokens.scope.split(' ').filter((one) => one.includes('.')),
    ['patient/*.rs'],
    'asked, allowed to the app, and the person’s own',
  );
  assert.equal(await statusAt(`Patient/${grace.id}`, tokens.access_token), 200);
  assert.equal(await statusAt(`Observation/${grace.observation}`, tokens.access_token), 200);
  assert.ok([403, 404].includes(await statusAt(`Patient/${ada.id}`, tokens.access_token)));
  assert.ok([403, 404].includes(await statusAt(`Observation/${ada.observation}`, tokens.access_token)));
  const answer = await safeguard.request({
    method: 'PUT',
    path: `/fhir/R4/Patient/${grace.id}`,
    token: tokens.access_token,
    body: { resourceType: 'Patient', id: grace.id },
  });
  assert.equal(answer.status, 403);
});

test('a member of the workforce has what their account lists, through an app that may have more', async () => {
  const person = await inviteWithRole(safeguard, { login: 'lab@clinic.example', scopes: 'user/Observation.rs' });
  const app = await newApp(safeguard, { scopes: 'user/*.cruds' });
  const tokens = await tokensFor(person.jar, app, { scope: 'user/*.cruds' });
  assert.equal(tokens.scope, 'user/Observation.rs');
  assert.equal(await statusAt(`Observation/${ada.observation}`, tokens.access_token), 200);
  assert.equal(await statusAt(`Patient/${ada.id}`, tokens.access_token), 403);
  const bare = await person.jar.ask({ path: `/fhir/R4/Observation/${ada.observation}` });
  assert.equal(bare.status, 401, 'a session alone opens no record');
});

test('accounts are made right or not at all', async () => {
  const wrong: [Parameters<typeof createUser>[1], RegExp][] = [
    [{ login: 'a@mail.example', kind: 'patient', scopes: 'patient/*.rs' }, /Patient/i],
    [{ login: 'b@mail.example', kind: 'patient', scopes: 'system/*.rs', patients: [grace.id] }, /scope/i],
    [{ login: 'c@clinic.example', kind: 'workforce', patients: [grace.id] }, /Patient/i],
    [{ login: 'd@mail.example', kind: 'proxy', roles: 'administrator', patients: [grace.id] }, /role/i],
    [{ login: 'admin@clinic.example' }, /taken|given|login/i],
  ];
  for (const [wanted, told] of wrong) await assert.rejects(createUser(safeguard, wanted), told);
  const listed = await cliJson<{ login: string }[]>(safeguard, 'user', 'list');
  assert.ok(!listed.some(({ login }) => /^[a-d]@/.test(login)));
  const accounts = (await admin.jar.api('GET', '/accounts')).json.items;
  assert.equal(accounts.length, listed.length);
});
