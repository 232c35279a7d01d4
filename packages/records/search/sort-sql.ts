import type { Segment } from '@safeguard/store';
import type { Choice } from './choose.ts';
import { type Level, rowColumns, wantedOf } from './clinical-stream.ts';
import { drivenSelect, everything } from './driver.ts';
import type { Candidate, NumberedRow } from './found.ts';
import type { SortKey, SortPlace, SortValue } from './sort.ts';
import { createDraft, type Draft, shaped } from './sql.ts';

/** A key that SQL can read. */
export type SqlKey = SortKey & { readonly sql: NonNullable<SortKey['sql']> };

export const allSql = (keys: readonly SortKey[]): keys is readonly SqlKey[] => keys.every((key) => key.sql);

/** Which part of the sorted answers is wanted. */
export interface SortWindow {
  /** Only what comes after this (or before it, `descending`). */
  readonly beyond: SortPlace | undefined;
  readonly bound: number;
  /** Backwards: from the last to the first. */
  readonly backwards: boolean;
  readonly limit: number;
}

/** What comes after the place in the order of the keys; missing values are last, whatever a key's direction. */
function after(draft: Draft, keys: readonly SqlKey[], place: SortPlace, backwards: boolean): string {
  const step = (index: number): string => {
    const key = keys[index];
    if (key === undefined) return `y.seq ${backwards ? '<' : '>'} ${draft.value(place.seq, 'int8')}`;
    const value = place.values[index];
    const column = `y.v${index}`;
    if (value === undefined) {
      const equal = `(${column} is null and ${step(index + 1)})`;
      return backwards ? `(${column} is not null or ${equal})` : equal;
    }
    const sent = draft.value(String(value), key.sql.type);
    const beyond = `${column} ${key.descending === backwards ? '>' : '<'} ${sent}`;
    const equal = `(${column} = ${sent} and ${step(index + 1)})`;
    return backwards ? `(${beyond} or ${equal})` : `(${beyond} or ${column} is null or ${equal})`;
  };
  return step(0);
}

const orderBy = (alias: string, keys: readonly SqlKey[], backwards: boolean): string =>
  [
    ...keys.map(({ descending }, index) => {
      const down = descending !== backwards;
      return `${alias}.v${index} ${down ? 'desc' : 'asc'} nulls ${backwards ? 'first' : 'last'}`;
    }),
    `${alias}.seq ${backwards ? 'desc' : 'asc'}`,
  ].join(', ');

export interface Sorted extends Candidate {
  readonly sorted: SortPlace;
}

const read = (key: SqlKey, text: string | null): SortValue => {
  if (text === null) return undefined;
  return key.sql.type === 'float8' ? Number(text) : text;
};

/** Sorts in PostgreSQL: the answers of one level, of which SQL alone decides, `limit` of them from a place on. */
export async function sortedCandidates(
  clinical: Segment,
  level: Level,
  { driver, covers }: Choice,
  keys: readonly SqlKey[],
  window: SortWindow,
): Promise<Sorted[]> {
  const { wanted } = wantedOf(level, covers);
  const draft = createDraft();
  const columns = (inner: Draft): string[] => keys.map((key, index) => `${key.sql.value(inner, 'd.seq')} as v${index}`);
  const inner = drivenSelect(draft, driver, { ...wanted, columns }, { ...everything, until: window.bound });
  const place = window.beyond ? `where ${after(draft, keys, window.beyond, window.backwards)}` : '';
  const told = keys.map((_, index) => `, x.v${index}::text as v${index}`).join('');
  const limit = draft.value(window.limit, 'int8');
  const text = `select ${rowColumns('r')}${told} from (
      select y.* from (${inner}) y ${place} order by ${orderBy('y', keys, window.backwards)} limit ${limit}
    ) x join records.resource r on r.seq = x.seq order by ${orderBy('x', keys, window.backwards)}`;
  const rows = await clinical.query<NumberedRow & Record<string, string | null>>(
    level.tenant,
    shaped(text),
    draft.values,
  );
  return rows.map((row) => {
    const values = keys.map((key, index) => read(key, row[`v${index}`] ?? null));
    return { row, facts: new Map(), place: row.seq, sorted: { values, seq: row.seq } };
  });
}
