import type pg from 'pg';
import { withDatabase } from './database.ts';

/** A way for the ledger's database to fail. Resolves once it has begun, with what ends it. */
export interface Outage {
  readonly name: string;
  begin(data: string): Promise<() => Promise<void>>;
}

const terminate = "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'ledger'";

const onServer = (data: string, ...statements: readonly string[]): Promise<void> =>
  withDatabase(data, 'postgres', async (client) => {
    for (const statement of statements) await client.query(statement);
  });

/** No connection to the database is taken any more, and those that were there are gone. */
export const stopped: Outage = {
  name: 'stopped',
  begin: async (data) => {
    await onServer(data, 'alter database ledger allow_connections false', terminate);
    return () => onServer(data, 'alter database ledger allow_connections true');
  },
};

/** As after a failover: what is connected stays connected, and may only read until the connection is made anew. */
const readOnly: Outage = {
  name: 'read-only',
  begin: async (data) => {
    await onServer(data, 'alter database ledger set default_transaction_read_only = on', terminate);
    return () => onServer(data, 'alter database ledger reset default_transaction_read_only');
  },
};

const tables = ['entries', 'tiles', 'checkpoints'];

async function fail(client: pg.Client, statement: string): Promise<void> {
  await client.query('create schema if not exists drill; grant usage on schema drill to public');
  await client.query(`create or replace function drill.fault() returns trigger language plpgsql as
    $$ begin ${statement} return new; end $$`);
  for (const table of tables) {
    await client.query(`create or replace trigger fault before insert on ledger.${table}
      for each statement execute function drill.fault()`);
  }
}

/** Every INSERT into the log does this first. It ends by changing the function, so that no lock is waited for. */
const onInsert = (name: string, statement: string): Outage => ({
  name,
  begin: async (data) => {
    await withDatabase(data, 'ledger', (client) => fail(client, statement));
    return () =>
      withDatabase(data, 'ledger', async (client) => {
        await client.query(`create or replace function drill.fault() returns trigger language plpgsql as
          $$ begin return new; end $$`);
      });
  },
});

const full = onInsert(
  'full',
  "raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';",
);

const sluggish = onInsert('slow', 'perform pg_sleep(5);');

/** Somebody holds the table: neither reads nor writes of it return. */
const locked: Outage = {
  name: 'locked',
  begin: async (data) => {
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = withDatabase(data, 'ledger', async (client) => {
      await client.query('begin; lock table ledger.entries in access exclusive mode');
      held.resolve();
      await release.promise;
      await client.query('rollback');
    });
    await Promise.race([held.promise, holding]);
    return async () => {
      release.resolve();
      await holding;
    };
  },
};

export const outages: readonly Outage[] = [stopped, full, readOnly, locked, sluggish];
