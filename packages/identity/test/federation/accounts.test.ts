import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { inDomains, resolve } from '../../federation/identities/resolve.ts';
import { createIdentityRows } from '../../federation/identities/rows.ts';
import { createProviderRows } from '../../federation/providers/rows.ts';
import { createBrowser } from './browser.ts';
import { administrator, code, type House, openHouse, outcome, password, person } from './house.ts';
import { attribute, goodResponse, readRequest, said, samlProvider } from './saml-idp.ts';
import { answer, enabled, walk } from './walk.ts';

let house: House;
before(async () => {
  house = await openHouse();
  await administrator(house);
});
after(() => house.close());

const as = (nameId: string, address: string) => () => ({ nameId, attributes: attribute('email', address) });

test('an account that is there is never taken by its address: only its owner links it', async () => {
  const ada = await person(house);
  const id = await enabled(house, samlProvider());
  const end = await walk(createBrowser(house), id, as('mallory', ada.login));
  assert.deepEqual([end.status, end.found.reason], [403, 'login taken']);
  assert.deepEqual(await house.federation.identities.list(1, ada.id), []);

  // The control: where an address is enough, the provider's word takes the account over.
  const provider = await createProviderRows(house.segment, house.deps.vault).one(id);
  assert.ok(provider);
  const real = createIdentityRows(house.deps);
  const byAddress = { ...real, find: async () => (await house.accounts.byLogin(1, ada.login))?.id };
  const said_ = { subject: 'mallory', login: ada.login, address: ada.login, amr: [] };
  const arrival = { ...said_, name: undefined, fhir_user: undefined, acr: undefined };
  const providers = createProviderRows(house.segment, house.deps.vault);
  const taken = await resolve({ ...house.deps, providers, identities: byAddress }, provider, arrival);
  assert.equal(taken.id, ada.id);
});

/** Signed in with password and app. */
async function signedIn(who: Awaited<ReturnType<typeof person>>) {
  const browser = createBrowser(house);
  const secret = await browser.begin(who.tenant);
  await house.signIn.password(secret, { login: who.login, password }, browser.from());
  await house.signIn.code(secret, code(house, who.secret), browser.from());
  await browser.complete();
  const signed = await browser.signedIn();
  assert.ok(signed);
  return { browser, signed };
}

/** The provider's answer to a link that was begun at the browser. */
async function linked(
  id: string,
  browser: ReturnType<typeof createBrowser>,
  next: string,
  nameId: string,
  at = browser,
) {
  const request = readRequest(next);
  const xml = goodResponse(said(request, { nameId, attributes: '', at: house.clock.now() }));
  const taken = await answer(at, id, xml, request.relay);
  return taken.location === undefined ? taken : at.get(taken.location);
}

test('who is signed in links their account, and signs in with it from then on', async () => {
  const bob = await person(house);
  const id = await enabled(house, samlProvider({ accounts: 'linked' }));
  const stranger = await walk(createBrowser(house), id, as('bob', bob.login));
  assert.deepEqual([stranger.status, stranger.found.reason], [403, 'account not known']);
  const { browser, signed } = await signedIn(bob);
  const { principal } = signed;
  const start = await browser.post(`/federation/${id}/link`, {}, { principal });
  const end = await linked(id, browser, start.next ?? '', 'bob');
  assert.deepEqual([end.location, end.found.principal?.id], ['/account', bob.id]);
  const sso = await walk(createBrowser(house), id, as('bob', 'somebody@else.example'));
  assert.equal(sso.location, '/sign-in/second');
  assert.equal(sso.found.targets?.[1]?.id, bob.id);
  assert.equal(await house.federation.identities.unlink(1, id, bob.id), true);
  assert.equal((await walk(createBrowser(house), id, as('bob', bob.login))).status, 403);
});

test('a link is bound to its session, wants both factors just now, and joins nothing that is joined', async () => {
  const [cid, dora] = [await person(house), await person(house)];
  const id = await enabled(house, samlProvider({ accounts: 'linked' }));
  const { browser, signed } = await signedIn(cid);
  const { principal } = signed;
  const begin = (change: object = {}) =>
    browser.post(`/federation/${id}/link`, {}, { principal: { ...principal, ...change } });
  const at = house.clock.now();
  const stale = await begin({ assurance: { level: 2, at: at - 301_000, methods: [] } });
  assert.equal(stale.location, '/sign-in/confirm');
  assert.equal((await begin({ assurance: { level: 1, at, methods: [] } })).location, '/sign-in/confirm');
  assert.equal((await begin({ tenant: house.other })).status, 'missing');
  const other = await signedIn(dora);
  const crossed = await linked(id, browser, (await begin()).next ?? '', 'cid', other.browser);
  assert.deepEqual([crossed.status, crossed.found.reason], [403, 'another browser']);
  assert.equal((await linked(id, browser, (await begin()).next ?? '', 'cid')).location, '/account');
  const start = await other.browser.post(`/federation/${id}/link`, {}, { principal: other.signed.principal });
  const taken = await linked(id, other.browser, start.next ?? '', 'cid');
  assert.equal(taken.found.reason, 'account has another link');
});

