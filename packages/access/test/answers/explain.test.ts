import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Principal, patientsOf } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { createExplain, type ExplainDeps } from '../../answers/explain.ts';
import type { ClientFacts, RowFacts } from '../../index.ts';
import { createStanding } from '../../standing/standing.ts';
import { access, type House, openHouse, program, scope } from '../api/house.ts';
import { day_ms } from '../grants/world.ts';
import { noFacts } from '../standing/world.ts';

/** Explanations over real requests and grants, behind the real HTTP. */

const hiv = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV';
const patient = newId();
const rows = new Map<string, RowFacts>();
const put = (type: string, more: Partial<RowFacts> = {}): string => {
  const id = newId();
  const facts = { type, id, patients: [patient], labels: [], fulfils: () => false, patientFulfils: () => false };
  rows.set(id, { ...facts, ...more });
  return id;
};

let house: House;
let served: Awaited<ReturnType<House['serve']>>;
let officer: Principal;
let clinician: { account: string; grant: string };
const lab: ClientFacts = {
  ...{ id: newId(), name: 'Lab', scopes: ['system/Patient.rs'], view: 'limited', patient: null },
  permissions: ['sensitive:hiv'],
};

const deps = (): ExplainDeps => {
  const { deps: own, grants, requests } = house;
  const people = { ...own.people, clients: async (tenant: number) => (tenant === 1 ? [lab] : []) };
  const standings = createStanding({ ...own, people, clinical: noFacts });
  const questions = {
    rowFacts: async (_tenant: number, type: string, id: string) => {
      const row = rows.get(id);
      return row?.type === type ? row : undefined;
    },
  };
  return { access, standings, policies: own.policies, people, grants, requests, questions, clock: own.clock };
};

before(async () => {
  house = await openHouse();
  officer = await house.officer('security-officer');
  const until = house.time.now + 30 * day_ms;
  clinician = await house.holder('clinician', officer.id, { until });
  house.people.change(clinician.account, { scopes: ['user/*.cruds'] });
  served = await house.serve({ explain: createExplain(deps()) });
});
after(() => house.close());

const ask = (as: Principal | undefined, body: object) =>
  served.send('POST', '/access/explanations', { as, body: { action: 'read', type: 'Observation', ...body } });

test('of another: by which rule, role and grant, approved by whom, until when, what was taken as usual', async () => {
  const id = put('Observation');
  const { status, json, text } = await ask(officer, { account: clinician.account, id });
  assert.equal(status, 200, text);
  const { rules, granted_by, ...told } = json;
  assert.deepEqual(told, {
    ...{ permit: true, reason: 'policy', rule: 'clinicians-read', why: 'Treatment.', role: 'clinician' },
    ...{ grant: clinician.grant, until: new Date(house.time.now + 30 * day_ms).toISOString() },
    ...{ view: 'full', consent: null, assumed: ['factor', 'network', 'purpose', 'app', 'patient'] },
  });
  assert.deepEqual(
    granted_by.map((one: { id: string }) => one.id),
    [officer.id],
  );
  assert.deepEqual(rules[0].through, { kind: 'role', name: 'clinician', grant: clinician.grant });
  const event = house.events.at(-1);
  assert.deepEqual(event && patientsOf(event), [patient], 'it stands in the log of the patient');
});

test('a denial says what failed: the matrix, a sensitive label', async () => {
  const told = await ask(officer, { account: clinician.account, action: 'delete' });
  assert.deepEqual([told.json.permit, told.json.grant], [false, null]);
  const labelled = await ask(officer, { account: clinician.account, id: put('Observation', { labels: [hiv] }) });
  assert.deepEqual([labelled.json.permit, labelled.json.reason], [false, 'sensitive']);
  assert.equal(labelled.json.rules[0].failed, 'sensitive');
});

test('a grant that is over explains nothing any more, an account that is suspended neither', async () => {
  const { account, grant } = await house.holder('clinician', officer.id);
  house.people.change(account, { scopes: ['user/*.cruds'] });
  const fresh = async () => {
    const again = await house.serve({ explain: createExplain(deps()) });
    return (
      await again.send('POST', '/access/explanations', {
        as: officer,
        body: { action: 'read', type: 'Patient', account },
      })
    ).json;
  };
  assert.equal((await fresh()).permit, true);
  house.people.change(account, { state: 'suspended' });
  assert.deepEqual([(await fresh()).permit, (await fresh()).reason], [false, 'the account is not active']);
  house.people.change(account, { state: 'active' });
  await house.grants.end(1, grant, officer.id, 'ended');
  assert.deepEqual([(await fresh()).permit, (await fresh()).reason], [false, 'no role is held']);
});

test('of a client: its scopes, its view, what an operator opened', async () => {
  const opened = await ask(officer, { client: lab.id, type: 'Patient', id: put('Patient', { labels: [hiv] }) });
  assert.equal(opened.status, 200);
  assert.deepEqual([opened.json.permit, opened.json.reason], [false, 'no policy permits it'], 'no rule for services');
  const closed = await ask(officer, { client: lab.id });
  assert.equal(closed.json.reason, 'no scope permits it');
});

test('attack: accounts, clients and resources of another tenant are nobody and nothing', async () => {
  const foreign = house.people.add({ tenant: 2, scopes: ['user/*.cruds'] });
  assert.equal((await ask(officer, { account: foreign })).status, 404);
  assert.equal((await ask({ ...officer, tenant: 2, id: foreign }, { account: clinician.account })).status, 403);
  assert.equal((await ask({ ...program(scope), tenant: 2 }, { account: clinician.account })).status, 404);
  assert.equal((await ask({ ...program(scope), tenant: 2 }, { client: lab.id })).status, 404);
  assert.equal((await ask(officer, { account: clinician.account, id: newId() })).status, 404);
});

test('attack: who is no officer asks about others', async () => {
  const worker = house.person(clinician.account);
  assert.equal((await ask(worker, { account: officer.id })).status, 403);
  assert.equal((await ask(worker, { client: lab.id })).status, 403);
});

test('attack: by asking about oneself nobody learns of labels, consents or that there is something', async () => {
  const worker = house.person(clinician.account);
  const open = await ask(worker, { id: put('Observation') });
  assert.deepEqual([open.status, open.json?.permit, open.json?.assumed], [200, true, ['app', 'patient']], open.text);
  const closed = await ask(worker, { id: put('Observation', { labels: [hiv] }) });
  const nothing = await ask(worker, { id: newId() });
  assert.deepEqual([closed.status, nothing.status], [404, 404]);
  const { requestId: _, instance: __, ...one } = closed.json;
  const { requestId: ___, instance: ____, ...other } = nothing.json;
  assert.deepEqual(Object.keys(one), Object.keys(other));
  assert.equal(one.detail, other.detail);
  // The negative control: to an officer the same question tells of the label.
  const told = await ask(officer, { account: clinician.account, id: [...rows.keys()].at(-1) });
  assert.equal(told.json.reason, 'sensitive');
});

test('answers quote nothing of records: ids, fixed words and the policy alone', async () => {
  const id = put('Observation', { labels: [hiv, 'http://secret|SECRET'] });
  const { text } = await ask(officer, { account: clinician.account, id });
  for (const secret of ['SECRET', 'v3-ActCode', patient, id]) assert.ok(!text.includes(secret), secret);
});
