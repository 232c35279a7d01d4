import { fault } from '@safeguard/kernel';
import pg from 'pg';
import { connect } from './connect.ts';
import type { Login } from './endpoint.ts';
import { sqlStateOf } from './failure.ts';
import { databaseOf, ownerRole, runtimeRoles } from './roles.ts';
import { scramVerifier } from './scram.ts';
import type { Passwords } from './secrets.ts';
import type { SegmentName } from './types.ts';

/** One server, and what is to stand on it. */
export interface Provision {
  /** May make roles and databases: the embedded superuser, or a role with CREATEROLE and CREATEDB. */
  readonly login: Login;
  /** Stands before the database names. */
  readonly prefix: string;
  readonly segments: readonly SegmentName[];
  readonly passwords: Passwords;
  /** The whole server is ours, so its other databases are closed to the runtime roles too. */
  readonly ours: boolean;
}

/** Settings that every runtime role comes with. An empty search path: each name in SQL says its schema. */
const roleSettings: Readonly<Record<string, string>> = {
  search_path: "''",
  statement_timeout: "'30s'",
  lock_timeout: "'10s'",
  idle_in_transaction_session_timeout: "'30s'",
};

const attributes = 'login nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls';

/** The advisory lock of everything that changes the shape of a server or a database. */
export const shapeLock = '8314045599880929650';

/** SQLSTATE insufficient_privilege. */
const notAllowed = '42501';

/**
 * Makes the roles and databases that are not there yet. Safe to repeat; where nothing lacks it costs one statement.
 * @throws Fault `unavailable` that says which right the login lacks
 */
export async function provision(wanted: Provision): Promise<void> {
  const client = await connect(wanted.login);
  try {
    const lacking = await findLacking(client, wanted);
    if (lacking.roles.length + lacking.databases.length === 0) return;
    // Two processes starting at once must not both make what lacks; so the second looks again.
    await client.query('select pg_catalog.pg_advisory_lock($1)', [shapeLock]);
    await make(client, wanted, await findLacking(client, wanted));
  } catch (error) {
    throw explain(error);
  } finally {
    await client.end();
  }
}

function explain(error: unknown): unknown {
  if (sqlStateOf(error) !== notAllowed) return error;
  const text = 'The database login may not make the roles and databases that lack: it needs CREATEROLE and CREATEDB.';
  return fault('unavailable', text, { cause: error });
}

async function findLacking(client: pg.Client, { prefix, segments }: Provision) {
  const roles = [ownerRole, ...runtimeRoles.filter((role) => segments.includes(role.segment)).map(({ name }) => name)];
  const databases = segments.map((segment) => databaseOf(prefix, segment));
  const { rows } = await client.query<{ name: string }>(
    `select 'role ' || rolname as name from pg_catalog.pg_roles where rolname = any($1)
     union all select 'database ' || datname from pg_catalog.pg_database where datname = any($2)`,
    [roles, databases],
  );
  const there = new Set(rows.map(({ name }) => name));
  return {
    roles: roles.filter((name) => !there.has(`role ${name}`)),
    databases: databases.filter((name) => !there.has(`database ${name}`)),
  };
}

async function make(
  client: pg.Client,
  { passwords, ours }: Provision,
  lacking: { roles: readonly string[]; databases: readonly string[] },
): Promise<void> {
  await client.query('begin');
  if (ours) await client.query('revoke all on database postgres, template1 from public');
  for (const role of lacking.roles) await makeRole(client, role, passwords[role]);
  await client.query('commit');
  for (const database of lacking.databases) {
    const name = pg.escapeIdentifier(database);
    // Not in a transaction: PostgreSQL does not allow it. Who may connect is set, and checked, by `secureDatabase`.
    await client.query(`create database ${name} owner ${ownerRole} template template0 encoding 'UTF8' locale 'C'`);
  }
}

async function makeRole(client: pg.Client, role: string, password: string | undefined): Promise<void> {
  if (role === ownerRole) {
    await client.query(`create role ${role} nologin nosuperuser nocreatedb nocreaterole nobypassrls`);
    await client.query(`grant ${role} to current_user`);
    return;
  }
  if (password === undefined) throw fault('internal', `There is no password for the database role ${role}.`);
  await client.query(`create role ${role} ${attributes} password ${pg.escapeLiteral(scramVerifier(password))}`);
  for (const [name, value] of Object.entries(roleSettings)) {
    await client.query(`alter role ${role} set ${name} to ${value}`);
  }
}
