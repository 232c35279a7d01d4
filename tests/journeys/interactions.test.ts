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

const zoe = {
  resourceType: 'Patient',
  meta: { profile: ['http://example.org/StructureDefinition/p'], tag: [{ system: 'urn:t', code: 'x' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Zoë Núñez</div>' },
  identifier: [{ system: 'urn:mrn', value: 'A|1,2' }],
  name: [{ use: 'official', family: 'Núñez', given: ['Zoë', 'Mäi'] }],
  telecom: [{ system: 'phone', value: '555-0100' }],
  gender: 'female',
  birthDate: '1984-02-29',
  contact: [{ name: { family: 'Núñez' }, relationship: [{ text: 'mother' }] }],
};

test('create: 201, Location, ETag, Last-Modified, and the resource as a read gives it', async () => {
  const made = await call('POST', '/Patient', zoe);
  assert.equal(made.status, 201);
  const { id, meta } = made.json;
  assert.equal(made.headers.location, `${safeguard.fhir}/Patient/${id}/_history/1`);
  assert.equal(made.headers.etag, 'W/"1"');
  assert.ok(Date.parse(String(made.headers['last-modified'])) > 0);
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(made.json, { ...zoe, id, meta: { ...zoe.meta, ...meta } });
  const read = await call('GET', `/Patient/${id}`);
  assert.equal(read.status, 200);
  assert.equal(read.headers['content-type'], 'application/fhir+json; charset=utf-8');
  assert.deepEqual(read.json, made.json);
  assert.equal((await call('HEAD', `/Patient/${id}`)).headers['content-length'], String(Buffer.byteLength(read.text)));
});

test('an id, versionId or lastUpdated that the caller sends with a create is not taken', async () => {
  const meta = { versionId: '99', lastUpdated: '2001-01-01T00:00:00Z' };
  const made = await call('POST', '/Patient', { resourceType: 'Patient', id: 'mine', meta });
  assert.notEqual(made.json.id, 'mine');
  assert.equal(made.json.meta.versionId, '1');
  assert.notEqual(made.json.meta.lastUpdated, meta.lastUpdated);
});

test('Prefer: minimal has no body, OperationOutcome has one, representation the resource', async () => {
  const minimal = await call('POST', '/Patient', zoe, { prefer: 'return=minimal' });
  assert.deepEqual([minimal.status, minimal.text], [201, '']);
  const outcome = await call('POST', '/Patient', zoe, { prefer: 'return=OperationOutcome' });
  assert.equal(outcome.json.resourceType, 'OperationOutcome');
  const whole = await call('POST', '/Patient', zoe, { prefer: 'respond-async;q=0, return=representation' });
  assert.equal(whole.json.resourceType, 'Patient');
});

test('update: versions count up, old ones stay, If-Match guards', async () => {
  const { id } = (await call('POST', '/Patient', zoe)).json;
  const second = await call('PUT', `/Patient/${id}`, { ...zoe, id, gender: 'other' });
  assert.deepEqual([second.status, second.headers.etag, second.json.gender], [200, 'W/"2"', 'other']);
  const stale = await call('PUT', `/Patient/${id}`, { ...zoe, id }, { 'if-match': 'W/"1"' });
  assert.equal(stale.status, 412);
  const third = await call('PUT', `/Patient/${id}`, { ...zoe, id }, { 'if-match': 'W/"2"' });
  assert.equal(third.headers.etag, 'W/"3"');
  for (const version of [1, 2, 3]) {
    const old = await call('GET', `/Patient/${id}/_history/${version}`);
    assert.equal(old.json.meta.versionId, String(version));
    assert.equal(old.json.gender, version === 2 ? 'other' : 'female');
    assert.deepEqual(old.json.name, zoe.name);
  }
  assert.equal((await call('GET', `/Patient/${id}/_history/4`)).status, 404);
  assert.equal((await call('PUT', `/Patient/${id}`, { ...zoe, id: 'other' })).status, 400);
  assert.equal((await call('PUT', `/Patient/${crypto.randomUUID()}`, zoe)).status, 400);
  const unknown = crypto.randomUUID();
  assert.equal((await call('PUT', `/Patient/${unknown}`, { ...zoe, id: unknown })).status, 405);
});

test('If-None-Match and If-Modified-Since: 304 without a body', async () => {
  const made = await call('POST', '/Patient', zoe);
  const path = `/Patient/${made.json.id}`;
  const same = await call('GET', path, undefined, { 'if-none-match': 'W/"1"' });
  assert.deepEqual([same.status, same.text, same.headers.etag], [304, '', 'W/"1"']);
  assert.equal((await call('GET', path, undefined, { 'if-none-match': 'W/"2"' })).status, 200);
  const since = String(made.headers['last-modified']);
  assert.equal((await call('GET', path, undefined, { 'if-modified-since': since })).status, 304);
});

test('delete: 204, then 410, history tells, and an update brings it back', async () => {
  const { id } = (await call('POST', '/Patient', zoe)).json;
  assert.equal((await call('DELETE', `/Patient/${id}`)).status, 204);
  assert.equal((await call('DELETE', `/Patient/${id}`)).status, 204);
  assert.equal((await call('GET', `/Patient/${id}`)).status, 410);
  assert.equal((await call('GET', `/Patient/${id}/_history/1`)).status, 200);
  const back = await call('PUT', `/Patient/${id}`, { ...zoe, id });
  assert.deepEqual([back.status, back.headers.etag], [200, 'W/"3"']);
  const history = (await call('GET', `/Patient/${id}/_history`)).json;
  assert.equal(history.total, 3);
  const methods = history.entry.map((entry: { request: { method: string } }) => entry.request.method);
  assert.deepEqual(methods, ['PUT', 'DELETE', 'POST']);
  assert.equal((await call('DELETE', `/Patient/${crypto.randomUUID()}`)).status, 404);
});

test('history pages by _count, newest first', async () => {
  const { id } = (await call('POST', '/Basic', { resourceType: 'Basic', code: { text: 'a' } })).json;
  for (const text of ['b', 'c', 'd', 'e'])
    await call('PUT', `/Basic/${id}`, { resourceType: 'Basic', id, code: { text } });
  const seen: string[] = [];
  let path: string | undefined = `/Basic/${id}/_history?_count=2`;
  while (path !== undefined) {
    const page: Answer['json'] = (await call('GET', path)).json;
    for (const entry of page.entry) seen.push(entry.resource.code.text);
    const next: { url: string } | undefined = page.link.find((link: { relation: string }) => link.relation === 'next');
    path = next?.url.slice(safeguard.fhir.length);
  }
  assert.deepEqual(seen, ['e', 'd', 'c', 'b', 'a']);
});

test('updates of many at once: each gets its own version, none is lost', async () => {
  const { id } = (await call('POST', '/Patient', zoe)).json;
  const writes = Array.from({ length: 24 }, () => call('PUT', `/Patient/${id}`, { ...zoe, id }));
  const versions = (await Promise.all(writes)).map((answer) => Number(answer.json.meta?.versionId));
  assert.deepEqual(
    versions.sort((a, b) => a - b),
    Array.from({ length: 24 }, (_, index) => index + 2),
  );
});

test('search by _id, _lastUpdated and identifier, and their conjunction', async () => {
  const value = crypto.randomUUID();
  const { id } = (await call('POST', '/Patient', { ...zoe, identifier: [{ system: 'urn:s', value }] })).json;
  const found = async (query: string): Promise<string[]> => {
    const answer = await call('GET', `/Patient?${query}`);
    assert.equal(answer.status, 200, answer.text);
    return (answer.json.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id);
  };
  assert.deepEqual(await found(`_id=${id}`), [id]);
  assert.deepEqual(await found(`_id=${crypto.randomUUID()},${id}`), [id]);
  assert.deepEqual(await found(`identifier=urn:s|${value}`), [id]);
  assert.deepEqual(await found(`identifier=${value}`), [id]);
  assert.deepEqual(await found('identifier=urn:s|'), [id]);
  assert.deepEqual(await found(`identifier=|${value}`), []);
  assert.deepEqual(await found(`identifier=urn:other|${value}`), []);
  assert.deepEqual(await found(`identifier=x,urn:s|${value}&_id=${id}`), [id]);
  assert.deepEqual(await found(`identifier=${value}&_id=${crypto.randomUUID()}`), []);
  assert.ok((await found('identifier=urn:mrn|A%5C%7C1%5C%2C2')).length > 0, 'escaped | and , are part of the value');
  assert.deepEqual(await found(`_id=${id}&_lastUpdated=lt2020`), []);
  assert.deepEqual(await found(`_id=${id}&_lastUpdated=gt2020`), [id]);
  const post = await safeguard.request({
    method: 'POST',
    path: '/fhir/R4/Patient/_search',
    token,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `identifier=${encodeURIComponent(`urn:s|${value}`)}`,
  });
  assert.equal(post.json.entry[0].resource.id, id);
});

test('an identifier that an update took away no longer finds', async () => {
  const value = crypto.randomUUID();
  const { id } = (await call('POST', '/Patient', { ...zoe, identifier: [{ value }] })).json;
  await call('PUT', `/Patient/${id}`, { ...zoe, id });
  assert.equal((await call('GET', `/Patient?identifier=${value}`)).json.entry, undefined);
  assert.equal((await call('GET', `/Patient?identifier=${value}&_summary=count`)).json.total, 0);
});

test('pages are complete and disjoint, and their links carry nothing of the query', async () => {
  const system = `urn:${crypto.randomUUID()}`;
  const entry = Array.from({ length: 25 }, (_, index) => ({
    resource: { resourceType: 'Location', identifier: [{ system, value: String(index) }] },
    request: { method: 'POST', url: 'Location' },
  }));
  await call('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  const seen = new Set<string>();
  let path: string | undefined = `/Location?identifier=${system}|&_count=10&_total=accurate`;
  for (let pages = 0; path !== undefined; pages += 1) {
    assert.ok(pages < 3);
    const page: Answer['json'] = (await call('GET', path)).json;
    assert.equal(page.total, 25);
    for (const one of page.entry) seen.add(one.resource.identifier[0].value);
    for (const { url } of page.link) assert.equal(decodeURIComponent(url).includes(system), false);
    const next: { url: string } | undefined = page.link.find((link: { relation: string }) => link.relation === 'next');
    path = next?.url.slice(safeguard.fhir.length);
  }
  assert.equal(seen.size, 25);
});

test('what is not served is refused by name: parameters, formats, media types, types', async () => {
  const unknown = await call('GET', '/Patient?favourite=blue');
  assert.equal(unknown.status, 400);
  assert.match(unknown.json.issue[0].diagnostics, /identifier/);
  assert.equal((await call('GET', '/Patient?identifier:exact=x')).status, 400);
  assert.equal((await call('GET', '/Patient?_format=ttl')).status, 406);
  assert.equal((await call('GET', '/Patient', undefined, { accept: 'text/html' })).status, 406);
  assert.equal((await call('GET', '/Patient?_format=xml')).status, 200);
  assert.equal((await call('GET', '/Patient?_format=json')).status, 200);
  assert.equal((await call('POST', '/Patient', '<Patient/>', { 'content-type': 'application/xml' })).status, 400);
  assert.equal((await call('POST', '/Patient', 'x', { 'content-type': 'text/turtle' })).status, 415);
  assert.equal((await call('GET', '/Nonsense/1')).status, 404);
  assert.equal((await call('POST', '/Patient', { resourceType: 'Observation' })).status, 400);
  assert.equal((await call('PATCH', `/Patient/${crypto.randomUUID()}`, {})).status, 404);
  assert.equal((await call('PATCH', '/Patient/_search', {})).status, 405);
});

test('a resource against the definitions is refused with the place and the reason', async () => {
  const wrong = { resourceType: 'Patient', birthDate: '2021-02-30', name: [{ family: 7 }], shoe: 42, gender: 'f' };
  const answer = await call('POST', '/Patient', wrong);
  assert.equal(answer.status, 400);
  const places = answer.json.issue.flatMap((issue: { expression?: string[] }) => issue.expression ?? []);
  for (const place of ['Patient.birthDate', 'Patient.name[0].family', 'Patient.shoe', 'Patient.gender'])
    assert.ok(places.includes(place), `${place} in ${places}`);
  assert.equal(answer.text.includes('2021-02-30'), false);
});

const post = (resource: unknown, more: object = {}, fullUrl?: string): object => ({
  ...(fullUrl ? { fullUrl } : {}),
  resource,
  request: { method: 'POST', url: (resource as { resourceType: string }).resourceType, ...more },
});
const transaction = (...entry: object[]): Promise<Answer> =>
  call('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
const observation = (subject: string): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: subject },
});

test('transaction: references within it are resolved, in contained resources and extensions too', async () => {
  const patient = `urn:uuid:${crypto.randomUUID()}`;
  const answer = await transaction(post(observation(patient)), post(zoe, {}, patient));
  assert.equal(answer.status, 200, answer.text);
  const [first, second] = answer.json.entry.map((entry: { response: { location: string } }) => entry.response.location);
  const path = (location: string): string => location.slice(safeguard.fhir.length).replace(/\/_history.*/, '');
  const stored = (await call('GET', path(first))).json;
  assert.equal(`/${stored.subject.reference}`, path(second));
});

test('transaction: links to a fullUrl in uri elements and narratives become the new place', async () => {
  const urn = `urn:uuid:${crypto.randomUUID()}`;
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${urn}">her</a></div>`;
  const extension = [{ url: 'http://example.org/x', valueUri: urn }];
  const linking = { resourceType: 'Basic', text: { status: 'generated', div }, code: { text: 'x' }, extension };
  const answer = await transaction(post(linking), post(zoe, {}, urn));
  assert.equal(answer.status, 200, answer.text);
  const [basic, patient] = answer.json.entry.map((entry: { response: { location: string } }) =>
    entry.response.location.slice(safeguard.fhir.length).replace(/\/_history.*/, ''),
  );
  const stored = (await call('GET', basic)).json;
  assert.equal(`/${stored.extension[0].valueUri}`, patient);
  assert.ok(stored.text.div.includes(`href="${patient.slice(1)}"`), stored.text.div);
});

test('transaction: one wrong entry, and nothing is written', async () => {
  const value = crypto.randomUUID();
  const good = post({ ...zoe, identifier: [{ value }] });
  for (const bad of [
    post({ resourceType: 'Patient', gender: 'x' }),
    post(observation('Practitioner?identifier=nobody')),
    post(observation(`urn:uuid:${crypto.randomUUID()}`)),
    {
      resource: { ...zoe, id: crypto.randomUUID() },
      request: { method: 'PUT', url: `Patient/${crypto.randomUUID()}` },
    },
    { request: { method: 'DELETE', url: `Patient/${crypto.randomUUID()}` } },
  ]) {
    const answer = await transaction(good, bad);
    assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    assert.equal((await call('GET', `/Patient?identifier=${value}`)).json.entry, undefined);
  }
});

test('transaction: update with ifMatch, delete, create and read in one', async () => {
  const a = (await call('POST', '/Patient', zoe)).json;
  const b = (await call('POST', '/Patient', zoe)).json;
  const put = (ifMatch: string): object => ({
    resource: { ...zoe, id: a.id, gender: 'male' },
    request: { method: 'PUT', url: `Patient/${a.id}`, ifMatch },
  });
  assert.equal((await transaction(put('W/"7"'))).status, 412);
  const gone = { request: { method: 'DELETE', url: `Patient/${b.id}` } };
  const get = { request: { method: 'GET', url: `Patient/${a.id}` } };
  const answer = await transaction(get, put('W/"1"'), gone, post(zoe));
  const statuses = answer.json.entry.map((entry: { response: { status: string } }) =>
    entry.response.status.slice(0, 3),
  );
  assert.deepEqual(statuses, ['200', '200', '204', '201']);
  assert.equal(answer.json.entry[0].resource.gender, 'male', 'reads see the writes of their transaction');
});

test('ifNoneExist: many callers with one condition make one resource', async () => {
  const value = crypto.randomUUID();
  const one = { ...zoe, identifier: [{ system: 'urn:x', value }] };
  const ifNoneExist = `identifier=urn:x|${value}`;
  const answers = await Promise.all([
    ...Array.from({ length: 8 }, () => transaction(post(one, { ifNoneExist }))),
    ...Array.from({ length: 8 }, () => call('POST', '/Patient', one, { 'if-none-exist': ifNoneExist })),
  ]);
  const statuses = answers.map((answer) => answer.json.entry?.[0].response.status.slice(0, 3) ?? String(answer.status));
  assert.equal(statuses.filter((status) => status === '201').length, 1, statuses.join());
  assert.equal((await call('GET', `/Patient?identifier=${value}&_summary=count`)).json.total, 1);
  const reference = await transaction(post(observation(`Patient?${ifNoneExist}`)));
  assert.equal(reference.status, 200, reference.text);
  await call('POST', '/Patient', one);
  assert.equal((await call('POST', '/Patient', one, { 'if-none-exist': ifNoneExist })).status, 412);
});

test('batch: every entry on its own', async () => {
  const entry = [
    post(zoe),
    post({ resourceType: 'Patient', gender: 'x' }),
    { request: { method: 'GET', url: `Patient/${crypto.randomUUID()}` } },
    { request: { method: 'GET', url: 'Patient?_count=1' } },
  ];
  const answer = await call('POST', '', { resourceType: 'Bundle', type: 'batch', entry });
  const statuses = answer.json.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3));
  assert.deepEqual(statuses, ['201', '400', '404', '200']);
  assert.equal(answer.json.entry[1].response.outcome.resourceType, 'OperationOutcome');
  assert.equal(answer.json.entry[3].resource.type, 'searchset');
});

