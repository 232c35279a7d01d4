/** The pages as a browser shows them: WCAG 2.2 AA by axe-core, no sideways scrolling on a phone, forms that lead on. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Answer, assetRoute, type RequestContext } from '@safeguard/http';
import { type Browser, chromium } from 'playwright-core';
import { offerOf, readAsked } from '../../oauth/smart/asked.ts';
import { consentPage, refusedPage } from '../../oauth/smart/consent-page.ts';
import { encounterPage, pickerPage } from '../../oauth/smart/picker-page.ts';
import { account, app, rules } from './rules.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

const brand = { name: 'Riverside Hospital' };
const interaction = {
  uid: 'x'.repeat(43),
  prompt: { name: 'consent', reasons: [] },
  params: { redirect_uri: 'https://app.example/callback' },
  earlier: {},
  started_at: 0,
};
const client = app({ publisher: 'Kite Health Ltd', approved_by: 'Mary Shaw, 3 October 2026' });
const grace = { id: 'a', name: 'Grace Hopper', birthDate: '1985-12-09', gender: 'female' };
const scope =
  'openid fhirUser profile launch/patient offline_access patient/Patient.r patient/*.rs user/Condition.cruds ' +
  'patient/MedicationRequest.cruds patient/Observation.rs?category=laboratory';
const offer = offerOf(readAsked(scope, rules), client, account(), rules);
const consent = { brand, interaction, client, name: 'Ada Byron', less: false, describe: rules.describe };
const picker = { brand, interaction, client, name: 'Ada Byron' };

const pages: Readonly<Record<string, Answer>> = {
  consent: consentPage({ ...consent, offer, own: false, patient: grace }),
  'consent-own': consentPage({ ...consent, offer, own: true, patient: grace }),
  'consent-nothing': consentPage({
    ...consent,
    less: true,
    own: false,
    patient: undefined,
    offer: { ...offer, fhir: [] },
  }),
  picker: pickerPage({ ...picker, search: 'hop', entries: [grace, { id: 'b', name: 'Hopkins' }] }),
  'picker-begin': pickerPage({ ...picker, search: '', entries: undefined }),
  'picker-nobody': pickerPage({ ...picker, search: 'zzz', entries: [] }),
  proxy: pickerPage({ ...picker, search: undefined, entries: [grace] }),
  encounter: encounterPage({ ...picker, encounters: [{ id: 'e', label: 'Outpatient visit', start: '2026-10-02' }] }),
  refused: refusedPage(picker, { title: 'This app is not approved', text: 'It gets no access; nothing was allowed.' }),
};

let server: Server;
let base: string;
let browser: Browser;
before(async () => {
  server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const asset = { params: { name: path.slice('/assets/'.length) }, headers: {} } as unknown as RequestContext;
    const answer = path.startsWith('/assets/') ? await assetRoute().handle(asset) : pages[path.slice(1)];
    response.writeHead(answer?.status ?? 404, { 'Content-Type': answer?.type ?? 'text/plain', ...answer?.headers });
    response.end(answer?.body);
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
});
after(async () => {
  await browser.close();
  server.close();
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

for (const [size, viewport] of [
  ['desktop', { width: 1280, height: 900 }],
  ['phone', { width: 360, height: 740 }],
] as const) {
  test(`the pages are accessible and fit (${size})`, async () => {
    const context = await browser.newContext({ viewport, bypassCSP: true });
    for (const name of Object.keys(pages)) {
      const page = await context.newPage();
      await page.goto(`${base}/${name}`);
      await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
      await page.evaluate(axe);
      const found = await page.evaluate<Violation[]>('axe.run(document).then(({ violations }) => violations)');
      assert.deepEqual(
        found.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html}`),
        [],
      );
      const wide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
      assert.equal(await page.evaluate(wide), false, `${name} scrolls sideways`);
      await page.close();
    }
    await context.close();
  });
}

test('under the page policy: what is unticked is not sent; the form works by keyboard alone', async () => {
  const page = await browser.newPage();
  await page.goto(`${base}/consent`);
  const sent = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByLabel(/Access while you are away/).uncheck();
  await page.getByRole('button', { name: 'Allow', exact: true }).focus();
  await page.keyboard.press('Enter');
  const form = new URLSearchParams((await sent).postData() ?? '');
  assert.ok(form.getAll('kind').includes('patient/*.rs'));
  assert.deepEqual(form.getAll('other').sort(), ['fhirUser', 'profile']);
  await page.close();
});
