import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Canary, canaryBundle, canaryCategories } from '@safeguard/synthetic';
import { aroundResources, type CanarySearch, canarySearches } from '../harness/canary-searches.ts';
import { type Inside, openInside } from '../harness/inside.ts';
import { type Answer, type Asked, type Instance, removeData, start } from '../harness/instance.ts';
import { mistaken } from '../harness/mistakes.ts';
import { createScanner, type Scanner } from '../harness/needles.ts';
import { clinicalTexts, identityTexts } from '../harness/opened-rows.ts';
import { type MaskedView, maskedViews, ownNames } from '../harness/own-names.ts';

/** Stands in every canary that has room for it, and in nothing else on this machine. */
const tag = `c${randomBytes(8).toString('hex')}`;
/** Stands in free text, which stays clinical by design: shows that the clinical segment really was opened. */
const freeTag = `f${randomBytes(8).toString('hex')}`;
const freeText = `She said ${freeTag} yesterday`;

let safeguard: Instance;
let inside: Inside;
let temporary: string;
let tmpBefore: Set<string>;
let full: string;
/** A token, and how the client of it calls resources, of every view without identity. */
const masked = new Map<MaskedView, { readonly token: string; readonly own: (text: string) => string }>();
let canaries: readonly Canary[];
let scanner: Scanner;
/** `Type/id` of everything that was written. */
const written: string[] = [];
const errors: { asked: string; answer: Answer }[] = [];
const searches: { asked: CanarySearch; answer: Answer }[] = [];

// biome-ignore lint/suspicious/noExplicitAny: resources of every shape
type Resource = any;

const plantedAt = (where: string): string => {
  const found = canaries.find((canary) => canary.where === where);
  assert.ok(found, where);
  return found.value;
};

before(async () => {
  tmpBefore = new Set(await readdir(tmpdir()));
  temporary = await mkdtemp(join(tmpdir(), 'safeguard-test-tmp-'));
  safeguard = await start({ env: { TMPDIR: temporary } });
  inside = await openInside(safeguard.data);
  full = await safeguard.token();
  const planted = canaryBundle(tag);
  canaries = planted.canaries;
  // What a photo or a fingerprint says once it is decoded.
  const decoded = canaries
    .filter(({ category }) => category === 'photo' || category === 'biometric')
    .map(({ value }) => Buffer.from(value, 'base64').toString('latin1'))
    .flatMap((text) => (text.includes('canary') ? [text.slice(text.indexOf('canary'))] : []));
  scanner = createScanner([tag, ...canaries.map(({ value }) => value), ...decoded]);
  const { bundle } = planted;
  const observation: Resource = bundle.entry.find(({ resource }) => resource.resourceType === 'Observation')?.resource;
  observation.note = [{ text: freeText }];
  await load(bundle);
  await writeSingly();
  await provoke();
  for (const { status, ...asked } of canarySearches(plantedAt, placeOf('Patient'))) {
    const answer = await safeguard.request({ token: full, ...asked });
    searches.push({ asked: { ...asked, status }, answer });
  }
});

after(async () => {
  await inside?.close();
  await safeguard?.stop();
  if (safeguard) await removeData(safeguard.data);
  if (temporary) await rm(temporary, { recursive: true, force: true });
});

async function load(bundle: object): Promise<void> {
  const answer = await safeguard.request({ method: 'POST', path: '/fhir/R4', token: full, body: bundle });
  assert.equal(answer.status, 200, answer.text);
  for (const { response } of answer.json.entry) {
    written.push(/([A-Z][A-Za-z]+\/[0-9a-f-]{36})\/_history/.exec(response.location)?.[1] ?? '');
  }
}

const placeOf = (type: string): string => written.find((place) => place.startsWith(`${type}/`)) ?? '';

