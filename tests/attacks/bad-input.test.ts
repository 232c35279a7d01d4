import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Barrage, createBarrage } from '../harness/barrage.ts';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';
import { needs, sharedData } from '../harness/shared.ts';

const vectors = sharedData('vectors', 'json');
const given = needs(vectors, 'JSONTestSuite and the big list of naughty strings');

let safeguard: Instance;
let barrage: Barrage;
let id = '';

before(async () => {
  safeguard = await start({ tls: 'off' });
  const token = await safeguard.token();
  barrage = createBarrage(safeguard, token);
  const made = await barrage.send('a patient', post('Patient', { resourceType: 'Patient' }));
  assert.equal(made.status, 201);
  id = made.json.id;
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

const post = (type: string, body: unknown, headers = {}): Asked => ({
  method: 'POST',
  path: `/fhir/R4${type === '' ? '' : `/${type}`}`,
  body,
  headers,
});
const put = (body: unknown): Asked => ({ method: 'PUT', path: `/fhir/R4/Patient/${id}`, body });
const bundle = (type: string, entry: readonly unknown[], more = {}): Asked =>
  post('', { resourceType: 'Bundle', type, entry, ...more });

test('the JSON test suite, as body of a create, an update, a bundle, and inside of one', given, async () => {
  const folder = join(vectors ?? '', 'test_parsing');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  assert.equal(files.length, 318);
  const around = (before: string, bytes: Buffer, behind: string): Buffer =>
    Buffer.concat([Buffer.from(before), bytes, Buffer.from(behind)]);
  const asks = files.flatMap((file): [string, Asked][] => {
    const bytes = readFileSync(join(folder, file));
    const entry =
      '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"Patient"},"resource":';
    return [
      [`create ${file}`, post('Patient', bytes)],
      [`update ${file}`, put(bytes)],
      [`bundle ${file}`, post('', bytes)],
      [`name ${file}`, post('Patient', around('{"resourceType":"Patient","name":', bytes, '}'))],
      [`entry ${file}`, post('', around(entry, bytes, '}]}'))],
    ];
  });
  const answers = await barrage.all(asks);
  for (const [index, { status, text }] of answers.entries()) {
    const what = asks[index]?.[0] ?? '';
    if (what.startsWith('entry ')) assert.ok(status === 400 || /"status":"400 /.test(text), `${what}: ${text}`);
    else assert.equal(status, 400, `${what}: ${text}`);
  }
});

/** A patient with the string in each element that is a string. */
const everywhere = (text: string) => ({
  resourceType: 'Patient',
  extension: [{ url: 'http://example.org/x', valueString: text }],
  identifier: [{ value: text, type: { text }, assigner: { display: text } }],
  name: [{ text, family: text, given: [text, text], prefix: [text], suffix: [text] }],
  telecom: [{ system: 'other', value: text }],
  address: [{ text, line: [text], city: text, district: text, state: text, postalCode: text, country: text }],
  maritalStatus: { text, coding: [{ display: text, version: text }] },
  photo: [{ title: text }],
  contact: [{ name: { family: text }, relationship: [{ text }] }],
  communication: [{ language: { text } }],
  generalPractitioner: [{ display: text }],
  managingOrganization: { display: text },
});

const naughty = (): string[] => JSON.parse(readFileSync(join(vectors ?? '', 'naughty-strings.json'), 'utf8'));

const without = ({ id: _id, meta: _meta, ...rest }: Record<string, unknown>) => rest;

test('naughty strings in every string element come back exactly, or are refused', given, async () => {
  const strings = [
    ...naughty(),
    'a\u0000b',
    '\u0001',
    '\u007f',
    '\ud800\udc00',
    '\u2028\u2029',
    '__proto__',
    '\ufeffx',
  ];
  const creates = strings.map((text): [string, Asked] => [
    `create ${JSON.stringify(text)}`,
    post('Patient', everywhere(text)),
  ]);
  const made = await barrage.all(creates);
  const kept = made.flatMap(({ status, json }, index) =>
    status === 201 ? [{ json, text: strings[index] ?? '' }] : [],
  );
  assert.ok(kept.length > 400, `${kept.length} of ${strings.length} were accepted`);
  for (const [index, { status, text }] of made.entries()) {
    assert.ok(status === 201 || status === 400, `${creates[index]?.[0]}: ${text.slice(0, 200)}`);
  }
  const reads = await barrage.all(kept.map(({ json }) => ['read', { path: `/fhir/R4/Patient/${json.id}` }]));
  for (const [index, { json }] of reads.entries()) {
    assert.deepEqual(without(json), everywhere(kept[index]?.text ?? ''), `read back ${index}`);
  }
  const searches = await barrage.all(
    kept.map(({ text }) => {
      const value = encodeURIComponent(text.replace(/[\\,|$]/g, '\\$&'));
      return [`search ${JSON.stringify(text)}`, { path: `/fhir/R4/Patient?identifier=${value}&_total=accurate` }];
    }),
  );
  for (const [index, { status, json }] of searches.entries()) {
    const text = kept[index]?.text ?? '';
    assert.equal(status, 200, `search ${JSON.stringify(text)}`);
    assert.equal(json.total, kept.filter((one) => one.text === text).length, `search finds ${JSON.stringify(text)}`);
  }
});

test('naughty strings as ids, paths, parameters, conditions and urls of a bundle', given, async () => {
  const asks = naughty().flatMap((text): [string, Asked][] => {
    const coded = encodeURIComponent(text.slice(0, 500));
    const what = JSON.stringify(text.slice(0, 60));
    const entries = [
      { request: { method: 'GET', url: `Patient?identifier=${coded}` } },
      { request: { method: 'GET', url: `Patient/${coded}` } },
      {
        resource: { resourceType: 'Patient' },
        request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${text}` },
      },
    ];
    return [
      [`id ${what}`, { path: `/fhir/R4/Patient/${coded}` }],
      [
        `put ${what}`,
        { method: 'PUT', path: `/fhir/R4/Patient/${coded}`, body: { resourceType: 'Patient', id: text } },
      ],
      [`version ${what}`, { path: `/fhir/R4/Patient/${id}/_history/${coded}` }],
      [`type ${what}`, { path: `/fhir/R4/${coded}/${coded}` }],
      [`path ${what}`, { path: `/${coded}` }],
      [`parameter ${what}`, { path: `/fhir/R4/Patient?${coded}=${coded}` }],
      [`values ${what}`, { path: `/fhir/R4/Patient?_id=${coded}&identifier=${coded}&_lastUpdated=${coded}` }],
      [`page ${what}`, { path: `/fhir/R4/Patient?_page=${coded}` }],
      [`count ${what}`, { path: `/fhir/R4/Patient?_count=${coded}` }],
      [`batch ${what}`, bundle('batch', entries)],
      [`bundle url ${what}`, bundle('transaction', [{ request: { method: 'GET', url: text } }])],
      [`fullUrl ${what}`, bundle('batch', [{ fullUrl: text, request: { method: 'GET', url: 'Patient?_count=1' } }])],
    ];
  });
  await barrage.all(asks);
});

const many = (count: number, make: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => make(at)).join();
const deep = (depth: number, open: string, middle: string, close: string): string =>
  open.repeat(depth) + middle + close.repeat(depth);
const patient = (rest: string): string => `{"resourceType":"Patient",${rest}}`;

test('shapes: deep, wide, long, doubled', async () => {
  const digits = '9'.repeat(10_000);
  const bodies: [string, string, number[]][] = [
    ['deep lists', patient(`"name":${deep(100_000, '[', '', ']')}`), [400]],
    ['deep objects', patient(`"name":[${deep(100_000, '{"a":', '1', '}')}]`), [400]],
    ['deep extensions', patient(`"extension":[${deep(190, '{"url":"x","extension":[', '', ']}')}]`), [400]],
    [
      'deep contained',
      patient(`"contained":[${deep(90, '{"resourceType":"Patient","id":"a","contained":[', '', ']}')}]`),
      [400],
    ],
    ['never closed', '['.repeat(1_000_000), [400]],
    ['a list of empty objects', patient(`"name":[${many(300_000, () => '{}')}]`), [400]],
    ['a list of nulls', patient(`"name":[${many(200_000, () => 'null')}]`), [400]],
    ['20,000 names', patient(`"name":[${many(20_000, (at) => `{"family":"F${at}"}`)}]`), [201]],
    ['90,000 keys', patient(many(90_000, (at) => `"k${at}":1`)), [400]],
    ['70,000 keys of one name', patient(many(70_000, () => '"active":true')), [201, 400]],
    ['a key of half a megabyte', patient(`"${'k'.repeat(500_000)}":1`), [400]],
    ['a string of a megabyte', patient(`"name":[{"family":"${'a'.repeat(1_000_000)}"}]`), [201]],
    ['10,000 digits', patient(`"multipleBirthInteger":${digits}`), [400]],
    ['10,000 digits of an exponent', patient(`"multipleBirthInteger":1e${digits}`), [400]],
    ['doubled keys', patient('"active":true,"active":false,"resourceType":"Patient"'), [201, 400]],
    ['doubled types', '{"resourceType":"Observation","resourceType":"Patient"}', [201, 400]],
    ['__proto__', patient('"__proto__":{"active":true}'), [400]],
    ['constructor', patient('"constructor":{"prototype":{"x":1}}'), [400]],
    ['toString', patient('"toString":1,"hasOwnProperty":1,"valueOf":null'), [400]],
    ['a type of the prototype', '{"resourceType":"__proto__"}', [400]],
    ['a type of Object', '{"resourceType":"constructor"}', [400]],
    ['an impossible date', patient('"birthDate":"2021-02-30"'), [400]],
    ['a regular expression’s nightmare', patient(`"birthDate":"${'0'.repeat(100_000)}!"`), [400]],
    ['base64’s nightmare', patient(`"photo":[{"data":"${'A'.repeat(900_001)}"}]`), [201, 400]],
    ['a uri’s nightmare', patient(`"implicitRules":"${'/'.repeat(500_000)} "`), [400]],
    ['narrative’s nightmare', patient(`"text":{"status":"generated","div":"<div>${'<p>'.repeat(100_000)}"}`), [400]],
    [
      'narrative’s other nightmare',
      patient(`"text":{"status":"generated","div":"<div ${"a='' ".repeat(100_000)}>"}`),
      [400],
    ],
    [
      'an entity',
      patient('"text":{"status":"generated","div":"<!DOCTYPE x [<!ENTITY a \\"b\\">]><div>&a;</div>"}'),
      [400],
    ],
  ];
  const wrong: string[] = [];
  for (const [what, body, statuses] of bodies) {
    const answer = await barrage.send(what, post('Patient', body));
    if (!statuses.includes(answer.status)) wrong.push(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
    await barrage.send(`update: ${what}`, put(body));
    if (answer.status === 201) await barrage.send(`read: ${what}`, { path: `/fhir/R4/Patient/${answer.json.id}` });
  }
  assert.deepEqual(wrong, []);
});

test('a number keeps its form, or is refused', async () => {
  const numbers = [
    '1.0',
    '1.00',
    '0.1e1',
    '1e-7',
    '-0',
    '-0.0',
    '12345678901234567890.123',
    `0.${'1'.repeat(60)}`,
    '1e400',
    '-1e-400',
  ];
  for (const number of [...numbers, '9'.repeat(10_000), `1.${'0'.repeat(10_000)}`]) {
    const what = number.slice(0, 30);
    const start = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":';
    const body = `${start}${number}}}`;
    const made = await barrage.send(what, post('Observation', body));
    assert.ok(made.status === 201 || made.status === 400, `${what}: ${made.text}`);
    if (made.status !== 201) continue;
    const read = await barrage.send(what, { path: `/fhir/R4/Observation/${made.json.id}` });
    assert.ok(read.text.includes(`"value":${number}}`), `${what}: ${read.text.slice(0, 300)}`);
  }
});

test('unknown parameters are refused on every interaction', async () => {
  const body = { resourceType: 'Patient', id };
  const asks: [string, Asked][] = [
    ['search', { path: '/fhir/R4/Patient?bogus=1' }],
    ['search modifier', { path: '/fhir/R4/Patient?identifier:of-type=1' }],
    ['history', { path: `/fhir/R4/Patient/${id}/_history?bogus=1` }],
    ['read', { path: `/fhir/R4/Patient/${id}?bogus=1` }],
    ['vread', { path: `/fhir/R4/Patient/${id}/_history/1?bogus=1` }],
    ['create', { method: 'POST', path: '/fhir/R4/Patient?bogus=1', body }],
    ['update', { method: 'PUT', path: `/fhir/R4/Patient/${id}?bogus=1`, body }],
    ['bundle', { method: 'POST', path: '/fhir/R4?bogus=1', body: { resourceType: 'Bundle', type: 'batch' } }],
  ];
  const answers = await barrage.all(asks);
  const accepted = answers.flatMap(({ status }, index) => (status === 400 ? [] : `${asks[index]?.[0]}: ${status}`));
  assert.deepEqual(accepted, []);
});

const entry = (resource: object, request: object, fullUrl?: string): object => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request,
});
const newPatient = { resourceType: 'Patient' };
const toPatient = { method: 'POST', url: 'Patient' };
const uuid = (at: number): string => `urn:uuid:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
const basic = (reference: string): object => ({ resourceType: 'Basic', code: { text: 'x' }, subject: { reference } });

test('bundles: what cannot be done is refused whole, and nothing is written', async () => {
  const before = await barrage.send('count', { path: '/fhir/R4/Patient?_summary=count' });
  const transaction = (what: string, ...entries: readonly unknown[]): [string, Asked] => [
    what,
    bundle('transaction', entries),
  ];
  const conditional = (reference: string) => entry(basic(reference), { method: 'POST', url: 'Basic' });
  const asks: [string, Asked][] = [
    transaction('no request', { resource: newPatient }),
    transaction('null', null),
    transaction('a list', []),
    transaction('a text', 'x'),
    transaction('no resource', { request: toPatient }),
    transaction('a list as resource', { resource: [newPatient], request: toPatient }),
    transaction('another type', entry({ resourceType: 'Basic', code: { text: 'x' } }, toPatient)),
    transaction('duplicate fullUrl', entry(newPatient, toPatient, uuid(1)), entry(newPatient, toPatient, uuid(1))),
    transaction(
      'duplicate target',
      ...[1, 2].map(() => entry({ ...newPatient, id }, { method: 'PUT', url: `Patient/${id}` })),
    ),
    transaction('the same target by two names', entry({ ...newPatient, id }, { method: 'PUT', url: `Patient/${id}` }), {
      request: { method: 'DELETE', url: `/Patient/${id}` },
    }),
    transaction('PATCH', entry(newPatient, { method: 'PATCH', url: `Patient/${id}` })),
    transaction('TRACE', entry(newPatient, { method: 'TRACE', url: 'Patient' })),
    transaction(
      'a bundle in a bundle',
      entry(newPatient, toPatient),
      entry({ resourceType: 'Bundle', type: 'batch' }, { method: 'POST', url: '' }),
    ),
    transaction('an operation', entry(newPatient, { method: 'POST', url: 'Patient/$everything' })),
    transaction('history of all', { request: { method: 'GET', url: '_history' } }),
    transaction('update on no condition', entry(newPatient, { method: 'PUT', url: 'Patient?' })),
    transaction('delete on no condition', { request: { method: 'DELETE', url: 'Patient?' } }),
    transaction('delete of a whole type', { request: { method: 'DELETE', url: 'Patient' } }),
    transaction('delete on a page', { request: { method: 'DELETE', url: 'Patient?_page=AAAA' } }),
    transaction('delete on all', { request: { method: 'DELETE', url: 'Patient?_lastUpdated=gt2000' } }),
    transaction('patch without a patch', entry(newPatient, { method: 'PATCH', url: 'Patient?identifier=x' })),
    transaction('another server', { request: { method: 'GET', url: 'http://localhost:1/fhir/R4/Patient/1' } }),
    transaction('traversal', { request: { method: 'GET', url: '../../oauth2/token' } }),
    transaction('traversal of the base', { request: { method: 'GET', url: `${safeguard.fhir}/../../metrics` } }),
    transaction('a dangling urn', entry(newPatient, toPatient, uuid(2)), conditional(uuid(3))),
    transaction('ifNoneExist without value', entry(newPatient, { ...toPatient, ifNoneExist: 'identifier=' })),
    transaction('ifNoneExist of nothing', entry(newPatient, { ...toPatient, ifNoneExist: '?' })),
    transaction('ifNoneExist of all', entry(newPatient, { ...toPatient, ifNoneExist: '_lastUpdated=gt2000' })),
    transaction(
      'ifMatch of an update',
      entry({ ...newPatient, id }, { method: 'PUT', url: `Patient/${id}`, ifMatch: 'W/"99"' }),
    ),
    transaction('ifMatch', entry({ ...newPatient, id }, { method: 'PUT', url: `Patient/${id}`, ifMatch: '*' })),
    transaction('condition of all', entry(newPatient, toPatient), conditional('Patient?_lastUpdated=gt2000')),
    transaction('condition of nothing', conditional('Patient?')),
    transaction('condition with a second one', conditional('Patient?identifier=x&_id=y')),
    transaction('condition of another type', conditional('Nonsense?identifier=x')),
    transaction('condition with a fragment', conditional('Patient?identifier=x#y')),
    transaction('condition with a page', conditional('Patient?identifier=x&_page=AAAA')),
    ...['searchset', 'collection', 'document', 'history', '__proto__', ''].map((type): [string, Asked] => [
      `type ${type}`,
      bundle(type, [entry(newPatient, toPatient)]),
    ]),
    [
      '30,001 entries',
      bundle(
        'batch',
        Array.from({ length: 30_001 }, () => ({ request: { method: 'GET', url: 'Patient/x' } })),
      ),
    ],
    ['an object for entries', post('', { resourceType: 'Bundle', type: 'batch', entry: { length: 1 } })],
    ['a total', bundle('batch', [], { total: 1 })],
  ];
  const answers = await barrage.all(asks);
  const accepted = answers.flatMap(({ status, text }, index) =>
    status >= 400 ? [] : `${asks[index]?.[0]}: ${status} ${text.slice(0, 200)}`,
  );
  assert.deepEqual(accepted, []);
  const after = await barrage.send('count', { path: '/fhir/R4/Patient?_summary=count' });
  assert.equal(after.json.total, before.json.total, 'nothing was written');
});

test('bundles: cycles are no trouble, and names of the prototype are names', async () => {
  const names = ['__proto__', 'constructor', 'toString'].map((name) => `http://example.org/${name}`);
  const linked = (at: number, to: string) =>
    entry({ ...newPatient, link: [{ other: { reference: to }, type: 'seealso' }] }, toPatient, uuid(at));
  const asks: [string, Asked][] = [
    ['a cycle', bundle('transaction', [linked(1, uuid(2)), linked(2, uuid(3)), linked(3, uuid(1))])],
    ['itself', bundle('transaction', [linked(1, uuid(1))])],
    [
      'names',
      bundle(
        'transaction',
        names.map((name) => entry(newPatient, toPatient, name)),
      ),
    ],
    ['__proto__', bundle('transaction', [entry(newPatient, toPatient, '__proto__')])],
    ['a fullUrl of ours', bundle('transaction', [entry(newPatient, toPatient, `${safeguard.fhir}/Patient/${id}`)])],
  ];
  for (const [index, answer] of (await barrage.all(asks)).entries()) {
    assert.equal(answer.status, 200, `${asks[index]?.[0]}: ${answer.text}`);
  }
  const [cycle] = await barrage.all([asks[0] ?? ['', {} as Asked]]);
  const ids: string[] = (cycle as Answer).json.entry.map(
    (one: { response: { location: string } }) => one.response.location.split('/').at(-3) ?? '',
  );
  for (const [at, own] of ids.entries()) {
    const { json } = await barrage.send('read', { path: `/fhir/R4/Patient/${own}` });
    assert.equal(json.link[0].other.reference, `Patient/${ids[(at + 1) % 3]}`);
  }
});

test('one condition in two entries of a transaction makes one resource', async () => {
  const value = `twice-${Date.now()}`;
  const one = entry({ ...newPatient, identifier: [{ value }] }, { ...toPatient, ifNoneExist: `identifier=${value}` });
  await barrage.send('twice', bundle('transaction', [one, one]));
  const { json } = await barrage.send('count', { path: `/fhir/R4/Patient?identifier=${value}&_total=accurate` });
  assert.ok(json.total <= 1, `there are ${json.total} now`);
});

test('each of these requests has exactly one entry in the ledger', async () => {
  // Without the shared vectors only this file's own requests were sent.
  assert.ok((await barrage.recorded([0, 1])) > (vectors === undefined ? 30 : 500));
});
