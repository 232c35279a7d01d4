import { excess, refusal } from './reader.ts';

/** A `_filter` as it is written (R4 search_filter.html). */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly one: Filter; readonly other: Filter }
  | { readonly kind: 'not'; readonly one: Filter }
  | {
      readonly kind: 'compare';
      readonly path: readonly FilterStep[];
      readonly operator: string;
      readonly value: string;
    };

/** `name` or `name[filter]`. */
export interface FilterStep {
  readonly name: string;
  readonly where?: Filter;
}

const nested_limit = 20;
export const filterOperators: readonly string[] = 'eq ne co sw ew gt lt ge le ap sa eb pr po ss sb in ni re'.split(' ');

interface Cursor {
  readonly text: string;
  at: number;
  nested: number;
  /** Told of each comparison; throws when there are too many. */
  readonly count: () => void;
}

const wrong = (cursor: Cursor, expected: string): never => {
  throw refusal(`The parameter _filter expects ${expected} at character ${cursor.at + 1}.`);
};

/** Takes what a sticky pattern finds here. */
function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

const space = (cursor: Cursor): void => void take(cursor, /\s*/y);

function expectSign(cursor: Cursor, sign: string): void {
  space(cursor);
  if (cursor.text[cursor.at] !== sign) wrong(cursor, sign);
  cursor.at += 1;
}

function nested(cursor: Cursor, close: string): Filter {
  cursor.at += 1;
  cursor.nested += 1;
  if (cursor.nested > nested_limit) throw excess(`The parameter _filter may nest at most ${nested_limit} filters.`);
  const inner = logical(cursor);
  expectSign(cursor, close);
  cursor.nested -= 1;
  return inner;
}

function pathOf(cursor: Cursor): FilterStep[] {
  const steps: FilterStep[] = [];
  do {
    const name = take(cursor, /[A-Za-z_][\w-]{0,63}/y) ?? wrong(cursor, 'the name of a search parameter');
    steps.push(cursor.text[cursor.at] === '[' ? { name, where: nested(cursor, ']') } : { name });
  } while (take(cursor, /\./y) !== undefined);
  return steps;
}

/** A JSON string, or a token: anything without white space, `)` and `]`. */
function literal(cursor: Cursor): string {
  const quoted = take(cursor, /"(?:[^"\\]|\\.)*"/y);
  if (quoted === undefined) return take(cursor, /[^\s)\]"][^\s)\]]*/y) ?? wrong(cursor, 'a value');
  // What is not JSON's own escape is the only way to fail here.
  if (!/^"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"$/u.test(quoted)) wrong(cursor, 'a JSON string before');
  return JSON.parse(quoted) as string;
}

function compare(cursor: Cursor): Filter {
  cursor.count();
  const path = pathOf(cursor);
  space(cursor);
  const operator = take(cursor, /[a-z]{2}(?=\s)/y);
  if (operator === undefined || !filterOperators.includes(operator)) {
    return wrong(cursor, `one of ${filterOperators.join(', ')}`);
  }
  space(cursor);
  return { kind: 'compare', path, operator, value: literal(cursor) };
}

function single(cursor: Cursor): Filter {
  space(cursor);
  if (take(cursor, /not(?=\s*\()/y) !== undefined) {
    space(cursor);
    return { kind: 'not', one: nested(cursor, ')') };
  }
  return cursor.text[cursor.at] === '(' ? nested(cursor, ')') : compare(cursor);
}

/** From left to right: R4 gives neither `and` nor `or` precedence. */
function logical(cursor: Cursor): Filter {
  let filter = single(cursor);
  for (;;) {
    space(cursor);
    const word = take(cursor, /(?:and|or)(?=[\s(])/y);
    if (word === undefined) return filter;
    filter = { kind: word as 'and' | 'or', one: filter, other: single(cursor) };
  }
}

/** Reads a whole `_filter`. Throws Fault `invalid` with the position and what is expected there. */
export function parseFilter(text: string, count: () => void): Filter {
  const cursor = { text, at: 0, nested: 0, count };
  const filter = logical(cursor);
  space(cursor);
  return cursor.at === text.length ? filter : wrong(cursor, 'and, or, or the end');
}
