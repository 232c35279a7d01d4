import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Interactions } from '../../oauth/smart/types.ts';
import { allow, createBrowser, exchange, formOf, request, scopesOf, signedInBrowser, told } from './browser.ts';
import { makeAccount, makeApp, makePatient, openWorld, type Served, signIn, type World } from './world.ts';

let world: World;
let served: Served;
before(async () => {
  world = await openWorld();
  served = await world.serve();
});
after(() => world.close());

/** A person at the consent page of an app that asks this. */
async function atConsent(at: Served, scope = 'openid user/Observation.rs user/Condition.rs') {
  const account = await makeAccount(world, { scopes: ['user/*.rs'] });
  const app = await makeApp(world);
  const asked = request(at, app, { scope });
  const browser = await signedInBrowser(world, at, account);
  const page = await browser.get(asked.url);
  assert.match(page.body, /Let Growth chart in\?/);
  return { account, app, asked, browser, page };
}

test('forged fields of the consent form refuse all of it', async () => {
  const forged: [string, string][] = [
    ['kind', 'user/*.cruds'],
    ['kind', 'user/Observation.cruds'],
    ['letter', 'user/Observation.c'],
    ['kind', 'patient/*.rs'],
    ['other', 'safeguard/accounts'],
    ['other', 'offline_access'],
    ['kind', 'system/*.rs'],
    ['other', 'user/*.rs'],
  ];
  for (const [name, value] of forged) {
    const { account, asked, browser, page } = await atConsent(served);
    const form = formOf(page);
    form.append(name, value);
    const answer = await browser.post(`${page.url}/consent`, form);
    assert.equal(answer.status, 403, value);
    assert.ok(!answer.body.includes(value), 'a forged value is not shown again');
    assert.equal((await world.sql('select from identity.consent where account = $1', [account.id])).length, 0);
    assert.match((await browser.get(asked.url)).body, /Let Growth chart in\?/, 'still undecided');
  }
});

test('what an interaction keeps is held against the rights of the moment', async () => {
  const { account, app, asked, browser, page } = await atConsent(served);
  await world.sql(`update identity.account set scopes = '{user/Observation.r}' where id = $1`, [account.id]);
  const stale = await browser.post(`${page.url}/consent`, formOf(page));
  assert.equal(stale.status, 403, 'the page offered more than may be given now');
  const code = await allow(browser, asked.url);
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  assert.deepEqual(scopesOf(tokens), ['openid', 'user/Observation.r']);
});

test('negative control: where the account is as it was, the page gives what it showed', async () => {
  const remembering = await world.serve({
    change: ({ accounts }) => ({
      accounts: {
        byId: async (tenant, id) => {
          const account = await accounts.byId(tenant, id);
          return account === undefined ? undefined : { ...account, scopes: ['user/*.rs'] };
        },
      },
    }),
  });
  const { account, browser, page } = await atConsent(remembering);
  await world.sql(`update identity.account set scopes = '{user/Observation.r}' where id = $1`, [account.id]);
  assert.equal((await browser.post(`${page.url}/consent`, formOf(page))).status, 303);
});

/** Somebody else's interaction cannot be looked at or answered in another browser, whoever is signed in there. */
async function isBoundToItsBrowser(at: Served): Promise<void> {
  const { account, page } = await atConsent(at);
  const other = await makeAccount(world);
  const sameElsewhere = await signedInBrowser(world, at, account);
  for (const browser of [createBrowser(at), await signedInBrowser(world, at, other), sameElsewhere]) {
    assert.equal((await browser.get(page.url)).status, 404);
    for (const [step, form] of [
      ['consent', formOf(page)],
      ['deny', new URLSearchParams()],
      ['patient', new URLSearchParams({ patient: account.id })],
    ] as const) {
      assert.equal((await browser.post(`${page.url}/${step}`, form)).status, 404, step);
    }
  }
}

test('an interaction is bound to its browser; negative control: found by its address alone it is not', async () => {
  await isBoundToItsBrowser(served);
  const byAddress = (real: Interactions): Interactions => ({
    ...real,
    find: (context, uid) =>
      real.find({ ...context, headers: { cookie: `__Secure-safeguard-interaction=${uid}` } }, uid),
  });
  const broken = await world.serve({ interactions: byAddress });
  await assert.rejects(isBoundToItsBrowser(broken));
});

/** Interactions that are of whoever is named here. */
const ofWhom =
  (account: () => string | undefined) =>
  (real: Interactions): Interactions => ({
    ...real,
    find: async (...given: Parameters<Interactions['find']>) => {
      const found = await real.find(...given);
      const owner = account();
      return found === undefined || owner === undefined ? found : { ...found, account: owner, earlier: {} };
    },
  });

