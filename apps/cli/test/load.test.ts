import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { retryAfter } from '../fhir/post-bundle.ts';
import type { Summary } from '../load/summary.ts';
import { run } from '../run.ts';
import { fakeServer, type Sent, type Told } from './fake-server.ts';
import { keeping } from './terminal.ts';

const post = (resource: { resourceType: string; [element: string]: unknown }, more: object = {}): object => ({
  resource,
  request: { method: 'POST', url: resource.resourceType, ...more },
});
const bundle = (type: string, ...entry: object[]): string => JSON.stringify({ resourceType: 'Bundle', type, entry });
const patient = (number: number): object => post({ resourceType: 'Patient', multipleBirthInteger: number });
const hospital = post({ resourceType: 'Organization', name: 'H' }, { ifNoneExist: 'identifier=s|1' });

async function setUp(t: TestContext, answer?: (sent: Sent, count: number) => Told | undefined) {
  const server = await fakeServer(answer);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-load-'));
  t.after(() => Promise.all([server.close(), rm(folder, { recursive: true })]));
  const put = (name: string, text: string | Buffer): Promise<void> => writeFile(join(folder, name), text);
  const load = async (...args: string[]): Promise<{ status: number; summary: Summary; err: string }> => {
    const terminal = keeping();
    const line = ['load', folder, '--url', server.base, '--token', 't0ken', '--json', ...args];
    const status = await run(line, terminal);
    return { status, summary: JSON.parse(terminal.said.out || '{}') as Summary, err: terminal.said.err };
  };
  return { server, folder, put, load };
}

test('every form of file is sent, hospitals and practitioners first', async (t) => {
  const { server, folder, put, load } = await setUp(t);
  await put('a-patients.json.gz', gzipSync(bundle('transaction', patient(1), patient(2))));
  await put('b.ndjson', `{"resourceType":"Observation","valueDecimal":1.50}\n\n{"resourceType":"Patient"}\n`);
  await put('c.ndjson.gz', gzipSync('{"resourceType":"Condition"}'));
  await put(
    'd-collection.json',
    '{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1",' +
      '"resource":{"resourceType":"Patient","x":2.00}}]}',
  );
  await put('e-single.json', '{"resourceType":"Device","y":3.0}');
  await put('z-clinics.json', bundle('batch', hospital, post({ resourceType: 'Location' })));
  await put('y-practitionerInformation1.json', bundle('batch', post({ resourceType: 'Practitioner' })));
  await mkdir(join(folder, 'sub'));
  await put('sub/x-hospitalInformation1.json', bundle('batch', hospital));
  await put('notes.txt', 'no FHIR');
  const { status, summary } = await load();
  assert.equal(status, 0);
  const firstTypes = server.sent.map(({ entry }) => entry[0]?.resource.resourceType);
  assert.deepEqual(firstTypes.slice(0, 3), ['Organization', 'Practitioner', 'Organization']);
  assert.deepEqual(firstTypes.slice(3).sort(), ['Condition', 'Device', 'Observation', 'Patient', 'Patient']);
  assert.equal(summary.files, 8);
  assert.equal(summary.ignored, 1);
  assert.equal(summary.created, 11);
  assert.deepEqual(summary.types.Patient, { created: 4, existing: 0, refused: 0 });
  const all = server.sent.map(({ text }) => text).join();
  for (const number of ['1.50', '2.00', '3.0']) assert.ok(all.includes(number), `${number} keeps its digits`);
  assert.ok(server.sent.every(({ headers }) => headers.authorization === 'Bearer t0ken'));
  const collection = server.sent.find(({ text }) => text.includes('urn:uuid:1'));
  assert.equal(collection?.type, 'transaction');
  assert.deepEqual(collection?.entry[0]?.request, { method: 'POST', url: 'Patient' });
});

test('lines are grouped by a hundred, bundles go side by side', async (t) => {
  const { server, put, load } = await setUp(t);
  await put('many.ndjson', `${'{"resourceType":"Patient"}\n'.repeat(1_050)}`);
  const { summary } = await load('--concurrency', '3');
  assert.equal(summary.created, 1_050);
  assert.deepEqual(
    server.sent.map(({ entry }) => entry.length).sort((a, b) => a - b),
    [50, ...Array(10).fill(100)],
  );
  assert.ok(server.most() > 1 && server.most() <= 3, `${server.most()}`);
});

