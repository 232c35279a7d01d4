/**
 * Whoever is limited by the policy asks everything that lists, counts, joins or fails. Every answer is the same before
 * and after there is something that they may not see: a patient whom they do not treat, what is labelled, a patient who
 * refuses, what is of no concern to their work, what an element holds that is not shown to them. Negative control: who
 * may see it is told by each of these questions.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { newApp, tokensFor } from '../harness/oauth-app.ts';
import { firstAdministrator, type Invited, invite, type Person } from '../harness/people.ts';
import { grantBy, type Wanted } from './matrix/askers.ts';

let safeguard: Instance;
let everything: string;
let a: string;
let doctor: string;
let organization: string;
const callers = new Map<string, string>();

type Json = Record<string, unknown>;
const at = (place: string) => ({ reference: place });

async function create(body: Json): Promise<string> {
  const path = `/fhir/R4/${body.resourceType}`;
  const made = await safeguard.request({ method: 'POST', path, token: everything, body });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const psychotherapy = { meta: { security: [{ system: act, code: 'PSYTHPN' }] } };
const secret = { coding: [{ system: 'http://snomed.info/sct', code: '86406008' }] };
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const text = (words: string) => ({
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>` },
});

/** One of each sort around a patient; `more` goes into each. */
const aroundOf = (patient: string, more: Json = {}): readonly Json[] => {
  const subject = at(`Patient/${patient}`);
  const performer = [at(`Practitioner/${doctor}`)];
  const date = '2024-05-01T10:00:00Z';
  return [
    {
      resourceType: 'Observation',
      status: 'final',
      code: loinc('8867-4'),
      subject,
      performer,
      effectiveDateTime: date,
    },
    { resourceType: 'Condition', code: secret, subject, asserter: performer[0], recordedDate: date },
    { resourceType: 'Procedure', status: 'completed', code: secret, subject, performedDateTime: date },
    { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject, period: { start: date } },
    ...written(subject, performer),
  ].map((one) => ({ ...one, ...more }));
};

/** What is no concern of a bill, nor of research. */
const written = (subject: object, author: readonly object[]): readonly Json[] => [
  { resourceType: 'DocumentReference', status: 'current', subject, author, content: [{ attachment: { title: 'x' } }] },
  { resourceType: 'Communication', status: 'completed', subject, sender: author[0], payload: [{ contentString: 'x' }] },
];

const person = (family: string): Json => ({
  resourceType: 'Patient',
  name: [{ family }],
  birthDate: '1980-01-01',
  generalPractitioner: [at(`Practitioner/${doctor}`)],
  managingOrganization: at(`Organization/${organization}`),
});

async function createAll(all: readonly Json[]): Promise<void> {
  for (const one of all) await create(one);
}

const refusing = (patient: string): Json => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [loinc('59284-0')],
  patient: at(`Patient/${patient}`),
  dateTime: '2020-01-01T00:00:00Z',
  policyRule: { coding: [{ system: act, code: 'OPTOUT' }] },
  provision: { type: 'deny' },
});
const teamOf = (patient: string): Json => ({
  resourceType: 'CareTeam',
  status: 'active',
  subject: at(`Patient/${patient}`),
  participant: [{ member: at(`Practitioner/${doctor}`) }],
});

before(async () => {
  safeguard = await start({ tls: 'off' });
  const may = 'sensitive:psychotherapy-notes';
  everything = await safeguard.token('system/*.cruds', { may });
  doctor = await create({ resourceType: 'Practitioner', name: [{ family: 'Shared' }] });
  organization = await create({ resourceType: 'Organization', name: 'House' });
  a = await create(person('Known'));
  await createAll([teamOf(a), ...aroundOf(a).slice(0, 4), { ...aroundOf(a)[1], ...text('zebra') } as Json]);
  const administrator = await firstAdministrator(safeguard);
  const app = await newApp(safeguard, { scopes: 'user/*.rs patient/*.rs' });
  const join = async (name: string, approver: Person, wanted: Wanted | undefined, of: Partial<Invited>) => {
    const one = await invite(safeguard, { login: `${name}@default.example`, scopes: 'user/*.rs', ...of });
    if (wanted !== undefined) await grantBy(approver, one, wanted);
    const scope = of.kind === 'patient' ? 'openid launch/patient patient/*.rs' : 'openid user/*.rs';
    callers.set(name, (await tokensFor(one.jar, app, { scope })).access_token);
    return one;
  };
  const officer = await join('officer', administrator, { role: 'privacy-officer' }, {});
  callers.delete('officer');
  await join('clinician', administrator, { role: 'clinician' }, { fhir_user: `Practitioner/${doctor}` });
  await join('billing', administrator, { role: 'billing' }, {});
  await join('researcher', officer, { role: 'researcher' }, {});
  await join('patient', administrator, undefined, { kind: 'patient', patients: [a], scopes: 'patient/*.rs' });
});
after(async () => {
  await safeguard?.stop();
  if (safeguard !== undefined) await removeData(safeguard.data);
});

