import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Client, newClient } from '../harness/clients.ts';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';

/**
 * A client limited to one patient writes into this patient's compartment and nowhere else, by whichever way a write
 * comes; conditions tell it nothing of what it does not see. And nobody writes what the server says of a resource.
 */

const base = '/fhir/R4';
const jsonPatch = { 'content-type': 'application/json-patch+json' };
let safeguard: Instance;
let full: Client;
let limited: Client;
let mine = '';
let other = '';
let hidden = '';
let own = '';
let practitioner = '';

interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

const ask = (client: Client, asked: Asked): Promise<Answer> => safeguard.request({ token: client.token, ...asked });
const post = (body: Resource, headers: Record<string, string> = {}): Asked => ({
  method: 'POST',
  path: `${base}/${body.resourceType}`,
  body,
  headers,
});
const observation = (patient: string, more: object = {}): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

async function made(body: Resource): Promise<string> {
  const { status, json, text } = await ask(full, post(body));
  assert.equal(status, 201, text);
  return json.id;
}

before(async () => {
  safeguard = await start({ tls: 'off' });
  full = await newClient(safeguard);
  mine = await made({ resourceType: 'Patient', name: [{ family: 'Mine' }] });
  other = await made({ resourceType: 'Patient', name: [{ family: 'Other' }], identifier: [{ value: 'hidden-1' }] });
  practitioner = await made({ resourceType: 'Practitioner', name: [{ family: 'Doctor' }] });
  hidden = await made(observation(other, { identifier: [{ value: 'hidden-2' }] }));
  own = await made(observation(mine, { identifier: [{ value: 'own-1' }] }));
  limited = await newClient(safeguard, { patient: mine, may: 'history-delete purge reindex' });
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

const patch = (operations: object[]): string => JSON.stringify(operations);
const subjectTo = (patient: string): string =>
  patch([{ op: 'replace', path: '/subject/reference', value: `Patient/${patient}` }]);
const binary = (text: string): object => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(text).toString('base64'),
});
const fhirpath = (value: string): object => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: 'Observation.subject.reference' },
        { name: 'value', valueString: value },
      ],
    },
  ],
});
const transaction = (...entry: object[]): Asked => ({
  method: 'POST',
  path: base,
  body: { resourceType: 'Bundle', type: 'transaction', entry },
});

/** Ways to write an observation that would belong to `patient`, starting from the caller's own where one is changed. */
const movesTo = (patient: string): [what: string, Asked][] => {
  const changed = { ...observation(patient), id: own };
  const url = `Observation/${own}`;
  return [
    ['create', post(observation(patient))],
    ['conditional create', post(observation(patient), { 'if-none-exist': 'identifier=nobody' })],
    ['update', { method: 'PUT', path: `${base}/${url}`, body: changed }],
    ['patch', { method: 'PATCH', path: `${base}/${url}`, headers: jsonPatch, body: subjectTo(patient) }],
    ['FHIRPath patch', { method: 'PATCH', path: `${base}/${url}`, body: fhirpath(`Patient/${patient}`) }],
    ['conditional update', { method: 'PUT', path: `${base}/Observation?identifier=own-1`, body: observation(patient) }],
    [
      'conditional update of none',
      { method: 'PUT', path: `${base}/Observation?identifier=x`, body: observation(patient) },
    ],
    [
      'conditional patch',
      { method: 'PATCH', path: `${base}/Observation?identifier=own-1`, headers: jsonPatch, body: subjectTo(patient) },
    ],
    [
      'POST in a transaction',
      transaction({ resource: observation(patient), request: { method: 'POST', url: 'Observation' } }),
    ],
    ['PUT in a transaction', transaction({ resource: changed, request: { method: 'PUT', url } })],
    [
      'PATCH in a transaction',
      transaction({ resource: binary(subjectTo(patient)), request: { method: 'PATCH', url } }),
    ],
    [
      'a condition in a transaction',
      transaction({
        resource: observation(patient),
        request: { method: 'PUT', url: 'Observation?identifier=own-1' },
      }),
    ],
    [
      'a link that the transaction resolves',
      transaction({
        resource: { ...observation(patient), subject: { reference: `Patient?_id=${patient}` } },
        request: { method: 'POST', url: 'Observation' },
      }),
    ],
  ];
};

const state = async (): Promise<string> => {
  const { json } = await ask(full, { path: `${base}/Observation?_count=1000&_sort=_id` });
  return JSON.stringify(json.entry.map(({ resource }: { resource: object }) => resource));
};

