import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { type Barrage, createBarrage } from '../harness/barrage.ts';
import { type Bystander, createBystander, patience_ms } from '../harness/bystander.ts';
import { type Instance, removeData, start } from '../harness/instance.ts';

/** Questions with endless answers: a hub with thousands of referrers, rings, everything of everybody. */

const base = '/fhir/R4';
const [referrers, piece] = [5_000, 1_000];
const grows_mb = 400;
let safeguard: Instance;
let barrage: Barrage;
let bystander: Bystander;
let hub = '';
let busy = '';

/** Resident memory of the server, in MB. */
async function resident(): Promise<number> {
  const status = await readFile(`/proc/${safeguard.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

type Entry = Record<string, unknown>;
const load = async (entry: readonly Entry[]): Promise<void> => {
  const body = { resourceType: 'Bundle', type: 'transaction', entry };
  const { status, text } = await safeguard.request({ method: 'POST', path: base, token, body });
  assert.equal(status, 200, text.slice(0, 300));
};
let token = '';

before(async () => {
  safeguard = await start({ tls: 'off' });
  token = await safeguard.token();
  barrage = createBarrage(safeguard, token);
  const made = async (body: { resourceType: string; [more: string]: unknown }): Promise<string> => {
    const answer = await barrage.send('make', { method: 'POST', path: `${base}/${body.resourceType}`, body });
    assert.equal(answer.status, 201, answer.text);
    return answer.json.id;
  };
  hub = await made({ resourceType: 'Practitioner', name: [{ family: 'Hub' }] });
  busy = await made({ resourceType: 'Patient', generalPractitioner: [{ reference: `Practitioner/${hub}` }] });
  const observation = (at: number): Entry => ({
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: String(at % 7) }] },
      subject: { reference: `Patient/${busy}` },
      performer: [{ reference: `Practitioner/${hub}` }],
      effectiveDateTime: new Date(Date.UTC(2020, 0, 1, 0, at)).toISOString(),
    },
    request: { method: 'POST', url: 'Observation' },
  });
  for (let from = 0; from < referrers; from += piece) {
    await load(Array.from({ length: piece }, (_, at) => observation(from + at)));
  }
  // A ring of patients, each linked to all others: every round of an include leads to all again.
  const ring = Array.from(
    { length: 60 },
    (_, at) => `urn:uuid:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
  );
  await load(
    ring.map((fullUrl) => ({
      fullUrl,
      resource: {
        resourceType: 'Patient',
        active: true,
        link: ring.filter((one) => one !== fullUrl).map((reference) => ({ other: { reference }, type: 'seealso' })),
      },
      request: { method: 'POST', url: 'Patient' },
    })),
  );
  bystander = createBystander(safeguard, token, `${base}/Practitioner/${hub}`);
});

after(async () => {
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
});

const chain = (length: number): string => `${Array.from({ length }, () => 'link:Patient').join('.')}.active=true`;

/** A page and what it includes; `$lastn` knows no pages, and reads 20,000 at most. */
const mostOf = (question: string): number => (question.includes('$lastn') ? 20_000 : 2_001);

const questions = (): string[] => [
  `Practitioner?_id=${hub}&_revinclude=*`,
  `Practitioner?_id=${hub}&_revinclude=Observation:performer&_revinclude:iterate=*&_include:iterate=*`,
  'Observation?_count=1000&_include=*',
  'Observation?_count=1000&_include=*&_include:iterate=*&_revinclude:iterate=*',
  'Patient?active=true&_count=1000&_include:iterate=Patient:link&_revinclude:iterate=Patient:link',
  'Patient?_include:iterate=*&_revinclude:iterate=*&_count=1',
  `Patient/${busy}/$everything?_count=1000`,
  `Patient/${busy}/*?_count=1000&_include=*`,
  `Observation/$lastn?patient=${busy}&code=1,2,3,4,5,6,0&max=1000`,
  '?_count=1000&_revinclude=*&_include=*',
  '_history?_count=1000',
  `Patient?${chain(2)}&_total=accurate`,
  `Patient?${chain(5)}&_total=accurate`,
  `Patient?_has:Patient:link:_has:Patient:link:_has:Patient:link:active=true&_total=accurate`,
  `Practitioner?_has:Observation:performer:code=1&_has:Observation:performer:patient._id=${busy}&_total=accurate`,
  'Observation?_sort=-date,code,patient&_count=1000',
  'Observation?code:text=x&_total=accurate',
  'Observation?subject:Patient.general-practitioner:Practitioner.name:contains=u&_total=accurate',
  '$meta',
];

test('answers are bounded in size, time and memory, and others are served meanwhile', async (t) => {
  const wrong: string[] = [];
  const began_mb = await resident();
  for (const question of questions()) {
    const began = performance.now();
    let told = '';
    const longest = await bystander.during(async () => {
      const { status, text, json } = await barrage.send(question, { path: `${base}/${question}` });
      const entries = json?.entry?.length ?? 0;
      told = `${question}: ${status}, ${entries} entries, ${Math.round(text.length / 1024)} kB`;
      if (![200, 400, 422].includes(status) || entries > mostOf(question)) wrong.push(told);
    });
    const took = Math.round(performance.now() - began);
    t.diagnostic(`${told}, ${took} ms, others waited ${Math.round(longest)} ms`);
    if (longest > patience_ms) wrong.push(`${told}: another read took ${Math.round(longest)} ms`);
  }
  const grown = (await resident()) - began_mb;
  t.diagnostic(`${Math.round(began_mb)} MB before, ${Math.round(grown)} MB more after`);
  assert.ok(grown < grows_mb, `the server grew by ${Math.round(grown)} MB`);
  assert.deepEqual(wrong, []);
});

test('eight at once: memory stays bounded, and each is answered', async (t) => {
  const began_mb = await resident();
  const worst = questions()[3] ?? '';
  await bystander.during(() =>
    barrage.all(Array.from({ length: 8 }, (_, at) => [`#${at}`, { path: `${base}/${worst}` }] as const)),
  );
  const grown = (await resident()) - began_mb;
  t.diagnostic(`${Math.round(grown)} MB more`);
  assert.ok(grown < grows_mb, `the server grew by ${Math.round(grown)} MB`);
});

test('negative control: the hub has its referrers, and an include that is cut says so', async () => {
  const all = await barrage.send('total', { path: `${base}/Observation?performer=Practitioner/${hub}&_summary=count` });
  assert.equal(all.json.total, referrers);
  const cut = await barrage.send('cut', { path: `${base}/Practitioner?_id=${hub}&_revinclude=Observation:performer` });
  const modes: string[] = cut.json.entry.map(({ search }: { search: { mode: string } }) => search.mode);
  assert.equal(modes.filter((mode) => mode === 'include').length, 1_000);
  assert.equal(modes.filter((mode) => mode === 'outcome').length, 1);
});
