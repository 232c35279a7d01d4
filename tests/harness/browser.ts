import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** A reason to skip, or false: CI installs Debian's package `chromium`. */
export const noBrowser: string | false = existsSync(executablePath)
  ? false
  : 'SKIPPED: install the Debian package `chromium` to run the journeys in a browser';

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args });

/** A person's own browser: nothing of another one's is in it. The instance's certificate authority is its own. */
export async function openPage(browser: Browser, more: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return page;
}

/** A phone: the width that most people see the pages at. */
export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

/** Pictures for a person to look at, where `JOURNEY_SHOTS` names a directory. */
export async function shot(page: Page, name: string): Promise<void> {
  const directory = process.env['JOURNEY_SHOTS'];
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
}

/** The one heading of the page: what it is about. */
export const heading = async (page: Page): Promise<string> => (await page.locator('h1').textContent()) ?? '';

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).click();
