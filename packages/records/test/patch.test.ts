import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

let house: Served;
before(async () => {
  house = await openServed();
});
after(() => house.close());

const send = (method: string, path: string, sent?: Sent): Promise<Reply> => house.send(method, path, sent);
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const make = async (): Promise<string> =>
  (await send('POST', '/Patient', { body: { resourceType: 'Patient', gender: 'female', birthDate: '1980-01-01' } }))
    .json.id;

const gender = (value: string): object => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: 'Patient.gender' },
        { name: 'value', valueCode: value },
      ],
    },
  ],
});

test('JSON Patch: a new version with the change, validated, numbers kept as written', async () => {
  const id = await make();
  const done = await send('PATCH', `/Patient/${id}`, {
    body: [{ op: 'replace', path: '/gender', value: 'male' }],
    headers: jsonPatch,
  });
  assert.deepEqual([done.status, done.json?.gender, done.headers.get('etag')], [200, 'male', 'W/"2"'], done.text);
  assert.equal((await send('GET', `/Patient/${id}`)).json.birthDate, '1980-01-01');
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
  };
  const made = (await send('POST', '/Observation', { body: observation })).json;
  const body = '[{"op":"add","path":"/valueQuantity","value":{"value":1.10}}]';
  const exact = await send('PATCH', `/Observation/${made.id}`, { body, headers: jsonPatch });
  assert.match(exact.text, /"value":1\.10/);
});

test('FHIRPath Patch in JSON and in XML', async () => {
  const id = await make();
  const done = await send('PATCH', `/Patient/${id}`, { body: gender('other') });
  assert.deepEqual([done.status, done.json?.gender], [200, 'other'], done.text);
  const xml = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
    <part><name value="type"/><valueCode value="replace"/></part>
    <part><name value="path"/><valueString value="Patient.gender"/></part>
    <part><name value="value"/><valueCode value="unknown"/></part></parameter></Parameters>`;
  const headers = { 'content-type': 'application/fhir+xml' };
  const again = await send('PATCH', `/Patient/${id}`, { body: xml, headers });
  assert.deepEqual([again.status, again.json?.gender], [200, 'unknown'], again.text);
});

test('what cannot be: 404, 410, 412, 415, 422, and nothing is written', async () => {
  const id = await make();
  const path = `/Patient/${id}`;
  const ask = async (body: unknown, headers: Record<string, string> = jsonPatch, at = path): Promise<number> =>
    (await send('PATCH', at, { body, headers })).status;
  const set = (to: unknown, at = '/gender'): object[] => [{ op: 'replace', path: at, value: to }];
  assert.equal(await ask(set('nonsense')), 422, 'not valid afterwards');
  assert.equal(await ask(set(crypto.randomUUID(), '/id')), 422, 'the id');
  assert.equal(await ask(set('Basic', '/resourceType')), 422, 'the type');
  assert.equal(await ask([{ op: 'test', path: '/gender', value: 'male' }]), 422, 'a test that fails');
  assert.equal(await ask({ not: 'a list' }), 400);
  assert.equal(await ask('[', jsonPatch), 400);
  assert.equal(await ask(set('male'), { ...jsonPatch, 'if-match': 'W/"9"' }), 412);
  assert.equal(await ask('<diff/>', { 'content-type': 'application/xml-patch+xml' }), 415);
  assert.equal(await ask(set('male'), jsonPatch, `/Patient/${crypto.randomUUID()}`), 404);
  assert.equal((await send('GET', path)).headers.get('etag'), 'W/"1"');
  await send('DELETE', path);
  assert.equal(await ask(set('male')), 410);
});

test('many patches at once: none is lost', async () => {
  const { id } = (await send('POST', '/Basic', { body: { resourceType: 'Basic', code: { coding: [{ code: '0' }] } } }))
    .json;
  const codes = Array.from({ length: 24 }, (_, index) => `c${index}`);
  const answers = await Promise.all(
    codes.map((code) =>
      send('PATCH', `/Basic/${id}`, {
        body: [{ op: 'add', path: '/code/coding/-', value: { code } }],
        headers: jsonPatch,
      }),
    ),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const { json } = await send('GET', `/Basic/${id}`);
  assert.deepEqual(json.code.coding.map((one: { code: string }) => one.code).sort(), ['0', ...codes].sort());
  assert.equal(json.meta.versionId, '25');
});

test('in a transaction: Binary and Parameters, with the references of the bundle', async () => {
  const [first, second] = [await make(), await make()];
  const { id } = (await send('POST', '/Basic', { body: { resourceType: 'Basic', code: { text: 'a' } } })).json;
  const fullUrl = `urn:uuid:${crypto.randomUUID()}`;
  const patchOf = (operations: unknown): object => ({
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(JSON.stringify(operations)).toString('base64'),
  });
  const entry = [
    { fullUrl, resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
    { resource: gender('male'), request: { method: 'PATCH', url: `Patient/${first}` } },
    {
      resource: patchOf([{ op: 'add', path: '/subject', value: { reference: fullUrl } }]),
      request: { method: 'PATCH', url: `Basic/${id}`, ifMatch: 'W/"1"' },
    },
  ];
  const bundle = (entries: unknown[]): Sent => ({
    body: { resourceType: 'Bundle', type: 'transaction', entry: entries },
  });
  const done = await send('POST', '', bundle(entry));
  assert.equal(done.status, 200, done.text);
  const [made, , patched] = done.json.entry.map((one: { response: { location: string } }) => one.response.location);
  assert.match(patched, /\/_history\/2$/);
  const reference = (await send('GET', `/Basic/${id}`)).json.subject.reference;
  assert.ok(made.includes(`/${reference}/`), `${made} ${reference}`);
  assert.equal((await send('GET', `/Patient/${first}`)).json.gender, 'male');
  const bad = patchOf([{ op: 'replace', path: '/gender', value: 'nonsense' }]);
  const refused = await send(
    'POST',
    '',
    bundle([
      { resource: gender('other'), request: { method: 'PATCH', url: `Patient/${first}` } },
      { resource: bad, request: { method: 'PATCH', url: `Patient/${second}` } },
    ]),
  );
  assert.equal(refused.status, 422, refused.text);
  assert.equal((await send('GET', `/Patient/${first}`)).json.gender, 'male', 'all or nothing');
});
