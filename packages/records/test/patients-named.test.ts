import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, patientsOf, type RequestEvent } from '@safeguard/http';
import { type JsonObject, newId } from '@safeguard/kernel';
import { openHouse } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** Whose records the ledger will say it was, as the lifecycle of http makes it. */
const namedBy = ({ event, targets = [], patients = [] }: Answer): string[] =>
  patientsOf(event ?? { targets, patients }).sort();

const make = async (body: JsonObject & { resourceType: string }) => {
  const answer = await house.call({ action: 'create', params: { type: body.resourceType }, body });
  return { answer, id: answer.event?.targets[0]?.id ?? '' };
};
const patient = () => make({ resourceType: 'Patient', name: [{ family: 'Archer' }] });
const observation = (subject?: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'pulse' },
  ...(subject === undefined ? {} : { subject: { reference: `Patient/${subject}` } }),
});
const appointment = (...ids: readonly string[]) => ({
  resourceType: 'Appointment',
  status: 'proposed',
  participant: ids.map((id) => ({ status: 'accepted', actor: { reference: `Patient/${id}` } })),
});
const read = (type: string, id: string, headers = {}) => house.call({ action: 'read', params: { type, id }, headers });

test('a write names the patient of what is written, a read the one whose key it is sealed under', async () => {
  const one = await patient();
  assert.deepEqual(namedBy(one.answer), [one.id]);
  assert.equal(one.answer.event?.patients, undefined, 'a Patient that is a target is not named twice');
  const made = await make(observation(one.id));
  assert.deepEqual(namedBy(made.answer), [one.id]);
  assert.deepEqual(made.answer.event?.patients, [one.id]);
  assert.deepEqual(namedBy(await read('Observation', made.id)), [one.id]);
  const again = await read('Observation', made.id, { 'if-none-match': 'W/"1"' });
  assert.equal(again.status, 304);
  assert.deepEqual(namedBy(again), [one.id]);
  assert.deepEqual(namedBy(await house.call({ action: 'delete', params: { type: 'Observation', id: made.id } })), [
    one.id,
  ]);
});

test('what several share names them all; what is nobody’s, and a Practitioner, nobody', async () => {
  const [one, two] = [await patient(), await patient()];
  const shared = await make(appointment(one.id, two.id));
  assert.deepEqual(namedBy(shared.answer), [one.id, two.id].sort());
  assert.deepEqual(namedBy(await read('Appointment', shared.id)), [one.id, two.id].sort());
  const task = await make({ resourceType: 'Device', patient: { reference: `Patient/${one.id}` } });
  assert.deepEqual(namedBy(await read('Device', task.id)), [one.id], 'a type outside of the compartment');
  const practitioner = await make({ resourceType: 'Practitioner', name: [{ family: 'Berger' }] });
  assert.deepEqual(namedBy(await read('Practitioner', practitioner.id)), []);
  const none = await make(observation());
  assert.deepEqual(namedBy(await read('Observation', none.id)), []);
});

test('a change that moves a resource names whose it was and whose it is', async () => {
  const [one, two] = [await patient(), await patient()];
  const made = await make(observation(one.id));
  const body = { ...observation(two.id), id: made.id };
  const moved = await house.call({ action: 'update', params: { type: 'Observation', id: made.id }, body });
  assert.deepEqual(namedBy(moved), [one.id, two.id].sort());
});

test('searches, histories and $everything name the patients of what they show, and no others', async () => {
  const [one, two] = [await patient(), await patient()];
  const [first] = [await make(observation(one.id)), await make(observation(two.id))];
  const ask = (action: string, params: Record<string, string>, query = '') => house.call({ action, params, query });
  assert.deepEqual(namedBy(await ask('search-type', { type: 'Observation' }, `patient=${one.id}`)), [one.id]);
  const both = await ask('search-type', { type: 'Observation' }, `patient=${one.id},${two.id}`);
  assert.deepEqual(namedBy(both), [one.id, two.id].sort());
  assert.deepEqual(namedBy(await ask('search-type', { type: 'Observation' }, `patient=${newId()}`)), []);
  assert.deepEqual(namedBy(await ask('history-instance', { type: 'Observation', id: first?.id ?? '' })), [one.id]);
  assert.deepEqual(namedBy(await ask('everything', { type: 'Patient', id: one.id })), [one.id]);
  const last = await ask('lastn', { type: 'Observation' }, `patient=${one.id}&code=pulse`);
  assert.deepEqual(
    namedBy(last).filter((id) => id !== one.id),
    [],
  );
});

test('a transaction names all whose records it touches; an entry of a batch has its own', async () => {
  const [one, two] = [await patient(), await patient()];
  const entry = (id: string) => ({ resource: observation(id), request: { method: 'POST', url: 'Observation' } });
  const bundle = (type: string, entries: object[]) => ({ resourceType: 'Bundle', type, entry: entries });
  const done = await house.call({
    action: 'transaction',
    body: bundle('transaction', [entry(one.id), entry(two.id)]),
  });
  assert.deepEqual(namedBy(done), [one.id, two.id].sort());
  const from = (await house.ledger.sizes(1))[0]?.size ?? 0;
  await house.call({ action: 'transaction', body: bundle('batch', [entry(one.id), entry(two.id)]) });
  const chained = (await house.ledger.read(1, from, 10)).map(({ event }) => event as RequestEvent);
  assert.deepEqual(chained.map((event) => patientsOf(event)).sort(), [[one.id], [two.id]].sort());
});

test('control: by targets alone, who looked at an observation would be nobody’s record', async () => {
  const one = await patient();
  const made = await make(observation(one.id));
  const { targets = [] } = await read('Observation', made.id);
  assert.deepEqual(patientsOf({ targets }), []);
});
