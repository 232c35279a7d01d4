import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { password } from '../sign-in/house.ts';
import { addAuthenticator, noBrowser, openBrowser, openPage } from './browser.ts';
import { choosePassword, enrolApp, giveCode, givePassword, heading, press } from './journey.ts';
import { openSite, type Site } from './site.ts';

const skip = noBrowser ?? false;
const login = 'ada@harbor.example';
let site: Site;
let browser: Browser | undefined;
/** What the first administrator has at hand: set by the first test, used by the others. */
const held = { secret: '', codes: [] as string[] };

const newPage = (script = false): Promise<Page> => {
  if (browser === undefined) throw new Error('no browser');
  return openPage(browser, { script });
};

before(async () => {
  site = await openSite();
  if (skip === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site.close();
});

test('first start, sign out, sign in with password and app: without any script', { skip }, async () => {
  const page = await newPage();
  await page.goto(`${site.url}/account`);
  assert.equal(await heading(page), 'This server is not set up yet');
  const link = await site.accounts.links.make('administrator', 1, null);
  await page.goto(`${site.url}/first/${link.secret}`);
  await press(page, 'Start');
  await page.getByLabel('Your name').fill('Ada Berg');
  await page.getByLabel('E-mail address').fill(login);
  await press(page, 'Continue');
  await choosePassword(page, 'password123');
  assert.match(await page.title(), /^Error: Choose a password/);
  await choosePassword(page);
  Object.assign(held, await enrolApp(page, site));
  assert.equal(held.codes.length, 10);
  assert.equal(await heading(page), 'Your account');
  await press(page, 'Sign out');
  assert.equal(await heading(page), 'You are signed out');
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await givePassword(page, login, 'not the password');
  assert.match(await page.title(), /^Error: Sign in/);
  await page.getByRole('link', { name: /not right/ }).click();
  assert.equal(await page.locator('#login:focus').count(), 1, 'the summary leads to the field');
  await givePassword(page, login);
  await giveCode(page, site, held.secret);
  assert.equal(await heading(page), 'Your account');
});

test('a passkey is added, and signs in alone; the recovery code of a lost phone; all devices end', {
  skip,
}, async () => {
  const page = await newPage(true);
  const key = await addAuthenticator(page);
  await page.goto(`${site.url}/sign-in`);
  await givePassword(page, login);
  await giveCode(page, site, held.secret);
  await page.goto(`${site.url}/account/factors/add`);
  await page.getByLabel('Name, to tell it apart').fill('Laptop');
  await press(page, 'Create a passkey');
  await page.waitForURL(/done=added/);
  assert.match((await page.locator('main').textContent()) ?? '', /Laptop/);
  assert.equal((await key.credentials()).length, 1);
  await key.present(false);
  await press(page, 'Sign out');

  await page.getByRole('link', { name: 'Sign in again' }).click();
  await press(page, 'Sign in with a passkey');
  await key.present(true);
  await page.waitForURL(/\/account$/);
  assert.equal(await heading(page), 'Your account');

  const other = await newPage();
  await other.goto(`${site.url}/sign-in`);
  await givePassword(other, login);
  await other.getByRole('link', { name: 'Use a recovery code instead' }).click();
  await other.getByLabel('Recovery code').fill(held.codes[0] ?? '');
  await press(other, 'Continue');
  assert.equal(await heading(other), 'Your account');
  await other.getByRole('link', { name: 'Devices', exact: true }).click();
  await press(other, 'Sign out everywhere');
  assert.equal(await heading(other), 'You are signed out');
  // An ending holds everywhere within a second.
  await page.waitForTimeout(1_000);
  await page.reload();
  assert.equal(await heading(page), 'Sign in');
});

test('a passkey is offered where the login is typed, and one press is the sign-in', { skip }, async () => {
  const page = await newPage(true);
  const key = await addAuthenticator(page);
  await key.present(true);
  await page.goto(`${site.url}/sign-in`);
  await givePassword(page, login);
  await giveCode(page, site, held.secret);
  await page.goto(`${site.url}/account/factors/add`);
  await press(page, 'Create a passkey');
  await page.waitForURL(/done=added/);
  await press(page, 'Sign out');
  // The virtual authenticator answers at once what the page asks in silence: nobody presses a button.
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await page.waitForURL(/\/account$/);
});

test('an invitation sets up an account with a passkey as its second factor', { skip }, async () => {
  const page = await newPage(true);
  const key = await addAuthenticator(page);
  const { id } = await site.accounts.create({
    tenant: 1,
    kind: 'workforce',
    login: 'bo@harbor.example',
    name: 'Bo Lind',
  });
  const { secret } = await site.accounts.links.make('invitation', 1, id);
  await page.goto(`${site.url}/join/${secret}`);
  await press(page, 'Start');
  await choosePassword(page, password);
  await press(page, 'Create a passkey');
  await page.getByLabel('I have kept these codes in a safe place').check();
  await press(page, 'Continue');
  assert.equal(await heading(page), 'Your account');
  assert.equal((await key.credentials()).length, 1);
  assert.equal((await site.accounts.byId(1, id))?.state, 'active');
});

test('a passkey that does not answer is told on the page, and another way stays open', { skip }, async () => {
  const page = await newPage(true);
  await page.goto(`${site.url}/sign-in`);
  await addAuthenticator(page);
  await press(page, 'Sign in with a passkey');
  await page.getByText('That did not work. Try again, or choose another way.').waitFor();
  await givePassword(page, login);
  await giveCode(page, site, held.secret);
  assert.equal(await heading(page), 'Your account');
});

test('without script there is no button that does nothing, and the page says why', { skip }, async () => {
  const page = await newPage();
  await page.goto(`${site.url}/sign-in`);
  assert.equal(await page.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0);
});
