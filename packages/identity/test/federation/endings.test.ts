import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBrowser } from './browser.ts';
import { administrator, code, type House, openHouse, outcome, password, person } from './house.ts';
import { attribute, samlProvider } from './saml-idp.ts';
import { enabled, walk } from './walk.ts';

let house: House;
before(async () => {
  house = await openHouse();
  await administrator(house);
});
after(() => house.close());

const acr = 'https://refeds.org/profile/mfa';
const trusting = (more: object = {}) => samlProvider({ trusted_acr: [acr], ...more });
let people = 0;
const somebody = () => {
  people += 1;
  return { nameId: `n${people}`, acr, attributes: attribute('email', `n${people}@clinic.example`) };
};

/** Up to the last step: the session is not open yet. */
async function arrived(id: string, said: object) {
  const browser = createBrowser(house);
  const end = await walk(browser, id, () => said);
  assert.equal(end.location, '/sign-in/done', end.found.reason);
  return browser;
}
async function signedIn(id: string, said: object) {
  const browser = await arrived(id, said);
  const { account } = await browser.complete();
  assert.ok(await browser.signedIn());
  return { browser, account };
}
async function byPassword(who: Awaited<ReturnType<typeof person>>) {
  const browser = createBrowser(house);
  const secret = await browser.begin(1);
  await house.signIn.password(secret, { login: who.login, password }, browser.from());
  await house.signIn.code(secret, code(house, who.secret), browser.from());
  await browser.complete();
  return browser;
}

test('unlinking ends all sessions of the account, at once, and nobody else’s', async () => {
  const id = await enabled(house, trusting());
  const [one, two] = [await signedIn(id, somebody()), await signedIn(id, somebody())];
  assert.equal(await house.federation.identities.unlink(house.other, id, one.account), false);
  assert.ok(await one.browser.signedIn(), 'another tenant ends nothing');
  assert.equal(await house.federation.identities.unlink(1, id, one.account), true);
  assert.equal(await one.browser.signedIn(), undefined);
  assert.ok(await two.browser.signedIn());
  assert.equal(await house.federation.identities.unlink(1, id, one.account), false);
});

test('a provider that is switched off or removed ends what hangs on it, and leaves the other door open', async () => {
  for (const end of [
    (id: string) => house.federation.providers.enable(1, id, false),
    (id: string) => house.federation.providers.remove(1, id),
  ]) {
    const id = await enabled(house, trusting());
    const external = await signedIn(id, somebody());
    const [mixed, local] = [await person(house), await person(house)];
    const said = somebody();
    await house.federation.identities.link(1, id, mixed.id, said.nameId);
    await house.federation.identities.link(1, id, local.id, somebody().nameId);
    const both = await signedIn(id, said);
    const [stays, bystander] = [await byPassword(local), await byPassword(await person(house))];
    assert.ok(await stays.signedIn());
    await end(id);
    assert.equal(await external.browser.signedIn(), undefined);
    assert.equal(await both.browser.signedIn(), undefined);
    assert.ok(await stays.signedIn(), 'signed in by a password of ours alone');
    assert.ok(await bystander.signedIn());
  }
});

test('another change of a provider ends nothing', async () => {
  const id = await enabled(house, trusting());
  const { browser } = await signedIn(id, somebody());
  await house.federation.providers.change(1, id, { label: 'Hospital SSO' });
  await house.federation.providers.enable(1, id, true);
  assert.ok(await browser.signedIn());
});

test('a sign-in that is on its way when the link ends opens no session', async () => {
  const id = await enabled(house, trusting());
  const said = somebody();
  const { account } = await signedIn(id, said);
  const late = await arrived(id, said);
  await house.federation.identities.unlink(1, id, account);
  assert.match(String(await outcome(late.complete())), /^gone/);
  const other = somebody();
  await signedIn(id, other);
  const waiting = await arrived(id, other);
  await house.federation.providers.enable(1, id, false);
  assert.match(String(await outcome(waiting.complete())), /^gone/);
  await house.federation.providers.enable(1, id, true);
  const fine = await arrived(id, other);
  assert.equal((await fine.complete()).level, 2, 'control');
});

test('negative control: where nothing is ended, the session stays open', async () => {
  const steps = { endAll: async () => [], committed: () => undefined };
  const broken = house.process({ sessions: { ...house.sessions, steps } });
  const id = await enabled(house, trusting());
  const { browser, account } = await signedIn(id, somebody());
  await broken.identities.unlink(1, id, account);
  assert.ok(await browser.signedIn());
});

test('a process that dies while it ends sessions has not switched anything off', async () => {
  const dying = {
    endAll: async () => {
      throw new Error('killed');
    },
    committed: () => undefined,
  };
  const broken = house.process({ sessions: { ...house.sessions, steps: dying } });
  const id = await enabled(house, trusting());
  const { browser, account } = await signedIn(id, somebody());
  await assert.rejects(broken.providers.enable(1, id, false));
  await assert.rejects(broken.providers.remove(1, id));
  await assert.rejects(broken.identities.unlink(1, id, account));
  assert.equal((await house.federation.providers.read(1, id)).enabled, true);
  assert.equal((await house.federation.identities.list(1, account)).length, 1);
  assert.ok(await browser.signedIn());
});
