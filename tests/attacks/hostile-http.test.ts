import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Barrage, createBarrage } from '../harness/barrage.ts';
import { type Bystander, createBystander, patience_ms } from '../harness/bystander.ts';
import { type Asked, type Instance, removeData, start } from '../harness/instance.ts';

/** XML, patches, queries and addresses made to hurt: refused in good time, with others served meanwhile. */

const base = '/fhir/R4';
let safeguard: Instance;
let barrage: Barrage;
let bystander: Bystander;
let id = '';

before(async () => {
  safeguard = await start({ tls: 'off' });
  const token = await safeguard.token('system/*.cruds', { may: 'history-delete purge reindex' });
  barrage = createBarrage(safeguard, token);
  const body = { resourceType: 'Patient', name: [{ family: 'Known', given: ['a', 'b'] }] };
  const made = await barrage.send('a patient', { method: 'POST', path: `${base}/Patient`, body });
  assert.equal(made.status, 201);
  id = made.json.id;
  bystander = createBystander(safeguard, token, `${base}/Patient/${id}`);
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

/** Sends them one after the other; each with one of these statuses, and nobody waits long meanwhile. */
async function refused(asks: readonly (readonly [what: string, Asked])[], statuses: readonly number[]): Promise<void> {
  const wrong: string[] = [];
  for (const [what, asked] of asks) {
    let told = '';
    const longest = await bystander.during(async () => {
      const { status, text } = await barrage.send(what, asked);
      if (!statuses.includes(status)) told = `${what}: ${status} ${text.slice(0, 200)}`;
    });
    if (told !== '') wrong.push(told);
    if (longest > patience_ms) wrong.push(`${what}: another read took ${Math.round(longest)} ms`);
  }
  assert.deepEqual(wrong, []);
}

const xml = { 'content-type': 'application/fhir+xml' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const laughs = Array.from({ length: 12 }, (_, at) => {
  const value = at === 0 ? 'ha' : `&a${at - 1};`.repeat(10);
  return `<!ENTITY a${at} "${value}">`;
}).join('');
const inPatient = (inside: string): string => `<Patient xmlns="http://hl7.org/fhir">${inside}</Patient>`;

const documents: readonly (readonly [what: string, text: string])[] = [
  ['a billion laughs', `<!DOCTYPE x [${laughs}]>${inPatient('<gender value="&a11;"/>')}`],
  ['quadratic', `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(50_000)}">]>${inPatient('<gender value="&a;"/>'.repeat(1000))}`],
  ['a file', `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${inPatient('<gender value="&f;"/>')}`],
  ['a host', `<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">${inPatient('<active value="true"/>')}`],
  ['a parameter entity', `<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]>${inPatient('')}`],
  ['an entity that nobody made', inPatient('<gender value="&nobody;"/>')],
  ['deep', inPatient('<extension url="x">'.repeat(50_000))],
  ['deep and closed', inPatient(`${'<extension url="x">'.repeat(30_000)}${'</extension>'.repeat(30_000)}`)],
  ['many attributes', inPatient(`<gender ${Array.from({ length: 50_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`)],
  ['many empty elements', inPatient('<name/>'.repeat(120_000))],
  ['another root', '<html xmlns="http://www.w3.org/1999/xhtml"/>'],
  ['another namespace', '<Patient xmlns="urn:x"><active value="true"/></Patient>'],
  ['__proto__', inPatient('<__proto__><polluted value="true"/></__proto__>')],
  ['constructor', inPatient('<constructor value="x"/>')],
  ['an instruction', `<?xml-stylesheet href="http://127.0.0.1:1/"?>${inPatient('<active value="maybe"/>')}`],
  ['no end', '<Patient xmlns="http://hl7.org/fhir"><active value="true"/>'],
  ['UTF-16', Buffer.from(`\ufeff${inPatient('<active value="x"/>')}`, 'utf16le').toString('latin1')],
  [
    'a script',
    inPatient('<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><script/></div></text>'),
  ],
];

test('XML bombs, external entities and nonsense on every route that takes a body', async () => {
  const places: readonly (readonly [method: string, path: string])[] = [
    ['POST', '/Patient'],
    ['PUT', `/Patient/${id}`],
    ['PATCH', `/Patient/${id}`],
    ['PUT', '/Patient?identifier=x'],
    ['PATCH', '/Patient?identifier=x'],
    ['POST', ''],
    ['POST', '/Patient/$validate'],
    ['POST', `/Patient/${id}/$meta-add`],
    ['POST', `/Patient/${id}/$everything`],
    ['POST', '/Observation/$lastn'],
    ['POST', '/$reindex'],
  ];
  const asks = places.flatMap(([method, path]) =>
    documents.map(
      ([what, body]) => [`${what}: ${method} ${path}`, { method, path: `${base}${path}`, headers: xml, body }] as const,
    ),
  );
  const validates = asks.filter(([what]) => what.endsWith('$validate'));
  await refused(
    asks.filter(([what]) => !what.endsWith('$validate')),
    [400, 404, 422],
  );
  // What can be read is judged: 200 with the findings.
  await refused(validates, [200, 400]);
  const fine = inPatient('<active value="true"/>');
  const made = await barrage.send('control', { method: 'POST', path: `${base}/Patient`, headers: xml, body: fine });
  assert.equal(made.status, 201, 'negative control');
});

const operation = (...parts: (readonly [string, object])[]): object => ({
  name: 'operation',
  part: parts.map(([name, value]) => ({ name, ...value })),
});
const type = (code: string) => ['type', { valueCode: code }] as const;
const path = (text: string) => ['path', { valueString: text }] as const;
const value = ['value', { valueString: 'x' }] as const;
const fhirpath = (...parameter: object[]): Asked => ({
  method: 'PATCH',
  path: `${base}/Patient/${id}`,
  body: { resourceType: 'Parameters', parameter },
});
const json = (operations: unknown): Asked => ({
  method: 'PATCH',
  path: `${base}/Patient/${id}`,
  headers: jsonPatch,
  body: typeof operations === 'string' ? operations : JSON.stringify(operations),
});
const times = <T>(count: number, one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));

test('patches that explode', async () => {
  const doubling = times(40, () => ({ op: 'copy', from: '/name', path: '/name/-' }));
  const widening = times(60, (at) => ({ op: 'copy', from: '', path: `/contained/${at}` }));
  await refused(
    [
      ['copies that double', json([{ op: 'add', path: '/contained', value: [] }, ...widening])],
      ['copies of copies', json(doubling)],
      ['a copy into itself', json(times(40, () => ({ op: 'copy', from: '/name', path: '/name/0/x' })))],
      ['a deep path', json([{ op: 'add', path: '/name'.repeat(100_000), value: 1 }])],
      ['a deep value', json(`[{"op":"add","path":"/name","value":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`)],
      ['80,000 operations', json(times(16_000, () => ({ op: 'test', path: '/active', value: 1 })))],
      ['an index too far', json([{ op: 'add', path: '/name/4294967296', value: {} }])],
      ['a negative index', json([{ op: 'remove', path: '/name/-1' }])],
      ['an index of many digits', json([{ op: 'remove', path: `/name/${'9'.repeat(100_000)}` }])],
      ['no list', json({ op: 'remove', path: '/name' })],
      ['null', json('null')],
      ['an unknown operation', json([{ op: 'exec', path: '/name' }])],
      [
        'FHIRPath: a regular expression',
        fhirpath(operation(type('replace'), path("Patient.name.where(family.matches('(K+)+$'))"), value)),
      ],
      [
        'FHIRPath: descendants of descendants',
        fhirpath(operation(type('replace'), path(`Patient${'.descendants()'.repeat(50)}`), value)),
      ],
      ['FHIRPath: repeat', fhirpath(operation(type('delete'), path('Patient.repeat($this | $this)')))],
      ['FHIRPath: a long path', fhirpath(operation(type('delete'), path(`Patient${'.name'.repeat(100_000)}`)))],
      ['FHIRPath: deep parentheses', fhirpath(operation(type('delete'), path('('.repeat(50_000))))],
      [
        'FHIRPath: aggregate',
        fhirpath(
          operation(type('delete'), path("Patient.name.aggregate($total & $total & $this.family, 'aaaaaaaaaaaaaaaa')")),
        ),
      ],
      ['FHIRPath: resolve', fhirpath(operation(type('delete'), path("'http://127.0.0.1:1/Patient/1'.resolve()")))],
      ['FHIRPath: several', fhirpath(operation(type('delete'), path('Patient.name.given')))],
      [
        'FHIRPath: 15,000 operations',
        fhirpath(
          ...times(15_000, () => operation(type('replace'), path('Patient.nothing'), ['value', { valueString: 'x' }])),
        ),
      ],
      [
        'FHIRPath: __proto__',
        fhirpath(
          operation(
            type('add'),
            path('Patient'),
            ['name', { valueString: '__proto__' }],
            ['value', { valueString: 'x' }],
          ),
        ),
      ],
    ],
    [400, 409, 413, 422],
  );
  const { json: after } = await barrage.send('read', { path: `${base}/Patient/${id}` });
  assert.equal(after.meta.versionId, '1', 'nothing was written');
  assert.equal(
    (await barrage.send('control', json([{ op: 'test', path: '/name/0/family', value: 'Known' }]))).status,
    200,
  );
});

const search = (query: string): Asked => ({ path: `${base}/Patient?${query}` });
const posted = (body: string): Asked => ({ method: 'POST', path: `${base}/Patient/_search`, headers: form, body });
const filter = (text: string): Asked => posted(`_filter=${encodeURIComponent(text)}`);

test('queries that explode', async () => {
  const chain = (length: number): string => `${times(length, () => 'link:Patient').join('.')}.name=x`;
  const has = (length: number): string => `${times(length, () => '_has:Patient:link').join(':')}:name=x`;
  await refused(
    [
      ['10,000 parameters', posted(times(10_000, (at) => `name=x${at}`).join('&'))],
      ['10,000 unknown ones', posted(times(10_000, (at) => `p${at}=1`).join('&'))],
      ['one megabyte of one value', posted(`name=${'a'.repeat(1_000_000)}`)],
      ['100,000 alternatives', posted(`_id=${times(100_000, String).join(',')}`)],
      ['20,000 alternatives of a name', posted(`name=${times(20_000, (at) => `n${at}`).join(',')}`)],
      ['a name of many parts', posted(`name=${'a '.repeat(400_000)}`)],
      ['backslashes', posted(`name=${'\\'.repeat(500_000)}`)],
      ['a deep _filter', filter(`${'('.repeat(100_000)}name eq x${')'.repeat(100_000)}`)],
      ['a long _filter', filter(times(20_000, () => 'name eq x').join(' or '))],
      ['not not not', filter(`${'not ('.repeat(10_000)}name eq x${')'.repeat(10_000)}`)],
      ['a _filter that never ends', filter('name eq "')],
      ['a path in a _filter', filter(`${'link.'.repeat(10_000)}name eq x`)],
      ['a long chain', posted(chain(500))],
      ['a long _has', posted(has(500))],
      ['chains of any type', posted(`${times(12, () => 'general-practitioner').join('.')}.name=x`)],
      ['1,000 includes', posted(times(1_000, () => '_include=*&_include:iterate=*').join('&'))],
      ['1,000 sorts', posted(`_sort=${times(1_000, () => 'name').join(',')}`)],
      ['digits', posted(`_lastUpdated=${'9'.repeat(500_000)}`)],
      ['a number of digits', { path: `${base}/Observation?value-quantity=${'9'.repeat(10_000)}` }],
      ['a number of an exponent', { path: `${base}/Observation?value-quantity=1e${'9'.repeat(1_000)}` }],
      ['a large exponent', { path: `${base}/Observation?value-quantity=1e999999999` }],
      ['a unit', { path: `${base}/Observation?value-quantity=${encodeURIComponent(`1||${'m.'.repeat(4_000)}m`)}` }],
      [
        'a nested unit',
        { path: `${base}/Observation?value-quantity=${encodeURIComponent(`1||${'('.repeat(4_000)}`)}` },
      ],
    ],
    [200, 400, 413, 414, 431],
  );
  assert.equal((await barrage.send('control', search('name=kn&_total=accurate'))).json.total, 1, 'negative control');
});

test('addresses that try to be others', async () => {
  const asks = [
    `${base}/Patient/%2e%2e/Observation`,
    `${base}/Patient/../metadata/../Patient/${id}/../../$purge`,
    `${base}//Patient`,
    `//${base}/Patient`,
    `${base}/Patient//${id}`,
    `${base}/Patient%2f${id}`,
    `${base}/Patient/${id}%2f_history`,
    `${base}/Patient/${id}%00`,
    `${base}/Patient/${id}%0d%0aX-Injected:%20yes`,
    `${base}/Patient/..%2f..%2f..%2foauth2%2ftoken`,
    `${base}/Patient/%252e%252e/x`,
    `${base}/patient/${id}`,
    `${base}/Patient/${id.toUpperCase()}`,
    `${base}/Patient/${id}/$EVERYTHING`,
    `${base}/Patient/${id};x=1`,
    `${base}/Patient/${id}/_history/1/../../$purge`,
    `${base}/Patient/%24everything`,
    `${base}/Patient/StructureDefinition`,
    `${base}/Patient/Observation`,
    `${base}/StructureDefinition/${id}`,
    `${base}/__proto__/${id}`,
    `${base}/constructor`,
    `${base}/Patient/__proto__`,
    `${base}/Patient/${id}/__proto__`,
  ];
  for (const one of asks) {
    const answer = await barrage.send(one, { path: one });
    assert.ok([400, 404, 405].includes(answer.status) || !answer.text.includes('Known'), `${one}: ${answer.status}`);
    assert.ok(answer.status !== 200 || answer.json.resourceType === 'Bundle', `${one}: ${answer.text.slice(0, 200)}`);
    assert.equal(answer.headers['x-injected'], undefined);
  }
  const { json: patient } = await barrage.send('control', { path: `${base}/Patient/${id}` });
  assert.equal(patient.id, id, 'negative control: it is there');
});

test('what R4 publishes is read, and neither written nor destroyed under its name', async () => {
  const published = [
    'StructureDefinition/Patient',
    'SearchParameter/Patient-birthdate',
    'OperationDefinition/Resource-meta',
  ];
  const read = await Promise.all(published.map((one) => barrage.send('read', { path: `${base}/${one}` })));
  assert.equal(read[0]?.status, 200, 'negative control');
  const before = read.map(({ text }) => text);
  for (const one of published) {
    const [name = '', own = ''] = one.split('/');
    const at = `${base}/${one}`;
    const meta = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] };
    const body = { ...read[0]?.json, resourceType: name, id: own };
    const writes: Asked[] = [
      { method: 'PUT', path: at, body },
      { method: 'PATCH', path: at, headers: jsonPatch, body: '[{"op":"replace","path":"/name","value":"X"}]' },
      { method: 'DELETE', path: at },
      { method: 'DELETE', path: `${at}/_history` },
      { method: 'POST', path: `${at}/$meta-add`, body: meta },
      { method: 'POST', path: `${base}/Patient/${own}/$purge` },
      {
        method: 'POST',
        path: base,
        body: { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url: one } }] },
      },
    ];
    for (const asked of writes) {
      const { status, text } = await barrage.send(asked.path, asked);
      assert.ok(
        [400, 403, 404, 405].includes(status),
        `${asked.method} ${asked.path}: ${status} ${text.slice(0, 200)}`,
      );
    }
  }
  const later = await Promise.all(published.map((one) => barrage.send('read', { path: `${base}/${one}` })));
  assert.deepEqual(
    later.map(({ text }) => text.replace(/"id":"[^"]*"\}$/, '')),
    before.map((text) => text.replace(/"id":"[^"]*"\}$/, '')),
  );
});

test('negative control: a server that stands still longer than that is noticed', async () => {
  const longest = await bystander.during(async () => {
    process.kill(safeguard.pid, 'SIGSTOP');
    await sleep(patience_ms + 500);
    process.kill(safeguard.pid, 'SIGCONT');
  });
  assert.ok(longest > patience_ms, `${Math.round(longest)} ms`);
});

test('each of these requests has exactly one entry in the ledger', async () => {
  assert.ok((await barrage.recorded([0, 1])) > 250);
});