test('a transaction refused as a whole is sent again when the server says when; a batch is not', async (t) => {
  const { server, put, load } = await setUp(t, (_, count) =>
    count % 2 === 1 ? { status: 503, headers: { 'retry-after': '0' } } : undefined,
  );
  await put('a.json', bundle('transaction', patient(1)));
  assert.deepEqual([(await load()).status, server.sent.length], [0, 2]);
  await put('a.json', bundle('batch', patient(1)));
  const { status, summary } = await load();
  assert.deepEqual([status, server.sent.length, summary.refused], [1, 3, 1]);
  assert.equal(summary.reasons[0]?.status, 503);
});

test('too many requests are waited out for every kind, and patience ends', async (t) => {
  const { server, put, load } = await setUp(t, () => ({ status: 429, headers: { 'retry-after': '0' } }));
  await put('a.json', bundle('batch', patient(1)));
  const { status, summary } = await load();
  assert.equal(status, 1);
  assert.equal(server.sent.length, 6);
  assert.equal(summary.refused, 1);
});

test('a 503 without Retry-After is not tried again: nobody knows what was stored', async (t) => {
  const { server, put, load } = await setUp(t, () => ({ status: 503 }));
  await put('a.json', bundle('transaction', patient(1)));
  assert.deepEqual([(await load()).status, server.sent.length], [1, 1]);
});

test('what is refused is counted, with the first reasons and the place', async (t) => {
  const outcome = (diagnostics: string): object => ({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'invalid', diagnostics, expression: ['Patient.gender'] }],
  });
  const { put, load } = await setUp(t, ({ type }) =>
    type === 'transaction'
      ? { status: 400, body: outcome('expected a code of administrative-gender') }
      : {
          status: 200,
          body: {
            resourceType: 'Bundle',
            entry: [
              { response: { status: '201 Created' } },
              { response: { status: '200 OK' } },
              { response: { status: '422', outcome: outcome('no such code') } },
            ],
          },
        },
  );
  await put('1.json', bundle('batch', patient(1), hospital, patient(3)));
  await put('2.json', bundle('transaction', patient(1), patient(2)));
  await put('3.json', '{"resourceType":');
  await put('4.json', '[]');
  await put('5.json.gz', 'no gzip');
  const { status, summary } = await load('--concurrency', '1');
  assert.equal(status, 1);
  assert.deepEqual([summary.created, summary.existing, summary.refused], [1, 1, 6]);
  const told = summary.reasons.map(({ file, text, ...rest }) => ({ ...rest, text: `${file.slice(-6)} ${text}` }));
  assert.deepEqual(told, [
    { entry: 2, status: 422, text: '1.json Patient.gender: no such code' },
    { status: 400, text: '2.json Patient.gender: expected a code of administrative-gender' },
    { text: '3.json not JSON' },
    { text: '4.json not a FHIR resource: there is no resourceType' },
    { text: 'son.gz not a gzip file' },
  ]);
});

test('a line that is no resource does not stop the others', async (t) => {
  const { put, load } = await setUp(t);
  await put('a.ndjson', '{"resourceType":"Patient"}\nnonsense\n{"resourceType":"Patient"}\n');
  await put('b.ndjson', '');
  const { status, summary } = await load('--concurrency', '1');
  assert.equal(status, 1);
  assert.deepEqual([summary.created, summary.refused], [2, 2]);
  assert.deepEqual(
    summary.reasons.map(({ text }) => text),
    ['line 2 is not a FHIR resource', 'an empty file'],
  );
});

test('an answer of another length is not taken for success', async (t) => {
  const { put, load } = await setUp(t, () => ({ status: 200, body: { entry: [] } }));
  await put('a.json', bundle('transaction', patient(1)));
  assert.equal((await load()).status, 1);
});

test('a server that is not there, a path that is not there, nothing to load', async (t) => {
  const { server, folder, put, load } = await setUp(t);
  assert.match((await load()).err, /there is no \.json/);
  await put('a.json', bundle('transaction', patient(1)));
  await server.close();
  const { status, summary } = await load();
  assert.equal(status, 1);
  assert.match(summary.reasons[0]?.text ?? '', /nothing listens on .*not known/);
  const terminal = keeping();
  assert.equal(await run(['load', join(folder, 'absent'), '--url', server.base, '--token', 't'], terminal), 1);
  assert.match(terminal.said.err, /absent cannot be read/);
  assert.equal(await run(['load', folder, '--url', server.base], terminal), 1);
  assert.match(terminal.said.err, /--url needs --token/);
});

test('Retry-After in both its forms', () => {
  assert.equal(retryAfter('3'), 3_000);
  assert.equal(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 2_000), 3_000);
  assert.equal(retryAfter('soon'), undefined);
  assert.equal(retryAfter(undefined), undefined);
});
