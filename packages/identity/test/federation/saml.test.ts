import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkSettings } from '../../federation/providers/check.ts';
import { defaults } from '../../federation/providers/defaults.ts';
import { ownAddresses } from '../../federation/saml/own.ts';
import type { SamlSettings } from '../../federation/types.ts';
import { opening, openLibrary } from './broken.ts';
import { createBrowser } from './browser.ts';
import { newPair } from './certificate.ts';
import { base, type House, openHouse, scopes, watched } from './house.ts';
import { assertionXml, goodResponse, packed, readRequest, responseXml, said, samlProvider } from './saml-idp.ts';
import { createSamlify } from './samlify-idp.ts';
import { answer, enabled, toProvider, walk } from './walk.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const mfa = 'https://refeds.org/profile/mfa';

test('a person signs in with SAML, gets an account, and our second factor is added', async () => {
  const id = await enabled(house, samlProvider({ trusted_acr: [mfa], scopes: ['user/Observation.rs'] }));
  const browser = createBrowser(house);
  const end = await walk(browser, id);
  assert.deepEqual([end.status, end.location], [303, '/sign-in/enrol']);
  const view = await browser.view();
  assert.equal(view?.account?.login, 'ada@clinic.example');
  const account = await house.accounts.byId(1, view?.account?.id ?? '');
  assert.deepEqual(
    [account?.name, account?.source, account?.external, account?.roles, account?.scopes, account?.state],
    ['Ada L.', id, true, [], ['user/Observation.rs'], 'active'],
  );
  assert.deepEqual(end.found.targets, [
    { type: 'Provider', id },
    { type: 'Account', id: account?.id },
  ]);
  assert.equal(end.found.principal?.tenant, 1);
});

test('a factor that is trusted opens the session; the same subject is the same account', async () => {
  const id = await enabled(house, samlProvider({ trusted_acr: [mfa] }));
  const bend = () => ({ nameId: 'u-2', acr: mfa, attributes: email('bea@clinic.example') });
  const browser = createBrowser(house);
  assert.equal((await walk(browser, id, bend)).location, '/sign-in/done');
  const done = await browser.complete();
  assert.deepEqual([...done.methods].sort(), ['mfa', 'sso']);
  assert.equal((await browser.signedIn())?.level, 2);
  const again = createBrowser(house);
  const changed = () => ({ nameId: 'u-2', acr: mfa, attributes: email('bea.new@clinic.example') });
  assert.equal((await walk(again, id, changed)).location, '/sign-in/done');
  assert.equal((await again.view())?.account?.id, done.account, 'the subject is the key, not the address');
});

const email = (address: string): string =>
  `<saml:Attribute Name="email"><saml:AttributeValue>${address}</saml:AttributeValue></saml:Attribute>`;

test('a step-up asks the provider for a new sign-in, and takes no old one', async () => {
  const id = await enabled(house, samlProvider({ trusted_acr: [mfa] }));
  const browser = createBrowser(house);
  await walk(browser, id, () => ({ nameId: 'u-3', acr: mfa, attributes: email('cleo@clinic.example') }));
  const { account } = await browser.complete();
  const come = async (authnInstant: number, nameId = 'u-3') => {
    await browser.begin(1, { purpose: 'step-up', account });
    const request = readRequest((await browser.post(`/federation/${id}/start`)).next ?? '');
    assert.equal(request.forced, true);
    const said_ = said(request, { nameId, acr: mfa, authnInstant, attributes: email(`${nameId}@clinic.example`) });
    const taken = await answer(browser, id, goodResponse(said_), request.relay);
    return taken.location === undefined ? taken : browser.get(taken.location);
  };
  const old = await come(Date.now() - 600_000);
  assert.deepEqual([old.status, old.found.reason], [403, 'authentication too old']);
  assert.equal((await come(Date.now())).location, '/sign-in/done');
  const somebody = await come(Date.now(), 'u-else');
  assert.deepEqual([somebody.status, somebody.found.reason], [403, 'another person']);
});

