import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** A reason to skip, or undefined: CI installs Debian's package `chromium`. */
export const noBrowser = existsSync(executablePath)
  ? undefined
  : 'SKIPPED: install the package `chromium` to run the pages in a browser';

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

/** A person's browser. Without `script` no page may need one. */
export async function openPage(
  browser: Browser,
  { script = false, ...more }: BrowserContextOptions & { script?: boolean } = {},
): Promise<Page & { readonly owner: BrowserContext }> {
  const context = await browser.newContext({ javaScriptEnabled: script, ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return Object.assign(page, { owner: context });
}

/** An authenticator with user verification and resident keys, as CDP's WebAuthn domain has it. */
export async function addAuthenticator(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    /** A finger on it, or none. */
    present: (enabled: boolean) =>
      session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
  };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 AA as axe tags it, and what axe holds to be good practice. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What another colour scheme can change. */
const colours = ['color-contrast', 'link-in-text-block'];

interface Axe {
  run(
    context: unknown,
    options: object,
  ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
}

/** What axe-core finds, one line each. `colours`: only what depends on the scheme. */
export async function violations(page: Page, of: 'all' | 'colours' = 'all'): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axeSource);
  const runOnly = of === 'all' ? { type: 'tag', values: tags } : { type: 'rule', values: colours };
  return page.evaluate(async (only) => {
    const { axe, document } = globalThis as unknown as { axe: Axe; document: unknown };
    const options = { runOnly: only, resultTypes: ['violations'] };
    const found = await axe.run(document, options);
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
  }, runOnly);
}
