import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { from, openHouse, person, signInWith } from '../sign-in/house.ts';

const house = await openHouse();
after(() => house.close());

const tables = ['session', 'sign_in_flow', 'device', 'sign_in_failure'] as const;
let count = 0;
const as = (tenant: number, text: string) => {
  count += 1;
  return house.segment.query<{ tenant: number }>(tenant, { name: `test.isolation.${count}`, text });
};

for (const tenant of [1, 2]) {
  await signInWith(house, await person(house, { tenant }));
  const { secret } = await house.signIn.begin({ purpose: 'sign-in', tenant, return_to: '/account' });
  const wrong = { login: 'nobody@example.org', password: 'wrong' };
  await assert.rejects(house.signIn.password(secret, wrong, from()), isFault);
}

for (const table of tables) {
  test(`${table}: a tenant sees its own rows alone, and changes none`, async () => {
    assert.deepEqual(
      new Set((await as(0, `select tenant from identity.${table}`)).map((row) => row.tenant)),
      new Set([1, 2]),
    );
    const seen = await as(2, `select tenant from identity.${table}`);
    assert.ok(seen.length > 0);
    assert.ok(seen.every(({ tenant }) => tenant === 2));
    assert.deepEqual(await as(2, `delete from identity.${table} returning tenant`), []);
    await assert.rejects(
      as(0, `update identity.${table} set tenant = 2`),
      'no row changes hands, not even as the platform',
    );
    assert.notEqual((await house.sql(`select 1 from identity.${table}`)).length, 0);
  });
}
