import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

let house: Served;
before(async () => {
  house = await openServed();
});
after(() => house.close());

const send = (method: string, path: string, sent?: Sent): Promise<Reply> => house.send(method, path, sent);
const basic = { resourceType: 'Basic', code: { text: 'a' } };
const patient = { resourceType: 'Patient', name: [{ family: 'Doe', given: ['Jo'] }], gender: 'female' };
const xml = { accept: 'application/fhir+xml' };

test('XML: sent, answered, and the same resource either way', async () => {
  const body = '<Basic xmlns="http://hl7.org/fhir"><code><text value="in XML"/></code></Basic>';
  const headers = { 'content-type': 'application/fhir+xml; charset=utf-8', ...xml };
  const made = await send('POST', '/Basic', { body, headers });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.get('content-type'), 'application/fhir+xml; charset=utf-8');
  const id = /<id value="([^"]+)"\/>/.exec(made.text)?.[1];
  const json = await send('GET', `/Basic/${id}`);
  assert.equal(json.json.code.text, 'in XML');
  const back = await send('GET', `/Basic/${id}?_format=xml`);
  assert.match(back.text, /<text value="in XML"\/>/);
  const pretty = await send('GET', `/Basic/${id}?_pretty=true`);
  assert.match(pretty.text, /\n {2}"id"/);
  const head = await send('HEAD', `/Basic/${id}`);
  assert.deepEqual([head.status, head.text], [200, '']);
});

test('errors are told in the form that was asked for, also by the router', async () => {
  for (const [method, path, status] of [
    ['GET', '/Basic/nothing', 404],
    ['GET', '/Nonsense/1', 404],
    ['PUT', '/metadata', 405],
    ['GET', '/a/b/c/d/e', 404],
  ] as const) {
    const answer = await send(method, path, { headers: xml });
    assert.equal(answer.status, status, path);
    assert.match(answer.text, /<OperationOutcome xmlns="http:\/\/hl7.org\/fhir">/, path);
    const json = await send(method, path);
    assert.equal(json.json.resourceType, 'OperationOutcome', path);
  }
});

test('_summary and _elements show a part, and say that it is one', async () => {
  const { id } = (await send('POST', '/Patient', { body: patient })).json;
  const part = (await send('GET', `/Patient/${id}?_elements=gender`)).json;
  assert.equal(part.gender, 'female');
  assert.equal(part.name, undefined);
  assert.equal(part.meta.tag[0].code, 'SUBSETTED');
  const text = (await send('GET', `/Patient/${id}/_history/1?_summary=text`)).json;
  assert.equal(text.gender, undefined);
  assert.equal((await send('GET', `/Patient/${id}?_summary=some`)).status, 400);
  assert.equal((await send('GET', `/Patient/${id}?name=x`)).status, 400);
});

test('ids: a client may not choose one, and where the tenant lets it, they are UUIDs', async () => {
  const id = crypto.randomUUID();
  const refused = await send('PUT', `/Basic/${id}`, { body: { ...basic, id } });
  assert.equal(refused.status, 405);
  const open = await openServed({
    tenantSettings: async () => ({ updateAsCreate: true, conditionalDelete: 'multiple', profiles: {} }),
  });
  try {
    const made = await open.send('PUT', `/Basic/${id}`, { body: { ...basic, id } });
    assert.deepEqual([made.status, made.headers.get('etag')], [201, 'W/"1"']);
    const again = await open.send('PUT', `/Basic/${id}`, { body: { ...basic, id } });
    assert.deepEqual([again.status, again.headers.get('etag')], [200, 'W/"2"']);
    const word = await open.send('PUT', '/Basic/example', { body: { ...basic, id: 'example' } });
    assert.equal(word.status, 400);
    assert.match(word.json.issue[0].diagnostics, /UUID/);
    const taken = await open.send('PUT', `/Patient/${id}`, { body: { ...patient, id } });
    assert.equal(taken.status, 409);
    const stale = crypto.randomUUID();
    const ifMatch = { 'if-match': 'W/"1"' };
    assert.equal(
      (await open.send('PUT', `/Basic/${stale}`, { body: { ...basic, id: stale }, headers: ifMatch })).status,
      412,
    );
    const crowd = crypto.randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => open.send('PUT', `/Basic/${crowd}`, { body: { ...basic, id: crowd } })),
    );
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ status }) => status === 200).length, 15);
  } finally {
    await open.close();
  }
});

test('a tenant requires a profile: what does not conform is 422', async () => {
  const strict = await openServed({
    tenantSettings: async () => ({
      updateAsCreate: false,
      conditionalDelete: 'single',
      profiles: { Observation: ['http://hl7.org/fhir/StructureDefinition/vitalsigns'] },
    }),
  });
  try {
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    const answer = await strict.send('POST', '/Observation', { body: observation });
    assert.equal(answer.status, 422, answer.text);
    assert.ok(answer.json.issue.length > 0);
    assert.equal((await strict.send('POST', '/Basic', { body: basic })).status, 201);
    const entry = [{ resource: observation, request: { method: 'POST', url: 'Observation' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    assert.equal((await strict.send('POST', '', { body: bundle })).status, 422);
  } finally {
    await strict.close();
  }
});

test('search over everything, in a compartment, and with handling=lenient', async () => {
  const me = (await send('POST', '/Patient', { body: patient })).json.id;
  const subject = { reference: `Patient/${me}` };
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject };
  const made = (await send('POST', '/Observation', { body: observation })).json.id;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const ids = async (method: string, path: string, sent?: Sent): Promise<string[]> => {
    const { status, json, text } = await send(method, path, sent);
    assert.equal(status, 200, text);
    return (json.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id).sort();
  };
  assert.deepEqual(await ids('GET', `?_type=Patient,Observation&_id=${made}`), [made]);
  assert.deepEqual(await ids('POST', '/_search', { body: `_id=${made}`, headers: form }), [made]);
  assert.deepEqual(await ids('GET', `/Patient/${me}/Observation`), [made]);
  assert.deepEqual(await ids('GET', `/Patient/${me}/*`), [made, me].sort());
  assert.deepEqual(await ids('POST', `/Patient/${me}/Observation/_search`, { body: '', headers: form }), [made]);
  assert.equal((await send('GET', '/Patient?nonsense=1')).status, 400);
  const lenient = await send('GET', '/Patient?nonsense=1', { headers: { prefer: 'handling=lenient' } });
  assert.equal(lenient.status, 200);
  assert.match(lenient.text, /OperationOutcome/);
});
