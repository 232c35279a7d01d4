import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCustom, typeNumber } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Row, Segment } from '@safeguard/store';
import { createConformance } from '../conformance/index.ts';
import type { Opener } from '../storage/open.ts';

interface Put {
  readonly id: string;
  readonly type: number;
  readonly version: number;
  readonly at: Date;
  readonly body: Buffer | null;
}

/** The two statements of the loader over rows in memory; what the database does with them, a journey shows. */
function shelf() {
  const rows = new Map<string, Put>();
  const asked = { lists: 0, opened: 0 };
  let slow: Promise<void> | undefined;
  const clinical = {
    name: 'clinical',
    query: async <R extends Row>(_tenant: number, { name }: { name: string }, values: readonly unknown[] = []) => {
      const live = [...rows.values()].filter(({ body }) => body !== null);
      if (name === 'records-definitions') {
        asked.lists += 1;
        const found = live.filter(({ type }) => (values[1] as number[]).includes(type));
        await slow;
        return found as unknown as R[];
      }
      const ids = values[1] as string[];
      asked.opened += ids.length;
      return live.filter(({ id }) => ids.includes(id)) as unknown as R[];
    },
  } as unknown as Segment;
  const opener = {
    texts: async (_tenant: number, found: readonly { body: Buffer | null }[]) =>
      found.map(({ body }) => body?.toString()),
  } as unknown as Opener;
  const put = (id: string, resource: JsonObject | null): void => {
    const before = rows.get(id);
    const type = resource === null ? (before?.type ?? 0) : typeNumber(String(resource.resourceType));
    const body = resource === null ? null : Buffer.from(JSON.stringify(resource));
    rows.set(id, { id, type, version: (before?.version ?? 0) + 1, at: new Date(1_000_000 + rows.size), body });
  };
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    slow = promise;
    return () => {
      slow = undefined;
      resolve();
    };
  };
  return { clinical, opener, asked, put, hold };
}

function open(reindexed: number | undefined = undefined) {
  const stored = shelf();
  const reindex: string[][] = [];
  const warned: string[] = [];
  const conformance = createConformance({
    ...stored,
    log: { warn: (event) => void warned.push(event) },
    createProfiles: (resources) => resources.map(({ url }) => url),
    compileCustom,
    reindex: (_tenant, types) => void reindex.push([...types]),
    reindexed: async () => reindexed,
  });
  return { ...stored, conformance, reindex, warned };
}

const parameter = (more: JsonObject = {}): JsonObject => ({
  resourceType: 'SearchParameter',
  url: 'http://example.org/sp',
  name: 'Hair',
  status: 'active',
  description: 'd',
  code: 'hair',
  base: ['Patient'],
  type: 'token',
  expression: "Patient.extension.where(url = 'http://example.org/hair').value",
  ...more,
});
const profile = (url: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'StructureDefinition',
  url,
  ...more,
});

test('what was written before a question is in its answer, opened once', async () => {
  const { conformance, put, asked } = open();
  put('1', profile('a'));
  assert.deepEqual(await conformance.profiles(7), ['a']);
  put('2', profile('b'));
  conformance.written(7, 'StructureDefinition');
  assert.deepEqual(await conformance.profiles(7), ['a', 'b']);
  assert.equal(asked.opened, 2, 'the first was not opened again');
  const { lists } = asked;
  await Promise.all([conformance.profiles(7), conformance.ready(7)]);
  conformance.written(7, 'Observation');
  await conformance.ready(7);
  assert.equal(asked.lists, lists, 'nothing is read where nothing was written');
  put('1', profile('c'));
  put('2', null);
  conformance.written(7, 'StructureDefinition');
  assert.deepEqual(await conformance.profiles(7), ['c']);
  put('1', profile('c', { status: 'retired' }));
  conformance.written(7, 'StructureDefinition');
  assert.deepEqual(await conformance.profiles(7), []);
});

test('a write while a snapshot is being made is in the next one, and whoever asks then waits for it', async () => {
  const { conformance, put, hold } = open();
  put('1', profile('a'));
  const release = hold();
  const early = conformance.profiles(7);
  await new Promise((resolve) => setImmediate(resolve));
  put('2', profile('b'));
  conformance.written(7, 'StructureDefinition');
  const late = conformance.profiles(7);
  release();
  assert.deepEqual(await early, ['a']);
  assert.deepEqual(await late, ['a', 'b']);
});

