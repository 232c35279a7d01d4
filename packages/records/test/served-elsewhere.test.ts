import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { openHouse } from './house.ts';

const parameters = [{ code: 'date', type: 'date' }];
let house: Awaited<ReturnType<typeof openHouse>>;
let open: typeof house;
before(async () => {
  house = await openHouse({ served: { AuditEvent: { interactions: ['read', 'search-type'], parameters } } });
  open = await openHouse();
});
after(() => Promise.all([house.close(), open.close()]));

const event = {
  resourceType: 'AuditEvent',
  type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
  recorded: '2026-01-02T03:04:05Z',
  agent: [{ requestor: true }],
  source: { observer: { display: 'text' } },
};
const type = 'AuditEvent';
const id = newId();

/** Every way in which somebody could come to a type. */
const ways: readonly (readonly [
  action: string,
  params: Record<string, string>,
  body?: object | undefined,
  query?: string,
])[] = [
  ['create', { type }, event],
  ['update', { type, id }, { ...event, id }],
  ['patch', { type, id }, [{ op: 'add', path: '/outcome', value: '0' }]],
  ['delete', { type, id }],
  ['read', { type, id }],
  ['vread', { type, id, version: '1' }],
  ['search-type', { type }],
  ['history-instance', { type, id }],
  ['history-type', { type }],
  ['history-delete', { type, id }],
  ['search-compartment', { type: 'Patient', id, member: type }],
  ['search-system', {}, undefined, `_type=${type}`],
  ['meta', { type, id }],
  ['meta-type', { type }],
  ['meta-add', { type, id }, { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: {} }] }],
  ['validate', { type }, event],
];

test('a type that is served elsewhere is refused by every interaction, 405', async () => {
  for (const [action, params, body, query = ''] of ways) {
    const asked = { action, params, query, ...(body === undefined ? {} : { body }) };
    const json = action === 'patch' ? 'application/json-patch+json' : 'application/fhir+json';
    await assert.rejects(house.call({ ...asked, headers: { 'content-type': json } }), { kind: 'method' }, action);
  }
});

test('control: where nothing else serves it, it is created and found', async () => {
  const made = await open.call({ action: 'create', params: { type }, body: event });
  assert.equal(made.status, 201);
  const found = await open.call({ action: 'search-system', params: {} });
  assert.match(String(found.body), /AuditEvent/);
});

test('in a bundle too: an entry of a batch is 405, a transaction is refused as a whole', async () => {
  const entry = [
    { resource: event, request: { method: 'POST', url: type } },
    { request: { method: 'GET', url: `${type}/${id}` } },
    { request: { method: 'GET', url: `${type}?date=2026` } },
    { request: { method: 'DELETE', url: `${type}/${id}` } },
  ];
  const bundle = (kind: string) => ({ resourceType: 'Bundle', type: kind, entry });
  const batch = await house.call({ action: 'transaction', body: bundle('batch') });
  const statuses = JSON.parse(String(batch.body)).entry.map(
    (one: { response: { status: string } }) => one.response.status,
  );
  assert.deepEqual(
    statuses,
    entry.map(() => '405 Method Not Allowed'),
  );
  await assert.rejects(house.call({ action: 'transaction', body: bundle('transaction') }), { kind: 'method' });
});

test('what goes over all types goes by it', async () => {
  for (const action of ['search-system', 'history-system', 'meta-system']) {
    assert.equal((await house.call({ action, params: {} })).status, 200, action);
  }
});

test('the CapabilityStatement tells what is served of it, and no more', async () => {
  const { body } = await house.call({ action: 'capabilities' });
  const { resource } = JSON.parse(String(body)).rest[0];
  const told = resource.find((one: { type: string }) => one.type === type);
  assert.deepEqual(told.interaction, [{ code: 'read' }, { code: 'search-type' }]);
  assert.deepEqual(
    told.searchParam.map(({ name }: { name: string }) => name),
    ['date'],
  );
  assert.equal(told.operation, undefined);
  const including = resource.filter((one: { searchRevInclude?: string[] }) =>
    one.searchRevInclude?.some((name) => name.startsWith('AuditEvent:')),
  );
  assert.deepEqual(including, []);
});
