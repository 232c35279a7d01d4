import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operatorActions } from '@safeguard/access';
import { validate } from '@safeguard/fhir';
import type { RequestEvent } from '@safeguard/http';
import { type JsonObject, newId } from '@safeguard/kernel';
import { auditEvent, disclosureEvent } from '../fhir/resource.ts';
import type { AuditEvent, Reading } from '../fhir/types.ts';
import { breaches } from './balp.ts';
import { client, eventOf, person } from './house.ts';

const doctor = person();
const viewer = client();
const agents = {
  person: (id: string) => (id === doctor.id ? doctor : undefined),
  client: (id: string) => (id === viewer.id ? viewer : undefined),
};
const server = { name: 'test-house', base: 'https://house.example/fhir/R4' };
const reading = (event: RequestEvent, more: Partial<Reading> = {}): Reading => ({
  id: newId(),
  event,
  agents,
  server,
  ...more,
});

/** Errors of R4's own rules, and of the patterns that the resource states. */
function errorsOf(resource: AuditEvent): string[] {
  const found = validate(resource as unknown as JsonObject, { type: 'AuditEvent' });
  const errors = found.filter(({ severity }) => severity === 'error').map(({ text, at }) => `${at}: ${text}`);
  return [...errors, ...breaches(resource)];
}

const app = { type: 'Client', id: viewer.id };
const patient = newId();
const observation = { type: 'Observation', id: newId(), version: 2 };
const byApp = (change: Partial<RequestEvent>): RequestEvent =>
  eventOf({ actor: doctor.id, purpose: 'TREAT', ...change, targets: [...(change.targets ?? []), app] });

const profileOf = (event: RequestEvent): string | undefined =>
  auditEvent(reading(event)).meta?.profile[0]?.split('IHE.BasicAudit.')[1];

test('reads, writes, deletes and queries state their pattern, and hold to it', () => {
  const one = { targets: [observation] };
  const of = [patient];
  const table: readonly (readonly [string, Partial<RequestEvent>, string])[] = [
    ['create', { ...one, status: 201 }, 'Create'],
    ['read', one, 'Read'],
    ['vread', one, 'Read'],
    ['update', one, 'Update'],
    ['patch', one, 'Update'],
    ['delete', { ...one, status: 204 }, 'Delete'],
    ['search-type', { ...one, asked: 'Observation?code' }, 'Query'],
    ['search-compartment', { ...one, asked: 'Observation' }, 'Query'],
  ];
  for (const [action, change, pattern] of table) {
    const [plain, named] = [byApp({ ...change, action }), byApp({ ...change, action, patients: of })];
    if (action !== 'search-compartment') {
      assert.equal(profileOf(plain), pattern, action);
      assert.equal(profileOf(named), `Patient${pattern}`, action);
    }
    for (const event of [plain, named]) assert.deepEqual(errorsOf(auditEvent(reading(event))), [], action);
  }
});

test('what does not hold to a pattern states none', () => {
  const read = { action: 'read', targets: [observation] };
  assert.equal(profileOf(byApp({ ...read, patients: [patient, newId()] })), undefined, 'several patients');
  assert.equal(profileOf(byApp({ ...read, outcome: 'deny', status: 403, reason: 'forbidden' })), undefined);
  assert.equal(profileOf(byApp({ ...read, from: 'local' })), undefined, 'no address');
  assert.equal(profileOf(byApp({ action: 'search-type', targets: [observation] })), undefined, 'no query');
  assert.equal(profileOf(byApp({ action: 'transaction', targets: [observation] })), undefined);
});

test('control: a pattern that is stated of what breaks it is found out', () => {
  const event = byApp({ action: 'read', targets: [observation], patients: [patient, newId()] });
  const made = auditEvent(reading(event));
  const profile = ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead'];
  assert.notDeepEqual(errorsOf({ ...made, meta: { profile } }), []);
  assert.notDeepEqual(errorsOf({ ...made, outcome: '7' as never }), [], 'R4 itself');
});

