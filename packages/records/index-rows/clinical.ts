import type { Parameter, SearchValue, Test } from '@safeguard/fhir';
import { fold } from '@safeguard/kernel';
import { clinicalLabel, pair, referenceMask, refToken, type Tokens, urlToken } from './labels.ts';
import { column_count, type Place } from './plan.ts';
import type { ColumnToken } from './types.ts';

/** Words that stay clinical have tokens of these two beginnings; what is asked beyond is verified by opening. */
const [short, long] = [3, 8] as const;

/** A token and the number of its column; undefined: any. */
export type Put = (column: number | undefined, token: bigint) => void;

type Tokened = Exclude<Place, { in: 'identity' | 'ordered' | 'nowhere' }>;

export const isTokened = (place: Place): place is Tokened =>
  place.in !== 'identity' && place.in !== 'ordered' && place.in !== 'nowhere';

const columnName = (column: number): string => `c${column}`;
const everyColumn: readonly string[] = Array.from({ length: column_count }, (_, column) => columnName(column));

/** The columns in which a reference parameter's tokens stand; none of any other. */
export function columnsOf(place: Place): readonly string[] {
  if (place.in === 'references') return everyColumn;
  return place.in === 'reference' ? [columnName(place.column)] : [];
}
const pairLabel = (label: string): string => `${label}.pair`;

function putCoding(
  vault: Tokens,
  label: string,
  place: Tokened & { in: 'coding' },
  value: SearchValue,
  put: Put,
): void {
  if (value.kind !== 'token' || value.code === undefined) return;
  put(place.alone, vault.token(label, value.code));
  if (value.system !== undefined) put(place.pair, vault.token(pairLabel(label), pair(value.system, value.code)));
}

function referenceToken(vault: Tokens, value: SearchValue): bigint | undefined {
  if (value.kind !== 'reference') return undefined;
  if (value.url !== undefined) return urlToken(vault, value.url);
  return value.id === undefined ? undefined : refToken(vault, value.type ?? '', value.id);
}

/** The tokens of one value. */
export function putTokens(vault: Tokens, parameter: Parameter, place: Tokened, value: SearchValue, put: Put): void {
  const label = clinicalLabel(parameter.of, parameter.code);
  if (place.in === 'coding') putCoding(vault, label, place, value, put);
  else if (place.in === 'reference' || place.in === 'references') {
    const token = referenceToken(vault, value);
    const column = place.in === 'reference' ? place.column : undefined;
    if (token !== undefined) put(column, token ^ referenceMask(parameter));
  } else if (value.kind === 'token' && value.code !== undefined) put(place.column, vault.token(label, value.code));
  else if (value.kind === 'uri') put(place.column, vault.token(label, value.uri));
  else if (value.kind === 'string') {
    const folded = fold(value.text);
    if (folded.length >= short) put(place.column, vault.token(`${label}.${short}`, folded.slice(0, short)));
    if (folded.length >= long) put(place.column, vault.token(`${label}.${long}`, folded.slice(0, long)));
  }
}

export interface Asked {
  readonly any: readonly ColumnToken[];
  readonly exact: boolean;
}

function askedCoding(vault: Tokens, label: string, place: Tokened, test: Test): Asked | undefined {
  if (test.kind !== 'token' || test.code === undefined) return undefined;
  const alone = place.in === 'coding' ? place.alone : (place as { column: number }).column;
  if (place.in === 'coding' && test.system) {
    const token = vault.token(pairLabel(label), pair(test.system, test.code));
    return { any: [{ column: columnName(place.pair), token }], exact: true };
  }
  // That there is no system, or that a code's is the one asked for, only the resource says.
  return {
    any: [{ column: columnName(alone), token: vault.token(label, test.code) }],
    exact: test.system === undefined,
  };
}

function askedReference(vault: Tokens, parameter: Parameter, place: Tokened, test: Test): Asked | undefined {
  const put = (token: bigint): ColumnToken[] =>
    columnsOf(place).map((column) => ({ column, token: token ^ referenceMask(parameter) }));
  if (test.kind === 'reference-url') {
    return { any: put(urlToken(vault, test.url)), exact: test.version === undefined };
  }
  if (test.kind !== 'reference' || test.types.length === 0) return undefined;
  return { any: test.types.flatMap((type) => put(refToken(vault, type, test.id))), exact: true };
}

function askedText(vault: Tokens, label: string, column: number, test: Test): Asked | undefined {
  if (test.kind !== 'string') return undefined;
  const folded = fold(test.text);
  const length = folded.length >= long ? long : short;
  if (folded.length < short) return undefined;
  const token = vault.token(`${label}.${length}`, folded.slice(0, length));
  return { any: [{ column: columnName(column), token }], exact: false };
}

/** Tokens of which every value that fulfils the test has one; undefined: none narrows. */
export function askedColumns(vault: Tokens, parameter: Parameter, place: Tokened, test: Test): Asked | undefined {
  const label = clinicalLabel(parameter.of, parameter.code);
  if (place.in === 'coding' || place.in === 'code') return askedCoding(vault, label, place, test);
  if (place.in === 'reference' || place.in === 'references') return askedReference(vault, parameter, place, test);
  if (place.in === 'text') return askedText(vault, label, place.column, test);
  if (test.kind !== 'uri') return undefined;
  return { any: [{ column: columnName(place.column), token: vault.token(label, test.uri) }], exact: true };
}
