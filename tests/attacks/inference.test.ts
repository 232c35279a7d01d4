import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Instance, start } from '../harness/instance.ts';

/**
 * A caller limited to the compartment of patient A asks what could depend on patient B. Every answer must be the same
 * before and after something becomes true of B. Negative control: for a caller without the limit each one differs.
 */

const secret = {
  system: 'http://snomed.info/sct',
  code: '86406008',
  display: 'Human immunodeficiency virus infection',
};
const base = '/fhir/R4';

let instance: Instance;
let everything: string;
let limited: string;
let a: string;
let b: string;
let practitioner: string;

const create = async (resource: { resourceType: string } & Record<string, unknown>): Promise<string> => {
  const path = `${base}/${resource.resourceType}`;
  const { status, json } = await instance.request({ method: 'POST', path, token: everything, body: resource });
  assert.equal(status, 201);
  return json.id;
};

const observation = (subject: string, more: Record<string, unknown> = {}): Promise<string> =>
  create({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: `Patient/${subject}` },
    performer: [{ reference: `Practitioner/${practitioner}` }],
    ...more,
  });

before(async () => {
  instance = await start({ tls: 'off' });
  everything = await instance.token('system/*.cruds');
  practitioner = await create({ resourceType: 'Practitioner', name: [{ family: 'Shared' }] });
  a = await create({
    resourceType: 'Patient',
    name: [{ family: 'Known' }],
    generalPractitioner: [{ reference: `Practitioner/${practitioner}` }],
  });
  b = await create({ resourceType: 'Patient', name: [{ family: 'Hidden' }], birthDate: '1980-01-01' });
  await observation(a, { focus: [{ reference: `Patient/${b}` }], effectiveDateTime: '2024-01-01' });
  limited = await instance.token('system/*.rs', { patient: a });
});
after(() => instance?.stop());

/** What becomes true of B between the two times of asking. */
async function happens(): Promise<void> {
  const answer = await instance.request({
    method: 'PUT',
    path: `${base}/Patient/${b}`,
    token: everything,
    body: {
      resourceType: 'Patient',
      id: b,
      active: true,
      name: [{ family: 'Changed' }],
      birthDate: '1990-01-01',
      generalPractitioner: [{ reference: `Practitioner/${practitioner}` }],
    },
  });
  assert.equal(answer.status, 200, answer.text);
  await create({
    resourceType: 'Condition',
    subject: { reference: `Patient/${b}` },
    code: { coding: [secret] },
    asserter: { reference: `Practitioner/${practitioner}` },
  });
  await observation(b, { code: { coding: [secret] }, effectiveDateTime: '1999-01-01' });
}

const probes = (): Record<string, readonly string[]> => ({
  chain: [
    'Observation?focus:Patient.name=changed',
    'Observation?focus:Patient.active=true',
    'Observation?focus:Patient._has:Condition:patient:code=86406008',
    'Observation?focus:Patient.general-practitioner.name=shared',
  ],
  has: [
    'Practitioner?_has:Observation:performer:code=86406008',
    'Practitioner?_has:Condition:asserter:code=86406008',
    'Practitioner?_has:Patient:general-practitioner:name=changed',
    'Practitioner?_has:Observation:performer:patient.name=changed',
  ],
  include: [
    'Observation?_include=Observation:focus',
    'Observation?_include=*',
    'Practitioner?_revinclude=Patient:general-practitioner&_include:iterate=Patient:general-practitioner',
  ],
  revinclude: [
    'Practitioner?_revinclude=Observation:performer',
    'Practitioner?_revinclude=Condition:asserter',
    'Practitioner?_revinclude=*',
  ],
  sort: [
    'Observation?_sort=date',
    'Observation?_sort=-date&_count=1',
    'Patient?_sort=family',
    'Patient?_sort=birthdate&_count=1',
    'Patient?_sort=-_lastUpdated',
  ],
  total: [
    'Observation?_total=accurate',
    'Condition?_summary=count',
    'Patient?family=Changed&_count=0',
    'Observation?code=86406008&_total=estimate',
  ],
  filter: [
    `Patient?_filter=${encodeURIComponent('name eq "Changed"')}`,
    `Observation?_filter=${encodeURIComponent('code eq 86406008 or code eq "8867-4"')}`,
    `Observation?_filter=${encodeURIComponent('not (code eq "8867-4")')}`,
  ],
  direct: [
    `Patient?_id=${b}`,
    `Patient/${b}`,
    `Patient/${b}/_history`,
    `Patient/${b}/_history/2`,
    `Patient/${b}/Condition`,
    `Patient/${b}/$everything`,
    'Condition/_history',
    '_history',
    '?_type=Condition,Patient',
    'Condition?code:not=1',
    'Condition?code:missing=false',
    'Patient?active=true',
    'Patient?birthdate=ge1985',
  ],
});

/** What an answer says, without what differs from request to request. */
async function asked(token: string, path: string): Promise<string> {
  const { status, text } = await instance.request({ path: `${base}/${path}`, token });
  assert.ok([200, 404].includes(status), `${path}: ${status} ${text.slice(0, 300)}`);
  return `${status} ${text.replace(/_page=[\w-]+/g, '_page').replace(/"id":"[^"]+"\}$/, '')}`;
}

const answers = async (token: string, paths: readonly string[]): Promise<Map<string, string>> =>
  new Map(await Promise.all(paths.map(async (path) => [path, await asked(token, path)] as const)));

test('nothing that a caller limited to one compartment can ask depends on another patient', async (t) => {
  const all = Object.values(probes()).flat();
  const [before, beforeOpen] = [await answers(limited, all), await answers(everything, all)];
  await happens();
  const [later, laterOpen] = [await answers(limited, all), await answers(everything, all)];
  for (const [mechanism, paths] of Object.entries(probes())) {
    await t.test(mechanism, () => {
      for (const path of paths) {
        assert.equal(later.get(path), before.get(path), `${path}: the answer tells of the other patient`);
        assert.doesNotMatch(later.get(path) ?? '', new RegExp(`(?<!focus":\\[\\{"reference":"Patient/)${b}"`), path);
      }
    });
    await t.test(`negative control: ${mechanism} tells a caller without the limit`, () => {
      for (const path of paths) {
        assert.notEqual(laterOpen.get(path), beforeOpen.get(path), `${path}: this probe can tell nothing`);
      }
    });
  }
});

test('a limited caller sees its own compartment and what belongs to nobody, and writes nothing elsewhere', async () => {
  const own = await instance.request({ path: `${base}/Patient/${a}`, token: limited });
  assert.equal(own.status, 200);
  const shared = await instance.request({ path: `${base}/Practitioner/${practitioner}`, token: limited });
  assert.equal(shared.status, 200);
  const { json } = await instance.request({ path: `${base}/Observation?_total=accurate`, token: limited });
  assert.equal(json.total, 1);
});
