import type { Page } from 'playwright-core';
import { press, shot } from './browser.ts';
import { freshCode, type Person, password } from './people.ts';

/** Password, authenticator app and recovery codes, as a person types them; from the page that asks for the password. */
export async function setUpByHand(page: Page, name: string) {
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('New password, once more').fill(password);
  await shot(page, `${name}-password`);
  await press(page, 'Continue');
  await shot(page, `${name}-second-step`);
  await press(page, 'Set up an app');
  const secret = ((await page.locator('.secret').textContent()) ?? '').replaceAll(' ', '');
  const kept = { secret, lastStep: 0 };
  await page.getByLabel('Code that the app shows now').fill(await freshCode(kept));
  await shot(page, `${name}-app`);
  await press(page, 'Continue');
  const codes = await page.locator('.codes li').allTextContents();
  await shot(page, `${name}-codes`);
  await page.getByLabel('I have kept these codes in a safe place').check();
  await press(page, 'Continue');
  return { ...kept, codes };
}

/** The sign-in pages, from the one that asks for the login. */
export async function signInByHand(page: Page, person: Pick<Person, 'login' | 'secret' | 'lastStep'>, name: string) {
  await page.getByLabel('E-mail address').fill(person.login);
  await page.getByLabel('Password').fill(password);
  await shot(page, `${name}-sign-in`);
  await press(page, 'Sign in');
  await page.getByLabel('Code from your authenticator app').fill(await freshCode(person));
  await shot(page, `${name}-second`);
  await press(page, 'Continue');
}
