import type { Segment } from '@safeguard/store';

/** Rows of a tenant, and blocks from the end of a table, that are looked at: of each table at most. */
const [rows_most, blocks_most] = [5_000, 64];

/** Every table that the runtime role may read; `ours`: an index leads to the rows of a tenant. */
const tables = {
  name: 'records.check.tables',
  text: `select format('%I.%I', n.nspname, c.relname) as name,
      exists (select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where i.indrelid = c.oid and a.attname = 'tenant' and i.indpred is null) as ours,
      (pg_relation_size(c.oid) / current_setting('block_size')::int)::int as blocks
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
      and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
    order by 1`,
};
interface Table extends Record<string, unknown> {
  readonly name: string;
  readonly ours: boolean;
  readonly blocks: number;
}

/** Names of tables are PostgreSQL's own, quoted by it. The newest rows of a table stand at its end, as a rule. */
const scanOf = ({ name, ours }: Table) => {
  const tail = `select * from ${name} where ctid >= $2::tid`;
  const own = `(select * from ${name} where tenant = $3 limit ${rows_most})`;
  const columns = `count(*)::int as rows, count(*) filter (where lower(x::text) like any ($1::text[]))::int as hits`;
  const last = `select ${columns} from (${tail} limit ${rows_most}) x`;
  const first = `select ${columns} from ${own} x where $3::int is not null`;
  return {
    name: `records.check.scan.${ours ? 'own' : 'tail'}.${name}`.slice(0, 63),
    text: ours ? `${last} union all ${first}` : `select rows, hits from (${last}) y where $3::int is not null`,
  };
};

export interface Scanned {
  readonly rows: number;
  /** Names of the tables in which something was found. */
  readonly hits: readonly string[];
  readonly tables: number;
}

/** Searches the rows that a tenant has in a segment, as they stand there. */
export async function scan(segment: Segment, tenant: number, patterns: readonly string[]): Promise<Scanned> {
  const found = await segment.query<Table>(tenant, tables);
  const hits: string[] = [];
  let rows = 0;
  for (const table of found) {
    const from = `(${Math.max(0, table.blocks - blocks_most)},0)`;
    const counts = await segment.query<{ rows: number; hits: number }>(tenant, scanOf(table), [patterns, from, tenant]);
    rows += counts.reduce((sum, one) => sum + one.rows, 0);
    if (counts.some((one) => one.hits > 0)) hits.push(table.name);
  }
  return { rows, hits, tables: found.length };
}
