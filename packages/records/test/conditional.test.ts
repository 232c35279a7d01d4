import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

let house: Served;
before(async () => {
  house = await openServed();
});
after(() => house.close());

const send = (method: string, path: string, sent?: Sent): Promise<Reply> => house.send(method, path, sent);
const patient = (value: string, more: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:x', value }],
  ...more,
});
const criteria = (value: string): string => `Patient?identifier=urn:x|${value}`;
const fresh = (): string => crypto.randomUUID();
const count = async (value: string): Promise<number> =>
  (await send('GET', `/${criteria(value)}&_summary=count`)).json.total;
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const toMale = [{ op: 'add', path: '/gender', value: 'male' }];

test('conditional update: none creates, one updates, several are 412, an id must fit', async () => {
  const value = fresh();
  const made = await send('PUT', `/${criteria(value)}`, { body: patient(value) });
  assert.deepEqual([made.status, made.headers.get('etag')], [201, 'W/"1"'], made.text);
  const id = made.json.id;
  const again = await send('PUT', `/${criteria(value)}`, { body: patient(value, { gender: 'male' }) });
  assert.deepEqual([again.status, again.json.id, again.headers.get('etag')], [200, id, 'W/"2"']);
  const same = await send('PUT', `/${criteria(value)}`, { body: patient(value, { id }) });
  assert.equal(same.status, 200);
  const other = await send('PUT', `/${criteria(value)}`, { body: patient(value, { id: fresh() }) });
  assert.equal(other.status, 400);
  const named = await send('PUT', `/${criteria(fresh())}`, { body: patient(value, { id: fresh() }) });
  assert.equal(named.status, 405);
  const stale = { body: patient(value), headers: { 'if-match': 'W/"1"' } };
  assert.equal((await send('PUT', `/${criteria(value)}`, stale)).status, 412);
  await send('POST', '/Patient', { body: patient(value) });
  assert.equal((await send('PUT', `/${criteria(value)}`, { body: patient(value) })).status, 412);
  assert.equal((await send('PUT', '/Patient', { body: patient(value) })).status, 400);
  assert.equal((await send('PUT', '/Patient?nonsense=1', { body: patient(value) })).status, 400);
});

test('conditional patch and delete: none, one, several', async () => {
  const value = fresh();
  const path = `/${criteria(value)}`;
  assert.equal((await send('PATCH', path, { body: toMale, headers: jsonPatch })).status, 404);
  assert.equal((await send('DELETE', path)).status, 204);
  const { id } = (await send('POST', '/Patient', { body: patient(value) })).json;
  const patched = await send('PATCH', path, { body: toMale, headers: jsonPatch });
  assert.deepEqual([patched.status, patched.json?.gender, patched.json?.id], [200, 'male', id], patched.text);
  const second = (await send('POST', '/Patient', { body: patient(value) })).json.id;
  assert.equal((await send('PATCH', path, { body: toMale, headers: jsonPatch })).status, 412);
  assert.equal((await send('DELETE', path)).status, 412);
  assert.equal((await send('DELETE', `/Patient?_id=${second}`)).status, 204);
  assert.equal((await send('GET', `/Patient/${second}`)).status, 410);
  assert.equal((await send('DELETE', path)).status, 204);
  assert.equal((await send('GET', `/Patient/${id}`)).status, 410);
  assert.equal((await send('DELETE', '/Patient')).status, 400);
});

test('where the tenant lets it, a conditional delete takes several, or as many as _count says', async () => {
  const many = await openServed({
    tenantSettings: async () => ({ updateAsCreate: false, conditionalDelete: 'multiple', profiles: {} }),
  });
  try {
    const value = fresh();
    for (let made = 0; made < 5; made += 1) await many.send('POST', '/Patient', { body: patient(value) });
    const left = async (): Promise<number> => (await many.send('GET', `/${criteria(value)}&_summary=count`)).json.total;
    assert.equal((await many.send('DELETE', `/${criteria(value)}&_count=2`)).status, 204);
    assert.equal(await left(), 3);
    assert.equal((await many.send('DELETE', `/${criteria(value)}`)).status, 204);
    assert.equal(await left(), 0);
    assert.equal((await many.send('DELETE', `/${criteria(value)}&_count=x`)).status, 400);
  } finally {
    await many.close();
  }
});

test('64 identical ones at once make one resource: create, update, and both in transactions', async () => {
  const [created, updated, mixed] = [fresh(), fresh(), fresh()];
  const entry = (method: string, value: string): Sent => ({
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: patient(value),
          request:
            method === 'POST'
              ? { method, url: 'Patient', ifNoneExist: `identifier=urn:x|${value}` }
              : { method, url: criteria(value) },
        },
      ],
    },
  });
  const ifNoneExist = (value: string): Sent => ({
    body: patient(value),
    headers: { 'if-none-exist': `identifier=urn:x|${value}` },
  });
  const each = <T>(make: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 64 }, (_, index) => make(index)));
  const creates = await each(() => send('POST', '/Patient', ifNoneExist(created)));
  assert.equal(creates.filter(({ status }) => status === 201).length, 1);
  assert.equal(creates.filter(({ status }) => status === 200).length, 63);
  const updates = await each(() => send('PUT', `/${criteria(updated)}`, { body: patient(updated) }));
  assert.equal(updates.filter(({ status }) => status === 201).length, 1);
  assert.ok(
    updates.every(({ status }) => [200, 201, 409].includes(status)),
    updates.map(({ status }) => status).join(),
  );
  await each((index) => send('POST', '', entry(index % 2 === 0 ? 'POST' : 'PUT', mixed)));
  assert.deepEqual([await count(created), await count(updated), await count(mixed)], [1, 1, 1]);
});

test('in bundles: conditional update, patch and delete; what overlaps is refused whole', async () => {
  const [a, b, c, d] = [fresh(), fresh(), fresh(), fresh()];
  for (const value of [b, c, d]) await send('POST', '/Patient', { body: patient(value) });
  const binary = {
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(JSON.stringify(toMale)).toString('base64'),
  };
  const put = (value: string): object => ({
    resource: patient(value),
    request: { method: 'PUT', url: criteria(value) },
  });
  const entry = [
    put(a),
    put(b),
    { resource: binary, request: { method: 'PATCH', url: criteria(c) } },
    { request: { method: 'DELETE', url: criteria(d) } },
    { request: { method: 'DELETE', url: criteria(fresh()) } },
  ];
  const done = await send('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  const statuses = done.json.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3));
  assert.deepEqual(statuses, ['201', '200', '200', '204', '204'], done.text);
  assert.deepEqual([await count(a), await count(b), await count(c), await count(d)], [1, 1, 1, 0]);
  const batch = await send('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry: entry.slice(1, 3) } });
  const inBatch = batch.json.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3));
  assert.deepEqual(inBatch, ['200', '200']);
  const id = (await send('GET', `/${criteria(c)}`)).json.entry[0].resource.id;
  for (const twice of [
    [put(c), { request: { method: 'DELETE', url: `Patient/${id}` } }],
    [put(c), put(c)],
  ]) {
    const refused = await send('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry: twice } });
    assert.equal(refused.status, 400, refused.text);
  }
  const unknown = fresh();
  const both = { resourceType: 'Bundle', type: 'transaction', entry: [put(unknown), put(unknown)] };
  assert.equal((await send('POST', '', { body: both })).status, 400);
  assert.equal(await count(unknown), 0);
});
