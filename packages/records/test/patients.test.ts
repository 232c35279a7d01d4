import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { openServed, type Served } from './served.ts';

let house: Served;
let ann = '';
let bob = '';
let zoe = '';
let gone = '';

const made = async (body: object): Promise<string> =>
  (await house.send('POST', '/Patient', { body: { resourceType: 'Patient', ...body } })).json.id;

before(async () => {
  house = await openServed();
  ann = await made({
    name: [
      { use: 'maiden', family: 'Old' },
      { use: 'official', family: 'Archer', given: ['Ann', 'Mary'] },
    ],
    birthDate: '1980-02-03',
    gender: 'female',
    identifier: [{ system: 'http://mrn', value: 'MRN-17' }],
  });
  bob = await made({
    name: [{ text: 'Bob Archibald', family: 'Archibald', given: ['Bob'] }],
    birthDate: '1990',
    gender: 'male',
  });
  zoe = await made({ gender: 'female', identifier: [{ value: '4711' }] });
  gone = await made({ name: [{ family: 'Archived' }] });
  await house.send('DELETE', `/Patient/${gone}`);
});
after(() => house.close());

const user = (more: Partial<Principal> = {}): Principal => ({
  tenant: 1,
  kind: 'user',
  id: newId(),
  scopes: ['user/Patient.rs'],
  view: 'full',
  assurance: { level: 2, at: 0, methods: [] },
  ...more,
});
const found = async (text: string, principal = user(), count = 20): Promise<string[]> =>
  (await house.records.patients.search(principal, text, { count })).map(({ id }) => id);

test('patients are found by beginnings of names, birth date and identifier, shown by what parts them', async () => {
  const { patients } = house.records;
  assert.deepEqual(await patients.search(user(), 'arch ann', { count: 5 }), [
    { id: ann, name: 'Ann Mary Archer', birthDate: '1980-02-03', gender: 'female' },
  ]);
  assert.deepEqual(await found('arch'), [ann, bob]);
  assert.deepEqual(await found('  ARCH,  Bob '), [bob]);
  assert.deepEqual(await found('archer 1980-02-03'), [ann]);
  assert.deepEqual(await found('02/03/1980'), [ann]);
  assert.deepEqual(await found('1990'), [bob]);
  assert.deepEqual(await found('MRN-17'), [ann]);
  assert.deepEqual(await patients.search(user(), '4711', { count: 5 }), [
    { id: zoe, name: 'No name', gender: 'female' },
  ]);
  for (const nothing of [
    '',
    '   ',
    'a',
    'archived',
    'nobody',
    '1980-99-99',
    '*',
    '%',
    'a|b,c$d\\',
    'x'.repeat(5_000),
  ]) {
    assert.deepEqual(await found(nothing), [], nothing.slice(0, 20));
  }
  assert.equal((await found('arch', user(), 1)).length, 1);
});

test('a directory shows nobody beyond the asker’s own sight', async () => {
  assert.deepEqual(await found('arch', user({ scopes: ['user/Patient.rs?gender=male'] })), [bob]);
  const denied: Principal[] = [
    user({ scopes: ['user/Patient.r'] }),
    user({ scopes: ['patient/Patient.rs'] }),
    user({ scopes: ['system/*.rs'] }),
    user({ assurance: { level: 1, at: 0, methods: [] } }),
    user({ view: 'deidentified' }),
  ];
  for (const principal of denied) await assert.rejects(found('arch', principal), { kind: 'forbidden' });
  assert.deepEqual(await found('arch', user({ tenant: 2 })), []);
});

test('who stands for certain patients chooses among these alone, by patient/ scopes too', async () => {
  for (const scopes of [['user/Patient.rs'], ['patient/*.rs']]) {
    const proxy = user({ scopes, within: [bob, gone, zoe] });
    assert.deepEqual(await found('', proxy), [bob, zoe]);
    assert.deepEqual(await found('arch', proxy), [bob]);
    assert.deepEqual(await found('ann', proxy), []);
  }
  assert.deepEqual(await found('', user({ within: [] })), []);
  assert.deepEqual(await found('', user({ within: [bob], scopes: ['patient/Observation.rs'] })), []);
  assert.deepEqual(await found('', user({ within: [bob], assurance: { level: 1, at: 0, methods: [] } })), []);
  assert.deepEqual(await found('', user({ within: [ann, bob], scopes: ['patient/Patient.rs?gender=male'] })), [bob]);
});

test('by ids: those that may be read, in the order asked', async () => {
  const byIds = async (ids: readonly string[], principal = user()): Promise<string[]> =>
    (await house.records.patients.byIds(principal, ids)).map(({ id }) => id);
  assert.deepEqual(await byIds([zoe, gone, ann, newId(), 'x', ann]), [zoe, ann]);
  assert.deepEqual(await byIds([ann, bob], user({ within: [bob] })), [bob]);
  assert.deepEqual(await byIds([ann, bob], user({ scopes: ['patient/Patient.r'] })), []);
  assert.deepEqual(await byIds([ann, bob], user({ scopes: ['patient/Patient.r'], patient: ann })), [ann]);
  assert.deepEqual(await byIds([ann], user({ scopes: [] })), []);
  const encounter = (
    await house.send('POST', '/Encounter', {
      body: { resourceType: 'Encounter', status: 'planned', class: { code: 'AMB' } },
    })
  ).json.id;
  assert.deepEqual(await byIds([encounter]), []);
});
