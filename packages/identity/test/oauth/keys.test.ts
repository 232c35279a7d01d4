import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { createSigningKeys } from '../../oauth/keys.ts';
import { createSealing } from '../../oauth/sealed.ts';
import { tokensFor } from './flow.ts';
import { base, type House, openHouse, type Process } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const published = async (on: Process): Promise<JSONWebKeySet> =>
  (await on.fetch(`${base}/oauth2/jwks`)).json() as Promise<JSONWebKeySet>;

test('processes that start at once have one set of keys', async () => {
  const sealing = createSealing(house.vault);
  const sets = [1, 2, 3].map(() => createSigningKeys({ segment: house.segment, clock: house.clock, sealing }));
  const names = await Promise.all(sets.map(async (each) => (await each.current()).name));
  assert.equal(new Set(names).size, 1);
  assert.equal((await house.sql('select count(*)::int as n from identity.signing_key'))[0]?.['n'], 2);
});

test('a new key is published first, signs later, and the old one is published on', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const signedBy = async (on: Process) => {
    const { cookie } = await house.signIn(1, who.id);
    const { id_token } = await tokensFor(on, app, cookie);
    await jwtVerify(id_token, createLocalJWKSet(await published(on)), { issuer: base, audience: app.client_id });
    return decodeProtectedHeader(id_token).kid;
  };
  const before = await signedBy(house);
  const { kids } = await house.oauth.keys.rotate({ publish_s: 3_600 });
  assert.equal((await published(house)).keys.length, 4);
  assert.equal(await signedBy(house), before);
  house.clock.offset_ms = 3_601_000;
  const later = await house.process();
  const now = await signedBy(later);
  assert.ok(now !== before && kids.includes(now ?? ''));
  const set = await published(later);
  assert.equal(set.keys.length, 4);
  assert.ok(set.keys.some(({ kid }) => kid === before));
  assert.ok(!JSON.stringify(set).match(/"(d|p|q)":/));
  house.clock.offset_ms = 3_601_000 + 86_400_000 + 1_000;
  const last = await house.process();
  assert.deepEqual(
    (await published(last)).keys.map(({ kid }) => kid).toSorted(),
    [...kids].toSorted(),
    'the old ones are gone',
  );
  house.clock.offset_ms = 0;
  await assert.rejects(house.oauth.keys.rotate({ publish_s: -1 }), { kind: 'invalid' });
});

test('a private key stands nowhere in the clear', async () => {
  const rows = await house.sql(`select encode(sealed, 'escape') as text from identity.signing_key`);
  assert.ok(rows.length > 0);
  for (const { text } of rows) assert.ok(!String(text).includes('"d"') && !String(text).includes('kty'));
});
