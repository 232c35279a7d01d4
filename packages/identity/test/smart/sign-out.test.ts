import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Browser, formOf, type Page, request, signedInBrowser } from './browser.ts';
import { makeAccount, makeApp, makePatient, openWorld, type Served, type World } from './world.ts';

let world: World;
let served: Served;
before(async () => {
  world = await openWorld();
  const visit = { id: 'b7c9d1f0-0000-4000-8000-000000000001', label: 'Outpatient visit' };
  served = await world.serve({ encounters: [visit] });
});
after(() => world.close());

/** The form “Not you? Sign out” of a page: where it posts to. */
const wayOut = ({ body }: Page): string | undefined =>
  /<form method="post" action="([^"]+)"[^>]*>(?:(?!<\/form>)[\s\S])*Not you\? Sign out/.exec(body)?.[1];

const isSignedIn = async (browser: Browser): Promise<boolean> =>
  /Sign out\?/.test((await browser.get('/sign-out')).body);

/** A person of the staff at the page on which an app's request stands. */
async function at(step: 'picker' | 'visit' | 'consent' | 'refused') {
  const account = await makeAccount(world, { scopes: ['user/*.rs', 'patient/*.rs'] });
  const patient = makePatient(world, 'Grace Hopper');
  const app = await makeApp(world);
  const browser = await signedInBrowser(world, served, account);
  const asked = request(served, app, { scope: 'launch/patient launch/encounter patient/*.rs' });
  let page = await browser.get(asked.url);
  if (step !== 'picker') page = await browser.post(`${page.url}/patient`, new URLSearchParams({ patient: patient.id }));
  if (step === 'consent' || step === 'refused') {
    page = await browser.post(`${page.url}/encounter`, new URLSearchParams({ encounter: '' }));
  }
  if (step === 'refused') {
    world.patients.all.splice(
      world.patients.all.findIndex(({ id }) => id === patient.id),
      1,
    );
    page = await browser.get(page.url);
    assert.equal(page.status, 403);
  }
  return { account, browser, page };
}

for (const step of ['picker', 'visit', 'consent', 'refused'] as const) {
  test(`who sits at somebody else’s request signs them out there: ${step}`, async () => {
    const { account, browser, page } = await at(step);
    assert.match(page.body, new RegExp(`signed in as ${account.name}`));
    const out = await browser.ask(wayOut(page) ?? assert.fail(), new URLSearchParams());
    assert.equal(out.status, 303);
    assert.match((await browser.follow(out)).body, /You are signed out.*go back to it and start again/s);
    assert.equal(await isSignedIn(browser), false);
    assert.equal((await world.sessions.list(1, account.id)).length, 0, 'ended, not only forgotten');
    const { status, location } = await browser.ask(`${page.url}/consent`, formOf(page));
    assert.deepEqual([status, location?.startsWith('/sign-in?')], [303, true], 'nothing is allowed any more');
    const told = served.events.findLast(({ action }) => action === 'sign-out');
    assert.deepEqual([told?.actor, told?.outcome], [account.id, 'permit']);
  });
}

test('another site cannot press it; negative control: the same form from here is taken', async () => {
  const { browser, page } = await at('consent');
  const to = wayOut(page) ?? assert.fail();
  const foreign = await browser.ask(to, new URLSearchParams(), { origin: 'https://evil.example' });
  assert.equal(foreign.status, 403);
  assert.equal(await isSignedIn(browser), true);
  await browser.post(to, new URLSearchParams());
  assert.equal(await isSignedIn(browser), false);
});
