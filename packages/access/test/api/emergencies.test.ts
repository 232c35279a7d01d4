import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Principal, patientsOf } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { start } from '../grants/world.ts';
import { type House, openHouse, program, scope } from './house.ts';

let house: House;
let clinician: Principal;
let officer: Principal;
before(async () => {
  house = await openHouse();
});
after(() => house.close());
beforeEach(async () => {
  house.time.now = start;
  [clinician, officer] = [await house.officer('clinician'), await house.officer('privacy-officer')];
  house.events.length = 0;
});

const reason = 'Ms Zebra is unconscious in room 12.';
const open = (as: Principal | undefined, patient: string, more: object = {}) =>
  house.send('POST', '/access/break-glass', { as, body: { patient, reason, ...more } });
const review = (as: Principal, id: string, verdict = 'justified') =>
  house.send('POST', `/access/break-glass/${id}/review`, { as, body: { verdict, reason: 'Seen in the ward book.' } });

test('in an emergency one record opens at once; an officer looks at it; the log has ids, not the reason', async () => {
  const patient = newId();
  const opened = await open(clinician, patient, { minutes: 10 });
  assert.equal(opened.status, 201, opened.text);
  const { grant, request } = opened.json;
  assert.deepEqual([grant.kind, grant.patients, grant.in_force, request], ['break-glass', [patient], true, null]);
  assert.equal(Date.parse(grant.until) - Date.parse(grant.from), 10 * 60_000);
  const [event] = house.events;
  assert.equal(event?.action, 'break-glass-open');
  assert.deepEqual(event && patientsOf(event), [patient]);
  assert.deepEqual(event?.targets, [
    { type: 'Grant', id: grant.id },
    { type: 'Patient', id: patient },
  ]);
  assert.ok(!JSON.stringify(house.events).includes('Zebra'));

  const waiting = await house.send('GET', '/access/break-glass?reviewed=false', { as: officer });
  const use = waiting.json.items.find(({ id }: { id: string }) => id === grant.id);
  assert.deepEqual([use.reason, use.reviewed, use.grant.account.id], [reason, null, clinician.id]);
  assert.equal((await review(clinician, grant.id)).status, 403, 'never by oneself');
  const seen = await review(officer, grant.id);
  assert.deepEqual([seen.status, seen.json.reviewed.verdict, seen.json.reviewed.by.id], [200, 'justified', officer.id]);
  assert.equal((await review(officer, grant.id)).status, 409);
  assert.equal((await open(clinician, patient)).status, 409, 'open already');
});

test('a use that nobody looked at in time: the next one is a request that somebody approves', async () => {
  await open(clinician, newId());
  house.time.now += 8 * 24 * 3_600_000;
  const patient = newId();
  const asked = await open(house.person(clinician.id), patient);
  assert.equal(asked.status, 202, asked.text);
  assert.deepEqual([asked.json.grant, asked.json.request.state], [null, 'open']);
  const event = house.events.at(-1);
  assert.deepEqual([event?.outcome, event?.reason], ['permit', 'an approver is needed']);
  assert.ok(event?.targets.some(({ type }) => type === 'AccessRequest'));
});

test('an emergency is for people with a role for it, at our pages or through an app with the scope', async () => {
  const patient = newId();
  const nobody = await house.officer();
  assert.equal((await open(nobody, patient)).status, 403);
  assert.equal((await open(undefined, patient)).status, 401);
  assert.equal((await open(program(scope), patient)).status, 403, 'no program');
  const app = { ...clinician, client: newId(), scopes: ['user/*.cruds'] };
  assert.equal((await open(app, patient)).status, 403, 'an app without the scope');
  const refused = house.events.at(-1);
  assert.deepEqual([refused?.outcome, refused?.action], ['deny', 'break-glass-open']);
  assert.equal((await open({ ...app, scopes: [scope] }, patient)).status, 201, 'the control');
  // Stale or not: whoever stands at the bed does not look for a second factor.
  house.time.now += 3 * 3_600_000;
  assert.equal((await open(clinician, newId())).status, 201);
});
