import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { searchParameters } from '@safeguard/fhir';
import { type Canary, canaryBundle } from '@safeguard/synthetic';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';
import { createScanner, type Scanner } from '../harness/needles.ts';
import { type MaskedView, maskedViews, ownNames } from '../harness/own-names.ts';
import { typeOf } from '../harness/two-tenants.ts';

/**
 * The views without identity are asked in every way for what they do not show: it is refused, or answered as if nobody
 * had the value. Negative control: a full view finds it.
 */

const base = '/fhir/R4';
let safeguard: Instance;
let full: string;
const masked = new Map<MaskedView, { readonly token: string; readonly own: (text: string) => string }>();
let canaries: readonly Canary[];
let scanner: Scanner;
const places: string[] = [];

const ask = (token: string, asked: Asked | string): Promise<Answer> =>
  safeguard.request({ token, ...(typeof asked === 'string' ? { path: `${base}/${asked}` } : asked) });
/** Asks in a view, by the names that its client has for resources. */
const see = (view: MaskedView, path: string): Promise<Answer> => {
  const { token, own } = masked.get(view) ?? assert.fail(view);
  return ask(token, own(path));
};
const placeOf = (type: string): string => places.find((place) => typeOf(place) === type) ?? '';
const plantedAt = (where: string): string =>
  canaries.find((canary) => canary.where === where)?.value ?? assert.fail(where);

