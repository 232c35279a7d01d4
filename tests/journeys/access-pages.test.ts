/**
 * Access and patients' rights as people do them, at the pages: a nurse asks, an administrator approves, a record is
 * opened in an emergency and looked at afterwards, a patient sees who looked, objects and takes a copy home.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { heading, noBrowser, openBrowser, openPage, press, shot } from '../harness/browser.ts';
import { faultsOf } from '../harness/browser-looks.ts';
import { known_ms } from '../harness/identity-house.ts';
import { openInside } from '../harness/inside.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { firstAdministrator, freshCode, invite, type Person, password } from '../harness/people.ts';
import { grantRole } from '../harness/people-grants.ts';
import { userAgent } from '../harness/people-jar.ts';
import { type Chart, newChart } from '../harness/people-records.ts';

const skip = noBrowser;
let safeguard: Instance;
let browser: Browser;
let chart: Chart;
let [admin, nurse, officer, grace]: Person[] = [];
let [atAdmin, atNurse, atOfficer, atGrace]: Page[] = [];

const found: string[] = [];

/** Looks at a page with every eye that there is, and keeps a picture. */
async function look(page: Page, name: string): Promise<void> {
  for (const fault of await faultsOf(page)) found.push(`${name}: ${fault}`);
  await shot(page, `access-${name}`);
}

/** The browser in which somebody set up their account. */
async function browserOf(person: Person): Promise<Page> {
  const page = await openPage(browser, { userAgent, bypassCSP: true, reducedMotion: 'reduce' });
  const { url } = safeguard;
  const cookies = [...person.jar.cookies].map(([name, value]) => ({ name, value, url, secure: true, httpOnly: true }));
  await page.context().addCookies(cookies);
  return page;
}

const there = async (page: Page | undefined, path: string, title?: string | RegExp): Promise<Page> => {
  assert.ok(page);
  await page.goto(`${safeguard.url}${path}`);
  if (title !== undefined) assert.match(await heading(page), new RegExp(title));
  return page;
};

before(async () => {
  if (skip !== false) return;
  [safeguard, browser] = await Promise.all([start(), openBrowser()]);
  admin = await firstAdministrator(safeguard);
  chart = await newChart(safeguard, await safeguard.token('system/*.cruds'), 'Grace', 'Hopper');
  const workforce = { scopes: 'user/*.cruds' };
  nurse = await invite(safeguard, { ...workforce, login: 'nina@clinic.example', name: 'Nina Nurse' });
  officer = await invite(safeguard, { ...workforce, login: 'olga@clinic.example', name: 'Olga Officer' });
  await grantRole(safeguard, officer, { role: 'privacy-officer', for_ms: 86_400_000 });
  const own = { kind: 'patient', scopes: 'patient/*.rs', patients: [chart.id] } as const;
  grace = await invite(safeguard, { ...own, login: 'grace@mail.example', name: 'Grace Hopper' });
  [atAdmin, atNurse, atOfficer, atGrace] = await Promise.all([admin, nurse, officer, grace].map(browserOf));
});
after(async () => {
  await browser?.close();
  await safeguard?.stop();
  if (safeguard !== undefined) await removeData(safeguard.data);
});

const reason = 'I join the cardiology ward <script>alert(1)</script> on Monday.';

test('a nurse asks, an administrator approves, the nurse holds the role', { skip }, async () => {
  const page = await there(atNurse, '/account');
  await page.getByRole('link', { name: 'Access', exact: true }).click();
  assert.equal(await heading(page), 'My access');
  await look(page, 'nothing');
  await page.getByRole('link', { name: 'Ask for access' }).click();
  await press(page, 'Ask');
  assert.match(await page.title(), /^Error: /);
  assert.ok(await page.getByText('Choose one of the roles.').first().isVisible());
  await look(page, 'ask-wrong');
  await page.getByLabel('Clinician of a small practice').check();
  await page.getByLabel('Reason').fill('short');
  await press(page, 'Ask');
  assert.ok(await page.getByLabel('Clinician of a small practice').isChecked(), 'nothing that was chosen is lost');
  await page.getByLabel('Reason').fill(reason);
  await look(page, 'ask');
  await press(page, 'Ask');
  assert.equal(await heading(page), 'Clinician of a small practice for you');
  assert.ok(await page.getByText(reason).isVisible(), 'what was written is shown as text');
  await look(page, 'asked');

  const boss = await there(atAdmin, '/access', 'My access');
  await look(boss, 'overview-to-decide');
  await boss.getByRole('link', { name: 'Decide', exact: true }).click();
  await look(boss, 'to-decide');
  await boss.getByRole('link', { name: /^Show Clinician/ }).click();
  await boss.getByRole('link', { name: 'Decide', exact: true }).click();
  await press(boss, 'Reject');
  assert.ok(await boss.getByText('A rejection needs a reason').first().isVisible());
  await look(boss, 'decide');
  await press(boss, 'Approve');
  assert.ok(await boss.getByText('You approved it.').isVisible());
  await look(boss, 'decided');

  await there(page, '/access');
  assert.ok(await page.getByText('Approved by Ada Admin').isVisible());
  await look(page, 'holds');
  await page.getByRole('link', { name: 'Notices' }).first().click();
  await look(page, 'notices');
  await page
    .getByRole('button', { name: /decided/ })
    .first()
    .click();
  assert.equal(await heading(page), 'Clinician of a small practice for you');
});