test('nothing is moved or written into another compartment, whichever way', async () => {
  const before = await state();
  for (const [what, asked] of movesTo(other)) {
    const answer = await ask(limited, asked);
    // A condition on what is hidden matches nothing: 400.
    assert.equal(answer.status, what.includes('link') ? 400 : 403, `${what}: ${answer.status} ${answer.text}`);
  }
  const outward = [
    ['to nobody', patch([{ op: 'remove', path: '/subject' }])],
    [
      'to a practitioner',
      patch([{ op: 'replace', path: '/subject', value: { reference: `Practitioner/${practitioner}` } }]),
    ],
  ] as const;
  for (const [what, body] of outward) {
    const answer = await ask(limited, {
      method: 'PATCH',
      path: `${base}/Observation/${own}`,
      headers: jsonPatch,
      body,
    });
    assert.ok([403, 422].includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
  }
  assert.equal(await state(), before, 'nothing was written');
});

test('negative control: the same writes are done within the own compartment, and without limit', async () => {
  for (const [what, asked] of movesTo(mine)) {
    const answer = await ask(limited, asked);
    assert.ok(answer.status === 200 || answer.status === 201, `${what}: ${answer.status} ${answer.text}`);
    await ask(full, { method: 'PATCH', path: `${base}/Observation/${own}`, headers: jsonPatch, body: addIdentifier });
  }
  const answer = await ask(full, post(observation(other)));
  assert.equal(answer.status, 201);
});

const addIdentifier = patch([{ op: 'add', path: '/identifier', value: [{ value: 'own-1' }] }]);

test('whoever stands in it besides: a resource is not slipped into another patient’s record', async () => {
  const also = { performer: [{ reference: `Patient/${mine}` }] };
  const wrong: string[] = [];
  const tries: [string, Asked][] = [
    ['about another, performed by oneself', post(observation(other, also))],
    [
      'a patient linked to oneself',
      post({ resourceType: 'Patient', link: [{ other: { reference: `Patient/${mine}` }, type: 'seealso' }] }),
    ],
    [
      'a coverage of another',
      post({
        resourceType: 'Coverage',
        status: 'active',
        beneficiary: { reference: `Patient/${other}` },
        payor: [{ reference: `Patient/${mine}` }],
        subscriber: { reference: `Patient/${mine}` },
      }),
    ],
  ];
  for (const [what, asked] of tries) {
    const answer = await ask(limited, asked);
    if (answer.status !== 403) wrong.push(`${what}: ${answer.status}`);
  }
  assert.deepEqual(wrong, []);
});

/** What a limited caller asks of something hidden must come to what it comes to of something that never was. */
const questions: readonly ((id: string, value: string) => Asked)[] = [
  (id) => ({ path: `${base}/Observation/${id}` }),
  (id) => ({ method: 'HEAD', path: `${base}/Observation/${id}` }),
  (id) => ({ method: 'PUT', path: `${base}/Observation/${id}`, body: { ...observation(mine), id } }),
  (id) => ({
    method: 'PUT',
    path: `${base}/Observation/${id}`,
    headers: { 'if-match': 'W/"7"' },
    body: { ...observation(mine), id },
  }),
  (id) => ({ method: 'PATCH', path: `${base}/Observation/${id}`, headers: jsonPatch, body: subjectTo(mine) }),
  (id) => ({
    method: 'PATCH',
    path: `${base}/Observation/${id}`,
    headers: jsonPatch,
    body: patch([{ op: 'test', path: '/status', value: 'final' }]),
  }),
  (id) => ({ method: 'PATCH', path: `${base}/Observation/${id}`, body: fhirpath(`Patient/${mine}`) }),
  (id) => ({ method: 'DELETE', path: `${base}/Observation/${id}` }),
  (id) => ({ method: 'DELETE', path: `${base}/Observation/${id}/_history` }),
  (id) => ({ method: 'DELETE', path: `${base}/Observation/${id}/_history/1` }),
  (id) => ({ method: 'POST', path: `${base}/Patient/${id}/$purge` }),
  (id) => ({ path: `${base}/Observation/${id}/$meta` }),
  (id) => ({ path: `${base}/Observation/${id}/$validate` }),
  (_, value) => post(observation(mine), { 'if-none-exist': `identifier=${value}` }),
  (_, value) => post(observation(mine), { 'if-none-exist': `patient.identifier=${value}` }),
  (id) => post(observation(mine), { 'if-none-exist': `_id=${id}` }),
  (_, value) => ({ method: 'PUT', path: `${base}/Observation?identifier=${value}`, body: observation(mine) }),
  (_, value) => ({
    method: 'PUT',
    path: `${base}/Observation?identifier=${value}`,
    body: { ...observation(mine), id: hidden },
  }),
  (_, value) => ({
    method: 'PATCH',
    path: `${base}/Observation?identifier=${value}`,
    headers: jsonPatch,
    body: subjectTo(mine),
  }),
  (_, value) => ({ method: 'DELETE', path: `${base}/Observation?identifier=${value}` }),
  (id) => ({ method: 'DELETE', path: `${base}/Observation?_id=${id}` }),
  (_, value) =>
    transaction({
      resource: { ...observation(mine), subject: { reference: `Patient?identifier=${value}` } },
      request: { method: 'POST', url: 'Observation' },
    }),
  (_, value) =>
    transaction({
      resource: observation(mine),
      request: { method: 'POST', url: 'Observation', ifNoneExist: `identifier=${value}` },
    }),
  (id) => transaction({ request: { method: 'DELETE', url: `Observation/${id}` } }),
  (id) => transaction({ resource: binary(subjectTo(mine)), request: { method: 'PATCH', url: `Observation/${id}` } }),
];

const shape = ({ status, text, headers }: Answer): string =>
  JSON.stringify([status, text, headers.etag]).replace(
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z/g,
    '-',
  );

test('what is hidden answers as what never was: by id, by condition, by patch, by operation', async () => {
  const before = await ask(full, { path: `${base}/Observation/${hidden}/_history` });
  for (const value of ['hidden-1', 'hidden-2']) {
    for (const [at, question] of questions.entries()) {
      const never = `never-${randomUUID().slice(0, 8)}`;
      const real = await ask(limited, question(hidden, value));
      const fake = await ask(limited, question(randomUUID(), never));
      assert.equal(shape(real), shape(fake), `#${at} ${real.text}`);
    }
  }
  const later = await ask(full, { path: `${base}/Observation/${hidden}/_history` });
  assert.equal(later.text, before.text, 'it is as it was');
  const known = [];
  for (const [at, question] of questions.entries()) {
    // Not what destroys.
    if ([7, 8, 9, 10, 19, 20, 23].includes(at)) continue;
    const real = await ask(full, question(hidden, 'hidden-2'));
    if (shape(real) !== shape(await ask(full, question(randomUUID(), randomUUID())))) known.push(at);
  }
  assert.ok(known.length > 9, `negative control: who sees it is answered otherwise by ${known}`);
});

test('what the server says of a resource is said by the server', async () => {
  const meta = {
    versionId: '77',
    lastUpdated: '1999-01-01T00:00:00Z',
    security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'U' }],
  };
  const at = `${base}/Observation/${own}`;
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] };
  const asks: Asked[] = [
    { method: 'PUT', path: at, body: { ...observation(mine), id: own, meta } },
    { method: 'PATCH', path: at, headers: jsonPatch, body: patch([{ op: 'add', path: '/meta', value: meta }]) },
    { method: 'POST', path: `${at}/$meta-add`, body: parameters },
    transaction({
      resource: { ...observation(mine), id: own, meta },
      request: { method: 'PUT', url: `Observation/${own}` },
    }),
    transaction({
      resource: binary(patch([{ op: 'add', path: '/meta', value: meta }])),
      request: { method: 'PATCH', url: `Observation/${own}` },
    }),
  ];
  for (const asked of asks) {
    const before = (await ask(full, { path: at })).json.meta;
    const answer = await ask(full, asked);
    assert.equal(answer.status, 200, answer.text);
    const { json, headers } = await ask(full, { path: at });
    assert.equal(json.meta.versionId, String(Number(before.versionId) + 1));
    assert.ok(Date.parse(json.meta.lastUpdated) >= Date.parse(before.lastUpdated));
    assert.equal(headers.etag, `W/"${json.meta.versionId}"`);
    assert.equal(json.meta.security?.[0]?.code, 'U', 'negative control: a label is the client’s own to give');
  }
  const created = await ask(full, post({ ...observation(mine), id: hidden, meta }));
  assert.equal(created.status, 201);
  assert.notEqual(created.json.id, hidden);
  assert.equal(created.json.meta.versionId, '1');
});