test('the CapabilityStatement is valid R4, and what it claims of every type answers', async () => {
  const statement = (await safeguard.request({ path: '/fhir/R4/metadata' })).json;
  const { validate } = await import('@safeguard/fhir');
  assert.deepEqual(validate(statement, { type: 'CapabilityStatement' }), []);
  const [{ resource: types }] = statement.rest;
  assert.equal(types.length, 146);
  for (const { type, searchParam } of types) {
    assert.equal((await call('GET', `/${type}/${crypto.randomUUID()}`)).status, 404);
    const claimed = searchParam.map(({ name }: { name: string }) => name);
    for (const [name, value] of [
      ['_id', 'x'],
      ['_lastUpdated', 'gt2020'],
      ['identifier', 'x'],
    ] as const) {
      if (!claimed.includes(name)) continue;
      assert.equal((await call('GET', `/${type}?${name}=${value}`)).status, 200, `${type} ${name}`);
    }
  }
});

test('the views without identity: clinical facts, no identity, no identity search, no writing', async () => {
  const value = crypto.randomUUID();
  const { id } = (await call('POST', '/Patient', { ...zoe, identifier: [{ value }] })).json;
  for (const view of ['without-identity', 'limited', 'deidentified']) {
    const masked = await safeguard.token('system/*.cruds', { view });
    const ask = (path: string): Promise<Answer> => safeguard.request({ path: `/fhir/R4${path}`, token: masked });
    const own: string = (await ask('/Patient?_count=200')).json.entry.at(-1).resource.id;
    assert.equal(own === id, view === 'without-identity', view);
    const seen = await ask(`/Patient/${own}`);
    assert.equal(seen.status, 200);
    assert.equal(seen.json.gender, 'female');
    for (const secret of ['Núñez', 'Zoë', '1984-', '555-0100', value, 'mother'])
      assert.equal(seen.text.includes(secret), false);
    assert.equal((await ask(`/Patient?identifier=${value}`)).status, 403);
    assert.equal((await ask(`/Patient?_id=${own}`)).json.entry.length, 1);
    const written = await safeguard.request({ method: 'POST', path: '/fhir/R4/Patient', token: masked, body: zoe });
    assert.equal(written.status, 403);
  }
});