test('a search parameter is served once it is stored, and its types are indexed anew', async () => {
  const { conformance, put, reindex } = open(2_000_000);
  await conformance.ready(7);
  assert.deepEqual(conformance.customParameters(7), []);
  put('1', parameter());
  conformance.written(7, 'SearchParameter');
  await conformance.ready(7);
  const [made] = conformance.customParameters(7);
  assert.equal(made?.code, 'hair');
  assert.ok((made?.number ?? 0) >= 1_000);
  assert.equal(conformance.parameters(7, 'Patient').get('hair')?.number, made?.number);
  assert.equal(conformance.parameters(7, 'Observation').get('hair'), undefined);
  assert.equal(conformance.parameters(8, 'Patient').get('hair'), undefined, 'a tenant’s own is another’s not');
  assert.deepEqual(reindex, [['Patient']]);

  put('1', parameter({ description: 'other words' }));
  conformance.written(7, 'SearchParameter');
  await conformance.ready(7);
  assert.equal(conformance.customParameters(7)[0]?.number, made?.number, 'the same meaning has the same number');
  assert.equal(reindex.length, 1);

  put('1', parameter({ expression: "Patient.extension.where(url = 'http://example.org/beard').value" }));
  conformance.written(7, 'SearchParameter');
  await conformance.ready(7);
  assert.notEqual(conformance.customParameters(7)[0]?.number, made?.number, 'another meaning has another');
  assert.equal(reindex.length, 2);
});

test('after a start: what was indexed is left alone, what a crash left is made good', async () => {
  for (const [begun, times] of [
    [2_000_000, 0],
    [undefined, 1],
    [1, 1],
  ] as const) {
    const { conformance, put, reindex } = open(begun);
    put('1', parameter());
    await conformance.ready(7);
    assert.equal(reindex.length, times, String(begun));
  }
});

test('a profile in force that has no snapshot is refused; a draft and a retired one are not', async () => {
  const { conformance } = open();
  const bare = profile('p', { status: 'active', derivation: 'constraint', type: 'Patient', differential: {} });
  for (const more of [{}, { status: 'unknown' }, { snapshot: { element: [] } }]) {
    await assert.rejects(conformance.check(7, { ...bare, ...more }), { kind: 'unprocessable' });
  }
  await assert.rejects(conformance.check(7, bare, '1'), ({ issues: [issue] }) => {
    assert.deepEqual([issue.code, issue.at], ['invalid', 'StructureDefinition.snapshot']);
    return true;
  });
  for (const status of ['draft', 'retired']) await conformance.check(7, { ...bare, status });
  await conformance.check(7, { ...bare, snapshot: { element: [{ id: 'Patient', path: 'Patient' }] } });
  await conformance.check(7, { ...bare, derivation: 'specialization' });
});

test('what cannot be served is refused before it is stored', async () => {
  const { conformance, put } = open();
  put('1', parameter());
  await conformance.ready(7);
  const refused = async (more: JsonObject, kind: string, id?: string): Promise<void> =>
    assert.rejects(conformance.check(7, parameter(more), id), { kind });
  const other = { expression: 'Patient.gender' };
  await refused({ ...other }, 'unprocessable');
  await refused({ code: 'gender', ...other, expression: 'Patient.birthDate' }, 'unprocessable');
  await refused({ code: 'x', base: ['Nobody'] }, 'unprocessable');
  await refused({ code: 'x', expression: 'Patient.where(' }, 'invalid');
  await refused({ code: 'x', type: 'composite' }, 'invalid');
  await conformance.check(7, parameter({ ...other }), '1');
  await conformance.check(7, parameter({ ...other, status: 'draft' }));
  await conformance.check(7, parameter({ ...other, base: ['Person'], expression: 'Person.gender', code: 'sex' }));
  await conformance.check(7, { resourceType: 'Patient' });
});

test('a guide’s parameter that says again what R4’s does is stored, and R4’s is served', async () => {
  const { conformance, put, reindex } = open();
  const again = parameter({
    code: 'gender',
    derivedFrom: 'http://hl7.org/fhir/SearchParameter/individual-gender',
    expression: 'Patient.gender',
  });
  await conformance.check(7, again);
  put('1', again);
  conformance.written(7, 'SearchParameter');
  await conformance.ready(7);
  assert.deepEqual(conformance.customParameters(7), []);
  assert.deepEqual(reindex, []);
});

test('a parameter that cannot be served any more is said in the log and harms no other', async () => {
  const { conformance, put, warned } = open(2_000_000);
  put('1', parameter({ expression: 'Patient.where(' }));
  put('2', parameter({ code: 'beard' }));
  await conformance.ready(7);
  assert.deepEqual(
    conformance.customParameters(7).map(({ code }) => code),
    ['beard'],
  );
  assert.equal(warned.length, 1);
});
