import { column_count } from './plan.ts';
import type { IndexRows } from './rows.ts';

/** The index rows of some writes as the arrays that `records.put` takes last; undefined: a write without any. */
export function indexValues(written: readonly (IndexRows | undefined)[]): string[] {
  const of: number[] = [];
  const rows: number[] = [];
  const selves: (bigint | null)[] = [];
  const owns: (bigint | null)[] = [];
  const presents: (bigint | null)[] = [];
  const columns: (bigint | null)[][] = Array.from({ length: column_count }, () => []);
  const ordered: { of: number[]; keys: bigint[]; lows: number[]; highs: number[] } = {
    of: [],
    keys: [],
    lows: [],
    highs: [],
  };
  for (const [index, index_rows] of written.entries()) {
    if (index_rows === undefined) continue;
    for (const [n, row] of index_rows.rows.entries()) {
      of.push(index + 1);
      rows.push(n);
      selves.push(n === 0 ? index_rows.self : null);
      owns.push(row.own ?? null);
      presents.push(n === 0 ? index_rows.present : null);
      for (let column = 0; column < column_count; column++) columns[column]?.push(row.columns[column] ?? null);
    }
    for (const { key, low, high } of index_rows.ordered) {
      ordered.of.push(index + 1);
      ordered.keys.push(key);
      ordered.lows.push(low);
      ordered.highs.push(high);
    }
  }
  const { of: ordered_of, keys, lows, highs } = ordered;
  return [of, rows, selves, owns, presents, ...columns, ordered_of, keys, lows, highs].map(literal);
}

/** A PostgreSQL array; null as an element is written `null`, infinite numbers as JavaScript writes them. */
const literal = (values: readonly (number | bigint | null)[]): string => `{${values.map(String).join(',')}}`;
