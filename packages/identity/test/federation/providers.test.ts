import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newPair } from './certificate.ts';
import { administrator, type House, openHouse, outcome } from './house.ts';
import { idpPair, samlProvider } from './saml-idp.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const oidc = (more: object = {}) =>
  ({
    kind: 'oidc',
    label: 'Clinic',
    issuer: 'https://idp.example',
    client_id: 'safeguard',
    client_secret: 'very-secret-indeed',
    ...more,
  }) as never;

test('a provider is made narrow, shown without its secrets, changed and removed', async () => {
  const { providers } = house.federation;
  const made = await providers.create(1, oidc());
  assert.deepEqual([made.enabled, made.settings.accounts, made.settings.scopes], [false, 'linked', []]);
  assert.doesNotMatch(JSON.stringify(await providers.list(1)), /very-secret/);
  assert.equal(made.paths['callback'], `/federation/${made.id}/callback`);
  const changed = await providers.change(1, made.id, { label: 'Hospital', client_secret: 'another-secret' });
  assert.deepEqual(
    [changed.settings.label, (await providers.read(1, made.id)).settings.label],
    ['Hospital', 'Hospital'],
  );
  await providers.remove(1, made.id);
  await providers.remove(1, made.id);
  assert.match(String(await outcome(providers.read(1, made.id))), /^missing/);
  const [row] = await house.sql(`select sealed from identity.federation_provider where id = '${made.id}'`);
  assert.deepEqual(row, { sealed: Buffer.alloc(0) });
});

test('another tenant neither sees nor changes it; the runtime role holds what it may', async () => {
  const { providers } = house.federation;
  const { id } = await providers.create(1, oidc());
  for (const work of [
    () => providers.read(house.other, id),
    () => providers.change(house.other, id, { label: 'Mine' }),
    () => providers.enable(house.other, id, true),
  ]) {
    assert.match(String(await outcome(work())), /^missing/);
  }
  await providers.remove(house.other, id);
  assert.equal((await providers.read(1, id)).id, id);
  assert.deepEqual(await providers.list(house.other), []);
  const count = (tenant: number) =>
    house.segment.query<{ n: number }>(tenant, {
      name: 'test.providers',
      text: 'select count(*)::int as n from identity.federation_provider',
    });
  assert.equal((await count(house.other))[0]?.n, 0);
  assert.ok(((await count(1))[0]?.n ?? 0) > 0);
  await assert.rejects(
    house.segment.query(0, { name: 'test.move', text: 'update identity.federation_provider set tenant = 2' }),
  );
  await assert.rejects(house.segment.query(0, { name: 'test.drop', text: 'delete from identity.federation_provider' }));
});

test('a bad field is told by its name, and no value of it', async () => {
  const small = newPair('small', 1024).certificate;
  const cases: readonly (readonly [object, string])[] = [
    [oidc({ issuer: 'http://idp.example' }), 'issuer'],
    [oidc({ issuer: 'https://idp.example?x=1' }), 'issuer'],
    [oidc({ label: ' secret-value' }), 'label'],
    [oidc({ domains: ['Evil.example'] }), 'domains'],
    [oidc({ trusted_amr: ['pwd'] }), 'trusted_amr'],
    [oidc({ trusted_acr: ['urn:oasis:names:tc:SAML:2.0:ac:classes:Password'] }), 'trusted_acr'],
    [oidc({ scopes: ['secret-value'] }), 'scopes'],
    [oidc({ roles: ['administrator'] }), 'provider'],
    [oidc({ claims: { roles: 'groups' } }), 'claims'],
    [samlProvider({ certificates: [] }), 'certificates'],
    [samlProvider({ certificates: ['secret-value'] }), 'certificates'],
    [samlProvider({ certificates: [small] }), 'certificates'],
    [samlProvider({ sso_url: 'javascript:alert(1)' }), 'sso_url'],
    [samlProvider({ decryption: { key: idpPair.key, certificate: newPair('other').certificate } }), 'decryption'],
  ];
  for (const [given, field] of cases) {
    const error = await house.federation.providers.create(1, given as never).then(
      () => assert.fail(`${field} was taken`),
      (thrown: { kind: string; message: string; issues: readonly { at?: string }[] }) => thrown,
    );
    assert.equal(error.kind, 'invalid');
    assert.deepEqual(
      error.issues.map(({ at }) => at),
      [field],
    );
    assert.doesNotMatch(error.message, /secret-value|evil|javascript/i);
  }
});