test('a suspended or terminated account stays out', async () => {
  const id = await enabled(house, samlProvider());
  const come = () => walk(createBrowser(house), id, as('eli', 'eli@clinic.example'));
  assert.equal((await come()).location, '/sign-in/enrol');
  const eli = await house.accounts.byLogin(1, 'eli@clinic.example');
  assert.ok(eli);
  await house.accounts.suspend(1, eli.id);
  const out = await come();
  assert.deepEqual([out.status, out.found.reason], [403, 'account not active']);
  await house.accounts.resume(1, eli.id);
  assert.equal((await come()).location, '/sign-in/enrol');
  await house.accounts.terminate(1, eli.id);
  assert.equal((await come()).found.reason, 'account not active');
});

test('an administrator links a subject; twice, crossed and foreign links are refused', async () => {
  const [fay, gus] = [await person(house), await person(house)];
  const id = await enabled(house, samlProvider({ accounts: 'linked' }));
  const { identities } = house.federation;
  await identities.link(1, id, fay.id, 'fay');
  await identities.link(1, id, fay.id, 'fay');
  assert.match(String(await outcome(identities.link(1, id, gus.id, 'fay'))), /^conflict/);
  assert.match(String(await outcome(identities.link(1, id, fay.id, 'other'))), /^conflict/);
  assert.match(String(await outcome(identities.link(house.other, id, gus.id, 'gus'))), /^missing/);
  assert.equal((await walk(createBrowser(house), id, as('fay', 'x@y.example'))).found.targets?.[1]?.id, fay.id);
  assert.deepEqual(
    (await identities.list(1, fay.id)).map(({ provider }) => provider),
    [id],
  );
});

test('only the allowed domains get in', async () => {
  const id = await enabled(house, samlProvider({ domains: ['clinic.example'] }));
  const come = (nameId: string, address: string) => walk(createBrowser(house), id, as(nameId, address));
  assert.equal((await come('d1', 'hal@clinic.example')).location, '/sign-in/enrol');
  assert.equal((await come('d2', 'hal@evil.example')).found.reason, 'address not allowed');
  assert.equal((await come('d1', 'hal@evil.example')).found.reason, 'address not allowed');
});

test('no text around an allowed domain makes another one allowed', () => {
  assert.ok(inDomains('a@CLINIC.example', ['clinic.example']));
  const glue = fc.constantFrom('', '.', '@', ' ', '\0', '/', 'x');
  fc.assert(
    fc.property(fc.emailAddress(), glue, fc.boolean(), (address, mark, before) => {
      const crafted = before ? `${address}${mark}clinic.example` : `a@clinic.example${mark}${address}`;
      fc.pre(crafted.toLowerCase().split('@').slice(1).join('@') !== 'clinic.example');
      return !inDomains(crafted, ['clinic.example']);
    }),
  );
});

test('where passwords are off, who links loses theirs; an administrator never does', async () => {
  const id = await enabled(house, samlProvider({ accounts: 'linked', password: 'off' }));
  const [ida, chief] = [await person(house), await administrator(house)];
  await house.federation.identities.link(1, id, ida.id, 'ida');
  await house.federation.identities.link(1, id, chief.id, 'chief');
  assert.equal((await house.accounts.byId(1, ida.id))?.external, true);
  assert.equal((await house.accounts.byId(1, chief.id))?.external, false);
  const browser = createBrowser(house);
  const secret = await browser.begin();
  const refused = await outcome(house.signIn.password(secret, { login: ida.login, password }, browser.from()));
  assert.match(String(refused), /^unauthenticated/);
  const view = await house.signIn.password(secret, { login: chief.login, password }, browser.from());
  assert.equal(view.step, 'second');
});

test('what stands in the database tells no name, no subject, no secret', async () => {
  const id = await enabled(house, samlProvider());
  await walk(createBrowser(house), id, as('subject-in-clear', 'name-in-clear@clinic.example'));
  for (const table of ['provider', 'identity', 'flow', 'seen']) {
    const rows = await house.sql(`select t::text as row from identity.federation_${table} t`);
    assert.ok(rows.length > 0);
    const text = rows.map(({ row }) => String(row)).join('\n');
    const decoded = text.replaceAll(/\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1'));
    assert.doesNotMatch(text + decoded, /in-clear|Clinic SSO|idp\.example|CERTIFICATE/);
  }
  assert.deepEqual(house.lines, []);
});
