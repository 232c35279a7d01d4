import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { eachReference, parseJson } from '@safeguard/fhir';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { needs, sharedData } from '../harness/shared.ts';

const folder = sharedData('synthea');
const skip = needs(folder, '120 Synthea patients');

interface Resource {
  resourceType: string;
  id?: string;
  meta?: { versionId?: string; lastUpdated?: string };
}
interface Entry {
  fullUrl: string;
  resource: Resource;
  request: { ifNoneExist?: string };
}
interface Bundle {
  entry: Entry[];
}

let safeguard: Instance;
let token: string;

before(async () => {
  if (folder === undefined) return;
  safeguard = await start();
  token = await safeguard.token();
});
after(async () => {
  if (folder === undefined) return;
  await safeguard.stop();
  await removeData(safeguard.data);
});

const files = (): string[] => {
  const all = readdirSync(folder ?? '').filter((file) => file.endsWith('.json.gz'));
  const first = (file: string): number => (/^0-/.test(file) ? 0 : 1);
  return all.sort((a, b) => first(a) - first(b) || (a < b ? -1 : 1));
};

/** What was sent, by the id it got; references still as sent. */
const sent = new Map<string, Resource>();
/** fullUrl and `Type?identifier=…` → `Type/id`. */
const places = new Map<string, string>();

async function load(file: string): Promise<void> {
  const bytes = gunzipSync(readFileSync(join(folder ?? '', file)));
  const bundle = parseJson(bytes) as Bundle;
  const answer = await safeguard.request({ method: 'POST', path: '/fhir/R4', token, body: bytes });
  assert.equal(answer.status, 200, `${file}: ${answer.text.slice(0, 500)}`);
  const results: { response: { status: string; location: string } }[] = answer.json.entry;
  assert.equal(results.length, bundle.entry.length);
  bundle.entry.forEach((entry, index) => {
    const { status, location } = results[index]?.response ?? { status: '', location: '' };
    assert.match(status, /^201 /, `${file} entry ${index}`);
    const [, place = '', id = ''] = /([A-Z][A-Za-z]+\/([0-9a-f-]{36}))\/_history\/1$/.exec(location) ?? [];
    sent.set(id, entry.resource);
    places.set(entry.fullUrl, place);
    const condition = entry.request.ifNoneExist;
    if (condition) places.set(`${entry.resource.resourceType}?${condition}`, place);
  });
}

/** Every resource of a type, page by page, as it is served. */
async function* served(type: string): AsyncGenerator<Resource> {
  let path: string | undefined = `/fhir/R4/${type}?_count=500`;
  while (path !== undefined) {
    const answer = await safeguard.request({ path, token });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    const page = parseJson(Buffer.from(answer.text)) as {
      entry?: { resource: Resource }[];
      link: { relation: string; url: string }[];
    };
    for (const { resource } of page.entry ?? []) yield resource;
    path = page.link.find(({ relation }) => relation === 'next')?.url;
  }
}

function expected(id: string, got: Resource): Resource {
  const resource = sent.get(id);
  assert.ok(resource, `an id that was never given out: ${id}`);
  eachReference(resource, (reference) => {
    const place = places.get(reference.reference ?? '');
    if (place !== undefined) reference.reference = place;
  });
  const { versionId, lastUpdated } = got.meta ?? {};
  return { ...resource, id, meta: { ...resource.meta, versionId, lastUpdated } } as Resource;
}

test('92,114 resources of 120 Synthea patients go in and come back equal', { ...skip, timeout: 600_000 }, async () => {
  const [hospitals = '', practitioners = '', ...patients] = files();
  await load(hospitals);
  await load(practitioners);
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let file = patients.shift(); file !== undefined; file = patients.shift()) await load(file);
    }),
  );
  assert.equal(sent.size, 92_114);
  const types = new Map<string, number>();
  for (const { resourceType } of sent.values()) types.set(resourceType, (types.get(resourceType) ?? 0) + 1);
  const left = new Set(sent.keys());
  for (const [type, count] of types) {
    const counted = await safeguard.request({ path: `/fhir/R4/${type}?_summary=count`, token });
    assert.equal(counted.json.total, count, type);
    for await (const resource of served(type)) {
      const id = resource.id ?? '';
      assert.ok(left.delete(id), `${type}/${id} was served twice`);
      assert.deepStrictEqual(resource, expected(id, resource));
    }
  }
  assert.equal(left.size, 0);
});

test('loading the hospitals and practitioners again makes none twice', skip, async () => {
  const [hospitals = ''] = files();
  const body = gunzipSync(readFileSync(join(folder ?? '', hospitals)));
  const answer = await safeguard.request({ method: 'POST', path: '/fhir/R4', token, body });
  const statuses = new Set(answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status));
  assert.deepEqual([...statuses], ['200 OK']);
});

test('a single read gives what the search gave', skip, async () => {
  const ids = [...sent.keys()].filter((_, index) => index % 4001 === 0);
  for (const id of ids) {
    const { resourceType } = sent.get(id) as Resource;
    const answer = await safeguard.request({ path: `/fhir/R4/${resourceType}/${id}`, token });
    const resource = parseJson(Buffer.from(answer.text)) as Resource;
    assert.deepStrictEqual(resource, expected(id, resource));
  }
});

test('afterwards the whole log verifies', skip, async () => {
  const verified = await safeguard.cli('ledger', 'verify', '--json');
  assert.equal(verified.code, 0, verified.stderr);
  const verdict = JSON.parse(verified.stdout);
  assert.equal(verdict.ok, true);
  assert.ok(verdict.entries > 92_114 / 14);
});
