import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { SignJWT } from 'jose';
import { sweepRegistration } from '../../registration/sweep.ts';
import { administrator, approve, asked, backend, type House, newKey, openHouse, person, token } from './house.ts';

let house: House;
let dev: Principal;
let admin: Principal;
before(async () => {
  house = await openHouse();
  dev = await person(house);
  admin = await administrator(house);
});
after(() => house.close());

async function byKey(client_id: string, { kid, privateKey }: { kid: string; privateKey: KeyObject }) {
  const exp = Math.floor(house.clock.now() / 1000) + 60;
  const claims = { iss: client_id, sub: client_id, aud: `${house.url}/oauth2/token`, jti: newId(), exp };
  const client_assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'ES384', kid }).sign(privateKey);
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_assertion_type, client_assertion });
  return (await house.send('POST', '/oauth2/token', { body })).status;
}

const proofs = async (id: string) => (await house.api('GET', `/applications/${id}/proofs`, { as: dev })).json;
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

test('two keys count while they overlap, each with its last use; the old one ends to the second', async () => {
  const [first, second, third] = [newKey('one'), newKey('two'), newKey('three')];
  const { id } = await asked(house, dev, backend({ auth_method: 'private_key_jwt', jwks: { keys: [first.jwk] } }));
  await approve(house, admin, id);
  assert.equal(await byKey(id, first), 200);
  await settle();
  const before_ = await proofs(id);
  assert.equal(before_.keys.length, 1);
  assert.ok(before_.keys[0].last_used_at !== null && before_.keys[0].ends_at === null);
  const rotate = (jwk: object, overlap_s?: number) =>
    house.api('POST', `/applications/${id}/rotate-key`, {
      as: dev,
      body: { jwk, ...(overlap_s === undefined ? {} : { overlap_s }) },
    });
  const rotated = await rotate(second.jwk, 3600);
  assert.equal(rotated.status, 200, rotated.text);
  assert.deepEqual([await byKey(id, first), await byKey(id, second)], [200, 200]);
  const during = await proofs(id);
  assert.deepEqual(
    during.keys.map(({ kid, ends_at }: Record<string, unknown>) => [kid, ends_at !== null]),
    [
      ['one', true],
      ['two', false],
    ],
  );
  assert.equal((await rotate(second.jwk)).status, 400, 'its name is in use');
  assert.equal((await rotate({ ...third.privateKey.export({ format: 'jwk' }), kid: 'private' })).status, 400);
  house.clock.offset_ms += 3_601_000;
  const late = { ...dev, assurance: { level: 2 as const, at: house.clock.now(), methods: ['pwd', 'otp'] } };
  assert.deepEqual([await byKey(id, first), await byKey(id, second)], [401, 200], 'over, without any sweep');
  assert.equal((await proofs(id)).keys.length, 1);
  assert.ok((await sweepRegistration(house.segment, house.clock)) >= 1);
  const last = await house.api('POST', `/applications/${id}/rotate-key`, {
    as: late,
    body: { jwk: third.jwk, overlap_s: 0 },
  });
  assert.deepEqual(
    last.json.keys.map(({ kid }: { kid: string }) => kid),
    ['three'],
  );
  assert.deepEqual([await byKey(id, second), await byKey(id, third)], [401, 200], 'stolen: no overlap');
  house.clock.offset_ms -= 3_601_000;
});

test('negative control: a key without an end is not over', async () => {
  const key = newKey('one');
  const { id } = await asked(house, dev, backend({ auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } }));
  await approve(house, admin, id);
  house.clock.offset_ms += 3_601_000;
  assert.equal(await byKey(id, key), 200);
  house.clock.offset_ms -= 3_601_000;
});

test('a change of something else leaves rotated keys as they are', async () => {
  const [first, second] = [newKey('one'), newKey('two')];
  const { id } = await asked(house, dev, backend({ auth_method: 'private_key_jwt', jwks: { keys: [first.jwk] } }));
  await approve(house, admin, id);
  await house.api('POST', `/applications/${id}/rotate-key`, { as: dev, body: { jwk: second.jwk, overlap_s: 0 } });
  const changed = await house.api('PATCH', `/applications/${id}`, { as: dev, body: { name: 'Another name' } });
  assert.equal(changed.json.state, 'pending');
  await approve(house, admin, id, changed.json.version);
  assert.deepEqual([await byKey(id, first), await byKey(id, second)], [401, 200], 'the old key did not come back');
  const other = newKey('mine');
  const swapped = await house.api('PATCH', `/applications/${id}`, { as: dev, body: { jwks: { keys: [other.jwk] } } });
  assert.equal(swapped.json.state, 'pending', 'other keys in one go are reviewed');
  assert.equal(await byKey(id, other), 401);
});

test('two secrets count while they overlap, and each says when it was last used', async () => {
  const { id } = await asked(house, dev);
  await approve(house, admin, id);
  const make = async () =>
    (await house.api('POST', `/applications/${id}/rotate-secret`, { as: dev, body: {} })).json.client_secret;
  const [one, two] = [await make(), await make()];
  assert.deepEqual([(await token(house, id, one)).status, (await token(house, id, two)).status], [200, 200]);
  await settle();
  const { secrets } = await proofs(id);
  assert.deepEqual(
    secrets.map(({ ends_at, last_used_at }: Record<string, unknown>) => [ends_at !== null, last_used_at !== null]),
    [
      [false, true],
      [true, true],
    ],
  );
  assert.equal((await token(house, id, `sgs_${'A'.repeat(43)}`)).status, 401);
  assert.deepEqual(house.lines, []);
});
