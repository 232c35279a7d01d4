import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openServed, type Sent, type Served } from './served.ts';

let house: Served;
const ids = { patient: '', gone: '', twice: '' };
before(async () => {
  house = await openServed();
  const make = async (body: object): Promise<string> => (await house.send('POST', '/Patient', { body })).json.id;
  ids.patient = await make(patient);
  ids.gone = await make(patient);
  await house.send('DELETE', `/Patient/${ids.gone}`);
  for (let made = 0; made < 2; made += 1) await make({ ...patient, identifier: [{ value: 'twice' }] });
});
after(() => house.close());

const patient = { resourceType: 'Patient', gender: 'female' };
const unknown = crypto.randomUUID();
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const toMale = [{ op: 'replace', path: '/gender', value: 'male' }];
const transaction = (...entry: object[]): Sent => ({ body: { resourceType: 'Bundle', type: 'transaction', entry } });
const entry = (method: string, url: string, resource?: object, more: object = {}): object => ({
  ...(resource ? { resource } : {}),
  request: { method, url, ...more },
});

type Row = readonly [what: string, method: string, path: string, status: number, code: string, sent?: Sent];

/** The error paths of FHIR R4's http.html, by its sections: status and issue code of each. */
const table = (): readonly Row[] => [
  // 3.1.0.1.11 content types, 3.1.0.1.12 _format
  ['an Accept that is not served', 'GET', '/Patient', 406, 'not-supported', { headers: { accept: 'text/turtle' } }],
  ['a _format that is not served', 'GET', '/Patient?_format=ttl', 406, 'not-supported'],
  [
    'another FHIR version',
    'GET',
    '/Patient',
    406,
    'not-supported',
    { headers: { accept: 'application/fhir+json;fhirVersion=3.0' } },
  ],
  [
    'a body of another type',
    'POST',
    '/Patient',
    415,
    'not-supported',
    { body: 'x', headers: { 'content-type': 'text/turtle' } },
  ],
  [
    'a body of another FHIR version',
    'POST',
    '/Patient',
    415,
    'not-supported',
    { body: patient, headers: { 'content-type': 'application/fhir+json; fhirVersion=5.0' } },
  ],
  // 3.1.0.1 read, 3.1.0.2 vread
  ['read: never was', 'GET', `/Patient/${unknown}`, 404, 'not-found'],
  ['read: an id that none can have', 'GET', '/Patient/example', 404, 'not-found'],
  ['read: another type', 'GET', `/Observation/${ids.patient}`, 404, 'not-found'],
  ['read: no such type', 'GET', `/Nonsense/${ids.patient}`, 404, 'not-found'],
  ['read: deleted', 'GET', `/Patient/${ids.gone}`, 410, 'deleted'],
  ['vread: no such version', 'GET', `/Patient/${ids.patient}/_history/9`, 404, 'not-found'],
  ['vread: no version', 'GET', `/Patient/${ids.patient}/_history/x`, 404, 'not-found'],
  ['vread: a deletion', 'GET', `/Patient/${ids.gone}/_history/2`, 410, 'deleted'],
  // 3.1.0.4 update
  ['update: no JSON', 'PUT', `/Patient/${ids.patient}`, 400, 'structure', { body: '{' }],
  [
    'update: not valid',
    'PUT',
    `/Patient/${ids.patient}`,
    400,
    'code-invalid',
    { body: { ...patient, gender: 'x', id: ids.patient } },
  ],
  ['update: no id', 'PUT', `/Patient/${ids.patient}`, 400, 'invalid', { body: patient }],
  ['update: another id', 'PUT', `/Patient/${ids.patient}`, 400, 'invalid', { body: { ...patient, id: unknown } }],
  ['update: no such type', 'PUT', `/Nonsense/${unknown}`, 404, 'not-found', { body: patient }],
  [
    'update: client-defined id',
    'PUT',
    `/Patient/${unknown}`,
    405,
    'not-supported',
    { body: { ...patient, id: unknown } },
  ],
  [
    'update: version conflict',
    'PUT',
    `/Patient/${ids.patient}`,
    412,
    'conflict',
    { body: { ...patient, id: ids.patient }, headers: { 'if-match': 'W/"9"' } },
  ],
  [
    'update: no ETag',
    'PUT',
    `/Patient/${ids.patient}`,
    400,
    'invalid',
    { body: { ...patient, id: ids.patient }, headers: { 'if-match': '*' } },
  ],
  // 3.1.0.4.3 conditional update
  ['conditional update: several', 'PUT', '/Patient?identifier=twice', 412, 'multiple-matches', { body: patient }],
  ['conditional update: no criteria', 'PUT', '/Patient', 400, 'invalid', { body: patient }],
  ['conditional update: unknown parameter', 'PUT', '/Patient?x=y', 400, 'invalid', { body: patient }],
  // 3.1.0.6 patch
  ['patch: never was', 'PATCH', `/Patient/${unknown}`, 404, 'not-found', { body: toMale, headers: jsonPatch }],
  ['patch: deleted', 'PATCH', `/Patient/${ids.gone}`, 410, 'deleted', { body: toMale, headers: jsonPatch }],
  [
    'patch: type',
    'PATCH',
    `/Patient/${ids.patient}`,
    415,
    'not-supported',
    { body: 'x', headers: { 'content-type': 'application/xml-patch+xml' } },
  ],
  [
    'patch: cannot be applied',
    'PATCH',
    `/Patient/${ids.patient}`,
    422,
    'processing',
    { body: [{ op: 'remove', path: '/none' }], headers: jsonPatch },
  ],
  [
    'patch: version conflict',
    'PATCH',
    `/Patient/${ids.patient}`,
    412,
    'conflict',
    { body: toMale, headers: { ...jsonPatch, 'if-match': 'W/"9"' } },
  ],
  [
    'conditional patch: none',
    'PATCH',
    '/Patient?identifier=none',
    404,
    'not-found',
    { body: toMale, headers: jsonPatch },
  ],
  [
    'conditional patch: several',
    'PATCH',
    '/Patient?identifier=twice',
    412,
    'multiple-matches',
    { body: toMale, headers: jsonPatch },
  ],
  // 3.1.0.7 delete
  ['delete: never was', 'DELETE', `/Patient/${unknown}`, 404, 'not-found'],
  [
    'delete: version conflict',
    'DELETE',
    `/Patient/${ids.patient}`,
    412,
    'conflict',
    { headers: { 'if-match': 'W/"9"' } },
  ],
  ['conditional delete: several', 'DELETE', '/Patient?identifier=twice', 412, 'multiple-matches'],
  // 3.1.0.8 create
  ['create: no body', 'POST', '/Patient', 400, 'structure'],
  ['create: not valid', 'POST', '/Patient', 400, 'code-invalid', { body: { ...patient, gender: 'x' } }],
  ['create: another type', 'POST', '/Observation', 400, 'invalid', { body: patient }],
  ['create: no such type', 'POST', '/Nonsense', 404, 'not-found', { body: patient }],
  [
    'conditional create: several',
    'POST',
    '/Patient',
    412,
    'multiple-matches',
    { body: patient, headers: { 'if-none-exist': 'identifier=twice' } },
  ],
  // 3.1.0.9 search
  ['search: unknown parameter', 'GET', '/Patient?nonsense=1', 400, 'invalid'],
  ['search: no such type', 'GET', '/Nonsense?_id=1', 404, 'not-found'],
  ['search: a form of another type', 'POST', '/Patient/_search', 415, 'not-supported', { body: {} }],
  ['compartment: none', 'GET', `/Observation/${unknown}/Patient`, 404, 'not-found'],
  // 3.1.0.10 capabilities
  ['capabilities: mode', 'GET', '/metadata?mode=nonsense', 400, 'invalid'],
  ['capabilities: method', 'DELETE', '/metadata', 405, 'not-supported'],
  // 3.1.0.11 batch and transaction
  ['bundle: of another type', 'POST', '', 400, 'invalid', { body: { resourceType: 'Bundle', type: 'collection' } }],
  ['bundle: another resource', 'POST', '', 400, 'invalid', { body: patient }],
  [
    'transaction: an entry not valid',
    'POST',
    '',
    400,
    'code-invalid',
    transaction(entry('POST', 'Patient', { ...patient, gender: 'x' })),
  ],
  [
    'transaction: several match',
    'POST',
    '',
    412,
    'multiple-matches',
    transaction(entry('PUT', 'Patient?identifier=twice', patient)),
  ],
  [
    'transaction: version conflict',
    'POST',
    '',
    412,
    'conflict',
    transaction(entry('DELETE', `Patient/${ids.patient}`, undefined, { ifMatch: 'W/"9"' })),
  ],
  ['transaction: never was', 'POST', '', 404, 'not-found', transaction(entry('DELETE', `Patient/${unknown}`))],
  [
    'transaction: client-defined id',
    'POST',
    '',
    405,
    'not-supported',
    transaction(entry('PUT', `Patient/${unknown}`, { ...patient, id: unknown })),
  ],
  [
    'transaction: twice',
    'POST',
    '',
    400,
    'invalid',
    transaction(entry('DELETE', `Patient/${ids.patient}`), entry('DELETE', `Patient/${ids.patient}`)),
  ],
  // 3.1.0.12 history
  ['history: never was', 'GET', `/Patient/${unknown}/_history`, 404, 'not-found'],
  ['history: unknown parameter', 'GET', '/_history?x=y', 400, 'invalid'],
  ['history: no such type', 'GET', '/Nonsense/_history', 404, 'not-found'],
  ['no route', 'GET', '/Patient/1/2/3/4/5', 404, 'not-found'],
];