test('an emergency opens one record at once, and an officer looks at it', { skip }, async () => {
  const page = await there(atNurse, '/access/break-glass', 'Emergency access');
  await page.getByLabel('Patient').fill('not-an-id');
  await press(page, 'Open the record');
  await look(page, 'break-glass-wrong');
  await page.getByLabel('Patient').fill(chart.id);
  await page.getByLabel('Reason').fill('Found unconscious in the hall, allergies unknown.');
  await press(page, 'Open the record');
  assert.ok(await page.getByText('The record is open.').isVisible());
  assert.ok(await page.getByText(chart.id).first().isVisible());
  await look(page, 'break-glass-open');

  const desk = await there(atOfficer, '/access/break-glass/reviews', 'Emergency uses');
  await look(desk, 'uses');
  await desk.getByRole('link', { name: /Show the use by Nina Nurse/ }).click();
  assert.ok(await desk.getByText('Found unconscious').isVisible());
  await desk.getByLabel('Reason').fill('The ambulance report confirms it.');
  await look(desk, 'use');
  await press(desk, 'It was an emergency');
  assert.ok(await desk.getByText('Your finding is kept.').isVisible());
  await look(desk, 'use-reviewed');
});

test('a patient sees who looked, objects, takes a copy, asks for a correction; an officer answers', {
  skip,
}, async () => {
  const page = await there(atGrace, '/account');
  await page.getByRole('link', { name: 'My record' }).click();
  assert.equal(await heading(page), 'Who looked at your record');
  assert.ok(await page.getByText('Grace Hopper').first().isVisible());
  assert.ok(await page.getByText('Opened the record in an emergency').isVisible());
  assert.ok(await page.getByText('Nina Nurse').first().isVisible());
  await look(page, 'who-looked');

  const pdf = page.waitForEvent('download');
  await page.getByRole('link', { name: 'This month as PDF' }).click();
  const bytes = await readFile(await (await pdf).path());
  assert.equal(bytes.subarray(0, 5).toString(), '%PDF-');

  const row = page.locator('li', { hasText: 'Opened the record in an emergency' });
  await row.getByRole('link', { name: /Object/ }).click();
  await press(page, 'Object');
  await look(page, 'object-wrong');
  await page.getByLabel('Why you object').fill('I was at home that day, nobody called an ambulance.');
  await press(page, 'Object');
  assert.equal(await heading(page), 'Objections');
  await look(page, 'objections');

  await page.getByRole('link', { name: 'Copies' }).click();
  await press(page, 'Ask for a copy');
  await look(page, 'copies');
  const copy = page.waitForEvent('download');
  await press(page, 'Download the copy');
  const lines = (await readFile(await (await copy).path(), 'utf8')).trim().split('\n');
  const types = lines.map((line) => JSON.parse(line).resourceType);
  assert.ok(types.includes('Patient') && types.includes('Observation'), types.join());

  await page.getByRole('link', { name: 'Corrections' }).click();
  await page.getByLabel('What should stand there, and why').fill('I was born on 9 December 1906.');
  await press(page, 'Ask for the correction');
  await look(page, 'corrections');

  const desk = await there(atOfficer, '/rights', 'Patients’ requests');
  await look(desk, 'rights');
  await desk.getByRole('link', { name: /Show an objection/ }).click();
  await look(desk, 'right');
  await desk
    .getByLabel('Answer', { exact: true })
    .fill('The ambulance was called for a neighbour of the same name. We have spoken to Nina.');
  await press(desk, 'Answer it');
  await there(desk, '/rights');
  await desk.getByRole('link', { name: /Show a correction/ }).click();
  await desk.getByLabel('Answer', { exact: true }).fill('Your birth certificate says otherwise.');
  await press(desk, 'Deny it');
  assert.ok(await desk.getByText('A denial names its reason').first().isVisible());
  await desk.getByLabel('If it is denied, why').selectOption('accurate and complete');
  await press(desk, 'Deny it');
  await look(desk, 'right-answered');

  await there(page, '/account/record/objections');
  await page
    .getByRole('link', { name: /Show this request/ })
    .first()
    .click();
  assert.ok(await page.getByText('a neighbour of the same name').isVisible());
  await there(page, '/account/record/corrections');
  await page
    .getByRole('link', { name: /Show this request/ })
    .first()
    .click();
  await page.getByLabel('Your statement').fill('The certificate is wrong as well.');
  await look(page, 'answered');
  await press(page, 'Keep my statement');
  assert.ok(await page.getByText('Your statement is kept.').isVisible());
});

