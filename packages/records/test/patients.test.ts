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

const visit = async (patient: string, start: string | undefined, more: object = {}): Promise<string> => {
  const subject = { reference: `Patient/${patient}` };
  const period = start === undefined ? {} : { period: { start } };
  const body = { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject, ...period, ...more };
  return (await house.send('POST', '/Encounter', { body })).json.id;
};
const visits = async (principal: Principal, patient: string, count = 20): Promise<string[]> =>
  (await house.records.patients.encounters(principal, patient, { count })).map(({ id }) => id);

test('visits of one patient: newest beginning first, in words, under the asker’s own sight', async () => {
  const patient = await made({ name: [{ family: 'Visitor' }] });
  const long = await visit(patient, '2019-01-02', { class: { code: 'IMP' }, period: { start: '2019-01-02' } });
  const typed = { type: [{ coding: [{ code: '185347001', display: 'Encounter for problem' }] }] };
  const recent = await visit(patient, '2025-03-04T09:30:00-05:00', {
    ...typed,
    period: { start: '2025-03-04T09:30:00-05:00', end: '2025-03-04T10:00:00-05:00' },
  });
  const middle = await visit(patient, '2021-06', { class: { code: 'X', display: 'Group' }, type: [{ text: 'Walk' }] });
  const timeless = await visit(patient, undefined, { class: { code: 'odd' }, status: 'planned' });
  await visit(patient, '2026-01-01', { status: 'entered-in-error' });
  const others = await visit(bob, '2026-02-02', { class: { code: 'EMER' } });
  const removed = await visit(patient, '2026-03-03');
  await house.send('DELETE', `/Encounter/${removed}`);
  const sighted = user({ scopes: ['user/Encounter.rs'] });

  assert.deepEqual(await house.records.patients.encounters(sighted, patient, { count: 20 }), [
    { id: recent, label: 'Ambulatory: Encounter for problem', start: '2025-03-04T09:30:00-05:00' },
    { id: middle, label: 'Group: Walk', start: '2021-06' },
    { id: long, label: 'Inpatient', start: '2019-01-02' },
    { id: timeless, label: 'Visit' },
  ]);
  assert.deepEqual(await visits(sighted, patient, 2), [recent, middle], 'a stay without an end is no newer for it');
  assert.deepEqual(await visits(sighted, bob), [others]);
  assert.deepEqual(await visits(sighted, newId()), []);
  assert.deepEqual(await visits(sighted, 'x,Patient/1'), []);
  assert.deepEqual(await visits(user({ scopes: ['user/Encounter.rs?class=AMB'] }), patient), [recent]);
  assert.deepEqual(await visits(user({ scopes: ['user/Encounter.rs'], tenant: 2 }), patient), []);
});

test('visits: refused to who may not search them; who stands for patients has theirs alone', async () => {
  const own = await visit(ann, '2024-05-06');
  await visit(zoe, '2024-05-07');
  const denied: Principal[] = [
    user(),
    user({ scopes: ['user/Encounter.r'] }),
    user({ scopes: ['patient/Encounter.rs'] }),
    user({ scopes: ['user/*.rs'], view: 'deidentified' }),
    user({ scopes: ['user/*.rs'], assurance: { level: 1, at: 0, methods: [] } }),
  ];
  for (const principal of denied) await assert.rejects(visits(principal, ann), { kind: 'forbidden' });
  for (const scopes of [['user/*.rs'], ['patient/*.rs'], ['patient/Encounter.rs']]) {
    assert.deepEqual(await visits(user({ scopes, within: [ann, bob] }), ann), [own]);
    assert.deepEqual(await visits(user({ scopes, within: [ann, bob], patient: ann }), ann), [own]);
  }
  assert.deepEqual(await visits(user({ scopes: ['user/*.rs'], within: [ann] }), zoe), []);
  assert.deepEqual(await visits(user({ scopes: ['patient/*.rs'], within: [ann], patient: ann }), zoe), []);
  await assert.rejects(visits(user({ scopes: ['patient/*.rs'], within: [ann] }), zoe), { kind: 'forbidden' });
});
