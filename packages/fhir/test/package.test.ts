import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isFault } from '@safeguard/kernel';
import { type Header, pack } from 'tar-stream';
import { isRawNumber, readPackage, registryUrl } from '../index.ts';
import { shared } from './shared.ts';

type File = readonly [header: Partial<Header> & { name: string }, content?: string];

const manifest: File = [
  { name: 'package/package.json' },
  JSON.stringify({
    name: 'org.example.ig',
    version: '1.0.0',
    fhirVersions: ['4.0.1'],
    canonical: 'http://example.org/ig',
    dependencies: { 'hl7.fhir.r4.core': '4.0.1', bad: 1 },
  }),
];
const patient: File = [{ name: 'package/Patient-a.json' }, '{"resourceType":"Patient","id":"a"}'];

async function archive(...files: File[]): Promise<Buffer> {
  const out = pack();
  for (const [header, content] of files) out.entry(header, content ?? '');
  out.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of out) chunks.push(chunk as Uint8Array);
  return gzipSync(Buffer.concat(chunks));
}

const refused = async (bytes: Buffer, limits?: { bytes: number; entries: number }): Promise<string> => {
  const outcome: unknown = await readPackage(bytes, limits).then(
    () => 'taken',
    (error: unknown) => error,
  );
  assert.ok(isFault(outcome), String(outcome));
  return outcome.kind;
};

test('a package: its manifest, its resources, its examples, in the order of their names', async () => {
  const found = await readPackage(
    await archive(
      [{ name: 'package/', type: 'directory' }],
      manifest,
      [{ name: 'package/ValueSet-b.json' }, '{"resourceType":"ValueSet","status":"draft"}'],
      patient,
      [{ name: 'package/.index.json' }, '{"index-version":1}'],
      [{ name: 'package/ig-r4.json' }, '{"not":"a resource"}'],
      [{ name: 'package/xml/Patient-a.xml' }, '<Patient/>'],
      [{ name: 'package/other/x.json' }, '{broken'],
      [{ name: 'package/example/Observation-x.json' }, '{"resourceType":"Observation","valueQuantity":{"value":1.00}}'],
      [{ name: 'package/examples/Patient-y.json' }, '{"resourceType":"Patient","id":"y"}'],
    ),
  );
  assert.equal(found.name, 'org.example.ig');
  assert.equal(found.version, '1.0.0');
  assert.deepEqual(found.fhirVersions, ['4.0.1']);
  assert.equal(found.canonical, 'http://example.org/ig');
  assert.deepEqual(found.dependencies, { 'hl7.fhir.r4.core': '4.0.1' });
  assert.deepEqual(
    found.resources.map((one) => one['resourceType']),
    ['Patient', 'ValueSet'],
  );
  assert.equal(found.examples.length, 2);
  const quantity = found.examples[0]?.['valueQuantity'] as { value: unknown };
  assert.ok(isRawNumber(quantity.value), 'numbers keep their digits');
});

test('nothing outside package/ is taken: the same file inside is', async () => {
  for (const name of [
    '../Patient-a.json',
    'package/../Patient-a.json',
    '/package/x.json',
    'other/x.json',
    'package\\x.json',
  ]) {
    assert.equal(await refused(await archive(manifest, [{ name }, '{}'])), 'unprocessable', name);
  }
  assert.equal((await readPackage(await archive(manifest, patient))).resources.length, 1);
});

test('links and devices are refused', async () => {
  for (const type of ['symlink', 'link', 'character-device', 'fifo'] as const) {
    const entry: File = [{ name: 'package/x.json', type, linkname: '/etc/passwd' }];
    assert.equal(await refused(await archive(manifest, entry)), 'unprocessable', type);
  }
});

test('more than the bounds allow is refused while it is unpacked; at the bounds it is taken', async () => {
  const bytes = await archive(manifest, patient);
  assert.equal(await refused(bytes, { bytes: 4096, entries: 1 }), 'tooLarge');
  assert.equal(await refused(bytes, { bytes: 2000, entries: 2 }), 'tooLarge');
  assert.equal((await readPackage(bytes, { bytes: 4096, entries: 2 })).resources.length, 1);
  // 300 MB of zeros are 300 kB packed: the bound is met long before the end.
  const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024));
  const before = process.memoryUsage().rss;
  assert.equal(await refused(bomb, { bytes: 1024 * 1024, entries: 10 }), 'tooLarge');
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
});

test('what is no package is refused, by the kind of what is wrong', async () => {
  assert.equal(await refused(Buffer.from('not gzip')), 'malformed');
  assert.equal(await refused(gzipSync(Buffer.from('not tar'.repeat(200)))), 'malformed');
  assert.equal(await refused((await archive(manifest, patient)).subarray(0, 100)), 'malformed');
  assert.equal(await refused(await archive(patient)), 'unprocessable');
  assert.equal(await refused(await archive([{ name: 'package/package.json' }, '{"name":"x"}'])), 'unprocessable');
  assert.equal(await refused(await archive(manifest, [{ name: 'package/x.json' }, '{broken'])), 'malformed');
});

test('the address of a package in a registry', () => {
  assert.equal(registryUrl('hl7.fhir.us.core', '6.1.0'), 'https://packages.fhir.org/hl7.fhir.us.core/6.1.0');
  assert.equal(registryUrl('a.b', undefined, 'https://r.example/x/'), 'https://r.example/x/a.b/latest');
  for (const name of ['', '../x', 'a/b', 'a b', 'a?b']) assert.throws(() => registryUrl(name), isFault);
  assert.throws(() => registryUrl('a', '../1'), isFault);
});

const core = shared('ig/hl7.fhir.us.core-6.1.0.tgz');
test('the US Core package', { skip: core === undefined }, async () => {
  const found = await readPackage(readFileSync(core ?? ''));
  assert.deepEqual(
    [found.name, found.version, found.resources.length, found.examples.length],
    ['hl7.fhir.us.core', '6.1.0', 210, 183],
  );
});