test('issuer and entityID never change: the links would become somebody else’s', async () => {
  const { providers } = house.federation;
  const { id } = await providers.create(1, oidc());
  assert.match(String(await outcome(providers.change(1, id, { issuer: 'https://evil.example' } as never))), /^invalid/);
  const saml = await providers.create(1, samlProvider());
  const moved = providers.change(1, saml.id, { entity_id: 'https://evil.example' } as never);
  assert.match(String(await outcome(moved)), /^invalid/);
});

test('certificates are taken in PEM or as metadata has them, and rotated', async () => {
  const { providers } = house.federation;
  const bare = idpPair.certificate.replace(/-----[A-Z ]+-----/g, '');
  const { id, settings } = await providers.create(1, samlProvider({ certificates: [bare] }));
  assert.match(JSON.stringify(settings), /BEGIN CERTIFICATE/);
  const next = newPair('next').certificate;
  const { settings: both } = await providers.change(1, id, { certificates: [bare, next] });
  assert.equal(both.kind === 'saml' && both.certificates.length, 2);
});

test('nothing is switched on that would lock everybody out', async () => {
  const { providers } = house.federation;
  const off = samlProvider({ password: 'off' });
  assert.match(String(await outcome(providers.create(1, off))), /^conflict: This would lock everybody out/);
  const kept = await providers.create(1, samlProvider());
  await providers.enable(1, kept.id, true);
  assert.match(String(await outcome(providers.change(1, kept.id, { password: 'off' }))), /^conflict/);
  const chief = await administrator(house);
  const { id } = await providers.create(1, off);
  await providers.enable(1, id, true);
  await house.federation.identities.link(1, id, chief.id, 'chief');
  assert.match(String(await outcome(house.accounts.change(1, chief.id, { external: true }))), /^conflict/);
  assert.match(String(await outcome(house.accounts.suspend(1, chief.id))), /^conflict/);
});

test('only enabled providers have a button', async () => {
  const { providers } = house.federation;
  const { id } = await providers.create(house.other, samlProvider({ label: 'Other SSO' }));
  assert.deepEqual(await house.federation.buttons(house.other), []);
  await providers.enable(house.other, id, true);
  assert.deepEqual(await house.federation.buttons(house.other), [{ id, label: 'Other SSO' }]);
  await providers.enable(house.other, id, false);
  assert.deepEqual(await house.federation.buttons(house.other), []);
});

test('an OpenID provider that does not answer is not switched on', async () => {
  const { providers } = house.federation;
  const { id } = await providers.create(1, oidc());
  const refused = String(await outcome(providers.enable(1, id, true)));
  assert.match(refused, /^invalid: The provider did not answer/);
});

const idpMetadata = (body: string) =>
  '<?xml version="1.0"?><!-- made by hand --><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ' +
  'entityID="https://idp.example/saml"><IDPSSODescriptor ' +
  `protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${body}</IDPSSODescriptor></EntityDescriptor>`;
const bareOf = (certificate: string) => certificate.replace(/-----[A-Z ]+-----/g, '');
const keyDescriptor = (use: string, certificate: string) =>
  `<KeyDescriptor${use}><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>` +
  `<X509Certificate>${bareOf(certificate)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
const service = (binding: string) =>
  `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="https://idp.example/sso"/>`;

test('a provider is made from its metadata, which must be plain', async () => {
  const { providers } = house.federation;
  const make = (metadata: string) => providers.create(1, { kind: 'saml', label: 'From metadata', metadata });
  const other = newPair('encryption').certificate;
  const keys = keyDescriptor('', idpPair.certificate) + keyDescriptor(' use="encryption"', other);
  const { settings } = await make(idpMetadata(keys + service('HTTP-POST') + service('HTTP-Redirect')));
  assert.ok(settings.kind === 'saml');
  assert.deepEqual([settings.entity_id, settings.sso_url], ['https://idp.example/saml', 'https://idp.example/sso']);
  assert.deepEqual(settings.certificates, [idpPair.certificate]);
  const refused = async (metadata: string) => String(await outcome(make(metadata)));
  assert.match(await refused(idpMetadata(keys + service('HTTP-POST'))), /^invalid: Metadata names no/);
  assert.match(await refused(idpMetadata(service('HTTP-Redirect'))), /^invalid: Certificates are/);
  assert.match(await refused('<!DOCTYPE x [<!ENTITY a "b">]><x/>'), /^invalid: Metadata is plain XML/);
  assert.match(await refused('<x/>'), /^invalid: Metadata is an EntityDescriptor/);
});
