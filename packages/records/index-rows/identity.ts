import type { Parameter, SearchValue, Test } from '@safeguard/fhir';
import { fold } from '@safeguard/kernel';
import { identityLabel, type Tokens } from './labels.ts';
import type { IdentityForm } from './plan.ts';

/** Lengths of the folded beginnings that have a token. A query of another length takes the next shorter one. */
const prefix_lengths = [1, 2, 3, 5, 8] as const;

const day_ms = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** Dates outside of these years are kept as `wide`. */
const [first_year, last_year] = [1850, 2150];
const year_of_ms = (ms: number): number => new Date(ms).getUTCFullYear();

type Label = (form: string) => string;
type Make = (vault: Tokens, label: Label, value: SearchValue) => bigint[];

function prefixes(vault: Tokens, label: Label, value: SearchValue): bigint[] {
  if (value.kind !== 'string') return [];
  const folded = fold(value.text);
  const lengths = prefix_lengths.filter((length) => length <= folded.length);
  return lengths.map((length) => vault.token(label('start'), folded.slice(0, length)));
}

/** What a token, a reference or a uri is found by. Not by its system: the opened resource tells of that. */
function wholeOf(value: SearchValue): string | undefined {
  if (value.kind === 'token') return value.code;
  if (value.kind === 'uri') return value.uri;
  if (value.kind !== 'reference') return undefined;
  return value.url ?? (value.id === undefined ? undefined : `${value.type ?? ''}/${value.id}`);
}

function code(vault: Tokens, label: Label, value: SearchValue): bigint[] {
  const text = wholeOf(value);
  return text === undefined ? [] : [vault.token(label('value'), text)];
}

/** A moment or day by its day and its year; all that spans more than a day (`1980-05`) by one token for everything. */
function day(vault: Tokens, label: Label, value: SearchValue): bigint[] {
  if (value.kind !== 'date') return [];
  const { low, high } = value;
  const isDay = high - low <= day_ms && high > low && dayOf(low) === dayOf(high - 1);
  if (!isDay || year_of_ms(low) < first_year || year_of_ms(low) > last_year) return [vault.token(label('wide'), '')];
  return [vault.token(label('day'), dayOf(low)), vault.token(label('year'), dayOf(low).slice(0, 4))];
}

const makers: Readonly<Record<IdentityForm, Make>> = { text: prefixes, code, day };

/** The blind tokens of a value. */
export const identityTokens = (
  vault: Tokens,
  { of }: Parameter,
  carrier: string,
  form: IdentityForm,
  value: SearchValue,
): bigint[] => makers[form](vault, (kind) => identityLabel(of, carrier, kind), value);

function askedPrefix(vault: Tokens, label: Label, test: Test): bigint[] | undefined {
  if (test.kind !== 'string') return undefined;
  const folded = fold(test.text);
  const length = prefix_lengths.findLast((one) => one <= folded.length);
  return length === undefined ? undefined : [vault.token(label('start'), folded.slice(0, length))];
}

function askedCode(vault: Tokens, label: Label, test: Test): bigint[] | undefined {
  const value = (text: string): bigint => vault.token(label('value'), text);
  if (test.kind === 'token') return test.code === undefined ? undefined : [value(test.code)];
  if (test.kind === 'of-type') return [value(test.value)];
  if (test.kind === 'uri') return [value(test.uri)];
  if (test.kind === 'reference-url') return [value(test.url)];
  if (test.kind !== 'reference' || test.types.length === 0) return undefined;
  return test.types.map((type) => value(`${type}/${test.id}`));
}

/** The first and last moment that a value can touch and fulfil the test; undefined: any. */
function touched(test: Extract<Test, { kind: 'date' }>): readonly [number, number] | undefined {
  const { prefix, low, high } = test;
  if (prefix === 'ne') return undefined;
  if (prefix === 'eq' || prefix === 'ap') return [low, high - 1];
  if (prefix === 'gt' || prefix === 'sa') return [high - day_ms, Number.POSITIVE_INFINITY];
  if (prefix === 'ge') return [low - day_ms, Number.POSITIVE_INFINITY];
  return [Number.NEGATIVE_INFINITY, high];
}

/** So many days are asked one by one; a longer time by its years. */
const most_days = 62;
const first_ms = Date.UTC(first_year, 0);
const last_ms = Date.UTC(last_year, 11, 31);

function askedDays(vault: Tokens, label: Label, test: Test): bigint[] | undefined {
  const span = test.kind === 'date' ? touched(test) : undefined;
  if (span === undefined) return undefined;
  const from = Math.max(span[0], first_ms);
  const until = Math.min(span[1], last_ms);
  const tokens = [vault.token(label('wide'), '')];
  if (until - from <= most_days * day_ms) {
    const start = Math.floor(from / day_ms) * day_ms;
    for (let at = start; at <= until; at += day_ms) tokens.push(vault.token(label('day'), dayOf(at)));
    return tokens;
  }
  for (let year = year_of_ms(from); year <= year_of_ms(until); year++) {
    tokens.push(vault.token(label('year'), String(year)));
  }
  return tokens;
}

type Ask = (vault: Tokens, label: Label, test: Test) => bigint[] | undefined;
const askers: Readonly<Record<IdentityForm, Ask>> = {
  text: askedPrefix,
  code: askedCode,
  day: askedDays,
};

/** Tokens of which every value that fulfils the test has one; undefined: none narrows. */
export const askedTokens = (
  vault: Tokens,
  { of }: Parameter,
  carrier: string,
  form: IdentityForm,
  test: Test,
): bigint[] | undefined => askers[form](vault, (kind) => identityLabel(of, carrier, kind), test);
