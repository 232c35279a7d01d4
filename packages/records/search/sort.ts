import { type Parameter, type SearchValue, type Sort, typeName, valuesOf } from '@safeguard/fhir';
import { fold, type JsonObject } from '@safeguard/kernel';
import { type orderedKeys, segmentOf } from '../index-rows/index.ts';
import type { NumberedRow } from './found.ts';
import type { Draft } from './sql.ts';

/** What a resource is sorted by: a number, a text, or nothing (which comes last, whatever the direction). */
export type SortValue = number | string | undefined;

/** An index that has the order of a key. */
export type Along =
  | { readonly by: 'time'; readonly descending: boolean }
  | { readonly by: 'value'; readonly descending: boolean; readonly narrow: bigint; readonly wide: bigint };

/** One key of `_sort`. */
export interface SortKey {
  readonly descending: boolean;
  /** Reads the value in SQL, for a candidate's number; absent: it is read from the opened resource. */
  readonly sql?: { readonly type: 'float8' | 'text'; value(draft: Draft, seq: string): string };
  readonly value: (row: NumberedRow, resource: () => JsonObject) => SortValue;
  readonly along?: Along;
}

/** Dates and numbers of the clinical segment stand in `records.ordered`; quantities stand there by unit. */
const inOrdered = (parameter: Parameter): boolean =>
  (parameter.type === 'date' || parameter.type === 'number') && segmentOf(parameter) === 'clinical';

export type KeysOf = (parameter: Parameter) => ReturnType<typeof orderedKeys>;
/** The parameter of a name as another type has it: a search over several types sorts by what they call alike. */
export type ParameterOf = (type: string, code: string) => Parameter | undefined;

/** Reads `_sort` into keys. */
export const sortKeys = (sorts: readonly Sort[], keysOf: KeysOf, parameterOf: ParameterOf): readonly SortKey[] =>
  sorts.map((sort) => {
    if (sort.by === '_id') return idKey(sort.descending);
    if (sort.by === '_lastUpdated') return timeKey(sort.descending);
    return parameterKey(sort.by, sort.descending, keysOf, parameterOf);
  });

const idKey = (descending: boolean): SortKey => ({
  descending,
  sql: {
    type: 'text',
    value: (_draft, seq) => `(select u.id::text collate "C" from records.resource u where u.seq = ${seq})`,
  },
  value: (row) => row.id,
});

const timeKey = (descending: boolean): SortKey => ({
  descending,
  along: { by: 'time', descending },
  sql: {
    type: 'float8',
    value: (_draft, seq) =>
      `(select (extract(epoch from u.at) * 1000)::float8 from records.resource u where u.seq = ${seq})`,
  },
  value: (row) => row.at.getTime(),
});

function parameterKey(parameter: Parameter, descending: boolean, keysOf: KeysOf, parameterOf: ParameterOf): SortKey {
  const value = (row: NumberedRow, resource: () => JsonObject): SortValue => {
    const own = parameterOf(typeName(row.type), parameter.code) ?? parameter;
    return furthest(valuesOf(resource(), own), descending);
  };
  if (!inOrdered(parameter)) return { descending, value };
  const side = descending ? 'max(o.high)' : 'min(o.low)';
  const { narrow, wide } = keysOf(parameter);
  return {
    descending,
    value,
    along: { by: 'value', descending, narrow, wide },
    sql: {
      type: 'float8',
      value: (draft, seq) => {
        const keys = draft.value([String(narrow), String(wide)], 'int8[]');
        return `(select ${side} from records.ordered o where o.seq = ${seq} and o.key = any (${keys}))`;
      },
    },
  };
}

/** Of several values the one that comes first in the direction asked for (FHIR R4 3.1.1.5.1). */
function furthest(values: readonly SearchValue[], descending: boolean): SortValue {
  let best: SortValue;
  for (const value of values) {
    const one = sortValue(value, descending);
    if (one === undefined) continue;
    if (best === undefined || compareValues(one, best) < 0 !== descending) best = one;
  }
  return best;
}

function sortValue(value: SearchValue, descending: boolean): SortValue {
  switch (value.kind) {
    case 'date':
    case 'number':
      return descending ? value.high : value.low;
    case 'quantity': {
      const range = value.canonical ?? value;
      return descending ? range.high : range.low;
    }
    case 'string':
      return fold(value.text);
    case 'token':
      return value.code;
    case 'reference':
      return value.url ?? (value.id === undefined ? undefined : `${value.type ?? ''}/${value.id}`);
    case 'uri':
      return value.uri;
    default:
      return undefined;
  }
}

/** Numbers before texts; texts by their code units. */
function compareValues(one: number | string, other: number | string): number {
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** What a resource was sorted by, and its number for those that are alike. */
export interface SortPlace {
  readonly values: readonly SortValue[];
  readonly seq: number;
}

/** The order that the keys give; the resource's number parts what is alike. */
export function comparePlaces(keys: readonly SortKey[], one: SortPlace, other: SortPlace): number {
  for (const [index, key] of keys.entries()) {
    const [a, b] = [one.values[index], other.values[index]];
    if (a === undefined || b === undefined) {
      if (a === b) continue;
      return a === undefined ? 1 : -1;
    }
    const order = compareValues(a, b);
    if (order !== 0) return key.descending ? -order : order;
  }
  return one.seq - other.seq;
}
