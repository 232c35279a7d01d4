import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { Asked, Questions } from '../../questions/questions.ts';
import { type FactsHouse, openFactsHouse, ref, tenant } from '../facts/facts-house.ts';

let house: FactsHouse;
let questions: Questions;
let ann: string;
let bob: string;
let clinic: string;
const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
const observed = (patient: string, more: object = {}): object => ({
  ...{ status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] } },
  subject: ref(`Patient/${patient}`),
  ...more,
});
const asked = (queries: Readonly<Record<string, readonly string[]>> = {}, each = false): Asked => ({
  queries: (type) => queries[type] ?? [],
  each,
});

before(async () => {
  house = await openFactsHouse();
  questions = house.records.questions;
  clinic = await house.make('Organization', { name: 'Clinic' });
  const patient = (family: string, active: boolean) =>
    house.make('Patient', { active, name: [{ family }], managingOrganization: ref(`Organization/${clinic}`) });
  [ann, bob] = [await patient('Able', true), await patient('Baker', false)];
});
after(() => house.close());

test('the facts of a resource: compartments, labels, what it fulfils and where it leads', async () => {
  const id = await house.make('Observation', observed(ann, { meta: { security: [label] } }));
  const chain = 'subject:Patient.active=true';
  const facts = await questions.rowFacts(tenant, 'Observation', id, asked({ Observation: [chain, 'status=final'] }));
  assert.ok(facts);
  assert.deepEqual([facts.type, facts.id, facts.patients], ['Observation', id, [ann]]);
  assert.deepEqual(facts.labels, [`${label.system}|HIV`]);
  assert.deepEqual([facts.fulfils('status=final'), facts.fulfils('status=amended')], [true, false]);
  assert.equal(facts.fulfils('code=http://loinc.org|718-7&status=final'), true);
  assert.equal(facts.fulfils(chain), true);
  assert.equal(facts.patientFulfils(`organization=Organization/${clinic}`), true);
  assert.equal(facts.patientFulfils(`organization=Organization/${newId()}`), false);
  const other = await questions.rowFacts(
    tenant,
    'Observation',
    await house.make('Observation', observed(bob)),
    asked({ Observation: [chain] }),
  );
  assert.equal(other?.fulfils(chain), false);
  assert.throws(() => other?.fulfils('subject:Patient.active=false'), 'a chain that was not said is not guessed');
});

// Before anything is deleted: what deletions leave behind is cleared up in the background.
test('identity is asked only where a query looks there', async () => {
  const { identity } = house.segments;
  const before = identity.asked;
  const plain = await questions.rowFacts(tenant, 'Patient', ann, asked({ Patient: ['active=true'] }));
  assert.equal(plain?.fulfils('active=true'), true);
  await questions.compartment(tenant, ann, asked());
  await questions.sample(tenant, 50);
  assert.equal(identity.asked, before);
  const named = await questions.rowFacts(tenant, 'Patient', ann, asked({ Patient: ['family=Able'] }));
  assert.equal(named?.fulfils('family=Able'), true);
  assert.ok(identity.asked > before);
});

test('nobody, nothing, no more: undefined', async () => {
  const id = await house.make('Observation', observed(ann));
  assert.equal(await questions.rowFacts(tenant, 'Condition', id, asked()), undefined);
  assert.equal(await questions.rowFacts(2, 'Observation', id, asked()), undefined, 'another tenant');
  assert.equal(await questions.rowFacts(tenant, 'Observation', 'x', asked()), undefined);
  assert.equal(await questions.rowFacts(tenant, 'Nonsense', id, asked()), undefined);
  await house.remove('Observation', id);
  assert.equal(await questions.rowFacts(tenant, 'Observation', id, asked()), undefined);
  assert.deepEqual(
    [
      await questions.patientExists(tenant, ann),
      await questions.patientExists(2, ann),
      await questions.patientExists(tenant, clinic),
    ],
    [true, false, false],
  );
});

test('a compartment: one stands for those alike, and nothing that differs is left out', async () => {
  const cleo = await house.make('Patient', { active: true });
  for (let n = 0; n < 4; n += 1) await house.make('Observation', observed(cleo));
  const labelled = await house.make('Observation', observed(cleo, { meta: { security: [label] } }));
  const shared = await house.make('Appointment', {
    status: 'proposed',
    participant: [cleo, bob].map((one) => ({ actor: ref(`Patient/${one}`), status: 'accepted' })),
  });
  const few = await questions.compartment(tenant, cleo, asked());
  const all = await questions.compartment(tenant, cleo, asked({}, true));
  const byQuery = await questions.compartment(tenant, cleo, asked({ Observation: ['status=final'] }));
  const count = (rows: typeof few, type: string) => rows.filter((row) => row.type === type).length;
  assert.deepEqual(
    [few, all, byQuery].map((rows) => count(rows, 'Observation')),
    [2, 5, 5],
  );
  for (const rows of [few, all]) {
    assert.equal(count(rows, 'Patient'), 1);
    assert.ok(rows.some(({ id, labels }) => id === labelled && labels.length === 1));
    assert.deepEqual(rows.find(({ id }) => id === shared)?.patients.toSorted(), [cleo, bob].sort());
  }
  assert.deepEqual(await questions.compartment(2, cleo, asked()), [], 'another tenant');
  await house.remove('Observation', labelled);
  assert.equal(count(await questions.compartment(tenant, cleo, asked({}, true)), 'Observation'), 4);
});

test('who works for an organization is who says so of themselves', async () => {
  const [kay, lee] = [newId(), newId()].map((id) => `Practitioner/${id}`) as [string, string];
  const at = (practitioner: string, more: object = {}): object => ({
    ...{ practitioner: ref(practitioner), organization: ref(`Organization/${clinic}`) },
    ...more,
  });
  const role = await house.make('PractitionerRole', at(kay));
  await house.make('PractitionerRole', at(lee, { active: false }));
  await house.make('PractitionerRole', at(lee, { period: { end: '2020-01-01' } }));
  const other = newId();
  const found = await questions.workersOf(tenant, [clinic, other]);
  assert.deepEqual([...(found.get(clinic) ?? [])].sort(), [kay, `PractitionerRole/${role}`].sort());
  assert.deepEqual(found.get(other), []);
  for (const reference of [kay, lee, `PractitionerRole/${role}`]) {
    const own = await house.facts.organizations(tenant, reference);
    assert.equal(own.includes(clinic), found.get(clinic)?.includes(reference) === true, reference);
  }
  assert.deepEqual((await questions.workersOf(2, [clinic])).get(clinic), []);
});

test('a sample is of every type, of the newest and the oldest, and no more than was asked for', async () => {
  const rows = await questions.sample(tenant, 12);
  assert.ok(rows.length <= 12);
  const types = new Set(rows.map(({ type }) => type));
  for (const type of ['Patient', 'Observation', 'Organization', 'Appointment', 'PractitionerRole'])
    assert.ok(types.has(type), type);
  assert.ok((await questions.sample(tenant, 3)).length <= 3);
  assert.deepEqual(await questions.sample(2, 10), []);
  const chain = 'subject:Patient.active=true';
  const asking = await questions.sample(tenant, 40, (type) => (type === 'Observation' ? [chain] : []));
  const answers = asking.filter(({ type }) => type === 'Observation').map(({ row }) => row.fulfils(chain));
  assert.ok(answers.includes(true) && answers.includes(false));
});
