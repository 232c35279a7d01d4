import type { Draft } from './sql.ts';
import { opaque, tokensOf } from './sql.ts';

/**
 * Where the candidates of a search come from, read in the order of an index: the other conditions are probed for each.
 * - `tokens`: rows of `records.search` that carry a token in a column
 * - `ordered`: rows of `records.ordered` in some ranges; `inner` selects `seq`
 * - `seqs`, `ids`: resources known beforehand
 * - `type`: every resource of the type
 */
export type Driver =
  | { readonly kind: 'tokens'; readonly columns: ReadonlyMap<string, readonly bigint[]>; readonly narrow: boolean }
  | { readonly kind: 'ordered'; readonly name: string; readonly inner: (draft: Draft) => string }
  | { readonly kind: 'seqs'; readonly seqs: readonly number[] }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | { readonly kind: 'type' };

/** The part of the candidates that is wanted, by their numbers. */
export interface Window {
  /** Numbers above this … */
  readonly after: number;
  /** … and up to this. */
  readonly until: number;
  readonly descending: boolean;
  /** At most so many; null: all. */
  readonly limit: number | null;
}

export const everything: Window = { after: -1, until: Number.MAX_SAFE_INTEGER, descending: false, limit: null };

/** What the candidates must fulfil, and what else is told of each. `seq` of a candidate is `d.seq` in both. */
export interface Wanted {
  readonly tenant: number;
  readonly type: number;
  readonly where: (draft: Draft) => readonly string[];
  readonly columns?: (draft: Draft) => readonly string[];
}

/**
 * The limits that statements are written with: the next one up is taken. As numbers in the text, not as values, they
 * let PostgreSQL see that few rows are wanted, and so read an index in its order instead of sorting all that it holds.
 */
const limits = [2, 11, 21, 51, 101, 201, 501, 1_001];

export function limitSql(draft: Draft, limit: number | null): string {
  if (limit === null) return '';
  return ` limit ${limits.find((one) => one >= limit) ?? draft.value(limit, 'int8')}`;
}

/** The numbers of a window that is asked for beside the index: as sums, which no index answers. */
function between(draft: Draft, { after, until }: Window): string[] {
  const parts: string[] = [];
  if (after >= 0) parts.push(`d.seq + 0 > ${draft.value(after, 'int8')}`);
  if (until < Number.MAX_SAFE_INTEGER) parts.push(`d.seq + 0 <= ${draft.value(until, 'int8')}`);
  return parts;
}

/**
 * Reads all that `match` finds, and sorts it. The order is that of a sum, so that PostgreSQL does not go along the
 * numbers of everything in the hope to meet some that match.
 */
function sortedSelect(draft: Draft, from: string, match: string, wanted: Written, window: Window): string {
  const where = [match, ...between(draft, window), ...wanted.where].join(' and ');
  const order = `order by seq${window.descending ? ' desc' : ''}`;
  const most = limitSql(draft, window.limit);
  return `select d.seq + 0 as seq${wanted.columns} from ${from} where ${where} ${order}${most}`;
}

/**
 * Goes along the numbers of a type from one place to another. As a comparison of rows, because PostgreSQL then expects
 * many, and reads the index in its order; for two comparisons it expects few, and would fetch and sort all. The tenant
 * stands before it as an equality, as row-level security puts it: else the scan would begin where the tenant begins.
 */
function typeSelect(draft: Draft, { tenant, type }: Wanted, wanted: Written, window: Window): string {
  const own = opaque(draft, type, 'int2');
  const where = [
    'd.row = 0',
    `d.tenant = ${draft.value(tenant, 'int4')}`,
    `(d.type, d.seq) > (${own}, ${draft.value(window.after, 'int8')})`,
    `(d.type, d.seq) <= (${own}, ${draft.value(window.until, 'int8')})`,
    ...wanted.where,
  ].join(' and ');
  const way = window.descending ? ' desc' : '';
  return `select d.seq${wanted.columns} from records.search d where ${where}
    order by d.type${way}, d.seq${way}${limitSql(draft, window.limit)}`;
}

/** What is wanted, as text. */
interface Written {
  readonly where: readonly string[];
  readonly columns: string;
}

/** A select of `seq` and the wanted columns, each candidate once, in the order of `seq`. */
export function drivenSelect(draft: Draft, driver: Driver, wanted: Wanted, window: Window): string {
  const written: Written = {
    where: wanted.where(draft),
    columns: (wanted.columns?.(draft) ?? []).map((column) => `, ${column}`).join(''),
  };
  if (driver.kind === 'type') return typeSelect(draft, wanted, written, window);
  const type = `d.type = ${draft.value(wanted.type, 'int2')}`;
  const select = (from: string, match: string): string =>
    sortedSelect(draft, from, `${match} and ${type}`, written, window);
  switch (driver.kind) {
    case 'seqs':
      return select('records.search d', `d.row = 0 and d.seq = any (${draft.value(driver.seqs, 'int8[]')})`);
    case 'ids':
      return select(
        'records.resource d',
        `d.tenant = ${draft.value(wanted.tenant, 'int4')} and d.body is not null
          and d.id = any (${draft.value(driver.ids, 'uuid[]')})`,
      );
    case 'ordered':
      return select(
        `(select distinct seq from (${driver.inner(draft)} offset 0) o) o
         cross join lateral (select r.seq, r.type from records.resource r where r.seq = o.seq) d`,
        'true',
      );
    default:
      return tokensSelect(draft, driver, window, select);
  }
}

/**
 * Rows with a token in a column. As a range from the token to itself: of a range PostgreSQL expects few rows whatever
 * the column's statistics say, and so always uses the column's index; of an equality it expects the average.
 */
const carries = (column: string, token: string): string =>
  `d.${column} >= ${token} and d.${column} <= ${token} and d.${column} is not null`;

function tokensSelect(
  draft: Draft,
  { columns }: Extract<Driver, { kind: 'tokens' }>,
  window: Window,
  select: (from: string, match: string) => string,
): string {
  const [[column, tokens] = ['', []]] = columns;
  if (columns.size === 1 && tokens.length === 1) {
    return select('records.search d', carries(column, draft.value(String(tokens[0]), 'int8')));
  }
  const parts = [...columns].map(([name, list]) => {
    const each = select('records.search d', carries(name, 'k.token'));
    return `select e.* from unnest(${draft.value(tokensOf(list), 'int8[]')}) k (token) cross join lateral (${each}) e`;
  });
  const order = `order by seq${window.descending ? ' desc' : ''}`;
  return `select distinct * from (${parts.join(' union all ')}) u ${order}${limitSql(draft, window.limit)}`;
}

/** Counts a driver's rows, up to a limit: how selective it is. */
export function countSelect(draft: Draft, driver: Driver, limit: number): string | undefined {
  if (driver.kind === 'ordered') {
    return `select count(*) as n from (${driver.inner(draft)} limit ${draft.value(limit, 'int8')}) c`;
  }
  if (driver.kind !== 'tokens') return undefined;
  const parts = [...driver.columns].map(([column, tokens]) => {
    const list = draft.value(tokensOf(tokens), 'int8[]');
    const one = `select 1 as one from records.search d where ${carries(column, 'k.token')}`;
    const most = draft.value(limit, 'int8');
    return `select e.one from unnest(${list}) k (token) cross join lateral (${one} limit ${most}) e`;
  });
  return `select count(*) as n from (${parts.join(' union all ')} limit ${draft.value(limit, 'int8')}) c`;
}
