import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Principal, patientsOf } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import type { Explained, Question, Viewer } from '../../api/answers.ts';
import { type House, openHouse, program, scope } from './house.ts';

let house: House;
let worker: Principal;
let officer: Principal;
let served: Awaited<ReturnType<House['serve']>>;
const questions: Question[] = [];
const grant = newId();
const patient = newId();
const until = Date.parse('2026-12-31T00:00:00Z');

before(async () => {
  house = await openHouse();
  [worker, officer] = [await house.officer(), await house.officer('security-officer')];
  const explained: Explained = {
    ...{ permit: true, reason: 'policy', rule: 'clinicians-read', why: 'Treatment.', role: 'clinician', view: 'full' },
    ...{ grant, granted_by: [officer.id, 'operator'], until, patients: [patient] },
    rules: [
      { rule: 'clinicians-read', effect: 'permit', why: 'Treatment.', through: { kind: 'role', name: 'clinician' } },
    ],
  };
  const viewer: Viewer = {
    kind: 'account',
    id: worker.id,
    rule: 'clinicians-read',
    grant,
    view: 'full',
    letters: 'rs',
  };
  served = await house.serve({
    async explain(question) {
      questions.push(question);
      return question.account === unknown ? undefined : explained;
    },
    viewers: async (_tenant, id) => {
      const all: Viewer[] = [viewer, { ...viewer, kind: 'client', name: 'Lab' }];
      return id === patient ? Object.assign(all, { size: 2, page: () => [all] }) : undefined;
    },
  });
});
after(() => house.close());
const unknown = newId();

const ask = (as: Principal | undefined, body: object) =>
  served.send('POST', '/access/explanations', { as, body: { action: 'read', type: 'Observation', ...body } });

test('explain: may somebody, by which rule, granted by whom, until when', async () => {
  const id = newId();
  const told = await ask(worker, { id });
  assert.equal(told.status, 200, told.text);
  const { rule, granted_by, until: end, rules, view } = told.json;
  assert.deepEqual([rule, end, view], ['clinicians-read', '2026-12-31T00:00:00.000Z', 'full']);
  assert.deepEqual(
    granted_by.map((one: { id: string }) => one.id),
    [officer.id, 'operator'],
  );
  assert.deepEqual(rules[0].through, { kind: 'role', name: 'clinician', grant: null });
  const { by, ...question } = questions.at(-1) as Question;
  assert.deepEqual(question, { tenant: 1, account: worker.id, action: 'read', type: 'Observation', id });
  assert.equal(by.id, worker.id);
  const event = house.events.at(-1);
  assert.deepEqual(event?.targets, [
    { type: 'Account', id: worker.id },
    { type: 'Observation', id },
  ]);
  assert.deepEqual(event && patientsOf(event), [patient]);
});

test('explain: others’ rights are for officers and programs that were let in to look', async () => {
  const before = questions.length;
  assert.equal((await ask(worker, { account: officer.id })).status, 403);
  assert.equal((await ask(worker, { client: newId() })).status, 403);
  assert.equal(questions.length, before, 'and nothing was looked up');
  assert.deepEqual(house.events.at(-1)?.targets[0]?.type, 'Client', 'whom it was about stands in the log');
  assert.equal((await ask(officer, { account: worker.id })).status, 200);
  assert.equal((await ask(program(scope), { account: worker.id })).status, 200);
  assert.equal((await ask(officer, { account: unknown })).status, 404);
  assert.equal((await ask(officer, { account: worker.id, client: newId() })).status, 400);
  assert.equal((await ask(undefined, {})).status, 401);
});

test('who can see a patient: officers of privacy and security, and nobody for nobody', async () => {
  const path = `/access/patients/${patient}/viewers`;
  const told = await served.send('GET', path, { as: officer });
  assert.equal(told.status, 200, told.text);
  assert.deepEqual(
    told.json.items.map(({ id, name, letters }: { id: string; name: string; letters: string }) => [id, name, letters]),
    [
      [worker.id, 'Somebody', 'rs'],
      [worker.id, 'Lab', 'rs'],
    ],
  );
  const event = house.events.at(-1);
  assert.deepEqual([event?.action, event && patientsOf(event)], ['who-can-see', [patient]]);
  for (const as of [worker, await house.officer('administrator')])
    assert.equal((await served.send('GET', path, { as })).status, 403);
  assert.equal((await served.send('GET', `/access/patients/${newId()}/viewers`, { as: officer })).status, 404);
  assert.equal((await served.send('GET', '/access/patients/x/viewers', { as: officer })).status, 404);
});
