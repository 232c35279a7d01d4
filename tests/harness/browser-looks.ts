import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

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

/** What axe-core finds, one line each. The page's browser must let scripts be put in: `bypassCSP`. */
export async function violations(page: Page, of: 'all' | 'colours' = 'all'): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axeSource);
  const runOnly = of === 'all' ? { type: 'tag', values: tags } : { type: 'rule', values: colours };
  return page.evaluate(async (only) => {
    const { axe, document } = globalThis as unknown as { axe: Axe; document: unknown };
    const found = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
  }, runOnly);
}

/** WCAG 2.2 1.4.10: content reflows at 320 CSS pixels. */
const narrow = { width: 320, height: 640 };

/** What is wrong with a page to look at: by axe in both schemes, and where it scrolls sideways on a narrow screen. */
export async function faultsOf(page: Page): Promise<string[]> {
  const wide = page.viewportSize() ?? { width: 1100, height: 800 };
  const light = (await violations(page)).map((each) => `light: ${each}`);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = (await violations(page, 'colours')).map((each) => `dark: ${each}`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(narrow);
  const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  await page.setViewportSize(wide);
  return [...light, ...dark, ...(over > 0 ? [`${over} px too wide at 320`] : [])];
}