const types = ['Observation', 'Condition', 'Procedure', 'Encounter', 'DocumentReference', 'Communication', 'Patient'];
const filter = (words: string): string => `_filter=${encodeURIComponent(words)}`;

/** What lists, counts, joins, sorts, filters. */
const probes: readonly string[] = [
  ...types.flatMap((type) => [
    `${type}?_total=accurate`,
    `${type}?_summary=count`,
    `${type}?_count=1`,
    `${type}?_sort=-_lastUpdated`,
    `${type}?_lastUpdated=ge2020`,
    `${type}?_security:missing=false`,
    `${type}/_history`,
    `${type}/$meta`,
  ]),
  'Condition?code=86406008&_total=accurate',
  'Condition?code:not=1&_total=accurate',
  'Procedure?date=ge2020&_total=accurate',
  'Observation?_sort=date&_count=1',
  'Observation?performer.name=shared&_total=accurate',
  'Encounter?subject:Patient.general-practitioner.name=shared&_total=accurate',
  'Encounter?patient._has:Condition:patient:code=86406008&_total=accurate',
  'Patient?_has:Condition:patient:code=86406008&_total=accurate',
  'Patient?_has:Procedure:patient:date=ge2020&_revinclude=Procedure:patient',
  'Practitioner?_has:Observation:performer:code=8867-4&_total=accurate',
  'Practitioner?_has:Condition:asserter:_security=PSYTHPN',
  'Practitioner?_revinclude=*',
  'Practitioner?_revinclude=Condition:asserter&_revinclude:iterate=Patient:general-practitioner',
  'Organization?_revinclude=Patient:organization&_revinclude:iterate=Encounter:patient',
  `Condition?${filter('code eq 86406008')}&_total=accurate`,
  `Patient?${filter('birthdate ge 1970-01-01')}&_total=accurate`,
  '_history',
  '?_type=Condition,Encounter,Procedure&_total=accurate',
  '$meta',
  'Observation/$lastn?code=8867-4',
  'Observation/$lastn?code=8867-4&max=9',
  '_tag:missing=true',
];

const ofPatient = (id: string): readonly string[] =>
  ['', '/_history', '/$everything', '/*', '/Condition?_total=accurate', '/Encounter?_summary=count', '/$meta'].map(
    (rest) => `Patient/${id}${rest}`,
  );

/** What an answer says, without what differs from request to request: page links, its own id, when it was asked. */
async function asked(token: string, path: string): Promise<string> {
  const at = path.startsWith('_tag') ? `?_type=Condition,Encounter&${path}` : path;
  const { status, text: body, headers } = await safeguard.request({ path: `/fhir/R4/${at}`, token });
  assert.ok(status < 500, `${path}: ${status} ${body.slice(0, 300)}`);
  const plain = body.replace(/_page=[\w-]+/g, '_page').replace(/"id":"[^"]+"\}$/, '');
  const { etag, link } = headers;
  return `${status} ${JSON.stringify([etag, link])} ${plain.replace(/"timestamp":"[^"]+"/g, '')}`;
}

async function answers(token: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const told = new Map<string, string>();
  for (const path of paths) told.set(path, await asked(token, path));
  return told;
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_200));