test('officers look after the rights: all of them, reviews, the policy, who can see and who did', {
  skip,
}, async () => {
  const page = await there(atOfficer, '/access/grants', 'All rights in force');
  await page.getByLabel('Person').fill('nina@clinic.example');
  await press(page, 'Find');
  assert.ok(await page.getByText('In force: Nina Nurse').isVisible());
  assert.ok(!page.url().includes('nina'), 'an address names nobody');
  await look(page, 'grants');
  await page.getByRole('link', { name: /Clinician of a small practice/ }).click();
  await look(page, 'grant');
  await page.getByRole('link', { name: 'End this right' }).click();
  await look(page, 'grant-end');

  await there(page, '/access/reviews', 'Reviews of access rights');
  await press(page, 'Start a review now');
  await look(page, 'review');
  await page.getByLabel('Reason').fill('Still works on the ward.');
  await press(page, 'Revoke what is ticked');
  assert.ok(await page.getByText('Tick at least one right.').first().isVisible());
  await page.getByLabel(/Nina Nurse: Clinician/).check();
  await press(page, 'Keep what is ticked');
  assert.ok(await page.getByText('1 right is decided.').isVisible());
  await page.getByRole('link', { name: 'Show everything' }).click();
  await look(page, 'review-all');
  await there(page, '/access/reviews');
  await look(page, 'reviews');

  await there(page, '/access/policies', 'Access policy');
  await look(page, 'policies');
  await page.getByRole('link', { name: 'Read what is in force' }).click();
  await look(page, 'policy');
  const text = await page.locator('pre').textContent();
  await there(page, '/access/policies/new');
  await page.getByLabel('Policy', { exact: true }).fill('{"format":1}');
  await press(page, 'Keep the draft');
  await look(page, 'draft-wrong');
  const wider = JSON.parse(text ?? '');
  wider.matrix.billing.notes = 'rs';
  wider.rules.find((rule: { id: string }) => rule.id.startsWith('billing')).types = ['*'];
  await page.getByLabel('Policy', { exact: true }).fill(JSON.stringify(wider));
  await page.getByLabel('What changed, and why').fill('Billing reads notes, for audits of codes.');
  await press(page, 'Keep the draft');
  assert.equal(await heading(page), 'Policy, version 1');
  await press(page, 'What would it change?');
  await look(page, 'simulation');

  await there(page, '/access/patients', 'Who can see a patient');
  await page.getByLabel('Patient', { exact: true }).fill(chart.id);
  await press(page, 'Look it up');
  assert.ok(await page.getByText('Nina Nurse').first().isVisible());
  await look(page, 'viewers');
  await page.getByRole('link', { name: 'Who did' }).click();
  assert.ok(await page.getByText('Nina Nurse').first().isVisible());
  await look(page, 'accesses');

  await there(page, '/access/explain', 'Who may do what');
  await page.getByLabel('Who (optional)').fill('nina@clinic.example');
  await page.getByLabel('What', { exact: true }).fill('Observation');
  await page.getByLabel('Which one (optional)').fill(chart.observation);
  await press(page, 'Explain');
  assert.ok(await page.getByText(/^Yes: Nina Nurse may read/).isVisible());
  await look(page, 'explained');
});

test('who showed no factor for a while shows one first, and comes back to where they were', { skip }, async () => {
  const page = await there(atNurse, '/access/requests/new', 'Ask for access');
  await page.getByLabel('Billing').check();
  await page.getByLabel('Reason').fill('I help with the bills this week.');
  await press(page, 'Ask');
  const path = new URL(page.url()).pathname;
  assert.ok(admin);
  const inside = await openInside(safeguard.data);
  const text = `update identity.session set authenticated_at = authenticated_at - interval '6 minutes'
    where account = $1`;
  await inside.databases.sql('identity', text, [admin.id]);
  await inside.close();
  await page.waitForTimeout(known_ms);
  const boss = await there(atAdmin, path);
  await boss.getByRole('link', { name: 'Decide', exact: true }).click();
  assert.equal(await heading(boss), 'Confirm that it is you');
  await boss.getByLabel('Your password').fill(password);
  await press(boss, 'Continue');
  await boss.getByLabel('Code from your authenticator app').fill(await freshCode(admin));
  await press(boss, 'Continue');
  assert.equal(new URL(boss.url()).pathname, `${path}/decide`);
  await press(boss, 'Approve');
  assert.ok(await boss.getByText('You approved it.').isVisible());
});

test('a right that is ended is over, and the holder sees it', { skip }, async () => {
  const page = await there(atOfficer, '/access/grants');
  await page.getByRole('link', { name: /Nina Nurse: Clinician/ }).click();
  await page.getByRole('link', { name: 'End this right' }).click();
  await press(page, 'End it');
  assert.ok(await page.getByText('This right is ended.').isVisible());
  const nina = await there(atNurse, '/access', 'My access');
  assert.equal(await nina.getByText('Clinician of a small practice').count(), 0);
});

test('nothing for axe in either scheme, no sideways scrolling at 320 px', { skip }, () => {
  assert.deepEqual(found, []);
});
