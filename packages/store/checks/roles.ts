import { type Check, resultOf } from '@safeguard/kernel';
import type { Segment } from '../types.ts';
import { ask, poolsOf } from './ask.ts';
import { attempt, refusal } from './attempt.ts';
import type { StoreCheckDeps } from './checks.ts';

/** What the asking role has and must not have, one row each. */
const excess = `
  with me as (select * from pg_catalog.pg_roles where rolname = current_user),
  tables as (
    select c.oid, n.nspname, n.nspname || '.' || c.relname as name
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema')
  select what from me, lateral (values
      (rolsuper, 'is superuser'), (rolbypassrls, 'passes by row-level security'), (rolcreaterole, 'may make roles'),
      (rolcreatedb, 'may make databases'), (rolreplication, 'may replicate'),
      (exists (select from pg_catalog.pg_auth_members m where m.member = me.oid), 'is member of another role'),
      (pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), 'may make schemas'),
      (pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY'), 'may make temporary tables')
    ) as v (has, what) where has
  union all select 'owns ' || c.relname from me join pg_catalog.pg_class c on c.relowner = me.oid
  union all select 'owns the schema ' || n.nspname from me join pg_catalog.pg_namespace n on n.nspowner = me.oid
  union all select 'owns the function ' || p.proname from me join pg_catalog.pg_proc p on p.proowner = me.oid
  union all select 'may make things in the schema ' || nspname from pg_catalog.pg_namespace
    where pg_catalog.has_schema_privilege(oid, 'CREATE')
  union all select 'may truncate or put triggers on ' || name from tables
    where pg_catalog.has_table_privilege(oid, 'TRUNCATE, TRIGGER')
  union all select 'may change entries of ' || name from tables where nspname = 'ledger'
    and (pg_catalog.has_table_privilege(oid, 'DELETE') or pg_catalog.has_any_column_privilege(oid, 'UPDATE'))
  union all select 'may run as superuser: ' || p.proname from pg_catalog.pg_proc p
    join pg_catalog.pg_roles r on r.oid = p.proowner
    where p.prosecdef and r.rolsuper and pg_catalog.has_function_privilege(p.oid, 'EXECUTE')`;

/** Acts that each role tries and must be refused. All are rolled back. */
const acts: readonly (readonly [what: string, text: string])[] = [
  ['make a schema', 'create schema safeguard_check'],
  ['make a table', 'create table public.safeguard_check ()'],
  ['make a temporary table', 'create temporary table safeguard_check ()'],
  ['make a role', 'create role safeguard_check'],
  ['become the owner of the tables', 'set local role safeguard_owner'],
  ['read the passwords of roles', 'select from pg_catalog.pg_authid'],
  ["read the server's files", "select pg_catalog.pg_read_file('PG_VERSION')"],
];

async function excessOf(who: string, segment: Segment): Promise<string[]> {
  const rows = await ask<{ what: string }>(segment, excess);
  const found = rows.map(({ what }) => `${who}: ${what}`);
  for (const [what, text] of acts) {
    const wrong = refusal(await attempt(segment, 0, text));
    if (wrong !== undefined) found.push(`${who}: the attempt to ${what} ${wrong}`);
  }
  return found;
}

/** 45 CFR 164.312(a)(1), 164.308(a)(4): the roles that requests run as hold no right that they do not need. */
export const rolesMinimal = (deps: StoreCheckDeps): Check => ({
  id: 'store.roles-minimal',
  title: 'Database roles hold no more than they need',
  query:
    'Each role that serves requests: its attributes, memberships, ownerships and rights by the ' +
    'catalogue, and attempts ' +
    'to make schemas, tables and roles, to become the owner, to read password hashes and files. Wants refusals.',
  every_s: 3_600,
  async run() {
    const pools = poolsOf(deps);
    const found = await Promise.all(pools.map(({ who, segment }) => excessOf(who, segment)));
    return resultOf({
      examined: pools.length,
      wrong: found.flat(),
      met:
        `${pools.length} roles own nothing and hold no right beyond their work; ${acts.length} ` +
        'attempts of each were refused.',
      unmet: 'A role that serves requests may do more with the database than its work asks for.',
      todo: 'Take the named rights away from the role (REVOKE, ALTER ROLE).',
    });
  },
});