/** Asked before, and again once it has happened: nobody of these learns of it, and who may see it does. */
async function learnsNothing(
  who: readonly string[],
  happens: () => Promise<unknown>,
  least: number,
  more: readonly string[] = [],
): Promise<void> {
  const paths = [...probes, ...more];
  const tokens = new Map([...callers].filter(([name]) => who.includes(name)));
  const earlier = new Map<string, ReadonlyMap<string, string>>();
  for (const [name, token] of tokens) earlier.set(name, await answers(token, paths));
  const open = await answers(everything, paths);
  await happens();
  await settled();
  for (const [name, token] of tokens) {
    const later = await answers(token, paths);
    for (const path of paths) assert.equal(later.get(path), earlier.get(name)?.get(path), `${name} learns by ${path}`);
  }
  const openLater = await answers(everything, paths);
  const telling = paths.filter((path) => open.get(path) !== openLater.get(path));
  assert.ok(telling.length >= least, `negative control: ${telling.length} of ${paths.length} tell who may see it`);
}

/** An id that is hidden is told of like one that never was. */
async function likeNone(who: readonly string[], hidden: string): Promise<void> {
  const never = randomUUID();
  for (const name of who) {
    const token = callers.get(name) ?? '';
    const [there, none] = [await answers(token, ofPatient(hidden)), await answers(token, ofPatient(never))];
    const plain = (one: ReadonlyMap<string, string>) =>
      [...one.values()].map((told) => told.replaceAll(/[0-9a-f-]{36}/g, ''));
    assert.deepEqual(plain(there), plain(none), name);
  }
}

const everybody = ['clinician', 'billing', 'researcher', 'patient'];

test('nobody learns that there are psychotherapy notes, of a patient of theirs or of themselves', async () => {
  await learnsNothing(everybody, () => createAll(aroundOf(a, psychotherapy)), 50, ofPatient(a));
});

test('nobody learns that there is a patient who refuses', async () => {
  const earlier = new Map<string, ReadonlyMap<string, string>>();
  for (const [name, token] of callers) earlier.set(name, await answers(token, probes));
  const c = await create(person('Refusing'));
  await createAll([teamOf(c), ...aroundOf(c)]);
  await settled();
  for (const [name, token] of callers) {
    const open = await answers(token, probes);
    const telling = probes.filter((path) => open.get(path) !== earlier.get(name)?.get(path)).length;
    assert.ok(name === 'patient' || telling >= 20, `negative control: ${telling} probes tell ${name}`);
  }
  await create(refusing(c));
  await settled();
  for (const [name, token] of callers) {
    const later = await answers(token, probes);
    for (const path of probes) assert.equal(later.get(path), earlier.get(name)?.get(path), `${name} learns by ${path}`);
  }
  await likeNone(everybody, c);
});

test('whom they do not treat: clinicians and patients learn nothing of', async () => {
  let b = '';
  const come = async (): Promise<void> => {
    b = await create(person('Other'));
    await createAll(aroundOf(b));
  };
  await learnsNothing(['clinician', 'patient'], come, 50);
  await likeNone(['clinician', 'patient'], b);
});

test('what is no concern of a bill or of research is not told of by it', async () => {
  await learnsNothing(['billing', 'researcher'], () => createAll(aroundOf(a).slice(4)), 10);
});

test('what stands in an element that is hidden finds nothing', async () => {
  const words = (word: string): readonly string[] => [
    `Condition?patient=${a}&_text=${word}&_total=accurate`,
    `Condition?patient=${a}&_content=${word}&_total=accurate`,
    `Patient/${a}/Condition?_text=${word}`,
    `Patient/${a}/Condition?_content=${word}&_summary=count`,
  ];
  const told = async (name: string, word: string): Promise<string[]> => {
    const token = name === 'everything' ? everything : (callers.get(name) ?? '');
    return [...(await answers(token, words(word))).values()].map((one) => one.replaceAll(word, ''));
  };
  const some = await told('everything', 'zebra');
  assert.notDeepEqual(some, await told('everything', 'quagga'), 'negative control');
  for (const name of ['billing', 'researcher']) {
    assert.deepEqual(await told(name, 'zebra'), await told(name, 'quagga'), `${name} finds what is hidden`);
  }
});