test('a patch changes neither what a resource is nor its name', async () => {
  const at = `${base}/Observation/${own}`;
  const operations = [
    [{ op: 'replace', path: '/id', value: hidden }],
    [{ op: 'remove', path: '/id' }],
    [{ op: 'replace', path: '/resourceType', value: 'Patient' }],
    [{ op: 'replace', path: '', value: { resourceType: 'Patient', id: other } }],
    [{ op: 'replace', path: '', value: { ...observation(mine), id: hidden } }],
    [{ op: 'remove', path: '' }],
    [{ op: 'add', path: '/__proto__', value: { polluted: true } }],
    [{ op: 'add', path: '/__proto__/polluted', value: true }],
    [{ op: 'add', path: '/constructor/prototype/polluted', value: true }],
    [{ op: 'move', from: '/subject', path: '/subject/reference' }],
  ];
  const before = (await ask(full, { path: at })).text;
  for (const one of operations) {
    const answer = await ask(full, { method: 'PATCH', path: at, headers: jsonPatch, body: patch(one) });
    assert.ok([400, 422].includes(answer.status), `${JSON.stringify(one)}: ${answer.status} ${answer.text}`);
  }
  assert.equal((await ask(full, { path: at })).text, before);
  const fine = await ask(full, {
    method: 'PATCH',
    path: at,
    headers: jsonPatch,
    body: patch([{ op: 'replace', path: '/status', value: 'amended' }]),
  });
  assert.equal(fine.status, 200, 'negative control');
});
