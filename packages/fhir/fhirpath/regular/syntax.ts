import { unanswerable } from '../refuse.ts';

/** A regular expression as a tree. */
export type Rule =
  | { readonly kind: 'set'; readonly has: (code: number) => boolean }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' | 'word' | 'inside' }
  | { readonly kind: 'row' | 'choice'; readonly of: readonly Rule[] }
  | { readonly kind: 'group'; readonly of: Rule; readonly number: number }
  | { readonly kind: 'many'; readonly of: Rule; readonly least: number; readonly most: number; readonly lazy: boolean };

export interface Read {
  readonly rule: Rule;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  /** No group is repeated, and at most one part of the whole may be of any length. */
  readonly simple: boolean;
}

interface Reader {
  readonly source: string;
  at: number;
  groups: number;
  depth: number;
  open: number;
  repeated: boolean;
  readonly names: Map<string, number>;
}

const depth_limit = 50;

const refuse = (): never => {
  throw unanswerable('a regular expression cannot be read, or looks around or back, which is not supported');
};

const hex = (code: number): string => `\\u{${code.toString(16)}}`;

/** `\:`, `\'` and the like mean the character itself; engines refuse them in Unicode mode. */
const plainEscapes = (token: string): string =>
  token.replace(/\\([^A-Za-z0-9])/gu, (_, character: string) => hex(character.codePointAt(0) ?? 0));

const tables = new Map<string, (code: number) => boolean>();

/** Whether a class or an escape has a character is asked of the engine once per ASCII character. */
function setOf(token: string): (code: number) => boolean {
  const known = tables.get(token);
  if (known) return known;
  const native = nativeClass(token);
  const ascii = Array.from({ length: 128 }, (_, code) => native.test(String.fromCharCode(code)));
  const has = (code: number): boolean => (code < 128 ? ascii[code] === true : native.test(String.fromCodePoint(code)));
  if (tables.size > 500) tables.clear();
  tables.set(token, has);
  return has;
}

function nativeClass(token: string): RegExp {
  try {
    return new RegExp(`^(?:${plainEscapes(token)})$`, 'su');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse();
  }
}

/** The text that a sticky pattern finds here, if any. */
function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.source)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

const forms = {
  class: /\[\^?\]?(?:[^\]\\]|\\.)*\]/suy,
  escape: /\\(?:[dDwWsSnrtfv0]|[pP]\{[\w=]+\}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|[^A-Za-z0-9])/uy,
  edge: /\^|\$|\\b|\\B/y,
  group: /\((?:\?:|\?<([A-Za-z]\w*)>)?(?!\?)/y,
  count: /[*+?]|\{\d+(?:,\d*)?\}/y,
  plain: /[^\\()[\]|*+?^$]/uy,
};

const edges = { '^': 'start', $: 'end', '\\b': 'word', '\\B': 'inside' } as const;

function group(reader: Reader, opening: string): Rule {
  if (++reader.depth > depth_limit) refuse();
  const number = opening === '(?:' ? 0 : ++reader.groups;
  const name = /<(\w+)>/.exec(opening)?.[1];
  if (name !== undefined) reader.names.set(name, number);
  const of = choice(reader);
  if (take(reader, /\)/y) === undefined) refuse();
  reader.depth--;
  return number === 0 ? of : { kind: 'group', of, number };
}

function atom(reader: Reader): Rule {
  const edge = take(reader, forms.edge);
  if (edge !== undefined) return { kind: 'edge', edge: edges[edge as keyof typeof edges] };
  const opening = take(reader, forms.group);
  if (opening !== undefined) return group(reader, opening);
  const token = take(reader, forms.class) ?? take(reader, forms.escape) ?? take(reader, forms.plain);
  if (token === undefined || token === '[]') return refuse();
  if (token === '.') return { kind: 'set', has: () => true };
  return { kind: 'set', has: setOf(/^[\\[]/.test(token) ? token : hex(token.codePointAt(0) ?? 0)) };
}

function countOf(text: string): readonly [number, number] {
  if (text === '*') return [0, Number.POSITIVE_INFINITY];
  if (text === '+') return [1, Number.POSITIVE_INFINITY];
  if (text === '?') return [0, 1];
  const [least = '0', most] = text.slice(1, -1).split(',');
  return [Number(least), most === undefined ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most)];
}

function repeated(reader: Reader): Rule {
  const before = reader.source[reader.at];
  const of = atom(reader);
  const count = take(reader, forms.count);
  if (count === undefined) return of;
  if (of.kind === 'edge') return refuse();
  const [least, most] = countOf(count);
  if (most > 1) reader.open++;
  if (before === '(') reader.repeated = true;
  const lazy = take(reader, /\?/y) !== undefined;
  return { kind: 'many', of, least, most, lazy };
}

function row(reader: Reader): Rule {
  const of: Rule[] = [];
  while (reader.at < reader.source.length && !/[|)]/.test(reader.source[reader.at] ?? '')) of.push(repeated(reader));
  return { kind: 'row', of };
}

function choice(reader: Reader): Rule {
  const of = [row(reader)];
  while (take(reader, /\|/y) !== undefined) of.push(row(reader));
  return of.length === 1 ? (of[0] as Rule) : { kind: 'choice', of };
}

/** Reads what the engines for N1's regular expressions share. Throws Fault `unprocessable`. */
export function readRegular(source: string): Read {
  const reader: Reader = { source, at: 0, groups: 0, depth: 0, open: 0, repeated: false, names: new Map() };
  const rule = choice(reader);
  if (reader.at < source.length) refuse();
  return { rule, groups: reader.groups, names: reader.names, simple: !reader.repeated && reader.open <= 1 };
}