for (const encrypted of [false, true]) {
  test(`samlify as the provider, ${encrypted ? 'encrypted' : 'in clear'}`, async () => {
    const decryption = encrypted ? { decryption: newPair('safeguard') } : {};
    const id = await enabled(house, samlProvider({ ...decryption, trusted_acr: [mfa] }));
    const browser = createBrowser(house);
    const metadata = await browser.get(`/federation/${id}/metadata`);
    assert.equal(metadata.answer?.type, 'application/samlmetadata+xml');
    assert.doesNotMatch(metadata.text, /PRIVATE KEY/);
    const idp = createSamlify(metadata.text, encrypted);
    await browser.begin();
    const start = await browser.post(`/federation/${id}/start`);
    const { acs, form } = await idp(start.next ?? '', {
      id: `s-${encrypted}`,
      email: `dan-${encrypted}@clinic.example`,
    });
    const taken = await browser.post(acs, form, { crossSite: true });
    assert.equal(taken.status, 303, `${taken.text} ${taken.found.reason}`);
    const sent = Buffer.from(form['SAMLResponse'] ?? '', 'base64').toString('utf8');
    assert.equal(sent.includes('EncryptedAssertion'), encrypted);
    assert.equal((await browser.get(taken.location ?? '')).location, '/sign-in/done');
  });
}

test('an encrypted assertion is as closed as one in clear: nobody signed it, weak ciphers', async () => {
  const decryption = newPair('safeguard');
  const id = await enabled(house, samlProvider({ decryption }));
  const { encrypt } = await import('xml-encryption');
  const gcm = 'http://www.w3.org/2009/xmlenc11#aes256-gcm';
  const oaep = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p';
  const come = async (xml: string, cipher: string, wrap: string, browser = createBrowser(house)) => {
    const request = await toProvider(browser, id);
    const a = said(request, { nameId: 'evil' });
    const inner =
      xml === 'signed' ? goodResponse(a).match(/<saml:Assertion.*<\/saml:Assertion>/s)?.[0] : assertionXml(a);
    const sealed = await new Promise<string>((resolve, reject) => {
      const options = {
        rsa_pub: decryption.certificate,
        pem: decryption.certificate,
        encryptionAlgorithm: cipher,
        keyEncryptionAlgorithm: wrap,
        warnInsecureAlgorithm: false,
      };
      encrypt(inner ?? '', options as never, (error: Error, text: string) => (error ? reject(error) : resolve(text)));
    });
    const body = `<saml:EncryptedAssertion>${sealed}</saml:EncryptedAssertion>`;
    sent = responseXml(a, body);
    return answer(browser, id, sent, request.relay);
  };
  let sent = '';
  assert.equal((await come('signed', gcm, oaep)).status, 303);
  const settings = checkSettings({ ...defaults.saml, ...samlProvider({ decryption }) }, scopes) as SamlSettings;
  // The negative controls: one that opens and reads, and the library alone, which takes the old ciphers.
  const own = ownAddresses(base, id);
  const open = () => openLibrary(sent, settings, own);
  assert.equal((await come('unsigned', gcm, oaep)).found.reason, 'signature');
  const request = / InResponseTo="([^"]*)"/.exec(sent)?.[1] ?? '';
  const expected = { own, request, now: house.clock.now(), fresh_since: undefined };
  assert.match(await opening(sent, settings, expected), /evil/);
  const cbc = 'http://www.w3.org/2001/04/xmlenc#aes256-cbc';
  assert.equal((await come('signed', cbc, oaep)).found.reason, 'answer malformed');
  assert.equal(await open(), 'evil');
  const old = 'http://www.w3.org/2001/04/xmlenc#rsa-1_5';
  assert.equal((await come('signed', gcm, old)).found.reason, 'answer malformed');
  assert.equal(await open(), 'evil');
});

