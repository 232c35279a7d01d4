import { type Check, resultOf } from '@safeguard/kernel';
import pg from 'pg';
import { readerRole } from '../roles.ts';
import { openTables } from '../secure.ts';
import { type Segment, segmentNames } from '../types.ts';
import { ask } from './ask.ts';
import { attempt } from './attempt.ts';
import type { StoreCheckDeps } from './checks.ts';

/** No tenant has this number: whatever it is shown belongs to somebody else. */
const nobody = 2 ** 31 - 1;

/** Tables tried without a tenant, at most, of each database: each is a transaction of its own. */
const tried_most = 60;

interface Table extends Record<string, unknown> {
  readonly schema: string;
  readonly name: string;
  readonly live: number;
}

/** Tables with a tenant column that the role may read; those that hold most rows first. */
const readableTables = `
  select n.nspname as schema, c.relname as name, pg_catalog.pg_stat_get_live_tuples(c.oid) as live
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
   where c.relkind in ('r', 'p') and pg_catalog.has_schema_privilege(n.oid, 'USAGE')
     and pg_catalog.has_table_privilege(c.oid, 'SELECT')
   order by 3 desc, 1, 2`;

const nameOf = ({ schema, name }: Table): string => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;

/** Tables of which the nobody tenant sees a row. One statement; each look ends at the first row. */
async function shownToNobody(segment: Segment, tables: readonly Table[]): Promise<string[]> {
  if (tables.length === 0) return [];
  const looks = tables.map((table) => {
    const label = pg.escapeLiteral(`${table.schema}.${table.name}`);
    return `select ${label} as name where exists (select from ${nameOf(table)})`;
  });
  const rows = await segment.query<{ name: string }>(nobody, { name: '', text: looks.join(' union all ') });
  return rows.map(({ name }) => `${segment.name}: ${name} shows another tenant's rows`);
}

/** Whether a connection that speaks for no tenant sees a row: it must see none, or be refused. */
async function shownWithoutTenant(segment: Segment, table: Table): Promise<string[]> {
  const unset = "select pg_catalog.set_config('safeguard.tenant', '', true)";
  const seen = await attempt(segment, nobody, unset, `select exists (select from ${nameOf(table)}) as seen`);
  const open = typeof seen !== 'string' && seen[0]?.seen === true;
  return open ? [`${segment.name}: ${table.schema}.${table.name} shows rows without a tenant`] : [];
}

async function look(segment: Segment) {
  const tables = await ask<Table>(segment, readableTables);
  const catalogued = await ask<{ name: string }>(segment, openTables, [readerRole]);
  const exceptions = catalogued.map(({ name }) => `${segment.name}: ${name} is not behind forced row-level security`);
  exceptions.push(...(await shownToNobody(segment, tables)));
  for (const table of tables.slice(0, tried_most)) exceptions.push(...(await shownWithoutTenant(segment, table)));
  return { tables: tables.length, filled: tables.filter(({ live }) => live > 0).length, exceptions };
}

/** 45 CFR 164.312(a)(1): the database itself shows a tenant its own rows and no others. */
export const rowSecurity = ({ store }: StoreCheckDeps): Check => ({
  id: 'store.row-security',
  title: 'The database keeps tenants apart',
  query:
    'Every table with a tenant column: its row-level security as the catalogue has it, a real select on behalf of a ' +
    'tenant that nobody is, and one on behalf of none. Wants no row.',
  every_s: 3_600,
  async run() {
    const found = await Promise.all(segmentNames.map((name) => look(store.segment(name))));
    const tables = found.reduce((sum, one) => sum + one.tables, 0);
    const filled = found.reduce((sum, one) => sum + one.filled, 0);
    return resultOf({
      examined: tables,
      wrong: found.flatMap(({ exceptions }) => exceptions),
      met:
        `${tables} tables with a tenant column, of which at least ${filled} hold rows: all behind forced row-level ` +
        'security, and none showed a row to another tenant or to nobody.',
      unmet: 'The database shows rows to somebody who is not their tenant: its own wall between tenants has a hole.',
      todo: 'Enable and force row-level security on the named tables, with a policy on safeguard.tenant.',
    });
  },
});
