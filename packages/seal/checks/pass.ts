import type { SealDatabase } from '../types.ts';
import type { SealedColumn } from './columns.ts';

/** Pages of 8 KiB that one look takes: at most some ten thousand rows. */
const window_pages = 200;

/** One look: a column's values of one tenant within some pages of its table. */
export interface Look {
  readonly of: SealedColumn;
  readonly tenant: number;
  readonly from: number;
  readonly to: number;
}

/** Looks at the end of every table, where new rows are; and at all that is before. `pages`: of the table, now. */
export function looksAt(
  columns: readonly (SealedColumn & { readonly pages: number })[],
  tenants: readonly number[],
): { readonly newest: readonly Look[]; readonly older: readonly Look[] } {
  const windows = columns.map(({ pages, ...of }) => {
    const starts = Array.from({ length: Math.max(1, Math.ceil(pages / window_pages)) }, (_, at) => at * window_pages);
    return starts.map((from) => tenants.map((tenant): Look => ({ of, tenant, from, to: from + window_pages })));
  });
  return {
    newest: windows.flatMap((of) => of.at(-1) ?? []),
    older: windows.flatMap((of) => of.slice(0, -1).toReversed().flat()),
  };
}

/** Of the first bytes alone: a long value is kept elsewhere, and is not fetched for them. */
const isBody = (column: string, at: number): string =>
  `get_byte(substr(${column}, 1, 8), ${at}) = 1 and get_byte(substr(${column}, 1, 8), ${at + 1}) in (0, 1)`;

function isSealed({ form, column }: SealedColumn): string {
  if (form === 'body') return `case when length(${column}) < 30 then false else ${isBody(column, 0)} end`;
  const first = `get_byte(substr(${column}, 1, 8), 0) = 1`;
  return `case when length(${column}) < 35 then false else ${first} and ${isBody(column, 5)} end`;
}

export interface Seen {
  readonly values: number;
  /** Not of the sealed form, or with a word of FHIR in clear. */
  readonly bare: number;
  /** Whose data key is not there. */
  readonly keyless: number;
  readonly samples: readonly Buffer[];
}

const sample_values = 6;

/** The names come from the catalogue and from `columns.ts`: words, and no value of anybody's. */
function textOf({ of, from, to }: Look): string {
  const { table, column, key } = of;
  const keyed = `exists (select from seal.data_key k where k.tenant = t.tenant and k.id = t.${key})`;
  return `
    with t as materialized (
      select * from ${table} where ctid >= '(${from},0)'::tid and ctid < '(${to},0)'::tid and ${column} is not null)
    select count(*)::int as values,
      count(*) filter (where not (${isSealed(of)}) or position('resourceType'::bytea in ${column}) > 0)::int as bare,
      count(*) filter (where ${key === undefined ? 'false' : `not ${keyed}`})::int as keyless,
      (select array_agg(s.${column})
        from (select ${column} from t order by random() limit ${sample_values}) s) as samples
    from t`;
}

export async function see(database: SealDatabase, look: Look): Promise<Seen> {
  const [row] = await database.query<{ values: number; bare: number; keyless: number; samples: Buffer[] | null }>(
    look.tenant,
    { name: '', text: textOf(look) },
  );
  const { values = 0, bare = 0, keyless = 0, samples = null } = row ?? {};
  return { values, bare, keyless, samples: samples ?? [] };
}
