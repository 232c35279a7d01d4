import { performance } from 'node:perf_hooks';
import { fault } from '@safeguard/kernel';
import type pg from 'pg';
import { type Migration, readMigrations } from './migration-files.ts';
import { shapeLock } from './provision.ts';
import { ownerRole } from './roles.ts';
import type { MigrationSet } from './types.ts';

/** What `store.migration` keeps of a migration that ran. */
interface Ran {
  readonly package: string;
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

const bookText = `
  create schema if not exists store;
  create table if not exists store.migration (
    package text not null,
    number integer not null,
    name text not null,
    sha256 text not null,
    at timestamptz not null default pg_catalog.now(),
    duration_ms double precision not null,
    primary key (package, number)
  )`;

/**
 * Brings one database to the state that the migrations describe. Each runs once, in a transaction of its own, as the
 * owner role with an empty search path; an advisory lock keeps a second process waiting.
 * @param client logged in to the segment's database as one who may take on the owner role
 * @returns how many ran
 * @throws Fault `internal` naming the file: one that ran was changed or is gone, or its SQL fails (with the line)
 */
export async function migrate(client: pg.Client, sets: readonly MigrationSet[]): Promise<number> {
  await client.query('select pg_catalog.pg_advisory_lock($1)', [shapeLock]);
  await client.query(`set role ${ownerRole}; set search_path to ''`);
  try {
    const ran = await readBook(client);
    const waiting = sets.flatMap((set) => checkAgainst(readMigrations(set), ran, set.package));
    for (const migration of waiting) await run(client, migration);
    return waiting.length;
  } finally {
    await client.query('reset role; reset search_path');
    await client.query('select pg_catalog.pg_advisory_unlock($1)', [shapeLock]);
  }
}

async function readBook(client: pg.Client): Promise<Ran[]> {
  const { rows } = await client.query<{ there: boolean }>(
    "select pg_catalog.to_regclass('store.migration') is not null as there",
  );
  if (rows[0]?.there !== true) await client.query(bookText);
  return (await client.query<Ran>('select package, number, name, sha256 from store.migration')).rows;
}

/** The migrations still to run, once those that ran are found unchanged. */
function checkAgainst(migrations: readonly Migration[], book: readonly Ran[], owner: string): Migration[] {
  const ran = new Map(book.filter((entry) => entry.package === owner).map((entry) => [entry.number, entry]));
  for (const { number, name } of ran.values()) {
    if (number <= migrations.length) continue;
    const text = `The database has migration ${number} (${name}) of ${owner}, which this version does not know`;
    throw fault('internal', `${text}: it was written by a newer version, or a file is gone.`);
  }
  for (const migration of migrations) {
    const entry = ran.get(migration.number);
    if (entry === undefined || (entry.sha256 === migration.sha256 && entry.name === migration.name)) continue;
    throw fault('internal', `Migration ${migration.file} has changed after it ran. Put it back, and add a new one.`);
  }
  return migrations.filter(({ number }) => !ran.has(number));
}

async function run(client: pg.Client, migration: Migration): Promise<void> {
  const started = performance.now();
  try {
    await client.query('begin');
    const before = await transactionId(client);
    await client.query(migration.text);
    if ((await transactionId(client)) !== before) throw new Error('it ended its own transaction');
    await client.query(
      'insert into store.migration (package, number, name, sha256, duration_ms) values ($1, $2, $3, $4, $5)',
      [migration.package, migration.number, migration.name, migration.sha256, performance.now() - started],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw explain(migration, error);
  }
}

async function transactionId(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('select pg_catalog.pg_current_xact_id()::text as id');
  return rows[0]?.id;
}

/** PostgreSQL counts characters from the start of the text, people count lines. */
function explain(migration: Migration, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const position = 'position' in error ? Number(error.position) : Number.NaN;
  const at = Number.isNaN(position) ? '' : `:${migration.text.slice(0, position).split('\n').length}`;
  return fault('internal', `Migration ${migration.file}${at} failed: ${error.message}`, { cause: error });
}
