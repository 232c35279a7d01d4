import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goodLink, openTrust } from '../../packages/programme/test/trust/world.ts';
import { noBrowser, openBrowser, openPage, shot } from '../harness/browser.ts';
import { faultsOf } from '../harness/browser-looks.ts';

const paths = [
  ...['', '/policies', '/policies/data-management', '/controls/164.312-a-1', '/controls/164.312-a-2-iii'],
  ...['/controls/164.312-b', '/controls/164.308-a-4-ii-A', '/reports', '/reports/thanks', `/reports/${goodLink}`],
];

test('the public pages: nothing for axe in either scheme, no sideways scrolling at 320 px', {
  skip: noBrowser,
}, async (t) => {
  const { url, close } = await openTrust();
  const browser = await openBrowser();
  t.after(async () => {
    await browser.close();
    await close();
  });
  const page = await openPage(browser, { bypassCSP: true, reducedMotion: 'reduce' });
  const found: string[] = [];
  const look = async (name: string) => {
    await shot(page, `trust-${name}`);
    found.push(...(await faultsOf(page)).map((fault) => `${name}: ${fault}`));
  };
  for (const path of paths) {
    await page.goto(`${url}/trust${path}`);
    for (const summary of await page.locator('main summary').all()) await summary.click();
    await look(path.replaceAll('/', '-').slice(1));
  }
  await page.goto(`${url}/trust/reports`);
  await page.getByRole('button', { name: 'Ask for the report' }).click();
  await look('reports-wrong');
  assert.deepEqual(found, []);
});