test('every action of the product, with every outcome, is a valid AuditEvent', () => {
  const interactions = [
    'everything',
    'lastn',
    'meta',
    'meta-add',
    'validate',
    'purge',
    'history-delete',
    'capabilities',
  ];
  const product = ['sign-in', 'sign-out', 'token', 'patient-pick', 'audit-search', 'break-glass-open', 'grant-end'];
  const ends: readonly Partial<RequestEvent>[] = [
    {},
    { outcome: 'deny', status: 401, reason: 'unauthenticated' },
    { outcome: 'fail', status: 404, reason: 'missing' },
    { outcome: 'fail', status: 503, reason: 'unavailable' },
  ];
  const targets = [{ type: 'Grant', id: newId() }, { type: 'Patient', id: patient }, observation];
  for (const action of [...interactions, ...product, ...operatorActions.keys(), 'none', 'something-new']) {
    for (const end of ends) {
      for (const from of ['::1', '127.0.0.1', 'pages', 'local']) {
        const event = eventOf({ action, targets, from, rule: 'clinicians', grant: newId(), ...end });
        assert.deepEqual(errorsOf(auditEvent(reading(event))), [], `${action} ${event.status} ${from}`);
        assert.deepEqual(errorsOf(disclosureEvent(reading(event))), [], `${action} as a disclosure`);
      }
    }
  }
});

test('who, through what, why, what and how it ended', () => {
  const event = byApp({ action: 'read', targets: [observation], patients: [patient], rule: 'care-team' });
  const { agent, entity = [], purposeOfEvent, outcome, outcomeDesc } = auditEvent(reading(event));
  const [viewing, user, house] = agent;
  assert.deepEqual(
    [viewing?.who.identifier?.value, viewing?.name, viewing?.requestor],
    [viewer.id, viewer.name, false],
  );
  assert.deepEqual(viewing?.network, { address: '203.0.113.7', type: '2' });
  assert.deepEqual([user?.who.identifier?.value, user?.name, user?.requestor], [doctor.id, doctor.name, true]);
  assert.deepEqual(user?.policy, ['urn:safeguard:rule:care-team']);
  assert.equal(house?.who.identifier?.value, 'test-house');
  assert.equal(purposeOfEvent?.[0]?.coding[0]?.code, 'TREAT');
  assert.deepEqual([outcome, outcomeDesc], ['0', 'done (200)']);
  const references = entity.map(({ what }) => what?.reference ?? what?.identifier?.value);
  assert.deepEqual(references, [event.id, `Patient/${patient}`, `Observation/${observation.id}/_history/2`]);
});

test('a query is kept without its values, and a large answer says how much is not listed', () => {
  const targets = Array.from({ length: 600 }, () => ({ type: 'Observation', id: newId() }));
  const made = auditEvent(reading(byApp({ action: 'search-type', asked: 'Observation?code&patient', targets })));
  const query = made.entity?.find((one) => one.query !== undefined);
  assert.equal(Buffer.from(query?.query ?? '', 'base64').toString(), 'Observation?code&patient');
  assert.equal(made.entity?.at(-1)?.description, 'and 100 more');
  assert.deepEqual(errorsOf(made), []);
});

test('who may know of one patient is shown neither the others nor how much it was', () => {
  const [mine, theirs] = [newId(), newId()];
  const targets = [observation, { type: 'Patient', id: mine }, { type: 'Patient', id: theirs }];
  const event = byApp({ action: 'search-type', asked: 'Patient?name', targets });
  const text = JSON.stringify(auditEvent(reading(event, { only: [mine] })));
  assert.ok(text.includes(mine));
  assert.ok(!text.includes(theirs) && !text.includes(observation.id));
  // Control: an officer sees it all.
  assert.ok(JSON.stringify(auditEvent(reading(event))).includes(theirs));
});
