import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccess, type Sight } from '@safeguard/access';
import { compartmentPatients, patientCompartment, resourceTypes } from '@safeguard/fhir';
import { type JsonObject, newId } from '@safeguard/kernel';
import { isServedQuery, scopeParameters } from '../../index.ts';
import { split } from '../../segments/index.ts';
import { openServed, type Reply, type Sent, type Served } from '../served.ts';

/** A write starts from and results in what the sight shows, wherever the rule leads; by the content, not the index. */

const real = createAccess({ types: new Set(resourceTypes), parameters: scopeParameters, policies: 'off' });
const limited = newId();
const label = { system: 'http://label', code: 'HIV' };
let sights: (type: string, action: string) => readonly Sight[] = () => [{}];
let guarded = true;
let house: Served;
before(async () => {
  house = await openServed({
    access: {
      ...real,
      visible: (principal, type, action = 'search-type') =>
        principal.id === limited && guarded ? sights(type, action) : real.visible(principal, type, action),
    },
  });
});
after(() => house.close());

const ask = (method: string, path: string, sent: Sent = {}): Promise<Reply> =>
  house.send(method, path, { ...sent, as: { id: limited } });
const made = async (body: JsonObject): Promise<string> => {
  const reply = await house.send('POST', `/${body.resourceType}`, { body });
  assert.equal(reply.status, 201, reply.text);
  return reply.json.id;
};
const patient = (org: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Patient',
  active: true,
  managingOrganization: { reference: `Organization/${org}` },
  ...more,
});
const observation = (of: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${of}` },
  ...more,
});

interface World {
  readonly a: string;
  readonly b: string;
  readonly mine: string;
  readonly other: string;
  readonly own: string;
  readonly foreign: string;
}

async function build(): Promise<World> {
  const a = await made({ resourceType: 'Organization', name: 'A' });
  const b = await made({ resourceType: 'Organization', name: 'B' });
  const mine = await made(patient(a));
  const other = await made(patient(b, { active: false }));
  return { a, b, mine, other, own: await made(observation(mine)), foreign: await made(observation(other)) };
}

type Attempt = (world: World) => Promise<Reply>;
const put = (type: string, id: string, body: JsonObject): Promise<Reply> =>
  ask('PUT', `/${type}/${id}`, { body: { ...body, id } });

/** With the status where it is permitted, and where it is refused. */
const attempts: Readonly<Record<string, readonly [permitted: boolean, Attempt]>> = {
  'an own one is changed': [true, ({ own, mine }) => put('Observation', own, observation(mine, { status: 'amended' }))],
  'an own one is made': [true, ({ mine }) => ask('POST', '/Observation', { body: observation(mine) })],
  'a foreign one is made': [false, ({ other }) => ask('POST', '/Observation', { body: observation(other) })],
  'one is moved away': [false, ({ own, other }) => put('Observation', own, observation(other))],
  'a foreign one is taken': [false, ({ foreign, mine }) => put('Observation', foreign, observation(mine))],
  'one is put beside another': [
    false,
    ({ own, mine, other }) =>
      put('Observation', own, observation(mine, { performer: [{ reference: `Patient/${other}` }] })),
  ],
  'the own patient stays': [true, ({ mine, a }) => put('Patient', mine, patient(a, { gender: 'male' }))],
  'the own patient is moved away': [false, ({ mine, b }) => put('Patient', mine, patient(b, { active: false }))],
  'a foreign patient is taken': [false, ({ other, a }) => put('Patient', other, patient(a))],
  'an own patient with what belongs to them, at once': [
    true,
    ({ a }) => transaction(patient(a), observation('urn', { subject: { reference: 'urn:uuid:p' } })),
  ],
  'a foreign patient with what belongs to them, at once': [
    false,
    ({ b }) => transaction(patient(b, { active: false }), observation('urn', { subject: { reference: 'urn:uuid:p' } })),
  ],
};

function transaction(of: JsonObject, with_: JsonObject): Promise<Reply> {
  const url = `urn:uuid:${newId()}`;
  const body = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: url, resource: of, request: { method: 'POST', url: 'Patient' } },
      {
        fullUrl: `urn:uuid:${newId()}`,
        resource: { ...with_, subject: { reference: url } },
        request: { method: 'POST', url: 'Observation' },
      },
    ],
  };
  return ask('POST', '', { body });
}

const rules: Readonly<Record<string, (world: World) => (type: string) => Sight>> = {
  'a query on the patient':
    ({ a }) =>
    () => ({ patientQuery: `organization=Organization/${a}` }),
  'a chain': () => (type) => (type === 'Patient' ? { query: 'active=true' } : { query: 'subject:Patient.active=true' }),
};

for (const [name, rule] of Object.entries(rules)) {
  for (const [what, [permitted, attempt]] of Object.entries(attempts)) {
    const besides = name === 'a chain' && what === 'one is put beside another';
    test(`by ${name}: ${what}${permitted || besides ? '' : ': refused; without the guard it is done'}`, async () => {
      const world = await build();
      sights = (type) => [rule(world)(type)];
      const reply = await attempt(world);
      assert.equal(reply.status < 300, permitted || besides, reply.text);
      guarded = false;
      const done = await attempt(await build());
      guarded = true;
      assert.ok(done.status < 300, done.text);
    });
  }
}

test('what is excepted is neither changed nor made so', async () => {
  const { mine, own } = await build();
  sights = () => [{ except: [{ labels: [`${label.system}|${label.code}`] }, { query: 'status=entered-in-error' }] }];
  const labelled = { meta: { security: [label] } };
  const secret = await made(observation(mine, labelled));
  assert.equal((await put('Observation', own, observation(mine, labelled))).status, 403);
  assert.equal((await put('Observation', own, observation(mine, { status: 'entered-in-error' }))).status, 403);
  assert.equal((await put('Observation', secret, observation(mine))).status, 405);
  assert.equal((await ask('DELETE', `/Observation/${secret}`)).status, 404);
  const body = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { security: [label] } }] };
  assert.equal((await ask('POST', `/Observation/${own}/$meta-add`, { body })).status, 403);
  assert.equal((await put('Observation', own, observation(mine))).status, 200);
  // What access leaves out for a letter is not asked here: who may create may label.
  sights = (_type, action) =>
    action === 'create' ? [{}] : [{ except: [{ labels: [`${label.system}|${label.code}`] }] }];
  assert.equal((await ask('POST', '/Observation', { body: observation(mine, labelled) })).status, 201);
});

test('an earlier version is judged on what it was, and by what its rule leads to now', async () => {
  const { mine, own } = await build();
  const secret = { meta: { security: [label] } };
  await house.send('PUT', `/Observation/${own}`, { body: { ...observation(mine, secret), id: own } });
  await house.send('PUT', `/Observation/${own}`, { body: { ...observation(mine), id: own } });
  sights = (type) =>
    type === 'Patient' ? [{}] : [{ query: 'subject:Patient.active=true', except: [{ labels: ['http://label|HIV'] }] }];
  const statuses = async (): Promise<number[]> => {
    const all = ['', '/_history/1', '/_history/2', '/_history/3'].map((path) =>
      ask('GET', `/Observation/${own}${path}`),
    );
    return (await Promise.all(all)).map(({ status }) => status);
  };
  assert.deepEqual(await statuses(), [200, 200, 404, 200]);
  const { entry } = (await ask('GET', `/Observation/${own}/_history`)).json;
  assert.deepEqual(
    entry.map((one: { response: { etag: string } }) => one.response.etag),
    ['W/"3"', 'W/"1"'],
  );
  await house.send('PUT', `/Patient/${mine}`, { body: { resourceType: 'Patient', id: mine, active: false } });
  assert.deepEqual(await statuses(), [404, 404, 404, 404]);
});

test('which queries a rule may have', () => {
  const served = [
    ['Observation', 'code=http://loinc.org|1-2&status:not=entered-in-error'],
    ['Observation', 'subject:Patient.organization:Organization.active=true'],
    ['Observation', 'patient.active=true'],
    ['Patient', 'birthdate=ge1980'],
    ['Patient', '_id=a,b&gender:missing=false'],
  ] as const;
  for (const [type, query] of served) assert.equal(isServedQuery(type, query), true, query);
  const refused = [
    ['Observation', ''],
    ['Observation', 'colour=red'],
    ['Observation', 'date=yesterday'],
    ['Observation', 'date=ap2020'],
    ['Observation', 'code=a&_count=1'],
    ['Observation', 'code=a&_sort=date'],
    ['Observation', 'code=a&_include=*'],
    ['Observation', '_has:Provenance:target:agent=a'],
    ['Observation', '_filter=code eq a'],
    ['Observation', '_lastUpdated=2020'],
    ['Observation', '_text=a'],
    ['Observation', 'code:in=http://v'],
    ['Observation', 'code:text=a'],
    ['Observation', 'code-value-quantity=a$1'],
    ['Observation', 'subject:Patient.name=a'],
    ['Observation', 'subject:Patient.birthdate=1980'],
    ['Observation', 'subject.active=true&encounter.subject.x=1'],
    ['Encounter', 'part-of:Encounter.part-of:Encounter.part-of:Encounter.part-of:Encounter.status=planned'],
    ['Nothing', 'code=a'],
  ] as const;
  for (const [type, query] of refused) assert.notEqual(isServedQuery(type, query), true, query);
  assert.notEqual(isServedQuery('Patient', 'birthdate=1980', { view: 'deidentified' }), true);
  assert.notEqual(isServedQuery('Patient', 'name=a', { far: true }), true);
  assert.equal(isServedQuery('Patient', 'organization=Organization/a', { far: true, view: 'deidentified' }), true);
});

test('whose something is can be told of what is stored in the clinical segment', () => {
  for (const type of resourceTypes) {
    if (type === 'Patient') continue;
    for (const path of patientCompartment(type)?.paths ?? []) {
      const inner = path
        .split('.')
        .reduceRight<unknown>((held, step) => ({ [step]: [held] }), { reference: 'Patient/x', display: 'Ann' });
      const resource = { resourceType: type, ...(inner as JsonObject) };
      assert.deepEqual(compartmentPatients(split(resource).clinical), ['x'], `${type}.${path}`);
    }
  }
});
