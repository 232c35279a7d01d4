import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { View } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { openServed, type Reply, type Sent, type Served } from './served.ts';

/** Two recipients of de-identified data, over HTTP, as intruders: they try what a caller can try. */

let house: Served;
const recipients = { one: newId(), other: newId() };
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const ids: Record<string, string> = {};

const full = (method: string, path: string, sent: Sent = {}): Promise<Reply> => house.send(method, path, sent);
const as = (view: View, id = recipients.one) => ({ as: { view, id } });
const get = (path: string, view: View = 'deidentified', id = recipients.one): Promise<Reply> =>
  house.send('GET', path, as(view, id));

async function made(name: string, body: object): Promise<void> {
  const type = (body as { resourceType: string }).resourceType;
  const reply = await full('POST', `/${type}`, { body });
  assert.equal(reply.status, 201, reply.text);
  ids[name] = reply.json.id;
}

const observation = (code: string, more: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: loinc(code),
  subject: { reference: `Patient/${ids.patient}` },
  ...more,
});

before(async () => {
  house = await openServed();
  await made('doctor', { resourceType: 'Practitioner', name: [{ family: 'Ekdahl-Rosen' }] });
  await made('patient', {
    resourceType: 'Patient',
    gender: 'female',
    birthDate: '1980-05-03',
    address: [{ state: 'MA', postalCode: '02139', city: 'Cambridge' }],
    generalPractitioner: [{ reference: `Practitioner/${ids.doctor}`, display: 'Dr. Ekdahl-Rosen' }],
  });
  await made('visit', {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${ids.patient}` },
    period: { start: '2020-05-03', end: '2020-05-04' },
  });
  await made('pulse', {
    ...observation('8867-4', { effectiveDateTime: '2020-05-03T10:11:12Z' }),
    encounter: { reference: `Encounter/${ids.visit}` },
    valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  });
  await made(
    'age',
    observation('30525-0', {
      effectiveDateTime: '2021-05-03',
      valueQuantity: { value: 95, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
    }),
  );
  await made('local', {
    ...observation('8310-5', { effectiveDateTime: '2022-05-03' }),
    category: [{ coding: [{ system: 'http://clinic.example/c', code: 'ida-berg' }] }],
  });
});
after(() => house?.close());

const originals = (): string[] => Object.values(ids);
const uuids = (text: string): string[] => text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
/** The id of a resource as a recipient knows it. */
async function own(type: string, query: string, id = recipients.one, view: View = 'deidentified'): Promise<string> {
  const { json } = await get(`/${type}?${query}`, view, id);
  return json.entry[0].resource.id;
}

test('a recipient works with ids of its own: reads, searches, chains, includes, histories, compartments', async () => {
  for (const view of ['limited', 'deidentified'] as const) {
    const patient = await own('Patient', 'gender=female', recipients.one, view);
    const pulse = await own('Observation', 'code=http://loinc.org|8867-4', recipients.one, view);
    assert.ok(!originals().includes(patient) && !originals().includes(pulse));
    const paths = [
      `/Patient/${patient}`,
      `/Patient/${patient}/_history`,
      `/Patient/${patient}/_history/1`,
      `/Patient/${patient}/$everything`,
      `/Patient/${patient}/Observation`,
      `/Patient/${patient}/$meta`,
      `/Observation?subject=Patient/${patient}`,
      `/Observation?patient=${patient}&_include=Observation:subject&_include=Observation:encounter`,
      `/Observation?subject:Patient._id=${patient}`,
      `/Patient?_has:Observation:patient:_id=${pulse}&_revinclude=Observation:subject`,
      `/Patient?_id=${patient}`,
      `/Observation/$lastn?patient=${patient}&code=http://loinc.org|8867-4`,
    ];
    for (const path of paths) {
      for (const form of ['', `${path.includes('?') ? '&' : '?'}_format=xml`]) {
        const reply = await get(`${path}${form}`, view);
        const told = `${reply.text} ${JSON.stringify([...reply.headers])}`;
        assert.equal(reply.status, 200, `${view} ${path} ${reply.text}`);
        assert.ok(told.includes(patient) || told.includes(pulse) || path.endsWith('$meta'), path);
        assert.deepEqual(
          originals().filter((id) => told.includes(id)),
          [],
          path,
        );
        assert.ok(!/Ekdahl|Cambridge|02139|1980-05/.test(reply.text));
      }
    }
  }
});

test('page links go on under the same names, and a batch answers under them', async () => {
  const seen = new Set<string>();
  let next: string | undefined = '/Observation?_count=1';
  for (let pages = 0; next !== undefined && pages < 9; pages += 1) {
    const { json } = await get(next);
    for (const { resource } of json.entry) seen.add(resource.id);
    const link = json.link.find(({ relation }: { relation: string }) => relation === 'next')?.url;
    next = link?.slice(link.indexOf('/fhir/R4') + 8);
  }
  assert.equal(seen.size, 3);
  const [first = ''] = seen;
  const entry = [{ request: { method: 'GET', url: `Observation/${first}`, ifModifiedSince: '2999-01-01T00:00:00Z' } }];
  const reply = await house.send('POST', '/', {
    body: { resourceType: 'Bundle', type: 'batch', entry },
    ...as('deidentified'),
  });
  const [answer] = reply.json.entry;
  assert.equal(answer.resource.id, first);
  assert.match(answer.response.location, new RegExp(first));
  assert.match(answer.response.lastModified, /^\d{4}-01-01T00:00:00.000Z$/);
});