test('destroying a patient: unreadable, not findable, not writable; others stay, the log verifies', async () => {
  const value = crypto.randomUUID();
  const { id } = (await call('POST', '/Patient', { ...zoe, identifier: [{ value }] })).json;
  const made = (await call('POST', '/Observation', observation(`Patient/${id}`))).json;
  const other = (await call('POST', '/Patient', zoe)).json;
  const destroyed = await safeguard.cli('patient', 'destroy', id, '--yes');
  assert.equal(destroyed.code, 0, destroyed.stderr);
  assert.match(destroyed.stdout, /backup/i);
  assert.equal((await call('GET', `/Patient/${id}`)).status, 410);
  assert.equal((await call('GET', `/Observation/${made.id}`)).status, 410);
  assert.equal((await call('GET', `/Patient?identifier=${value}`)).json.entry, undefined);
  assert.equal((await call('POST', '/Observation', observation(`Patient/${id}`))).status, 410);
  assert.equal((await call('GET', `/Patient/${other.id}`)).status, 200);
  assert.equal((await safeguard.cli('ledger', 'verify')).code, 0);
});

test('keys rotate while requests are served, and everything stays readable', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, () => call('POST', '/Patient', zoe)));
  let rotating = true;
  const reads = (async (): Promise<void> => {
    while (rotating) for (const { json } of made) assert.equal((await call('GET', `/Patient/${json.id}`)).status, 200);
  })();
  for (let round = 0; round < 3; round += 1) assert.equal((await safeguard.cli('keys', 'rotate')).code, 0);
  rotating = false;
  await reads;
  for (const { json } of made) assert.deepEqual((await call('GET', `/Patient/${json.id}`)).json, json);
});