/** Create, update, delete and searches beside the transaction. */
async function writeSingly(): Promise<void> {
  const read = await safeguard.request({ path: `/fhir/R4/${placeOf('Patient')}`, token: full });
  assert.equal(read.status, 200);
  const { id: _id, meta: _meta, ...fresh } = read.json;
  const made = await safeguard.request({ method: 'POST', path: '/fhir/R4/Patient', token: full, body: fresh });
  assert.equal(made.status, 201, made.text);
  const place = `Patient/${made.json.id}`;
  written.push(place);
  const body = { ...made.json, active: false };
  const put = await safeguard.request({ method: 'PUT', path: `/fhir/R4/${place}`, token: full, body });
  assert.equal(put.status, 200, put.text);
  for (const where of ['Patient.identifier[0].value', 'Patient.identifier[1].value']) {
    const value = encodeURIComponent(plantedAt(where));
    const found = await safeguard.request({
      path: `/fhir/R4/Patient?identifier=${value}&_total=accurate`,
      token: full,
    });
    assert.equal(found.json.total, 2, `${where} is found`);
    assert.ok(!found.json.link.some(({ url }: { url: string }) => url.includes(value)), 'a link holds no identifier');
  }
  const form = new URLSearchParams({ identifier: plantedAt('Patient.identifier[3].value') }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const posted = await safeguard.request({
    method: 'POST',
    path: '/fhir/R4/Patient/_search',
    token: full,
    body: form,
    headers,
  });
  assert.equal(posted.json.entry.length, 2);
  const doomed = await safeguard.request({ method: 'POST', path: '/fhir/R4/Patient', token: full, body: fresh });
  const gone = await safeguard.request({ method: 'DELETE', path: `/fhir/R4/Patient/${doomed.json.id}`, token: full });
  assert.equal(gone.status, 204);
}

/** Errors of every sort with a canary in the body, the URL and the headers. */
async function provoke(): Promise<void> {
  const [name, ssn] = [plantedAt('Patient.name[0].family'), plantedAt('Patient.identifier[0].value')];
  for (const asked of mistaken(name, ssn, placeOf('Patient'))) {
    const form = asked.path === '/oauth2/token' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const answer = await safeguard.request({ token: full, ...asked, headers: { ...form, ...asked.headers } });
    errors.push({ asked: `${asked.method ?? 'GET'} ${asked.path} #${errors.length}`, answer });
  }
}

test('a value of each of the 18 categories was planted and is read back whole by who may', async () => {
  assert.deepEqual([...new Set(canaries.map(({ category }) => category))].sort(), [...canaryCategories].sort());
  const texts = await Promise.all(
    written.map(async (place) => (await safeguard.request({ path: `/fhir/R4/${place}`, token: full })).text),
  );
  const all = texts.join('\n');
  const lost = canaries.filter(({ value }) => !all.includes(value));
  assert.deepEqual(lost, []);
});

test('no error says what the caller sent', () => {
  for (const { asked, answer } of errors) {
    if (/^GET \/healthz/.test(asked)) continue;
    assert.ok(answer.status >= 400 && answer.status < 500, `${asked}: ${answer.status} ${answer.text}`);
    const told = JSON.stringify([answer.text, answer.headers]);
    assert.deepEqual(scanner.text(told, asked), [], told);
  }
});

test('what is searched for, or decides about a write, comes back in no link, address, header or error', () => {
  for (const { asked, answer } of searches) {
    const what = `${asked.method ?? 'GET'} ${asked.path}: ${answer.status} ${answer.text.slice(0, 400)}`;
    assert.equal(answer.status, asked.status, what);
    assert.deepEqual(scanner.text(aroundResources(answer), what), []);
  }
  const found = searches.filter(({ asked, answer }) => /total=accurate/.test(asked.path) && answer.json.total >= 1);
  assert.ok(found.length >= 12, `negative control: ${found.length} of these searches find somebody`);
});

test('the index holds numbers only, and of the clinical segment no birth date', async () => {
  const { sql } = inside.databases;
  const text = `select distinct table_name, data_type from information_schema.columns
    where table_schema = 'records' and table_name = any ($1)`;
  const types = async (segment: string, tables: string[]): Promise<unknown[]> =>
    (await sql(segment, text, [tables])).map(({ data_type: type }) => type);
  const numbers = ['bigint', 'integer', 'smallint', 'double precision', 'uuid'];
  const columns = [...(await types('clinical', ['search', 'ordered'])), ...(await types('identity', ['token']))];
  assert.ok(columns.length >= 5);
  assert.deepEqual(
    columns.filter((type) => !numbers.includes(String(type))),
    [],
  );
  const days = async (dates: readonly string[]): Promise<number> => {
    const times = dates.map((date) => Date.parse(date));
    const rows = await sql('clinical', 'select from records.ordered where low = any ($1) or high = any ($1)', [times]);
    return rows.length;
  };
  const dates = canaries.filter(({ category }) => category === 'date').map(({ value }) => value);
  assert.ok(dates.length > 1);
  assert.equal(await days(dates), 0);
  assert.ok((await days(['2020-02-29T12:00:00Z'])) > 0, 'negative control: the time of the observation is there');
});

test('nothing identifying stands in clear in any file, log, temporary file or output', async () => {
  for (const segment of ['identity', 'clinical', 'ledger']) await inside.databases.sql(segment, 'checkpoint');
  await sleep(1200); // the log writes what it holds once a second
  const data = await scanner.files(safeguard.data);
  assert.ok(data.files > 500 && data.bytes > 30e6, `a whole cluster was looked through: ${JSON.stringify(data)}`);
  assert.deepEqual(data.findings, []);
  assert.deepEqual((await scanner.files(temporary)).findings, []);
  const ours = /^(safeguard-test-|bash_jobs|atk-)/;
  for (const name of await readdir(tmpdir())) {
    if (tmpBefore.has(name) || ours.test(name)) continue;
    assert.deepEqual((await scanner.files(join(tmpdir(), name))).findings, [], name);
  }
  const output = safeguard.output();
  assert.match(output, /"route":"\/fhir\/R4/, 'requests were logged');
  assert.deepEqual(scanner.text(output, 'output'), []);
  const metrics = await safeguard.request({ path: '/metrics' });
  assert.match(metrics.text, /route/);
  assert.deepEqual(scanner.text(metrics.text, 'metrics'), []);
});

test('the clinical segment, decrypted, names nobody; the identity segment names everybody', async () => {
  const clinical = await clinicalTexts(inside);
  assert.ok(clinical.length >= written.length);
  const all = clinical.join('\n');
  assert.ok(all.includes(freeTag), 'it really is open: the free text is there');
  assert.deepEqual(scanner.text(all, 'clinical'), []);
  const identity = (await identityTexts(inside)).join('\n');
  const lost = canaries.filter(({ value }) => !identity.includes(value) && !identity.includes(JSON.stringify(value)));
  assert.deepEqual(lost, [], 'negative control: the scanner would find them here');
  assert.ok(scanner.text(identity, 'identity').length >= canaries.length);
});

test('the ledger, decrypted, holds no value of any resource', async () => {
  const events = JSON.stringify([await inside.events(0), await inside.events(1)]);
  assert.ok(events.includes(written[0]?.split('/')[1] ?? '-'), 'it really is open: ids are there');
  assert.deepEqual(scanner.text(events, 'ledger'), []);
  const clear = await inside.databases.sql('ledger', 'select note from ledger.checkpoints');
  assert.deepEqual(scanner.text(JSON.stringify(clear), 'checkpoints'), []);
});

test('negative controls: what does stand in clear is found', async () => {
  const found = (at: string, findings: readonly { form: string }[]): string[] => {
    assert.ok(findings.length > 0, `${at} is found`);
    return findings.map(({ form }) => form);
  };
  const value = plantedAt('Patient.name[0].family');
  const file = join(safeguard.data, 'planted.txt');
  const forms: [string, Buffer][] = [
    ['utf-8', Buffer.from(`xx${value}xx`)],
    ['utf-16le', Buffer.from(`xx${value}xx`, 'utf16le')],
    ['utf-16be', Buffer.from(`xx${value}xx`, 'utf16le').swap16()],
    ['hex', Buffer.from(Buffer.from(value).toString('hex'))],
    ['base64+0', Buffer.from(Buffer.from(`abc${value}de`).toString('base64'))],
    ['base64+1', Buffer.from(Buffer.from(`a${value}de`).toString('base64'))],
    ['base64+2', Buffer.from(Buffer.from(`ab${value}de`).toString('base64'))],
    ['lower case', Buffer.from(value.toLowerCase())],
  ];
  for (const [form, bytes] of forms) {
    await writeFile(file, Buffer.concat([randomBytes(5_000_001), bytes, randomBytes(17)]));
    assert.ok(found(form, (await scanner.files(file)).findings).includes(form), form);
  }
  await rm(file);
  const control = `CONTROL-${randomBytes(12).toString('hex')}`;
  const { sql } = inside.databases;
  await sql('identity', 'create table public.control (v text)');
  await sql('identity', 'insert into public.control values ($1)', [control]);
  await sql('identity', 'checkpoint');
  const raw = (await createScanner([control]).files(join(safeguard.data, 'postgres'))).findings;
  assert.ok(
    raw.some(({ at }) => at.includes('/base/')),
    'in the files of the database',
  );
  assert.ok(
    raw.some(({ at }) => at.includes('/pg_wal/')),
    'in the write-ahead log',
  );
  await sql('identity', 'drop table public.control');
});

const masks = (text: string): void => {
  assert.deepEqual(scanner.text(text, 'a view without identity'), []);
  assert.ok(!text.includes(freeTag), 'free text is masked');
};

/** Made when it is first asked for: what is written is there by then. */
async function maskedOf(view: MaskedView): Promise<{ readonly token: string; readonly own: (text: string) => string }> {
  const known = masked.get(view);
  if (known !== undefined) return known;
  const token = await safeguard.token('system/*.cruds', { view });
  const as = (token: string) => (path: string) => safeguard.request({ path, token });
  const types = written.map((place) => place.split('/')[0] ?? '');
  const made = { token, own: await ownNames(as(full), as(token), types) };
  masked.set(view, made);
  return made;
}

async function seenMasked(view: MaskedView): Promise<void> {
  const { token, own } = await maskedOf(view);
  const ask = async (asked: Asked): Promise<Answer> => {
    const answer = await safeguard.request({ token, ...asked });
    assert.equal(answer.status, 200, `${view} ${asked.path}: ${answer.text}`);
    masks(JSON.stringify([answer.text, answer.headers]));
    return answer;
  };
  const gets: string[] = [];
  for (const place of written.map(own)) {
    const [type, id] = place.split('/');
    gets.push(place, `${place}/_history/1`, `${place}/_history`, `${type}?_id=${id}`, `${type}?_count=1`);
  }
  for (const path of gets) await ask({ path: `/fhir/R4/${path}` });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  await ask({ method: 'POST', path: '/fhir/R4/Patient/_search', headers: form, body: '_count=100' });
  const entry = gets.map((url) => ({ request: { method: 'GET', url } }));
  for (const type of ['batch', 'transaction']) {
    const answer = await ask({ method: 'POST', path: '/fhir/R4', body: { resourceType: 'Bundle', type, entry } });
    assert.deepEqual([...new Set(answer.json.entry.map((one: Resource) => one.response.status))], ['200 OK']);
  }
  const note = (await ask({ path: `/fhir/R4/${own(placeOf('Observation'))}` })).json;
  assert.equal(note.valueQuantity.value, 72, 'the facts are there');
  assert.ok(JSON.stringify(note.note).includes('masked'));
}

/** Scans of the tables that hold identity or its keys. A backend tells its counters at the latest when it ends. */
async function identityScans(): Promise<number> {
  const { sql } = inside.databases;
  await sql('clinical', `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'safeguard_identity'`);
  await sleep(300);
  const text = `select sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0))::int as n from pg_stat_user_tables
    where schemaname in ('records', 'seal')`;
  return Number((await sql('identity', text))[0]?.n);
}

test('a view without identity shows nobody, and asks nothing of what identifies', async () => {
  for (const view of maskedViews) await maskedOf(view);
  const begin = await identityScans();
  for (const view of maskedViews) await seenMasked(view);
  assert.equal(await identityScans(), begin, 'no table of identities or of their keys was touched');
  const control = await safeguard.request({ path: `/fhir/R4/${placeOf('Patient')}`, token: full });
  assert.equal(control.status, 200);
  assert.ok((await identityScans()) > begin, 'negative control: a full read does touch them');
});

for (const view of maskedViews)
  test(`the view ${view} cannot search by identity nor write`, async () => {
    const { token } = await maskedOf(view);
    const value = encodeURIComponent(plantedAt('Patient.identifier[1].value'));
    const body = { resourceType: 'Patient' };
    const entry = [{ request: { method: 'GET', url: `Patient?identifier=${value}` } }];
    const asks: Asked[] = [
      { path: `/fhir/R4/Patient?identifier=${value}` },
      { method: 'POST', path: '/fhir/R4/Patient', body, headers: { 'if-none-exist': `identifier=${value}` } },
      { method: 'POST', path: '/fhir/R4/Patient', body },
    ];
    for (const asked of asks) {
      const answer = await safeguard.request({ token, ...asked });
      assert.equal(answer.status, 403, answer.text);
      masks(answer.text);
    }
    const batch = { resourceType: 'Bundle', type: 'batch', entry };
    const answer = await safeguard.request({ method: 'POST', path: '/fhir/R4', token, body: batch });
    assert.match(answer.json.entry[0].response.status, /^403/);
  });

test('with the identity tables out of reach the views without identity go on and the full one does not', async () => {
  const { sql } = inside.databases;
  for (const view of maskedViews) await maskedOf(view);
  await sql('identity', 'revoke usage on schema records, seal from safeguard_identity');
  try {
    for (const view of maskedViews) await seenMasked(view);
    for (const place of [placeOf('Patient'), placeOf('Observation')]) {
      const answer = await safeguard.request({ path: `/fhir/R4/${place}`, token: full });
      assert.ok(answer.status >= 500, `negative control: ${answer.status}`);
      assert.deepEqual(scanner.text(answer.text, 'error'), []);
    }
  } finally {
    await sql('identity', 'grant usage on schema records, seal to safeguard_identity');
  }
  const back = await safeguard.request({ path: `/fhir/R4/${placeOf('Patient')}`, token: full });
  assert.equal(back.status, 200);
});

/** One try: whether both answers came before the tokens had to be looked up again (at most a second). */
async function withoutDatabase(): Promise<[number, number]> {
  const { sql } = inside.databases;
  const { token: clinical, own } = await maskedOf('deidentified');
  const asks = [
    { path: `/fhir/R4/${own(placeOf('Patient'))}`, token: clinical },
    { path: `/fhir/R4/${placeOf('Patient')}`, token: full },
  ];
  for (const ask of asks) await safeguard.request(ask);
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'identity'`;
  await sql('clinical', 'alter database identity allow_connections false');
  try {
    await sql('clinical', cut);
    await sleep(100); // so that the pool has noticed, and asks for a new connection
    const statuses = asks.map(async (ask) => (await safeguard.request(ask)).status);
    return (await Promise.all(statuses)) as [number, number];
  } finally {
    await sql('clinical', 'alter database identity allow_connections true');
  }
}

test('with the whole identity database gone the same holds, while the tokens are known', async (t) => {
  let seen: [number, number] = [0, 0];
  for (let attempt = 0; attempt < 5 && seen[0] !== 200; attempt += 1) seen = await withoutDatabase();
  t.diagnostic(`de-identified ${seen[0]}, full ${seen[1]}; later both need it: tokens are looked up in that database`);
  assert.deepEqual(seen, [200, 503]);
});
