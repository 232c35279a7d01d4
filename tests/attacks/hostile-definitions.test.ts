import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bystander, createBystander, patience_ms } from '../harness/bystander.ts';
import { type Client, newClient } from '../harness/clients.ts';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';

/**
 * A tenant stores definitions made to hurt: search parameters and profiles with endless expressions. Whatever is
 * stored, writes and searches go on, others are served meanwhile, and another tenant notices nothing.
 */

const base = '/fhir/R4';
let safeguard: Instance;
let attacker: Client;
let neighbour: Client;
let bystander: Bystander;

const ask = (client: Client, asked: Asked): Promise<Answer> => safeguard.request({ token: client.token, ...asked });
const post = (client: Client, body: { resourceType: string }, path = `/${body.resourceType}`): Promise<Answer> =>
  ask(client, { method: 'POST', path: `${base}${path}`, body });
const get = (client: Client, path: string): Promise<Answer> => ask(client, { path: `${base}/${path}` });

before(async () => {
  safeguard = await start({ tls: 'off' });
  for (const name of ['attacker', 'neighbour']) {
    const made = await safeguard.cli('tenant', 'create', name, '--json');
    assert.equal(made.code, 0, made.stderr);
  }
  attacker = await newClient(safeguard, { tenant: 'attacker', may: 'reindex' });
  neighbour = await newClient(safeguard, { tenant: 'neighbour' });
  const known = await post(neighbour, nightmare());
  assert.equal(known.status, 201, known.text);
  bystander = createBystander(safeguard, neighbour.token, `${base}/Patient/${known.json.id}`);
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

/** A patient over whom each of the expressions takes longest. */
const nightmare = (): { resourceType: string; [element: string]: unknown } => ({
  resourceType: 'Patient',
  gender: 'female',
  name: Array.from({ length: 200 }, (_, at) => ({
    family: `${'a'.repeat(1000)}!${at}`,
    given: ['b', 'c', 'd', 'e'],
  })),
  extension: Array.from({ length: 100 }, (_, at) => ({
    url: `http://example.org/${at}`,
    valueString: 'a'.repeat(100),
  })),
});

const evil: readonly string[] = [
  "Patient.name.where(family.matches('(a+)+$')).family",
  "Patient.name.where(family.matches('^(a|aa)+$')).family",
  "Patient.name.where(family.matches('(.*)*b')).family",
  "Patient.name.where(family.matches('(a{1,30}){1,30}{1,30}b')).family",
  "Patient.name.family.replaceMatches('(a*)*', '$1$1$1$1')",
  `Patient.name.family.replaceMatches('a', '$&$&$&$&')${".replaceMatches('a', 'aaaaaaaaaaaa')".repeat(3)}`,
  `Patient.name.family${".replace('', 'aaaaaaaaaaaaaaaaaaaaaaaa')".repeat(3)}`,
  `Patient.name.family${'.select($this & $this)'.repeat(40)}`,
  `Patient${'.descendants()'.repeat(40)}.family`,
  'Patient.repeat(descendants()).family',
  'Patient.repeat($this.children() | $this).family',
  'Patient.name.select(%resource.name.select(%resource.name.select(%resource.name.family)))',
  'Patient.name.where(%resource.name.where(%resource.name.where(family = $this.family).exists()).exists()).family',
  "Patient.name.aggregate($total & $this.family & $total, 'aaaaaaaaaaaaaaaaaa')",
  'Patient.name.combine(%resource.name).combine(%resource.name).distinct().family',
  'Patient.name.family.toChars().distinct().count().toString()',
  '(1 | 2 | 3).select($this.toString())',
  `Patient.name.where(${'('.repeat(60)}true${')'.repeat(60)}).family`,
  "'http://127.0.0.1:1/Patient/1'.resolve()",
  "Patient.trace('x').name.family",
  'Patient.gender.power(99999)',
  '99999999999999999999.power(99999999)',
];

/** Does it while another tenant reads; answers what to complain about. */
async function complaints(what: string, work: () => Promise<Answer>): Promise<string[]> {
  let status = 0;
  let text = '';
  const began = performance.now();
  const longest = await bystander.during(async () => {
    ({ status, text } = await work());
  });
  const took = Math.round(performance.now() - began);
  return [
    ...(status >= 500 ? [`${what}: ${status} ${text.slice(0, 300)}`] : []),
    ...(longest > patience_ms ? [`${what}: another read took ${Math.round(longest)} ms`] : []),
    ...(took > 10_000 ? [`${what}: ${took} ms`] : []),
  ];
}

const parameterOf = (
  expression: string,
  at: number,
  type = 'string',
): { resourceType: string } & Record<string, unknown> => ({
  resourceType: 'SearchParameter',
  url: `http://example.org/SearchParameter/evil-${at}`,
  ...{ name: `Evil${at}`, status: 'active', description: 'x', code: `evil-${at}`, base: ['Patient'], type, expression },
});

test('search parameters that never end: stored or not, writes, searches and others go on', async () => {
  const wrong: string[] = [];
  const stored: number[] = [];
  for (const [at, expression] of evil.entries()) {
    wrong.push(
      ...(await complaints(`store #${at} ${expression.slice(0, 80)}`, async () => {
        const answer = await post(attacker, parameterOf(expression, at));
        if (answer.status === 201) stored.push(at);
        return answer;
      })),
    );
    wrong.push(
      ...(await complaints(`write under #${at} ${expression.slice(0, 80)}`, () => post(attacker, nightmare()))),
    );
  }
  assert.ok(stored.length > 5, `negative control: ${stored.length} were stored`);
  for (const at of stored) {
    const search = () => get(attacker, `Patient?evil-${at}=a&_total=accurate&_sort=evil-${at}`);
    wrong.push(...(await complaints(`search by #${at}`, search)));
  }
  wrong.push(
    ...(await complaints('reindex', () => ask(attacker, { method: 'POST', path: `${base}/Patient/$reindex` }))),
  );
  wrong.push(...(await complaints('while it goes on', () => sleep(2_000, { status: 200, text: '' } as Answer))));
  assert.deepEqual(wrong, []);
  const fine = await post(attacker, { resourceType: 'Patient' });
  assert.equal(fine.status, 201, 'a small patient is written still');
});

interface Element {
  readonly id: string;
  readonly path: string;
  readonly [more: string]: unknown;
}

const profile = (name: string, element: readonly Element[], more: object = {}) => ({
  resourceType: 'StructureDefinition',
  url: `http://example.org/StructureDefinition/${name}`,
  ...{ name, status: 'active', kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  snapshot: {
    element: [...(element[0]?.path === 'Patient' ? [] : [{ id: 'Patient', path: 'Patient' }]), ...element].map(
      (one) => ({
        ...{ min: 0, max: '*', definition: 'x', base: { path: one.path, min: 0, max: '*' } },
        ...one,
      }),
    ),
  },
  ...more,
});

const constraint = (key: string, expression: string): Element => ({
  id: 'Patient',
  path: 'Patient',
  constraint: [{ key, severity: 'error', human: 'x', expression }],
});

const slices = (count: number): Element[] => [
  {
    id: 'Patient.extension',
    path: 'Patient.extension',
    slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' },
  },
  ...Array.from({ length: count }, (_, at) => ({
    id: `Patient.extension:s${at}`,
    path: 'Patient.extension',
    sliceName: `s${at}`,
    max: '1',
  })),
];

const profiles = (): { name: string; definition: { resourceType: string } & Record<string, unknown> }[] => {
  const own = (name: string): string => `http://example.org/StructureDefinition/${name}`;
  const all: [string, readonly Element[], object?][] = [
    ...evil.map((expression, at): [string, readonly Element[]] => [
      `Evil${at}`,
      [constraint(`evil-${at}`, expression)],
    ]),
    [
      'Regex',
      [
        {
          id: 'Patient.name.family',
          path: 'Patient.name.family',
          constraint: [{ key: 'r-1', severity: 'error', human: 'x', expression: "matches('(a+)+$')" }],
        },
      ],
    ],
    ['Itself', [{ id: 'Patient', path: 'Patient' }], { baseDefinition: own('Itself') }],
    ['Ping', [{ id: 'Patient', path: 'Patient' }], { baseDefinition: own('Pong') }],
    ['Pong', [{ id: 'Patient', path: 'Patient' }], { baseDefinition: own('Ping') }],
    [
      'Contains',
      [{ id: 'Patient.contained', path: 'Patient.contained', type: [{ code: 'Patient', profile: [own('Contains')] }] }],
    ],
    ['Names', [{ id: 'Patient.name', path: 'Patient.name', type: [{ code: 'HumanName', profile: [own('Names')] }] }]],
    ['Slices', slices(2_000)],
    ['Deep', [{ id: `Patient${'.extension'.repeat(500)}`, path: `Patient${'.extension'.repeat(500)}`, min: 1 }]],
    [
      'Reslice',
      [
        ...slices(3),
        {
          id: `Patient.extension:s0${'/x'.repeat(1000)}`,
          path: 'Patient.extension',
          sliceName: `s0${'/x'.repeat(1000)}`,
        },
      ],
    ],
    [
      'Discriminates',
      [
        {
          id: 'Patient.extension',
          path: 'Patient.extension',
          slicing: {
            discriminator: [{ type: 'value', path: "descendants().where($this.matches('(a+)+$'))" }],
            rules: 'closed',
          },
        },
      ],
    ],
    [
      'Proto',
      [
        { id: 'Patient.__proto__', path: 'Patient.__proto__', min: 1 },
        { id: 'Patient.constructor', path: 'Patient.constructor', max: '0' },
      ],
    ],
  ];
  return all.map(([name, element, more]) => ({ name, definition: profile(name, element, more) }));
};

test('profiles that never end, or are their own base: the same', async () => {
  const wrong: string[] = [];
  let stored = 0;
  for (const { name, definition } of profiles()) {
    wrong.push(
      ...(await complaints(`store ${name}`, async () => {
        const answer = await post(attacker, definition);
        if (answer.status === 201) stored += 1;
        return answer;
      })),
    );
    const url = `http://example.org/StructureDefinition/${name}`;
    const claims = { ...nightmare(), meta: { profile: [url] } };
    const nested = { ...claims, contained: [{ resourceType: 'Patient', id: 'a', meta: { profile: [url] } }] };
    wrong.push(...(await complaints(`write under ${name}`, () => post(attacker, nested))));
    const validate = { method: 'POST', path: `${base}/Patient/$validate?profile=${url}`, body: nightmare() };
    wrong.push(...(await complaints(`validate against ${name}`, () => ask(attacker, validate))));
  }
  assert.ok(stored > 10, `negative control: ${stored} were stored`);
  assert.deepEqual(wrong, []);
  assert.equal((await post(attacker, { resourceType: 'Patient' })).status, 201);
});

/** Takes some hundred milliseconds, and is no more than one expression may ask for. */
const costly = (at: number): string =>
  `Patient.name.select(%resource.name.select(%resource.name.select(iif(family = '${at}', 'x', {}))))`;
const heavy = (more: object = {}) => ({
  resourceType: 'Patient',
  name: Array.from({ length: 80 }, (_, at) => ({ family: `f${at}` })),
  ...more,
});

test('many expressions together may do what one may', async () => {
  const wrong: string[] = [];
  const many = Array.from({ length: 40 }, (_, at) => costly(at));
  const definition = profile('Costly', [
    {
      id: 'Patient',
      path: 'Patient',
      constraint: many.map((expression, at) => ({
        key: `c-${at}`,
        severity: 'error',
        human: 'x',
        expression: `${expression}.empty()`,
      })),
    },
  ]);
  const kept = await post(attacker, definition);
  assert.equal(kept.status, 201, kept.text);
  const claims = heavy({ meta: { profile: [definition.url] } });
  let under = 0;
  wrong.push(
    ...(await complaints('a profile of 40 constraints', async () => {
      const answer = await post(attacker, claims);
      under = answer.status;
      return answer;
    })),
  );
  assert.equal(under, 422, 'what could not be judged does not pass');
  const patch = {
    resourceType: 'Parameters',
    parameter: many.map((expression) => ({
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'delete' },
        { name: 'path', valueString: expression },
      ],
    })),
  };
  const made = await post(neighbour, heavy());
  assert.equal(made.status, 201);
  const path = `${base}/Patient/${made.json.id}`;
  wrong.push(
    ...(await complaints('a patch of 40 paths', () => ask(neighbour, { method: 'PATCH', path, body: patch }))),
  );
  const entry = Array.from({ length: 24 }, () => ({ resource: claims, request: { method: 'POST', url: 'Patient' } }));
  wrong.push(
    ...(await complaints('a batch of 24', () =>
      post(attacker, { resourceType: 'Bundle', type: 'batch', entry } as never, ''),
    )),
  );
  const small = await post(attacker, { resourceType: 'Patient', meta: { profile: [definition.url] } } as never);
  assert.equal(small.status, 201, 'negative control: what is small conforms');
  for (const [at, expression] of many.entries()) {
    const stored = await post(attacker, parameterOf(expression, 100 + at));
    assert.equal(stored.status, 201, stored.text);
  }
  wrong.push(...(await complaints('a write under 40 parameters', () => post(attacker, heavy()))));
  assert.deepEqual(wrong, []);
});

test('one tenant’s definitions do not act in another', async () => {
  const code = 'only-mine';
  const made = await post(attacker, { ...parameterOf('Patient.gender', 9_000, 'token'), code } as {
    resourceType: string;
  });
  assert.equal(made.status, 201, made.text);
  const required = profile('NoGender', [{ id: 'Patient.gender', path: 'Patient.gender', max: '0' }]);
  assert.equal((await post(attacker, required)).status, 201);
  const claiming = { resourceType: 'Patient', gender: 'female', meta: { profile: [required.url] } };
  assert.equal((await post(attacker, claiming)).status, 422, 'negative control: it acts where it is stored');
  assert.equal((await post(neighbour, claiming)).status, 201);
  assert.equal((await get(attacker, `Patient?${code}=female`)).status, 200, 'negative control');
  const there = await get(neighbour, `Patient?${code}=female`);
  assert.equal(there.status, 400);
  assert.ok(!there.text.includes(code), 'nor is it named among the known ones');
  assert.ok(!there.text.includes('evil-'));
  const validate = { method: 'POST', path: `${base}/Patient/$validate?profile=${required.url}`, body: claiming };
  assert.doesNotMatch((await ask(neighbour, validate)).text, /Patient\.gender/);
  assert.match((await ask(attacker, validate)).text, /Patient\.gender/, 'negative control');
  for (const url of [required.url, made.json.url]) {
    for (const type of ['StructureDefinition', 'SearchParameter']) {
      const found = await get(neighbour, `${type}?url=${url}&_total=accurate`);
      assert.equal(found.json.total, 0, `${type} ${url}`);
    }
  }
  const told = await get(neighbour, 'metadata');
  assert.ok(!told.text.includes(code) && !told.text.includes('example.org/StructureDefinition'));
});
