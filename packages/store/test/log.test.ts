import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import pg from 'pg';
import { type Embedded, startTemporary, testStore } from '../index.ts';
import { insertThing, setOf, thingTable } from './fixtures/sets.ts';

const canary = 'Zebulon-Quackenbush-1931';

/** Everything that PostgreSQL wrote to its log. */
function readLog(embedded: Embedded): string {
  const folder = join(embedded.cluster, '..', 'log');
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

const wrongs = [
  `select '${canary}'::uuid`,
  `insert into probe values (1, '${canary}')`,
  `insert into probe values (3, null) /* ${canary} */`,
  `select * from nowhere where name = '${canary}'`,
  `do $$ begin raise warning 'about ${canary}'; end $$`,
];

async function provoke(embedded: Embedded): Promise<void> {
  const client = new pg.Client({ ...embedded.login, application_name: 'log.test' });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`create temporary table probe (id int primary key, name text unique not null)`);
  await client.query(`insert into probe values (2, '${canary}')`);
  for (const text of wrongs) await Promise.allSettled([client.query(text)]);
  await Promise.allSettled([client.query('select $1::uuid', [canary])]);
  // A crash tells what the process was running.
  const sleeping = client.query(`select pg_sleep(10), '${canary}'`);
  const { processID } = client as unknown as { processID: number };
  process.kill(processID, 'SIGSEGV');
  await Promise.allSettled([sleeping]);
}

test('no value of any statement reaches the log, whatever fails', async () => {
  const embedded = await startTemporary();
  await provoke(embedded);
  await embedded.stop();
  const log = readLog(embedded);
  assert.match(log, /terminated by signal 11/);
  assert.equal(log.includes(canary), false);
});

test('control: with the settings that PostgreSQL comes with, the same errors do put it there', async () => {
  const settings = { log_min_messages: 'warning', log_min_error_statement: 'error', log_error_verbosity: 'default' };
  const embedded = await startTemporary({ settings });
  await provoke(embedded);
  await embedded.stop();
  assert.ok(readLog(embedded).includes(canary));
});

test('a Fault, with all that hangs on it, holds no value either', async () => {
  const store = await testStore([setOf('clinical', { '0001-thing.sql': thingTable('safeguard_clinical') })]);
  const clinical = store.segment('clinical');
  const unique = { name: 'unique', text: 'create unique index on demo.thing (body)' };
  await store.sql('clinical', unique.text);
  await clinical.query(1, insertThing, [1, 1, canary]);
  const outcomes = await Promise.allSettled([
    clinical.query(1, insertThing, [1, 2, canary]),
    clinical.query(1, insertThing, [1, canary, 'x']),
    clinical.query(1, insertThing, [null, 3, canary]),
    clinical.query(1, insertThing, [2, 3, canary]),
  ]);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected');
    if (outcome.status === 'rejected') assert.equal(inspect(outcome.reason, { depth: 9 }).includes(canary), false);
  }
});