test('with its cookie stolen too, another person cannot answer it; negative control: it is anybody’s', async () => {
  const steal = async (at: Served, thief: { id: string; tenant: number }, page: { url: string }) => {
    const browser = await signedInBrowser(world, at, thief);
    const { pathname } = new URL(page.url);
    browser.jar.set('__Secure-safeguard-interaction x', { value: pathname.split('/').at(-1) ?? '', path: pathname });
    return browser;
  };
  const thief = await makeAccount(world, { scopes: ['user/*.rs'] });
  const { page } = await atConsent(served);
  const browser = await steal(served, thief, page);
  assert.equal((await browser.get(page.url)).status, 403);
  assert.equal((await browser.post(`${page.url}/consent`, formOf(page))).status, 403);
  let owner: string | undefined;
  const broken = await world.serve({ interactions: ofWhom(() => owner) });
  const { page: theirs } = await atConsent(broken);
  owner = thief.id;
  const through = await steal(broken, thief, theirs);
  assert.equal((await through.get(theirs.url)).status, 200);
  await through.post(`${theirs.url}/consent`, formOf(theirs));
  const said = await world.sql('select from identity.consent where account = $1', [thief.id]);
  assert.equal(said.length, 1, 'answered; the way back to the app has another cookie');
});

test('who signs in as somebody else half-way does not answer for the first one; negative control', async () => {
  const second = await makeAccount(world, { scopes: ['user/*.rs'] });
  const { browser, page } = await atConsent(served);
  browser.setCookie(await signIn(world, second));
  assert.equal((await browser.post(`${page.url}/consent`, formOf(page))).status, 403);
  let owner: string | undefined;
  const broken = await world.serve({
    interactions: ofWhom(() => owner),
  });
  const begun = await atConsent(broken);
  owner = second.id;
  begun.browser.setCookie(await signIn(world, second));
  assert.equal((await begun.browser.post(`${begun.page.url}/consent`, formOf(begun.page))).status, 303);
});

test('a finished interaction, and a step that is not due, are refused', async () => {
  const { browser, page, asked } = await atConsent(served);
  const early = await browser.post(`${page.url}/patient`, new URLSearchParams({ patient: 'x' }));
  assert.equal(early.status, 409);
  const form = formOf(page);
  assert.ok(told(await browser.post(`${page.url}/consent`, form))['code']);
  assert.equal((await browser.post(`${page.url}/consent`, form)).status, 404);
  assert.equal((await browser.get(page.url)).status, 404);
  assert.ok(told(await browser.get(asked.url))['code'], 'remembered');
});

test('consent cannot be given before the patient is chosen', async () => {
  const browser = await signedInBrowser(world, served, await makeAccount(world));
  const page = await browser.get(request(served, await makeApp(world), { scope: 'patient/*.rs' }).url);
  assert.match(page.body, /Whose record\?/);
  const form = new URLSearchParams({ kind: 'patient/*.rs', letter: 'patient/*.r' });
  assert.equal((await browser.post(`${page.url}/consent`, form)).status, 409);
});