test('an answer is taken once: replayed, for a second sign-in, to a second fetch', async () => {
  const id = await enabled(house, samlProvider());
  const browser = createBrowser(house);
  const request = await toProvider(browser, id);
  const xml = goodResponse(said(request, { attributes: email('eve@clinic.example') }));
  const taken = await answer(browser, id, xml, request.relay);
  assert.equal(taken.status, 303);
  const replay = await answer(browser, id, xml, request.relay);
  assert.deepEqual([replay.status, replay.found.reason], [403, 'flow not known']);
  assert.equal((await browser.get(taken.location ?? '')).status, 303);
  const second = await browser.get(taken.location ?? '');
  assert.deepEqual([second.status, second.found.reason], [403, 'another browser']);
  const next = await toProvider(browser, id);
  const later = await answer(browser, id, xml, next.relay);
  assert.equal(later.found.reason, 'not in answer to our request');
});

test('the same assertion id comes once, also where a provider answers two requests with it', async () => {
  const id = await enabled(house, samlProvider());
  const come = async (assertionId: string) => {
    const browser = createBrowser(house);
    const request = await toProvider(browser, id);
    return answer(browser, id, goodResponse(said(request, { assertionId })), request.relay);
  };
  assert.equal((await come('_the-same-assertion')).status, 303);
  assert.equal((await come('_the-same-assertion')).found.reason, 'assertion already used');
  const forgetful = house.process({ segment: forgetting() });
  const browser = createBrowser(house);
  const request = await toProvider(browser, id);
  const xml = goodResponse(said(request, { assertionId: '_the-same-assertion' }));
  assert.equal((await answer(browser, id, xml, request.relay, { federation: forgetful })).status, 303);
});

/** A database that forgets what it saw. */
function forgetting() {
  const { segment } = house;
  return {
    ...segment,
    transaction: (tenant: number, work: Parameters<typeof segment.transaction>[1]) =>
      segment.transaction(tenant, (connection) =>
        work({
          query: (statement, values) =>
            statement.name === 'identity.federation_seen.insert'
              ? Promise.resolve([{ hash: Buffer.alloc(32) }] as never)
              : connection.query(statement, values),
        }),
      ),
  } as typeof segment;
}

/** A database that finds a flow by its state alone, whichever provider it was begun with. */
function anyFlow() {
  const { segment } = house;
  const query: typeof segment.query = (tenant, statement, values = []) => {
    if (statement.name !== 'identity.federation_flow.find') return segment.query(tenant, statement, values);
    const text = statement.text.replace('provider = $2', '$2::uuid is not null');
    return segment.query(tenant, { name: 'test.flow.any', text }, values);
  };
  return { ...segment, query };
}

test('login CSRF: an answer in another browser than the one that asked signs nobody in', async () => {
  const id = await enabled(house, samlProvider());
  const attacker = createBrowser(house);
  const request = await toProvider(attacker, id);
  const xml = goodResponse(said(request, { nameId: 'attacker', attributes: email('mallory@clinic.example') }));
  const victim = createBrowser(house);
  await victim.begin();
  const taken = await answer(victim, id, xml, request.relay);
  const end = await victim.get(taken.location ?? '');
  assert.deepEqual([end.status, end.found.reason], [403, 'another browser']);
  assert.equal((await victim.view())?.step, 'identify');
  victim.jar.clear();
  assert.equal((await victim.get(taken.location ?? '')).status, 403);
  assert.equal(
    (await attacker.get(taken.location ?? '')).status,
    303,
    'the handle was whole: only the browser was not',
  );
});

