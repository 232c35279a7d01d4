import type { Page } from 'playwright-core';
import { type Person, password, person } from '../sign-in/house.ts';
import { addAuthenticator } from './browser.ts';
import { choosePassword, enrolApp, freshCode, giveCode, givePassword, keyOn, press } from './journey.ts';
import type { Site } from './site.ts';

/** Called at every page in every state. */
export type Look = (name: string) => Promise<void>;

interface Walk {
  readonly page: Page;
  readonly site: Site;
  readonly look: Look;
}

async function firstStart({ page, site, look }: Walk): Promise<void> {
  await page.goto(`${site.url}/sign-in`);
  await look('not-set-up');
  const { secret } = await site.accounts.links.make('administrator', 1, null);
  await page.goto(`${site.url}/first/${secret}`);
  await look('first');
  await press(page, 'Start');
  await look('first-account');
  await press(page, 'Continue');
  await look('first-account-wrong');
  await page.getByLabel('Your name').fill('Ada Berg');
  await page.getByLabel('E-mail address').fill('ada@harbor.example');
  await press(page, 'Continue');
  await look('password');
  await choosePassword(page, 'password');
  await look('password-wrong');
  await choosePassword(page);
  await look('enrol');
  await press(page, 'Set up an app');
  await look('enrol-app');
  await page.getByLabel('Code that the app shows now').fill('000000');
  await press(page, 'Continue');
  await look('enrol-app-wrong');
  await page.getByLabel('Code that the app shows now').fill(freshCode(site, await keyOn(page)));
  await press(page, 'Continue');
  await look('codes');
  await press(page, 'Continue');
  await look('codes-wrong');
  await page.getByLabel('I have kept these codes in a safe place').check();
  await press(page, 'Continue');
  await look('account');
  await press(page, 'Sign out');
  await look('signed-out');
}

async function signingIn({ page, site, look }: Walk, who: Person): Promise<void> {
  await page.goto(`${site.url}/sign-in`);
  await look('sign-in');
  await givePassword(page, who.login, 'not the password');
  await look('sign-in-wrong');
  await givePassword(page, who.login);
  await look('second');
  await page.getByLabel('Code from your authenticator app').fill('000000');
  await press(page, 'Continue');
  await look('second-wrong');
  await page.getByRole('link', { name: 'Use a recovery code instead' }).click();
  await look('recovery-code');
  await page.getByLabel('Recovery code').fill('aaaaa-aaaaa');
  await press(page, 'Continue');
  await look('recovery-code-wrong');
  await page.getByLabel('Recovery code').fill(who.codes[0] ?? '');
  await press(page, 'Continue');
  await look('account');
}

async function confirm({ page, site, look }: Walk, who: Person, name: string): Promise<void> {
  await look(`${name}-confirm`);
  await page.getByLabel('Your password').fill('not the password');
  await press(page, 'Continue');
  await look(`${name}-confirm-wrong`);
  await page.getByLabel('Your password').fill(password);
  await press(page, 'Continue');
  await look(`${name}-confirm-second`);
  await giveCode(page, site, who.secret);
}

async function factors(walk: Walk, who: Person): Promise<void> {
  const { page, site, look } = walk;
  await page.goto(`${site.url}/account/factors`);
  await look('factors');
  site.clock.at += 6 * 60_000;
  await page.getByRole('link', { name: 'Add a second step' }).click();
  await confirm(walk, who, 'add');
  await look('add');
  await press(page, 'Set up an app');
  await look('add-app');
  const secret = await keyOn(page);
  await page.getByLabel('Code that the app shows now').fill('000000');
  await press(page, 'Continue');
  await look('add-app-wrong');
  await page.getByLabel('Code that the app shows now').fill(freshCode(site, secret));
  await page.getByLabel('Name, to tell it apart').fill('Spare phone');
  await press(page, 'Continue');
  await look('factors-added');
  await page.getByRole('link', { name: 'Remove Spare phone' }).click();
  await look('remove');
  await press(page, 'Remove it');
  await page.getByRole('link', { name: /^Remove/ }).click();
  await press(page, 'Remove it');
  await look('factors-only-one');
  await page.goto(`${site.url}/account/recovery-codes`);
  await look('new-codes');
  await press(page, 'Make new codes');
  await look('new-codes-shown');
}

async function passkeys({ page, site, look }: Walk): Promise<void> {
  const key = await addAuthenticator(page);
  await page.goto(`${site.url}/account/factors/add`);
  await page.getByLabel('Name, to tell it apart').fill('Laptop');
  await press(page, 'Create a passkey');
  await page.waitForURL(/done=added/);
  await look('factors-passkey');
  await key.present(false);
}

async function rest({ page, site, look }: Walk): Promise<void> {
  await page.goto(`${site.url}/account/password`);
  await look('change-password');
  await page.getByLabel('New password', { exact: true }).fill('short');
  await page.getByLabel('New password, once more').fill('shorter');
  await press(page, 'Change your password');
  await look('change-password-wrong');
  await page.goto(`${site.url}/account/sessions`);
  await look('sessions');
  await page.goto(`${site.url}/account/apps`);
  await look('apps');
  await page.goto(`${site.url}/sign-out`);
  await look('sign-out');
  await page.goto(`${site.url}/account/nothing-here`);
  await look('missing');
  await page.goto(`${site.url}/sign-in/second`);
  await look('start-again');
  await page.goto(`${site.url}/join/nothing`);
  await look('link-dead');
}

async function links({ page, site, look }: Walk): Promise<void> {
  const login = 'bo@harbor.example';
  const { id } = await site.accounts.create({ tenant: 1, kind: 'workforce', login, name: 'Bo Lind' });
  const invitation = await site.accounts.links.make('invitation', 1, id);
  await page.goto(`${site.url}/join/${invitation.secret}`);
  await look('invitation');
  await press(page, 'Start');
  await look('invitation-password');
  await choosePassword(page);
  await enrolApp(page, site);
  const recovery = await site.accounts.links.make('recovery', 1, id);
  await page.goto(`${site.url}/recover/${recovery.secret}`);
  await look('recovery');
  await press(page, 'Start');
  await look('recovery-password');
}

/** Through all pages in all their states. The page must run scripts: two of the states are a passkey's. */
export async function walkAll(page: Page, site: Site, look: Look): Promise<void> {
  const walk: Walk = { page, site, look };
  await firstStart(walk);
  const who = await person(site, { name: 'Cleo Haas' });
  await signingIn(walk, who);
  await factors(walk, who);
  await passkeys(walk);
  await rest(walk);
  await links(walk);
}
