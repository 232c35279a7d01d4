import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { type FactsHouse, openFactsHouse, ref, somebody, team, tenant } from './facts-house.ts';

let house: FactsHouse;
before(async () => {
  house = await openFactsHouse();
});
after(() => house.close());

const patientsOf = async (fhir_user: string): Promise<string[]> =>
  [...(await house.facts.careTeam(tenant, fhir_user))].sort();

test('a care team opens the record of its subject to those on it, as long as it is active', async () => {
  const [doctor, ann, bob, zoe] = [somebody(), newId(), newId(), newId()];
  assert.deepEqual(await patientsOf(doctor), []);
  const first = await house.make('CareTeam', team(ann, [doctor, `Patient/${zoe}`]));
  const second = await house.make('CareTeam', team(bob, [somebody(), doctor]));
  assert.deepEqual(await patientsOf(doctor), [ann, bob].sort(), 'a write of this process holds at once');
  assert.deepEqual(await patientsOf(somebody()), []);
  assert.deepEqual(await house.facts.careTeam(2, doctor), [], 'of another tenant');

  await house.change('CareTeam', first, team(ann, [doctor], { status: 'suspended' }));
  assert.deepEqual(await patientsOf(doctor), [bob]);
  await house.remove('CareTeam', second);
  assert.deepEqual(await patientsOf(doctor), []);
});

test('only the subject: whoever else is named opens nothing of theirs', async () => {
  const [doctor, ann, zoe] = [somebody(), newId(), newId()];
  await house.make('CareTeam', team(ann, [doctor, `Patient/${zoe}`]));
  assert.deepEqual(await patientsOf(doctor), [ann]);
  const group = { status: 'active', subject: ref(`Group/${newId()}`), participant: [{ member: ref(doctor) }] };
  await house.make('CareTeam', group);
  const acting = {
    ...team(zoe, []),
    participant: [{ member: ref(somebody()), onBehalfOf: ref(`Organization/${newId()}`) }],
  };
  await house.make('CareTeam', acting);
  assert.deepEqual(await patientsOf(doctor), [ann]);
});

test('a PractitionerRole on the team stands for its Practitioner, while it is held', async () => {
  const [doctor, ann, clinic] = [somebody(), newId(), newId()];
  const held = { active: true, practitioner: ref(doctor), organization: ref(`Organization/${clinic}`) };
  const role = await house.make('PractitionerRole', held);
  const on = await house.make('CareTeam', team(ann, [`PractitionerRole/${role}`]));
  assert.deepEqual(await patientsOf(doctor), [ann]);
  assert.deepEqual(await patientsOf(`PractitionerRole/${role}`), [ann]);
  assert.deepEqual(await house.facts.organizations(tenant, doctor), [clinic]);
  assert.deepEqual(await house.facts.memberships?.(tenant, doctor), { careTeams: [on], practitionerRoles: [role] });
  const named = [...(await house.facts.careTeamOf(tenant, ann))].sort();
  assert.deepEqual(named, [`PractitionerRole/${role}`, doctor].sort());

  await house.change('PractitionerRole', role, { ...held, active: false });
  assert.deepEqual(await patientsOf(doctor), []);
  assert.deepEqual(await house.facts.organizations(tenant, doctor), []);
  assert.deepEqual(await house.facts.careTeamOf(tenant, ann), [`PractitionerRole/${role}`]);
});

test('periods of team, part and role begin and end to the millisecond, with nothing written', async () => {
  const [doctor, ann, bob] = [somebody(), newId(), newId()];
  const at = (ms: number): string => new Date(house.clock.at + ms).toISOString();
  const period = { start: at(300), end: at(600) };
  await house.make('CareTeam', team(ann, [doctor], { period }));
  const part = { member: ref(doctor), period: { end: at(400) } };
  await house.make('CareTeam', { ...team(bob, []), participant: [part] });
  await house.make('PractitionerRole', { practitioner: ref(doctor), organization: ref(`Organization/${ann}`), period });
  const [shown, employers] = [() => patientsOf(doctor), () => house.facts.organizations(tenant, doctor)];
  const steps: [wait_ms: number, patients: string[], organizations: string[]][] = [
    [0, [bob], []],
    [299, [bob], []],
    [1, [ann, bob].sort(), [ann]],
    [100, [ann, bob].sort(), [ann]],
    [1, [ann], [ann]],
    [199, [ann], [ann]],
    [1, [], []],
  ];
  for (const [wait_ms, patients, organizations] of steps) {
    house.later(wait_ms);
    assert.deepEqual([await shown(), await employers()], [patients, organizations], String(wait_ms));
  }
});

test('a second process sees it within a second, and asks for nothing before', async () => {
  const [doctor, ann] = [somebody(), newId()];
  const other = house.beside();
  assert.deepEqual(await other.careTeam(tenant, doctor), []);
  const made = await house.make('CareTeam', team(ann, [doctor]));
  const asked = house.segments.clinical.asked;
  assert.deepEqual(await other.careTeam(tenant, doctor), [], 'it has looked this very second');
  assert.equal(house.segments.clinical.asked, asked, 'which costs no query');
  house.later(1_000);
  assert.deepEqual(await other.careTeam(tenant, doctor), [ann]);
  const before = house.segments.clinical.asked;
  house.later(1_000);
  assert.deepEqual(await other.careTeam(tenant, doctor), [ann]);
  assert.equal(house.segments.clinical.asked - before, 1, 'one look where nothing changed');

  const purge = await house.send('DELETE', `/CareTeam/${made}`);
  assert.ok(purge.status < 300);
  house.later(1_000);
  assert.deepEqual(await other.careTeam(tenant, doctor), []);
});

test('the managing organization of a patient', async () => {
  const [clinic, lab] = [newId(), newId()];
  const ann = await house.make('Patient', { managingOrganization: ref(`Organization/${clinic}`) });
  const other = house.beside();
  for (const facts of [house.facts, other]) assert.equal(await facts.organizationOf(tenant, ann), clinic);
  await house.change('Patient', ann, { managingOrganization: ref(`Organization/${lab}`) });
  assert.equal(await house.facts.organizationOf(tenant, ann), lab);
  house.later(1_000);
  assert.equal(await other.organizationOf(tenant, ann), lab);
  for (const nobody of [newId(), 'x', '']) assert.equal(await house.facts.organizationOf(tenant, nobody), undefined);
  assert.equal(await house.facts.organizationOf(2, ann), undefined);
});

test('nothing of it reaches identity', async () => {
  const [doctor, ann] = [somebody(), newId()];
  await house.make('PractitionerRole', { practitioner: { ...ref(doctor), display: 'Dr. Who' } });
  await house.make('CareTeam', team(ann, [doctor], { name: 'Team of Ann' }));
  const patient = await house.make('Patient', { name: [{ family: 'Who' }] });
  const other = house.beside();
  const { asked } = house.segments.identity;
  assert.deepEqual(await other.careTeam(tenant, doctor), [ann]);
  await other.careTeamOf(tenant, ann);
  await other.organizations(tenant, doctor);
  await other.organizationOf(tenant, patient);
  await other.consents(tenant);
  assert.equal(house.segments.identity.asked, asked);
});

test('what is no reference of ours finds nothing', async () => {
  for (const odd of [
    '',
    'Practitioner',
    'Practitioner/',
    '/',
    'Nothing/1',
    "Practitioner/a'b",
    'https://x/Practitioner/1',
  ]) {
    assert.deepEqual(await house.facts.careTeam(tenant, odd), [], odd);
    assert.deepEqual(await house.facts.organizations(tenant, odd), [], odd);
  }
});
