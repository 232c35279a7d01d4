import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { type SegmentName, segmentNames, testStore } from '../index.ts';
import { runtimeRoles } from '../roles.ts';
import { setOf, thingTable } from './fixtures/sets.ts';

const store = await testStore(
  segmentNames.map((name) => setOf(name, { '0001-thing.sql': thingTable(`safeguard_${name}`) })),
);

/** Runs SQL as a runtime role in a segment's database, or in another database of the server. */
async function as(role: string, segment: SegmentName, text: string, database?: string): Promise<unknown[]> {
  const login = { ...store.login(segment), user: role, password: store.passwords[role] };
  const client = new pg.Client(database === undefined ? login : { ...login, database });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const refused = { code: '42501' };

test('each role reaches the database of its segment, and no other', async () => {
  for (const role of runtimeRoles) {
    for (const segment of segmentNames) {
      const attempt = as(role.name, segment, 'select 1 as one');
      if (segment === role.segment) assert.deepEqual(await attempt, [{ one: 1 }], `${role.name} in ${segment}`);
      else await assert.rejects(attempt, refused, `${role.name} in ${segment}`);
    }
    for (const database of ['postgres', 'template1']) {
      await assert.rejects(as(role.name, role.segment, 'select 1', database), refused, `${role.name} in ${database}`);
    }
  }
});

test('control: the same attempt succeeds once somebody grants it', async () => {
  const { database } = store.login('clinical');
  await store.sql('clinical', `grant connect on database ${database} to safeguard_identity`);
  assert.deepEqual(await as('safeguard_identity', 'clinical', 'select 1 as one'), [{ one: 1 }]);
  await store.sql('clinical', `revoke connect on database ${database} from safeguard_identity`);
});

test('no role makes, owns or grants itself anything', async () => {
  for (const role of runtimeRoles) {
    for (const text of [
      'create schema other',
      'create table public.other ()',
      'create temporary table other ()',
      'create table demo.other ()',
      'create role other',
      'create database other',
      'select * from pg_catalog.pg_authid',
      'insert into store.migration values ()',
      'select * from store.migration',
      'set role safeguard_owner',
      'set role safeguard_admin',
      'alter table demo.thing disable row level security',
      'drop policy tenant on demo.thing',
    ]) {
      await assert.rejects(as(role.name, role.segment, text), Error, `${role.name}: ${text}`);
    }
  }
});

test('a role reads only what a migration granted: the ledger reader was granted nothing here', async () => {
  await assert.rejects(as('safeguard_ledger_reader', 'ledger', 'select * from demo.thing'), refused);
});

test('roles come with their limits', async () => {
  const rows = await as(
    'safeguard_clinical',
    'clinical',
    `select current_setting('statement_timeout') s, current_setting('lock_timeout') l, current_setting('search_path') p,
       current_setting('idle_in_transaction_session_timeout') i, rolsuper, rolcreatedb, rolbypassrls
       from pg_roles where rolname = current_user`,
  );
  const none = { rolsuper: false, rolcreatedb: false, rolbypassrls: false };
  assert.deepEqual(rows, [{ s: '30s', l: '10s', p: '""', i: '30s', ...none }]);
});