/** A form of another site, as browsers say it. */
async function refusesOtherSites(at: Served): Promise<void> {
  const { browser, page } = await atConsent(at);
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: at.url, 'sec-fetch-site': 'cross-site' },
  ]) {
    const answer = await browser.ask(`${page.url}/consent`, formOf(page), headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
}

test('a form that another site sends is refused; negative control: the same form from here is taken', async () => {
  await refusesOtherSites(served);
  const { browser, page } = await atConsent(served);
  assert.equal((await browser.ask(`${page.url}/consent`, formOf(page))).status, 303);
  // And where the lifecycle does not ask where a form comes from.
  const open = await world.serve({ routes: (real) => real.map((route) => ({ ...route, crossSite: true })) });
  await assert.rejects(refusesOtherSites(open), /303 !== 403/);
});

/** Another tenant's session, or one of one factor, is nobody here. */
async function asksToSignIn(account: { id: string; tenant: number }, level: 1 | 2, at = served): Promise<void> {
  const browser = await signedInBrowser(world, at, account, level);
  const app = await makeApp(world);
  const start = await browser.ask(request(at, app, { scope: 'user/*.rs' }).url);
  const looked = await browser.ask(start.location ?? '');
  assert.match(looked.location ?? '', /^\/sign-in\?tenant=default/);
  const silent = await browser.get(request(at, app, { scope: 'user/*.rs', prompt: 'none' }).url);
  assert.equal(told(silent)['error'], 'login_required');
}

test('a session of another tenant, or of one factor, answers nothing; negative control: one of both does', async () => {
  await asksToSignIn(await makeAccount(world, { tenant: 2 }), 2);
  await asksToSignIn(await makeAccount(world), 1);
  await assert.rejects(asksToSignIn(await makeAccount(world), 2));
  // The very sessions, where neither their tenant nor their level is looked at.
  const blind = await world.serve({
    change: ({ sessions }) => ({
      sessions: {
        signedIn: async (...given) => {
          const person = await sessions.signedIn(...given);
          return person === undefined ? undefined : { ...person, tenant: 1, level: 2 };
        },
      },
    }),
  });
  await assert.rejects(asksToSignIn(await makeAccount(world, { tenant: 2 }), 2, blind));
  await assert.rejects(asksToSignIn(await makeAccount(world), 1, blind));
});

test('a record of another tenant, or one that may not be seen, cannot be picked', async () => {
  const elsewhere = makePatient(world, 'Elsewhere', 2);
  const browser = await signedInBrowser(world, served, await makeAccount(world));
  const page = await browser.get(request(served, await makeApp(world), { scope: 'patient/*.rs' }).url);
  for (const patient of [elsewhere.id, '', 'x', `${elsewhere.id}'`, '00000000-0000-0000-0000-000000000000']) {
    assert.equal((await browser.post(`${page.url}/patient`, new URLSearchParams({ patient }))).status, 403);
  }
  const twice = new URLSearchParams([
    ['patient', makePatient(world, 'A').id],
    ['patient', elsewhere.id],
  ]);
  assert.equal((await browser.post(`${page.url}/patient`, twice)).status, 403);
  // Negative control: a port that shows everybody to everybody; what it holds is then picked.
  const careless = await world.serve({ change: () => ({ patients: everybody(elsewhere) }) });
  const lax = await signedInBrowser(world, careless, await makeAccount(world));
  const shown = await lax.get(request(careless, await makeApp(world), { scope: 'patient/*.rs' }).url);
  const taken = await lax.post(`${shown.url}/patient`, new URLSearchParams({ patient: elsewhere.id }));
  assert.notEqual(taken.status, 403);
});

test('a proxy stays without a forged patient; negative control: a picker that asks the port alone', async () => {
  const own = [makePatient(world, 'One'), makePatient(world, 'Two')];
  const other = makePatient(world, 'Third');
  const proxy = { kind: 'proxy', scopes: ['patient/*.rs'], patients: own.map(({ id }) => id) } as const;
  const forge = async (at: Served) => {
    const browser = await signedInBrowser(world, at, await makeAccount(world, proxy));
    const page = await browser.get(request(at, await makeApp(world), { scope: 'patient/*.rs' }).url);
    return (await browser.post(`${page.url}/patient`, new URLSearchParams({ patient: other.id }))).status;
  };
  assert.equal(await forge(served), 403);
  // Even where the port shows everybody to everybody.
  const careless = await world.serve({ change: () => ({ patients: everybody(other) }) });
  assert.equal(await forge(careless), 403);
  const blind = await world.serve({
    change: (deps) => ({
      patients: everybody(other),
      accounts: {
        byId: async (tenant, id) => {
          const account = await deps.accounts.byId(tenant, id);
          return account === undefined ? undefined : { ...account, kind: 'workforce', patients: [] };
        },
      },
    }),
  });
  assert.notEqual(await forge(blind), 403);
});

const everybody = (entry: { id: string; name: string }) => ({
  search: async () => [entry],
  byIds: async () => [entry],
});

test('no page may be framed, run a script, or leak where it was', async () => {
  const { page } = await atConsent(served);
  const browser = await signedInBrowser(world, served, await makeAccount(world));
  const picker = await browser.get(request(served, await makeApp(world), { scope: 'patient/*.rs' }).url);
  for (const each of [page, picker]) {
    const policy = each.headers.get('content-security-policy') ?? '';
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /default-src 'none'/);
    assert.ok(!policy.includes('unsafe') && !policy.includes('script-src'));
    assert.match(policy, /form-action 'self' https:\/\/app\.example(;|$)/);
    assert.equal(each.headers.get('referrer-policy'), 'same-origin');
    assert.match(each.headers.get('cache-control') ?? '', /no-store/);
  }
});

test('what an app calls itself stays text', async () => {
  const name = `<img src=x onerror=alert(1)>"'`;
  const app = await makeApp(world, { name });
  const browser = await signedInBrowser(world, served, await makeAccount(world));
  const page = await browser.get(request(served, app, { scope: 'user/*.rs' }).url);
  assert.ok(page.body.includes('&lt;img') && !page.body.includes('<img src=x'));
});