test("every error path of R4's http.html has its status and an OperationOutcome", async () => {
  const wrong: string[] = [];
  for (const [what, method, path, status, code, sent] of table()) {
    const answer = await house.send(method, path, sent);
    const issue = answer.json?.issue?.[0] ?? {};
    const seen = `${answer.status} ${answer.json?.resourceType} ${issue.severity} ${issue.code}`;
    if (seen !== `${status} OperationOutcome error ${code}`) wrong.push(`${what}: ${seen}, wanted ${status} ${code}`);
  }
  assert.deepEqual(wrong, []);
  assert.equal(
    (await house.send('GET', `/Patient/${ids.patient}`)).headers.get('etag'),
    'W/"1"',
    'nothing was written',
  );
});

test('a method that an address does not know: 405, and Allow says which it knows', async () => {
  const answer = await house.send('PATCH', '/_history');
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'GET, HEAD');
});

test('who may not: 403, with an OperationOutcome, before anything is told', async () => {
  for (const [method, path, sent] of [
    ['GET', `/Patient/${ids.patient}`],
    ['GET', '/_history'],
    ['GET', '/$meta'],
    ['PATCH', `/Patient/${ids.patient}`, { body: toMale, headers: jsonPatch }],
    ['PUT', '/Patient?identifier=twice', { body: patient }],
    ['POST', `/Patient/${ids.patient}/$purge`],
    ['POST', '/Patient/$validate', { body: patient }],
  ] as [string, string, Sent?][]) {
    const answer = await house.send(method, path, { ...sent, as: { scopes: ['system/Basic.cruds'] } });
    assert.deepEqual([answer.status, answer.json?.issue[0].code], [403, 'forbidden'], path);
  }
  const writes = { body: patient, as: { view: 'deidentified' as const } };
  assert.equal((await house.send('PUT', '/Patient?identifier=twice', writes)).status, 403);
  const masked = await house.send('PATCH', `/Patient/${ids.patient}`, {
    body: toMale,
    headers: jsonPatch,
    as: { view: 'deidentified' },
  });
  assert.equal(masked.status, 403);
});
