import { letters } from '../../interactions.ts';
import type { RowFacts } from '../../policy/row.ts';
import { placeOf } from '../../scope.ts';
import { type Mask, seeing } from './types.ts';

/** A patient's resources, one for each kind that nothing tells apart. */
export interface Rows {
  readonly byType: ReadonlyMap<string, Near>;
  /** All those in whose compartments they are, in order. */
  readonly patients: readonly string[];
  /** The bits by which something is seen. */
  readonly seen: Mask;
  /** Which letters a mask has at all. */
  lettersIn(mask: Mask): string;
}

const width = letters.length;

/** `places`: a bit for each letter, by its place. */
export const bitsOf = (index: number, places: number): Mask => BigInt(places) << BigInt(index * width);

/** Resources of one type, side by side. */
export type Near = readonly { readonly row: RowFacts; readonly index: number }[];

/** So many rows' bits are one exact number. */
const rows_most = 10;
const row_bits = 2 ** width;

/** What a test tells of each row, as a mask. A mask of all rows is long: none is made for every row. */
export function maskOf(near: Near, test: (row: RowFacts) => number): Mask {
  let mask = 0n;
  for (let from = 0; from < near.length; from += rows_most) {
    let bits = 0;
    for (let at = Math.min(from + rows_most, near.length) - 1; at >= from; at -= 1) {
      const one = near[at];
      bits = bits * row_bits + (one === undefined ? 0 : test(one.row));
    }
    if (bits !== 0) mask |= bitsOf(near[from]?.index ?? 0, bits);
  }
  return mask;
}

const seeingPlaces = seeing.reduce((places, letter) => places | (1 << placeOf(letter)), 0);

/** `queries`: all that is asked of a type; `byId`: some instance is meant by name. */
export function rowsOf(
  all: readonly RowFacts[],
  { queries, byId }: { queries(type: string): readonly string[]; readonly byId: boolean },
): Rows {
  const kinds = new Map<string, RowFacts>();
  const asked = new Map([...new Set(all.map(({ type }) => type))].map((type) => [type, queries(type)]));
  for (const row of all) {
    const { type, id, patients, labels } = row;
    const answers = (asked.get(type) ?? []).map((query) => (row.fulfils(query) ? 1 : 0)).join('');
    const key = JSON.stringify([type, byId ? id : '', [...patients].sort(), [...labels].sort(), answers]);
    if (!kinds.has(key)) kinds.set(key, row);
  }
  // Those of a type side by side, so that what a rule says of them is one piece of a mask.
  const sorted = [...Map.groupBy(kinds.values(), ({ type }) => type).values()].flat();
  const rows = sorted.map((row, index) => ({ row, index }));
  const each = (places: number): Mask => rows.reduce((mask, { index }) => mask | bitsOf(index, places), 0n);
  const byLetter = letters.split('').map((letter, place) => ({ letter, bits: each(1 << place) }));
  return {
    byType: Map.groupBy(rows, ({ row }) => row.type),
    patients: [...new Set(rows.flatMap(({ row }) => row.patients))].sort(),
    seen: each(seeingPlaces),
    lettersIn: (mask) => byLetter.flatMap(({ letter, bits }) => ((mask & bits) === 0n ? [] : letter)).join(''),
  };
}
