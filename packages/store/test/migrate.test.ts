import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../connect.ts';
import { type MigrationSet, testStore } from '../index.ts';
import { migrate } from '../migrate.ts';
import { setOf } from './fixtures/sets.ts';

const store = await testStore([]);
let count = 0;

/** Runs sets against the clinical database of this file's store. */
async function run(...sets: MigrationSet[]): Promise<number> {
  const client = await connect(store.login('clinical'));
  try {
    return await migrate(client, sets);
  } finally {
    await client.end();
  }
}

/** A set of two migrations under a name of its own. */
function two(): MigrationSet {
  const name = `p${++count}`;
  const files = {
    '0001-schema.sql': `create schema ${name};`,
    '0002-table.sql': `create table ${name}.a (id int);`,
  };
  return setOf('clinical', files, name);
}

test('each migration runs once, as the owner, and is written down', async () => {
  const set = two();
  assert.equal(await run(set), 2);
  assert.equal(await run(set), 0);
  writeFileSync(join(set.folder, '0003-more.sql'), `alter table ${set.package}.a add column more int;`);
  assert.equal(await run(set), 1);
  const rows = await store.sql(
    'clinical',
    `select m.number, m.name, length(m.sha256) as digits, m.duration_ms >= 0 as took, t.tableowner
       from store.migration m, pg_tables t where m.package = $1 and t.schemaname = $1 order by 1`,
    [set.package],
  );
  const kept = { digits: 64, took: true, tableowner: 'safeguard_owner' };
  const names = ['schema', 'table', 'more'].map((name, index) => ({ number: index + 1, name, ...kept }));
  assert.deepEqual(rows, names);
});

test('two processes at once: each migration still runs once', async () => {
  const set = two();
  const counts = await Promise.all([run(set), run(set), run(set)]);
  assert.deepEqual(counts.sort(), [0, 0, 2]);
});

test('a file that changed after it ran is refused', async () => {
  const set = two();
  await run(set);
  writeFileSync(join(set.folder, '0002-table.sql'), `create table ${set.package}.a (id bigint);`);
  await assert.rejects(run(set), /0002-table\.sql has changed after it ran/);
});

test('a file that was renamed after it ran is refused', async () => {
  const set = two();
  await run(set);
  renameSync(join(set.folder, '0002-table.sql'), join(set.folder, '0002-tables.sql'));
  await assert.rejects(run(set), /0002-tables\.sql has changed after it ran/);
});

test('a database with migrations that the code does not know is refused', async () => {
  const set = two();
  await run(set);
  rmSync(join(set.folder, '0002-table.sql'));
  await assert.rejects(run(set), /has migration 2 \(table\) of p\d+, which this version does not know/);
});

test('a package whose migrations ran and that is not asked for any more is left alone', async () => {
  await run(two());
  assert.equal(await run(two()), 2);
});

test('gaps, duplicates and other names are refused before anything runs', async () => {
  const gap = setOf('clinical', { '0001-a.sql': 'select 1', '0003-c.sql': 'select 1' }, 'gap');
  await assert.rejects(run(gap), /0003-c\.sql has number 3, but the next one must be 2/);
  const twin = setOf('clinical', { '0001-a.sql': 'select 1', '0001-b.sql': 'select 1' }, 'twin');
  await assert.rejects(run(twin), /has number 1, but the next one must be 2/);
  const name = setOf('clinical', { '1-a.sql': 'select 1' }, 'name');
  await assert.rejects(run(name), /must be named like/);
  const rows = await store.sql('clinical', "select * from store.migration where package in ('gap', 'twin', 'name')");
  assert.deepEqual(rows, []);
});

test('a failing migration names file and line, leaves nothing, and can be repaired', async () => {
  const set = two();
  const file = join(set.folder, '0002-table.sql');
  writeFileSync(
    file,
    `create table ${set.package}.a (id int);\n\n-- here\ncreate table ${set.package}.b (id nonsense);\n`,
  );
  await assert.rejects(run(set), /0002-table\.sql:4 failed: type "nonsense" does not exist/);
  const left = await store.sql('clinical', 'select tablename from pg_tables where schemaname = $1', [set.package]);
  assert.deepEqual(left, []);
  writeFileSync(file, `create table ${set.package}.a (id int);`);
  assert.equal(await run(set), 1);
});

test('a migration that ends its own transaction is refused', async () => {
  const set = setOf('clinical', { '0001-a.sql': 'create schema sneaky; rollback;' }, 'sneaky');
  await assert.rejects(run(set), /0001-a\.sql failed: it ended its own transaction/);
});
