import { fault } from '@safeguard/kernel';
import pg from 'pg';
import { shapeLock } from './provision.ts';
import { readerRole, runtimeRoles } from './roles.ts';
import type { SegmentName } from './types.ts';

/**
 * Closes a segment's database to everyone but its own roles, where it is not closed already: right after it was made,
 * or when somebody has opened it since.
 */
export async function secureDatabase(client: pg.Client, segment: SegmentName): Promise<void> {
  const own = runtimeRoles.filter((role) => role.segment === segment).map(({ name }) => name);
  if (await isSecured(client, own)) return;
  const { rows } = await client.query<{ name: string }>('select pg_catalog.current_database() as name');
  const database = pg.escapeIdentifier(rows[0]?.name ?? '');
  await client.query('select pg_catalog.pg_advisory_lock($1)', [shapeLock]);
  await client.query(`
    begin;
    revoke all on database ${database} from public;
    grant connect on database ${database} to ${own.join(', ')};
    revoke all on schema public from public;
    commit`);
  await client.query('select pg_catalog.pg_advisory_unlock($1)', [shapeLock]);
}

async function isSecured(client: pg.Client, own: readonly string[]): Promise<boolean> {
  const { rows } = await client.query<{ secured: boolean }>(
    `select not pg_catalog.has_database_privilege('public', pg_catalog.current_database(), 'CONNECT')
        and not pg_catalog.has_database_privilege('public', pg_catalog.current_database(), 'TEMPORARY')
        and not pg_catalog.has_schema_privilege('public', 'public', 'USAGE')
        and (select pg_catalog.bool_and(
               pg_catalog.has_database_privilege(role, pg_catalog.current_database(), 'CONNECT'))
             from pg_catalog.unnest($1::text[]) as role) as secured`,
    [own],
  );
  return rows[0]?.secured === true;
}

/**
 * Tables with a `tenant` column that are not behind row-level security: enabled, forced on the owner too, and every
 * permissive policy naming `safeguard.tenant` in each of its expressions (permissive policies are OR-ed: one that does
 * not would open the table). A policy that lets the ledger's reader read everything is the one exception.
 */
export const openTables = `
  select n.nspname || '.' || c.relname as name
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
    left join lateral (
      select pg_catalog.count(*) as policies,
             pg_catalog.bool_and(
               pg_catalog.strpos(coalesce(pg_get_expr(p.polqual, c.oid), p.about), p.about) > 0
               and pg_catalog.strpos(coalesce(pg_get_expr(p.polwithcheck, c.oid), p.about), p.about) > 0
             ) as by_tenant
        from (select *, 'safeguard.tenant' as about from pg_catalog.pg_policy) p
       where p.polrelid = c.oid and p.polpermissive
         and not (p.polcmd = 'r' and p.polroles = array[pg_catalog.to_regrole($1)::oid])
    ) p on true
   where c.relkind in ('r', 'p')
     and n.nspname not in ('pg_catalog', 'information_schema')
     and not (c.relrowsecurity and c.relforcerowsecurity and p.policies > 0 and p.by_tenant)
   order by 1`;

/**
 * Refuses a database in which a table with a `tenant` column is not behind row-level security by tenant.
 * @throws Fault `internal` naming every such table
 */
export async function checkRowSecurity(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(openTables, [readerRole]);
  if (rows.length === 0) return;
  const names = rows.map(({ name }) => name).join(', ');
  throw fault('internal', `These tables have a tenant column but no forced row-level security by tenant: ${names}.`);
}