test('an answer for one provider or tenant is none for another', async () => {
  const one = await enabled(house, samlProvider());
  const two = await enabled(house, samlProvider());
  const foreign = await enabled(house, samlProvider(), house.other);
  const browser = createBrowser(house);
  const request = await toProvider(browser, one);
  const xml = goodResponse(said(request));
  for (const id of [two, foreign]) {
    const wrong = await answer(browser, id, xml, request.relay);
    assert.deepEqual([wrong.status, wrong.found.reason], [403, 'flow not known']);
    const mixed = createBrowser(house);
    const own = await toProvider(mixed, id, id === foreign ? house.other : 1);
    const bent = goodResponse(said(own, { audience: request.audience }));
    assert.equal((await answer(mixed, id, bent, own.relay)).found.reason, 'audience');
  }
  // Negative control: where a flow is found whosever it is, an answer that fits one provider and that was asked for by
  // another is taken; behind it, what was made for another address is still refused for its recipient.
  const lax = house.process({ segment: anyFlow() });
  const again = createBrowser(house);
  const asked = await toProvider(again, one);
  const acs = asked.acs.replace(one, two);
  const foreignTo = { recipient: acs, destination: acs, audience: asked.audience.replace(one, two) };
  const crossed = goodResponse(said(asked, foreignTo));
  assert.equal((await answer(again, two, crossed, asked.relay)).found.reason, 'flow not known');
  const unmoved = await answer(again, two, goodResponse(said(asked)), asked.relay, { federation: lax });
  assert.equal(unmoved.found.reason, 'recipient');
  assert.equal((await answer(again, two, crossed, asked.relay, { federation: lax })).status, 303);
  await browser.begin(house.other);
  const start = await browser.post(`/federation/${one}/start`);
  assert.equal(start.status, 'conflict', 'a sign-in of another tenant does not begin here');
  assert.equal((await answer(browser, one, xml, request.relay)).status, 303);
});

test('a response that nobody asked for, and a flow that took too long, are refused', async () => {
  const id = await enabled(house, samlProvider());
  const browser = createBrowser(house);
  const request = await toProvider(browser, id);
  const unasked = await answer(browser, id, goodResponse(said(request)), 'x'.repeat(43));
  assert.equal(unasked.found.reason, 'flow not known');
  house.clock.ahead += 11 * 60_000;
  const late = await answer(browser, id, goodResponse(said(request, { at: house.clock.now() })), request.relay);
  assert.equal(late.found.reason, 'flow not known');
  assert.ok((await house.federation.sweep()) > 0);
  house.clock.ahead -= 11 * 60_000;
});

test('a crash between any two statements leaves no account without its link', async () => {
  const id = await enabled(house, samlProvider());
  const names = ['identity.account.insert', 'identity.account_login.claim', 'identity.federation_identity.insert'];
  for (const [index, name] of names.entries()) {
    const dying = house.process({
      segment: watched(house.segment, (each) => {
        if (each === name) throw new Error('the process died');
      }),
    });
    const bend = () => ({ nameId: `crash-${index}`, attributes: email(`crash-${index}@clinic.example`) });
    await assert.rejects(walk(createBrowser(house), id, bend, { federation: dying }), /the process died/);
    assert.equal(await house.accounts.byLogin(1, `crash-${index}@clinic.example`), undefined);
    assert.equal((await walk(createBrowser(house), id, bend)).location, '/sign-in/enrol');
  }
});

test('two requests of one new person at once make one account', async () => {
  const id = await enabled(house, samlProvider());
  const bend = () => ({ nameId: 'twin', attributes: email('twin@clinic.example') });
  const ends = await Promise.all([1, 2, 3].map(() => walk(createBrowser(house), id, bend)));
  assert.deepEqual(
    ends.map(({ location }) => location),
    Array(3).fill('/sign-in/enrol'),
  );
  const rows = await house.sql(`select count(*)::int as n from identity.federation_identity where provider = '${id}'`);
  assert.deepEqual(rows, [{ n: 1 }]);
});

test('a form that is no answer is refused', async () => {
  const id = await enabled(house, samlProvider());
  const browser = createBrowser(house);
  const request = await toProvider(browser, id);
  const post = (form: Record<string, string>) => browser.post(`/federation/${id}/acs`, form, { crossSite: true });
  assert.equal((await post({})).found.reason, 'flow not known');
  assert.equal((await post({ RelayState: request.relay })).found.reason, 'answer malformed');
  assert.equal((await post({ RelayState: request.relay, SAMLResponse: '%%%' })).found.reason, 'answer malformed');
  const xml = goodResponse(said(request));
  assert.equal((await post({ RelayState: request.relay, SAMLResponse: packed(xml) })).status, 303);
});
