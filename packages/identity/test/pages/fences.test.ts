import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { html, page as made, raw, shown } from '@safeguard/http';
import type { Browser } from 'playwright-core';
import { person } from '../sign-in/house.ts';
import { noBrowser, openBrowser, openPage } from './browser.ts';
import { openSite, type Site } from './site.ts';

const skip = noBrowser ?? false;
const brand = { name: 'Harbor Clinic' };
/** Markup as a mistake of ours could let it through: what a browser runs of it with our policy, and without. */
const injected = raw(
  '<h1 id="at">untouched</h1><script>document.getElementById("at").textContent="run"</script>' +
    '<img src="x:" onerror="document.getElementById(\'at\').textContent=\'run\'">' +
    '<form method="post" action="https://evil.example/"><button>Send</button></form>',
);
const guarded = shown({ path: '/injected', action: 'test' }, () =>
  made({ title: 't', brand, main: html`${injected}` }),
);
const open = shown({ path: '/open', action: 'test' }, () => {
  const answer = made({ title: 't', brand, main: html`${injected}` });
  return { ...answer, headers: { 'Content-Security-Policy': 'default-src *', 'X-Frame-Options': 'ALLOW' } };
});
const openPolicy = { 'Content-Security-Policy': "script-src * 'unsafe-inline'" };
const unguarded = shown({ path: '/unguarded', action: 'test' }, () => ({
  ...made({ title: 't', brand, main: html`${injected}` }),
  headers: openPolicy,
}));

let site: Site;
let browser: Browser;
before(async () => {
  site = await openSite({ routes: [guarded, unguarded, open] });
  await person(site, { roles: ['administrator'] });
  if (skip === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site.close();
});

test('inline script, handlers and foreign forms do nothing under our policy; without it they run', {
  skip,
}, async () => {
  const page = await openPage(browser, { script: true });
  await page.goto(`${site.url}/injected`);
  const refused = page.waitForEvent('console', (line) => line.text().includes('form-action'));
  assert.equal(await page.locator('#at').textContent(), 'untouched');
  const sent: string[] = [];
  page.on('request', (request) => void sent.push(request.url()));
  await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
  await refused;
  assert.deepEqual(sent, []);
  await page.goto(`${site.url}/unguarded`);
  assert.equal(await page.locator('#at').textContent(), 'run', 'negative control');
  const leaves = page.waitForRequest((request) => !request.url().startsWith(site.url));
  await page.getByRole('button', { name: 'Send' }).click({ noWaitAfter: true });
  assert.equal((await leaves).method(), 'POST', 'negative control: the foreign form is sent');
});

test('no page stands in a frame, of another site or of our own (clickjacking)', { skip }, async (t) => {
  const framing = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<iframe src="${site.url}${request.url}"></iframe>`);
  });
  await new Promise<void>((resolve) => void framing.listen(0, 'localhost', resolve));
  t.after(() => framing.close());
  const page = await openPage(browser);
  const shownIn = async (path: string): Promise<number> => {
    await page.goto(`http://localhost:${(framing.address() as AddressInfo).port}${path}`);
    return page.frames().filter((frame) => frame.url().startsWith(site.url)).length;
  };
  for (const path of ['/sign-in', '/account', '/sign-out', '/join/x']) assert.equal(await shownIn(path), 0, path);
  assert.equal(await shownIn('/open'), 1, 'negative control');
});

test('the page with the script runs with Trusted Types: text cannot become code', { skip }, async () => {
  const page = await openPage(browser, { script: true });
  await page.goto(`${site.url}/sign-in`);
  const tried = page.evaluate('document.body.innerHTML = "<b>x</b>"');
  await assert.rejects(tried, /TrustedHTML/);
  await page.goto(`${site.url}/unguarded`);
  await page.evaluate('document.body.innerHTML = "<b>x</b>"');
  assert.equal(await page.locator('b').textContent(), 'x', 'negative control');
});
