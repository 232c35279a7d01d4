import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, type Instance, removeData, start } from '../harness/instance.ts';

let safeguard: Instance;
let token: string;

before(async () => {
  safeguard = await start({ tls: 'off' });
  token = await safeguard.token();
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

type Headers = Readonly<Record<string, string>>;
const call = (method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> =>
  safeguard.request({ method, path: `/fhir/R4${path}`, token, headers, ...(body === undefined ? {} : { body }) });

const patient = (value: string): object => ({ resourceType: 'Patient', identifier: [{ system: 'urn:x', value }] });
const jsonPatch = { 'content-type': 'application/json-patch+json' };

test('a day of a resource: conditional update, patch, tags, history, everything, deletion', async () => {
  const value = crypto.randomUUID();
  const url = `/Patient?identifier=urn:x|${value}`;
  const made = await call('PUT', url, patient(value));
  assert.equal(made.status, 201, made.text);
  const path = `/Patient/${made.json.id}`;
  assert.equal((await call('PUT', url, patient(value))).json.meta.versionId, '2');
  const operations = [{ op: 'add', path: '/gender', value: 'female' }];
  assert.equal((await call('PATCH', path, JSON.stringify(operations), jsonPatch)).json.gender, 'female');
  const meta = { name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'seen' }] } };
  const tagged = await call('POST', `${path}/$meta-add`, { resourceType: 'Parameters', parameter: [meta] });
  assert.equal(tagged.status, 200, tagged.text);
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ code: 'c' }] },
    subject: { reference: path.slice(1) },
  };
  await call('POST', '/Observation', observation);
  const everything = (await call('GET', `${path}/$everything`)).json;
  assert.deepEqual(
    everything.entry.map((entry: { resource: { resourceType: string } }) => entry.resource.resourceType),
    ['Patient', 'Observation'],
  );
  assert.equal((await call('GET', `/Observation/$lastn?patient=${path.slice(1)}&code=c`)).json.entry.length, 1);
  assert.equal((await call('GET', `${path}/Observation`)).json.entry.length, 1);
  assert.equal((await call('DELETE', url)).status, 204);
  const methods = (await call('GET', `${path}/_history`)).json.entry.map(
    (entry: { request: { method: string } }) => entry.request.method,
  );
  assert.deepEqual(methods, ['DELETE', 'PUT', 'PUT', 'PUT', 'POST']);
  const newest = (await call('GET', '/_history?_count=2')).json;
  assert.deepEqual(newest.entry[0].request, { method: 'DELETE', url: path.slice(1) });
  const verified = await safeguard.cli('ledger', 'verify');
  assert.equal(verified.code, 0, verified.stdout);
});

test('without a token: 401 in the form that was asked for', async () => {
  const asked = { path: '/fhir/R4/Patient', headers: { accept: 'application/fhir+xml' } };
  const refused = await safeguard.request(asked);
  assert.equal(refused.status, 401);
  assert.match(refused.text, /<OperationOutcome xmlns="http:\/\/hl7.org\/fhir">/);
  assert.equal((await safeguard.request({ path: '/fhir/R4/Patient' })).json.resourceType, 'OperationOutcome');
});

test('64 identical conditional updates make one resource', async () => {
  const value = crypto.randomUUID();
  const url = `/Patient?identifier=urn:x|${value}`;
  const answers = await Promise.all(Array.from({ length: 64 }, () => call('PUT', url, patient(value))));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal((await call('GET', `${url}&_summary=count`)).json.total, 1);
});