test('two recipients, and one recipient in two views, have no id in common; each has the same again', async () => {
  const path = '/?_type=Patient,Observation,Encounter';
  const told = async (view: View, id: string): Promise<Set<string>> => new Set(uuids((await get(path, view, id)).text));
  const sets = [
    await told('deidentified', recipients.one),
    await told('deidentified', recipients.other),
    await told('limited', recipients.one),
    await told('without-identity', recipients.one),
  ];
  for (const [at, one] of sets.entries()) {
    assert.ok(one.size >= 5);
    for (const other of sets.slice(at + 1)) assert.equal(one.intersection(other).size, 0);
  }
  assert.deepEqual(await told('deidentified', recipients.one), sets[0]);
  assert.deepEqual(
    await told('without-identity', recipients.other),
    sets[3],
    'negative control: these views share ids',
  );
});

test('an id that the recipient was not told leads nowhere: another’s pseudonym, the original', async () => {
  const foreign = await own('Patient', 'gender=female', recipients.other);
  for (const id of [foreign, ids.patient ?? '', foreign.toUpperCase()]) {
    assert.equal((await get(`/Patient/${id}`)).status, 404);
    assert.equal((await get(`/Observation?patient=${id}`)).json.entry, undefined);
  }
  assert.equal((await get(`/Patient/${foreign}`, 'deidentified', recipients.other)).status, 200);
});

test('a page link of somebody else does not tell which names mean the same', async () => {
  const nextOf = ({ json }: Reply): string => {
    const { url } = json.link.find(({ relation }: { relation: string }) => relation === 'next');
    return url.slice(url.indexOf('_page='));
  };
  const [mine, theirs] = [
    await own('Patient', 'gender=female'),
    await own('Patient', 'gender=female', recipients.other),
  ];
  for (const where of ['Observation', '*']) {
    const link = nextOf(await get(`/Patient/${mine}/${where}?_count=1`));
    assert.equal((await get(`/Patient/${mine}/${where}?${link}`)).status, 200, 'negative control');
    assert.equal((await get(`/Patient/${theirs}/${where}?${link}`, 'deidentified', recipients.other)).status, 400);
  }
  const everything = nextOf(await get(`/Patient/${mine}/$everything?_count=1`));
  assert.equal(
    (await get(`/Patient/${theirs}/$everything?${everything}`, 'deidentified', recipients.other)).status,
    400,
  );
});

test('the ledger knows the real ids', async () => {
  const patient = await own('Patient', 'gender=female');
  await get(`/Patient/${patient}`);
  const found: string[] = [];
  for await (const event of house.ledger.recent(1, 0)) found.push(JSON.stringify(event));
  assert.ok(found.some((event) => event.includes(recipients.one) && event.includes(ids.patient ?? '-')));
  assert.ok(!found.some((event) => event.includes(patient)));
});

test('no date is told finer than its year: not in bodies, not in headers, not in histories', async () => {
  const pulse = await own('Observation', 'code=http://loinc.org|8867-4');
  for (const path of [`/Observation/${pulse}`, `/Observation/${pulse}/_history`, `/Observation?_id=${pulse}`]) {
    const { text, headers } = await get(path);
    assert.deepEqual(text.match(/\d{4}-(?!01-01T00:00:00\.000Z)\d\d-\d\d/g), null, path);
    assert.match(text, /"effectiveDateTime":"2020"/);
    assert.equal(headers.get('last-modified'), null);
  }
  const { headers } = await get(
    `/Observation/${await own('Observation', 'code=8867-4', recipients.one, 'limited')}`,
    'limited',
  );
  assert.ok(headers.get('last-modified'), 'negative control');
});

/** Whether an intruder learns something: the answers to the questions differ. */
async function differs(questions: readonly string[], view: View): Promise<boolean> {
  const answers = await Promise.all(questions.map((question) => get(question, view)));
  const told = answers.map(({ status, json }) => `${status} ${json?.entry?.length ?? 0} ${json?.total ?? ''}`);
  return new Set(told).size > 1;
}

