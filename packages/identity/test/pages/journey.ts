import type { Page } from 'playwright-core';
import { code, password } from '../sign-in/house.ts';
import type { Site } from './site.ts';

/** The one heading of the page: what it is about. */
export const heading = (page: Page): Promise<string> =>
  page
    .locator('h1')
    .textContent()
    .then((text) => text ?? '');

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

/** The key that the page shows as text, as it is typed into an app. */
export const keyOn = async (page: Page): Promise<string> =>
  ((await page.locator('.secret').textContent()) ?? '').replaceAll(' ', '');

/** A code that was not used before. */
export function freshCode(site: Site, secret: string): string {
  site.clock.at += 30_000;
  return code(site, secret);
}

/** Through the steps of a link that come after the password page, with an app; answers its key and the codes. */
export async function enrolApp(page: Page, site: Site) {
  await press(page, 'Set up an app');
  const secret = await keyOn(page);
  await page.getByLabel('Code that the app shows now').fill(freshCode(site, secret));
  await press(page, 'Continue');
  const codes = await page.locator('.codes li').allTextContents();
  await page.getByLabel('I have kept these codes in a safe place').check();
  await press(page, 'Continue');
  return { secret, codes };
}

export async function choosePassword(page: Page, text = password): Promise<void> {
  await page.getByLabel('New password', { exact: true }).fill(text);
  await page.getByLabel('New password, once more').fill(text);
  await press(page, 'Continue');
}

export async function givePassword(page: Page, login: string, text = password): Promise<void> {
  await page.getByLabel('E-mail address').fill(login);
  await page.getByLabel('Password').fill(text);
  await press(page, 'Sign in');
}

export async function giveCode(page: Page, site: Site, secret: string): Promise<void> {
  await page.getByLabel('Code from your authenticator app').fill(freshCode(site, secret));
  await press(page, 'Continue');
}
