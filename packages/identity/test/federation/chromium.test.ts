import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import { createHttp, createLog, type RequestEvent } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Route as Asked, Browser, Page } from 'playwright-core';
import { createPages } from '../../pages/pages.ts';
import { createTenants } from '../../tenants.ts';
import { noBrowser, openBrowser, openPage, violations } from '../pages/browser.ts';
import { administrator, type House, openHouse } from './house.ts';
import { attribute, goodResponse, packed, readRequest, type Said, said, samlProvider } from './saml-idp.ts';
import { enabled } from './walk.ts';

const skip = noBrowser ?? false;
const mfa = 'https://refeds.org/profile/mfa';

const settings = {
  host: 'localhost',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 16_384, url_bytes: 4_096, connections: 200, inflight_bytes: 10_000_000 },
  deadlines: {
    request_ms: 10_000,
    ledger_ms: 1_000,
    headers_ms: 5_000,
    idle_ms: 2_000,
    keep_alive_ms: 5_000,
    stop_ms: 500,
  },
};

/** The pages and the federation behind the real lifecycle, at http://localhost, which a browser trusts as https. */
async function serve(house: House) {
  const { accounts, authenticators, sessions, signIn, clock, segment, federation } = house;
  const events: RequestEvent[] = [];
  const pages = createPages({
    accounts,
    authenticators,
    sessions,
    signIn,
    clock,
    tenants: createTenants({ segment, clock }),
    guard: () => undefined,
    brand: async () => ({ name: 'Harbor Clinic' }),
    providers: (tenant) => federation.buttons(tenant),
    ready: () => accounts.hasAdministrator(1),
  });
  const http = createHttp({
    routes: [...pages.routes, ...federation.routes()],
    ports: {
      authenticate: () => {
        throw fault('unauthenticated', 'A bearer token is required');
      },
      signedIn: async ({ cookie, agent }) => (await sessions.signedIn(cookie, agent))?.principal,
      page: pages.page,
      record: async (event) => void events.push(event),
    },
    settings,
    tls: 'off',
    log: createLog({ level: 'error', destination: new Writable({ write: (_chunk, _encoding, done) => done() }) }),
    health: { ready: async () => undefined },
    clock,
  });
  return { events, http, ...(await http.listen()) };
}

let house: House;
let site: Awaited<ReturnType<typeof serve>>;
let browser: Browser | undefined;
before(async () => {
  house = await openHouse();
  await administrator(house);
  site = await serve(house);
  if (skip === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site.http.close();
  await house.close();
});

/** The provider's own site: a form that the person, or anybody's script, sends to us from there. */
const providerPage = (bend: Partial<Said>) => async (asked: Asked) => {
  const request = readRequest(asked.request().url());
  const xml = goodResponse(said(request, { at: house.clock.now(), ...bend }));
  await asked.fulfill({
    contentType: 'text/html',
    body: `<form method="post" action="${request.acs}"><input name="SAMLResponse" value="${packed(xml)}">
<input name="RelayState" value="${request.relay}"><button>Send</button></form>`,
  });
};

async function newPage(bend: Partial<Said>, script = false): Promise<Page> {
  if (browser === undefined) throw new Error('no browser');
  const page = await openPage(browser, { script });
  await page.route('https://idp.example/**', providerPage(bend));
  return page;
}

test('single sign-on in a browser: past the form’s policy, back from another site, with our cookie', {
  skip,
}, async () => {
  const id = await enabled(house, samlProvider({ trusted_acr: [mfa] }));
  const who = { acr: mfa, nameId: 'chrome', attributes: attribute('email', 'chrome@clinic.example') };
  const page = await newPage(who);
  await page.goto(`${site.url}/sign-in`);
  await page.getByRole('button', { name: 'Continue with Clinic SSO' }).click();
  await page.waitForURL('https://idp.example/**');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(`${site.url}/account`);
  assert.equal(await page.locator('h1').textContent(), 'Your account');
  const told = site.events.map(({ action, outcome }) => `${action} ${outcome}`);
  for (const event of ['federation-start permit', 'federation-answer permit', 'federation-return permit']) {
    assert.ok(told.includes(event), `${event} is not in ${told.join(', ')}`);
  }
  const returned = site.events.find(({ action }) => action === 'federation-return');
  assert.deepEqual([returned?.tenant, returned?.targets[0]], [1, { type: 'Provider', id }]);
  await house.federation.providers.remove(1, id);
});

test('an answer in a browser that never asked leads to a page that says so', { skip }, async () => {
  const id = await enabled(house, samlProvider());
  const page = await newPage({}, true);
  await page.goto(`${site.url}/sign-in`);
  await page.getByRole('button', { name: 'Continue with Clinic SSO' }).click();
  await page.waitForURL('https://idp.example/**');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(`${site.url}/federation/${id}/finish?**`);
  assert.match(String(await page.locator('main').textContent()), /It took too long, or something in it was not right/);
  assert.deepEqual(await violations(page), []);
  const returned = site.events.findLast(({ action }) => action === 'federation-return');
  assert.deepEqual([returned?.outcome, returned?.reason], ['deny', 'another browser']);
  await house.federation.providers.remove(1, id);
});

test('another site cannot begin a sign-on in our name', { skip }, async () => {
  const id = await enabled(house, samlProvider());
  const page = await newPage({});
  await page.route('https://evil.example/**', (asked) =>
    asked.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${site.url}/federation/${id}/start"><button>Win</button></form>`,
    }),
  );
  await page.goto('https://evil.example/');
  await page.getByRole('button', { name: 'Win' }).click();
  await page.waitForURL(`${site.url}/federation/${id}/start`);
  assert.match(String(await page.locator('main').textContent()), /This is not allowed/);
  await house.federation.providers.remove(1, id);
});