test('who asks for a date by halves learns the year and no more', async () => {
  const halves = [
    'lt2020-05-03',
    'lt2020-05-04',
    'ge2020-05-03',
    'ge2020-05-04',
    '2020-05-03',
    'ap2020-05',
    'sa2020-05-03',
    'eb2020-05-04',
  ];
  const questions = [
    halves.map((half) => `/Observation?code=http://loinc.org|8867-4&date=${half}`),
    halves.map((half) => `/Observation?encounter.date=${half}`),
    halves.map((half) => `/Patient?_has:Observation:patient:date=${half}&_summary=count`),
    ['gt', 'lt'].map((prefix) => `/Observation?_filter=date ${prefix} 2020-05-03T10`),
    ['2020-01-01', '2999-01-01'].map((day) => `/Observation?_lastUpdated=lt${day}`),
    ['2020-01-01', '2999-01-01'].map((day) => `/Patient/${ids.none}/_history?_since=${day}T00:00:00Z`),
    ['date', '-date', '_lastUpdated', '-_id', 'value-quantity'].map((by) => `/Observation?_sort=${by}`),
  ];
  for (const asked of questions) assert.equal(await differs(asked, 'deidentified'), false, asked[0]);
  assert.equal(await differs(questions[0] ?? [], 'without-identity'), true, 'negative control');
  const refused = await get('/Observation?date=2020-05-03');
  assert.deepEqual(
    [refused.status, refused.json.issue[0].diagnostics ?? refused.json.issue[0].details?.text],
    [403, 'date: a de-identified view is searched by whole years, such as 2020 or ge2020'],
  );
  for (const half of ['2020', 'ge2020', 'lt2021', 'ne2019', 'gt2019']) {
    assert.equal((await get(`/Observation?code=http://loinc.org|8867-4&date=${half}`)).json.entry?.length, 1, half);
  }
  assert.equal((await get('/Observation?code=http://loinc.org|8867-4&date=2021')).json.entry, undefined);
});

test('nor by histories, conditions and operations', async () => {
  const pulse = await own('Observation', 'code=http://loinc.org|8867-4');
  const patient = await own('Patient', 'gender=female');
  for (const path of [
    `/Observation/${pulse}/_history?_since=2020-01-01T00:00:00Z`,
    `/Observation/${pulse}/_history?_at=2020-01-01`,
    `/Patient/${patient}/$everything?_since=2020-01-01T00:00:00Z`,
    `/Patient/${patient}/$everything?start=2020-05-03`,
    '/Observation/_history',
    '/_history',
  ]) {
    assert.equal((await get(path)).status, 403, path);
  }
  assert.equal((await get(`/Patient/${patient}/$everything?start=2020&end=2020`)).status, 200);
  const since = { headers: { 'if-modified-since': 'Fri, 01 Jan 2999 00:00:00 GMT' } };
  const path = `/Observation/${pulse}`;
  assert.equal((await house.send('GET', path, { ...since, ...as('deidentified') })).status, 200);
  assert.equal((await full('GET', `/Observation/${ids.pulse}`, since)).status, 304, 'negative control');
});

test('who asks for an age by halves learns that it is over 89', async () => {
  const ask = (test: string): string => `/Observation?code=http://loinc.org|30525-0&value-quantity=${test}`;
  const prefixes = ['', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ap'];
  for (const unit of ['', '||a', '|http://unitsofmeasure.org|a']) {
    for (const prefix of prefixes) {
      const around = [90, 94, 95, 96, 120].map((value) => ask(`${prefix}${value}${unit}`));
      assert.equal(await differs(around.slice(1), 'deidentified'), false, `${prefix}${unit}`);
    }
    assert.equal((await get(ask(`ge90${unit}`))).json.entry?.length, 1);
    assert.equal((await get(ask(`lt89${unit}`))).json.entry, undefined);
  }
  assert.equal(await differs(['gt94', 'gt95'].map(ask), 'without-identity'), true, 'negative control');
  const composite = (value: string): string => `/Observation?code-value-quantity=http://loinc.org|30525-0$${value}`;
  assert.equal(await differs(['le94', 'le96'].map(composite), 'deidentified'), false);
});

test('who guesses a code that is not shown learns nothing', async () => {
  const guesses = ['ida-berg', 'ida-bergman', 'http://clinic.example/c|ida-berg', 'http://clinic.example/c|no'];
  for (const modifier of ['', ':not']) {
    assert.equal(
      await differs(
        guesses.map((guess) => `/Observation?category${modifier}=${guess}`),
        'deidentified',
      ),
      false,
    );
  }
  assert.equal(
    await differs(
      guesses.map((guess) => `/Observation?category=${guess}`),
      'limited',
    ),
    true,
    'negative control',
  );
  for (const query of ['category=ida-berg', 'date=ge2020-05-03', 'value-quantity=gt94']) {
    const scopes = [`system/Observation.rs?${query}`];
    const limited = { as: { view: 'deidentified' as const, id: recipients.one, scopes } };
    assert.equal(
      (await house.send('GET', '/Observation', limited)).status,
      403,
      'a scope of one’s own making is a question too',
    );
  }
});

test('nothing is written in any view but the full one', async () => {
  for (const view of ['without-identity', 'limited', 'deidentified'] as const) {
    const patient =
      view === 'without-identity' ? (ids.patient ?? '') : await own('Patient', 'gender=female', recipients.one, view);
    const body = { resourceType: 'Patient', id: patient };
    assert.equal((await house.send('PUT', `/Patient/${patient}`, { body, ...as(view) })).status, 403, view);
    assert.equal((await house.send('DELETE', `/Patient/${patient}`, as(view))).status, 403, view);
    assert.equal(
      (await house.send('POST', '/Patient', { body: { resourceType: 'Patient' }, ...as(view) })).status,
      403,
    );
  }
});