before(async () => {
  safeguard = await start({ tls: 'off' });
  full = await safeguard.token();
  const planted = canaryBundle(`d${randomUUID().slice(0, 8)}`);
  canaries = planted.canaries;
  scanner = createScanner(canaries.map(({ value }) => value));
  const loaded = await ask(full, { method: 'POST', path: base, body: planted.bundle });
  assert.equal(loaded.status, 200, loaded.text);
  for (const { response } of loaded.json.entry) {
    places.push(/([A-Z][A-Za-z]+\/[0-9a-f-]{36})\/_history/.exec(response.location)?.[1] ?? '');
  }
  for (const view of maskedViews) {
    const token = await safeguard.token('system/*.cruds', { view });
    const [whole, part] = [full, token].map((one) => (path: string) => safeguard.request({ path, token: one }));
    if (whole && part) masked.set(view, { token, own: await ownNames(whole, part, places.map(typeOf)) });
  }
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

const escaped = (value: string): string => encodeURIComponent(value.replace(/[\\,|$]/g, '\\$&'));
/** A value of the same form that nobody has. */
const like = (value: string): string =>
  /^\d{4}-\d\d-\d\d$/.test(value) ? value.replace(/^..../, '1875') : changed(value);
const changed = (value: string): string =>
  value.replace(/[0-9a-z]/gi, (letter) => (/\d/.test(letter) ? String((Number(letter) + 1) % 8) : 'q'));
const found = ({ status, json }: Answer): number => (status === 200 ? (json?.entry?.length ?? 0) : -status);

/** Asks for what was planted and for what nobody has; answers what a full view finds. */
async function compared(question: (value: string) => string, values: readonly string[]): Promise<number> {
  const [real, never] = [values, values.map(like)].map((list) => question(list.map(escaped).join(',')));
  for (const view of maskedViews) {
    const [one, other] = await Promise.all([see(view, real ?? ''), see(view, never ?? '')]);
    const what = `${view} ${decodeURIComponent(real ?? '').slice(0, 200)}: ${one.status} ${one.text.slice(0, 300)}`;
    assert.equal(one.status, other.status, what);
    assert.equal(found(one), found(other), what);
    assert.deepEqual(scanner.text(one.text, what), []);
  }
  return found(await ask(full, real ?? ''));
}

/** What was planted in resources of a type, by what a parameter of this type could be asked. */
function valuesFor(type: string, kind: string): string[] {
  const own = canaries.filter(({ where }) => where.startsWith(`${type}.`));
  const fits = own.filter(({ category }) => (kind === 'date') === (category === 'date'));
  return fits.map(({ value }) => value);
}

test('no search parameter of any type that is there finds anybody by what is masked', async (t) => {
  const finding: string[] = [];
  for (const type of new Set(places.map(typeOf))) {
    for (const { code, type: kind } of searchParameters(type)) {
      if (!['string', 'token', 'date', 'uri', 'reference'].includes(kind)) continue;
      const modifiers = { string: ['', ':exact', ':contains'], token: ['', ':text'], reference: [':identifier'] };
      for (const modifier of modifiers[kind as 'string'] ?? ['']) {
        const values = valuesFor(type, kind);
        if (values.length === 0) continue;
        const name = `${code}${modifier}`;
        if ((await compared((value) => `${type}?${name}=${value}`, values)) > 0) finding.push(`${type}?${name}`);
      }
    }
  }
  t.diagnostic(`${finding.length} of these find somebody for a full view`);
  assert.ok(finding.length > 25, `negative control: ${finding.join(' ')}`);
});

test('nor by a chain, _has, _filter, a condition, an order or words', async () => {
  const [family, mrn] = [plantedAt('Patient.name[0].family'), plantedAt('Patient.identifier[1].value')];
  const doctor = plantedAt('Practitioner.name[0].family');
  const patient = placeOf('Patient');
  const filter = (text: string): string => encodeURIComponent(text);
  const questions: [question: (value: string) => string, value: string][] = [
    [(value) => `Observation?patient.name=${value}`, family],
    [(value) => `Observation?subject:Patient.family:contains=${value}`, family],
    [(value) => `Observation?subject:Patient.identifier=${value}`, mrn],
    [(value) => `Observation?encounter.participant:Practitioner.name=${value}`, doctor],
    [(value) => `Observation?subject:identifier=${value}`, mrn],
    [(value) => `Practitioner?_has:Encounter:practitioner:patient.family=${value}`, family],
    [(value) => `Patient?_has:RelatedPerson:patient:name=${value}`, plantedAt('RelatedPerson.name[0].family')],
    [(value) => `Patient?_filter=${filter(`family eq "${decodeURIComponent(value)}"`)}`, family],
    [(value) => `Observation?_filter=${filter(`patient.family eq "${decodeURIComponent(value)}"`)}`, family],
    [(value) => `Patient?_filter=${filter(`not (family ne "${decodeURIComponent(value)}")`)}`, family],
    [(value) => `${patient}/*?_content=${value}`, family.slice(0, 10)],
    [(value) => `Observation?patient=${patient}&_text=${value}`, plantedAt('Observation.text.div')],
    [(value) => `${patient}/Observation?subject:Patient.name=${value}`, family],
    [(value) => `?_type=Patient,Practitioner&name=${value}`, family],
    [
      (value) => `Observation/$lastn?patient=${patient.slice(8)}&code=8867-4&identifier=${value}`,
      plantedAt('Observation.identifier[0].value'),
    ],
  ];
  let finding = 0;
  for (const [question, value] of questions) finding += (await compared(question, [value])) > 0 ? 1 : 0;
  assert.ok(finding >= 11, `negative control: ${finding} of ${questions.length} find somebody for a full view`);
  for (const sort of ['family', '-birthdate', 'address-city', 'identifier', '_lastUpdated,telecom']) {
    for (const view of maskedViews) assert.equal((await see(view, `Patient?_sort=${sort}`)).status, 403, sort);
    assert.equal((await ask(full, `Patient?_sort=${sort}`)).status, 200, 'negative control');
  }
  for (const missing of ['true', 'false']) {
    for (const view of maskedViews) {
      assert.equal((await see(view, `Patient?address-city:missing=${missing}`)).status, 403);
    }
  }
});

/** Whatever shows resources. */
const shows = (): string[] => {
  const patient = placeOf('Patient');
  const paths = [
    `${patient}/$everything`,
    `${patient}/$everything?_count=1`,
    `Observation/$lastn?patient=${patient.slice(8)}&category=,&code=8867-4`,
    `Observation/$lastn?patient=${patient.slice(8)}&code=8867-4`,
    `${patient}/*`,
    `Observation?_include=*&_include:iterate=*&_revinclude=*`,
    `Encounter?_include=Encounter:participant&_include=Encounter:subject`,
    `Patient?_revinclude=RelatedPerson:patient&_revinclude=*`,
    `Patient?_elements=name,birthDate,telecom,address,identifier,photo,contact,extension`,
    `Patient?_elements=Patient.name`,
    `Encounter?_summary=text`,
    `Patient?_summary=data`,
    '?_count=100',
    '_history',
    'Patient/_history',
    '$meta',
    'Patient/$meta',
  ];
  const own = places.flatMap((place) => [place, `${place}?_elements=name`, `${place}/_history`, `${place}/_history/1`]);
  const metas = places.flatMap((place) => [`${place}/$meta`, `${place}/_history/1/$meta`]);
  return [...paths, ...own, ...metas].flatMap((path) => [path, `${path}${path.includes('?') ? '&' : '?'}_format=xml`]);
};

test('whatever shows resources shows nobody, in JSON and in XML', async () => {
  let seen = 0;
  for (const path of shows()) {
    let shown = false;
    for (const view of maskedViews) {
      const answer = await see(view, path);
      // Nobody's changes but those of one resource are listed where years alone are told.
      const refused = view === 'deidentified' && /^(?:Patient\/)?_history/.test(path) ? 403 : 400;
      assert.ok(
        [200, refused].includes(answer.status),
        `${view} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`,
      );
      assert.deepEqual(scanner.text(JSON.stringify([answer.text, answer.headers]), path), []);
      shown ||= answer.status === 200;
    }
    if (!shown) continue;
    seen += scanner.text((await ask(full, path)).text, path).length > 0 ? 1 : 0;
  }
  assert.ok(seen > 50, `negative control: ${seen} of these show somebody to a full view`);
});

test('nothing is changed, destroyed or judged whole by who sees only a part', async () => {
  const may = 'history-delete purge reindex';
  const [patient, body] = [placeOf('Patient'), { resourceType: 'Patient' }];
  const headers = { 'content-type': 'application/json-patch+json' };
  const meta = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] };
  const asks: Asked[] = [
    { method: 'PATCH', path: `${base}/${patient}`, headers, body: '[{"op":"remove","path":"/name"}]' },
    { method: 'PATCH', path: `${base}/${patient}`, headers, body: '[{"op":"test","path":"/active","value":true}]' },
    { method: 'PUT', path: `${base}/Patient?gender=female`, body },
    { method: 'PATCH', path: `${base}/Patient?_id=${patient.slice(8)}`, headers, body: '[]' },
    { method: 'DELETE', path: `${base}/Patient?_id=${patient.slice(8)}` },
    { method: 'POST', path: `${base}/${patient}/$meta-add`, body: meta },
    { method: 'POST', path: `${base}/${patient}/$meta-delete`, body: meta },
    { method: 'DELETE', path: `${base}/${patient}/_history` },
    { method: 'DELETE', path: `${base}/${patient}/_history/1` },
    { method: 'POST', path: `${base}/${patient}/$purge` },
    // Told of the whole resource: which elements are there, and whether they fit a profile.
    { path: `${base}/${patient}/$validate` },
  ];
  const wrong: string[] = [];
  for (const view of maskedViews) {
    const everything = await safeguard.token('system/*.cruds', { view, may });
    for (const asked of asks) {
      const answer = await ask(everything, asked);
      if (answer.status !== 403) wrong.push(`${view} ${asked.method ?? 'GET'} ${asked.path}: ${answer.status}`);
      assert.deepEqual(scanner.text(answer.text, asked.path), []);
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal((await ask(full, `${patient}/_history/1`)).status, 200);
});

/** Expressions that end at, or decide by, what is identity: each must be kept there, or refused. */
const sly: readonly (readonly [type: string, kind: string, expression: string, finds: string])[] = [
  ['Patient', 'string', 'Patient.name.family', 'Patient.name[0].family'],
  ['Patient', 'string', 'Patient.name.where(family.exists()).family', 'Patient.name[0].family'],
  ['Patient', 'string', "iif(Patient.name.exists(), Patient.name.family, 'x')", 'Patient.name[0].family'],
  ['Patient', 'string', 'Patient.name.select(family)', 'Patient.name[0].family'],
  ['Patient', 'string', 'Patient.children().family', 'Patient.name[0].family'],
  ['Patient', 'string', 'Patient.descendants().family', 'Patient.name[0].family'],
  ['Patient', 'string', "Patient.name.family.trace('a.exists()')", 'Patient.name[0].family'],
  ['Patient', 'string', 'Patient.name.family.where($this.exists())', 'Patient.name[0].family'],
  ['Patient', 'string', '(Patient.name | Patient.contact.name).family', 'Patient.name[0].family'],
  ['Patient', 'token', 'Patient.identifier.value.where($this.exists())', 'Patient.identifier[0].value'],
  ['Patient', 'date', 'Patient.birthDate.where($this.exists())', 'Patient.birthDate'],
  ['Observation', 'string', 'Observation.subject.where(reference.exists()).display', 'Observation.subject.display'],
  ['Patient', 'string', 'FHIR.Patient.name.family', 'Patient.name[0].family'],
  ['Patient', 'string', '%context.name.family', 'Patient.name[0].family'],
  ['Patient', 'string', '%rootResource.name.family', 'Patient.name[0].family'],
  ['Patient', 'string', 'Patient.name.as(Element).family', 'Patient.name[0].family'],
  ['Observation', 'string', 'Observation.subject', 'Observation.subject.display'],
  ['Observation', 'string', 'Observation.subject.display', 'Observation.subject.display'],
];

/** The answer of a search by a custom parameter once it is served; undefined: the parameter was refused. */
async function planted(type: string, kind: string, expression: string, at: number): Promise<string | undefined> {
  const code = `sly-${at}`;
  const body = {
    resourceType: 'SearchParameter',
    url: `http://example.org/SearchParameter/${code}`,
    ...{ name: `Sly${at}`, status: 'active', description: 'x', code, base: [type], type: kind, expression },
  };
  const made = await ask(full, { method: 'POST', path: `${base}/SearchParameter`, body });
  assert.ok([201, 400, 422].includes(made.status), made.text);
  return made.status === 201 ? code : undefined;
}

test('a search parameter of one’s own does not carry identity into the view, however it is written', async () => {
  const wrong: string[] = [];
  const served: [code: string, type: string, finds: string, expression: string][] = [];
  for (const [at, [type, kind, expression, finds]] of sly.entries()) {
    const code = await planted(type, kind, expression, at);
    if (code !== undefined) served.push([code, type, finds, expression]);
  }
  assert.ok(served.length > 1, 'negative control: some are served');
  let finding = 0;
  for (const [code, type, finds, expression] of served) {
    const question = `${type}?${code}=${escaped(plantedAt(finds))}`;
    for (let tries = 0; tries < 40 && found(await ask(full, question)) <= 0; tries += 1) await sleep(50);
    finding += found(await ask(full, question)) > 0 ? 1 : 0;
    for (const view of maskedViews) {
      const [real, never] = [await see(view, question), await see(view, `${type}?${code}=${like('Nobody-12345')}`)];
      if (real.status !== 403 && found(real) !== found(never))
        wrong.push(`${view} ${expression}: ${found(real)} found`);
    }
  }
  assert.ok(finding > 1, `negative control: ${finding} of ${served.length} find somebody for a full view`);
  assert.deepEqual(wrong, []);
});

test('nor a condition on identity, by which something clinical is picked', async () => {
  const family = plantedAt('Patient.name[0].family');
  const picks = ["where(name.family = '$').gender", "where(name.where(family = '$').exists()).gender"];
  const answers: Answer[] = [];
  for (const [at, pick] of picks.entries()) {
    const code = await planted('Patient', 'token', `Patient.${pick.replace('$', family)}`, 50 + at);
    if (code === undefined) continue;
    for (const view of maskedViews) answers.push(await see(view, `Patient?${code}:missing=false`));
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 403),
  );
});
