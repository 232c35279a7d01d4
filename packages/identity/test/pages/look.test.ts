import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noBrowser, openBrowser, openPage, violations } from './browser.ts';
import { walkAll } from './gallery.ts';
import { grants, openSite } from './site.ts';

const skip = noBrowser ?? false;
const providers = [{ id: '7d6f3a52-0d8b-4a7b-9c37-1c7f7dcd2f10', label: 'Harbor staff account' }];
const linked = [
  {
    provider: '0d0f7a0e-5a5b-4a35-8c8e-7f1f3b1d1a11',
    label: 'University',
    created_at: Date.parse('2026-11-20T08:00:00Z'),
  },
];
const name = 'Medication planner of the Northern Lakes Regional Hospital Association';
const apps = [{ grant: 'g1', client_id: 'c', name, scopes: ['patient/*.rs'], since: 0 }];
const wide = { width: 1100, height: 800 };
/** WCAG 2.2 1.4.10: content reflows at 320 CSS pixels. */
const narrow = { width: 320, height: 640 };

test('every page in every state: nothing for axe in either scheme, no sideways scrolling at 320 px', {
  skip,
}, async (t) => {
  const site = await openSite({
    change: { providers: async () => providers, linked: async () => linked, apps: grants(apps) },
  });
  const browser = await openBrowser();
  t.after(async () => {
    await browser.close();
    await site.close();
  });
  // Axe itself is injected past the policy; that the policy holds is another test.
  const page = await openPage(browser, { script: true, bypassCSP: true, reducedMotion: 'reduce' });
  const found: string[] = [];
  let looks = 0;
  await walkAll(page, site, async (place) => {
    looks += 1;
    const say = (scheme: string) => (each: string) => void found.push(`${place} ${scheme}: ${each}`);
    (await violations(page)).forEach(say('light'));
    await page.emulateMedia({ colorScheme: 'dark' });
    (await violations(page, 'colours')).forEach(say('dark'));
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(narrow);
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    if (overflow > 0) found.push(`${place}: ${overflow} px too wide`);
    await page.setViewportSize(wide);
  });
  assert.deepEqual(found, []);
  assert.ok(looks > 40, `${looks} looks`);
});

test('the measures see what is wrong (negative control)', { skip }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const page = await openPage(browser, { script: true });
  await page.setContent('<html><body><input><p style="color:#999;background:#fff">pale</p></body></html>');
  const found = (await violations(page)).map((each) => each.split(':')[0]);
  for (const rule of ['label', 'color-contrast', 'html-has-lang', 'document-title'])
    assert.ok(found.includes(rule), rule);
});
