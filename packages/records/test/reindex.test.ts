import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CustomParameter, parametersOf } from '@safeguard/fhir';
import { type JsonObject, newId } from '@safeguard/kernel';
import { testStore } from '@safeguard/store';
import { probe, type ReindexProgress } from '../index-rows/index.ts';
import { openIndexHouse } from './index-house.ts';

const tenant = 1;
let house: Awaited<ReturnType<typeof openIndexHouse>>;
before(async () => {
  house = await openIndexHouse();
});
after(() => house.close());

const patient = (family: string): JsonObject => ({ resourceType: 'Patient', active: true, name: [{ family }] });

const own: CustomParameter = {
  code: 'method-text',
  type: 'token',
  url: 'urn:own',
  number: 1000,
  base: ['Observation'],
  target: [],
  expression: 'Observation.method',
};

async function finds(name: string, value: string, id: string): Promise<boolean> {
  const [type = '', code = ''] = name.split('.');
  const parameter = parametersOf(type, house.custom.list).get(code);
  assert.ok(parameter);
  const test =
    parameter.type === 'string'
      ? ({ kind: 'string', text: value } as const)
      : ({ kind: 'token', code: value } as const);
  const asked = probe({ kind: 'condition', parameter, tests: [test] }, await house.vaults());
  return (await house.find(type, asked)).has(id);
}

/** As if the resources were from before there was an index. */
async function forget(): Promise<void> {
  await house.sql('clinical', 'truncate records.search, records.ordered, records.reindex');
  await house.sql('identity', 'truncate records.token, records.stale');
}

const pending = `insert into records.reindex (tenant, type, after, until, done, started)
  select tenant, 0, 0, max(seq), 0, now() from records.resource group by tenant`;

test('what was stored before there was an index is indexed at start, once', async () => {
  const id = await house.write(patient('Abernathy'));
  const deleted = await house.write(patient('Bergstrom'));
  await house.remove('Patient', deleted, 1);
  await forget();
  assert.equal(await finds('Patient.name', 'aber', id), false, 'negative control');
  assert.deepEqual(await house.reindex.resume(tenant), [], 'nothing is pending: nothing is done');
  await house.sql('clinical', pending);
  const [done] = await house.reindex.resume(tenant);
  assert.equal(done?.share, 1);
  assert.equal(done?.done, 1, 'a deleted resource has nothing to index');
  assert.ok(done?.finished);
  assert.equal(await finds('Patient.name', 'aber', id), true);
  assert.equal(await finds('Patient.active', 'true', id), true);
});

test("a tenant's new parameter is found in what was stored before, after a reindex of its type", async () => {
  const id = await house.write({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'c' },
    method: { coding: [{ code: 'slow' }] },
  });
  house.custom.list = [own];
  assert.equal(await finds('Observation.method-text', 'slow', id), false);
  const all = await house.reindex.run(tenant, { types: ['Observation'] });
  assert.equal(all.find(({ type }) => type === 'Observation')?.done, 1);
  assert.equal(await finds('Observation.method-text', 'slow', id), true);
  assert.equal(await finds('Observation.method', 'slow', id), true, 'and R4’s own parameters still');
  house.custom.list = [];
  await assert.rejects(house.reindex.run(tenant, { types: ['Nothing'] }), { kind: 'invalid' });
});

test('stopped and taken up again: every resource once, with progress', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 450; count++) ids.push(newId());
  await house.writeAll(ids.map((id) => ({ ...patient('Many'), id })));
  await forget();
  await house.sql('clinical', pending);
  const stop = new AbortController();
  const seen: ReindexProgress[] = [];
  const onProgress = (progress: ReindexProgress): void => {
    seen.push(progress);
    stop.abort();
  };
  const [half] = await house.reindex.resume(tenant, { onProgress, signal: stop.signal });
  assert.equal(half?.finished, undefined);
  assert.ok(half && half.share > 0 && half.share < 1);
  assert.equal(half.done, 200);
  const [whole] = await house.reindex.resume(tenant);
  assert.ok(whole?.finished);
  const [total] = await house.sql('clinical', 'select count(*)::int as n from records.resource where body is not null');
  assert.equal(whole.done, total?.['n'], 'none twice');
  const [rows] = await house.sql(
    'clinical',
    'select count(*)::int as n, count(distinct seq)::int as of from records.search',
  );
  assert.deepEqual(rows, { n: total?.['n'], of: total?.['n'] });
  assert.equal(await finds('Patient.name', 'many', ids[449] as string), true);
  assert.deepEqual(await house.reindex.status(tenant), [whole]);
});

test('a resource that is written meanwhile keeps the index of the newer version', async () => {
  const id = await house.write(patient('Older'));
  const { reader, opener } = house;
  const { createReindex } = await import('../index-rows/index.ts');
  let written = false;
  // Between the reading of the old version and the putting of its index comes a writer.
  const late = createReindex({
    ...house.segments,
    seal: house.seal,
    settle: house.stale.flush,
    opener: {
      texts: async (some, rows, view) => {
        const texts = await opener.texts(some, rows, view);
        if (!written && rows.some((row) => row.id === id)) {
          written = true;
          await house.write(patient('Newer'), id, 1);
        }
        return texts;
      },
    },
  });
  await late.run(tenant);
  assert.equal(written, true);
  assert.equal((await reader.current(tenant, 'Patient', id))?.version, 2);
  assert.equal(await finds('Patient.name', 'newer', id), true);
  await house.stale.flush();
  assert.equal(await finds('Patient.name', 'newer', id), true);
  assert.equal(await finds('Patient.name', 'older', id), false);
});

test('the index of what has no keys any more goes', async () => {
  const id = await house.write(patient('Vanished'));
  await house.seal.destroy(tenant, id);
  const count = async (): Promise<number> => {
    const text = 'select seq from records.search join records.resource using (seq) where id = $1';
    return (await house.sql('clinical', text, [id])).length;
  };
  assert.equal(await count(), 1, 'negative control: destroyed past the house, which would have taken it');
  await house.reindex.run(tenant);
  assert.equal(await count(), 0);
  assert.equal(await finds('Patient.name', 'vani', id), false);
});

test('the migration asks for an index of what is there already, tenant by tenant', async () => {
  const from = join(import.meta.dirname, '../migrations/clinical');
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-before-'));
  await copyFile(join(from, '0001-records.sql'), join(folder, '0001-records.sql'));
  const store = await testStore([{ package: 'records', segment: 'clinical', folder }]);
  try {
    for (const [who, count] of [
      [1, 2],
      [7, 1],
    ] as const) {
      const row = `(${who}, gen_random_uuid(), now(), 1, 1, null, 104, 'x')`;
      const rows = Array.from({ length: count }, () => row).join();
      await store.sql('clinical', `insert into records.resource values ${rows}`);
    }
    // As the owner, whom row-level security holds too: that is what migrations run as.
    const text = await readFile(join(from, '0002-search.sql'), 'utf8');
    await store.sql('clinical', `begin; set local role safeguard_owner; ${text} commit`);
    const open = 'select tenant, type, until::int, done::int, finished from records.reindex order by tenant';
    assert.deepEqual(await store.sql('clinical', open), [
      { tenant: 1, type: 0, until: 2, done: 0, finished: null },
      { tenant: 7, type: 0, until: 3, done: 0, finished: null },
    ]);
    const [forced] = await store.sql(
      'clinical',
      "select relforcerowsecurity as on from pg_class where oid = 'records.resource'::regclass",
    );
    assert.deepEqual(forced, { on: true });
  } finally {
    await store.close();
  }
});
