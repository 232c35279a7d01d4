import { type Check, resultOf } from '@safeguard/kernel';
import { attempt, type Row, refusal, type Segment } from '@safeguard/store';
import type { LedgerCheckDeps } from './checks.ts';

const tables = ['logs', 'entries', 'tiles', 'checkpoints'] as const;

/** What would run at a write beside the write itself. */
const bystanders = `
  select 'the trigger ' || t.tgname || ' on ledger.' || c.relname as name
    from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
   where c.relnamespace = 'ledger'::regnamespace and not t.tgisinternal
  union all select 'the rule ' || r.rulename || ' on ledger.' || c.relname
    from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class
   where c.relnamespace = 'ledger'::regnamespace and c.relkind = 'r'`;

const columnsOf = `select c.relname::text as table, a.attname::text as column
  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
  where c.relnamespace = 'ledger'::regnamespace and c.relname = any($1) and a.attnum > 0 and not a.attisdropped`;

interface Column extends Row {
  readonly table: string;
  readonly column: string;
}

/** No row is meant: what is looked at is whether the right is there. */
const acts = (columns: readonly Column[], mayInsert: boolean): string[] => [
  ...columns.map(({ table, column }) => `update ledger.${table} set ${column} = ${column} where false`),
  ...tables.flatMap((table) => [
    `delete from ledger.${table} where false`,
    `truncate ledger.${table}`,
    `alter table ledger.${table} disable row level security`,
    `drop table ledger.${table}`,
    ...(mayInsert ? [] : [`insert into ledger.${table} select * from ledger.${table} where false`]),
  ]),
];

async function tryAs(segment: Segment, who: string, texts: readonly string[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const text of texts) {
    const said = refusal(await attempt(segment, 0, text));
    if (said !== undefined) wrong.push(`${who}: "${text}" ${said}`);
  }
  return wrong;
}

/** 45 CFR 164.312(b), 164.312(c)(1): the server itself cannot change or take out what it has written. */
export const appendOnly = ({ segment, reader }: LedgerCheckDeps): Check => ({
  id: 'ledger.append-only',
  title: 'Nobody can change the log',
  query:
    'As each role that reaches the log: attempts to update every column, to delete, to truncate, to drop and to lift ' +
    'row-level security on its tables, rolled back; and triggers or rules on them. Wants refusals and none.',
  every_s: 3_600,
  async run() {
    const columns = await segment.query<Column>(0, { name: '', text: columnsOf }, [tables]);
    const asWriter = acts(columns, true);
    const asReader = acts(columns, false);
    const beside = await segment.query<{ name: string }>(0, { name: '', text: bystanders });
    const wrong = [
      ...(await tryAs(segment, 'the role that writes the log', asWriter)),
      ...(await tryAs(reader, 'the role that reads the log', asReader)),
      ...beside.map(({ name }) => `${name} takes part in writes`),
    ];
    const examined = asWriter.length + asReader.length;
    return resultOf({
      examined,
      wrong,
      met: `${examined} attempts to change, cut or drop the log, as each role that reaches it, were refused.`,
      unmet: 'A role that serves requests can change the log, so what it says could be altered from inside.',
      todo: 'Take the named right away (REVOKE), drop the trigger or rule, and verify the log.',
    });
  },
});
