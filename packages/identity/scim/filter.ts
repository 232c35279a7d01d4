import { scimFault } from './fault.ts';

/**
 * Filters (RFC 7644 3.4.2.2), read by descent into a tree that is only ever walked: no part of one becomes SQL, a
 * pattern or a key. We do not use `scimmy`'s parser: it multiplies "and" over "or" into exponentially many terms,
 * rewrites words inside quoted texts, denies "or" wrongly, and writes to Object.prototype when a path names it.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'present'; readonly path: string }
  | { readonly kind: 'compare'; readonly path: string; readonly operator: Operator; readonly value: Comparable }
  /** `emails[type eq "work"]`: one and the same value of the attribute satisfies all of it. */
  | { readonly kind: 'within'; readonly path: string; readonly part: Filter };

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type Comparable = string | number | boolean | null;

const limits = { characters: 4_000, depth: 12, comparisons: 60 };
const operators: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
/** A quoted text as in JSON, a bracket, or a word: nothing that can be tried in two ways, so it takes linear time. */
const token = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/gy;
const pathForm = /^(?:urn:[A-Za-z0-9:.-]{1,120}:)?[A-Za-z$][\w$-]{0,60}(?:\.[A-Za-z$][\w$-]{0,60})?$/;

const bad = (text = 'The filter is not well-formed.') => scimFault('invalidFilter', text);

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

function tokensOf(filter: string): Token[] {
  if (filter.length > limits.characters) throw bad('The filter is too long.');
  const found: Token[] = [];
  const trimmed = filter.trimEnd();
  token.lastIndex = 0;
  while (token.lastIndex < trimmed.length) {
    const match = token.exec(trimmed);
    if (match === null) throw bad();
    const [, quoted, bracket, word] = match;
    found.push({ text: quoted ?? bracket ?? word ?? '', quoted: quoted !== undefined });
  }
  return found;
}

interface Reader {
  peek(): string | undefined;
  next(): Token;
  deeper<T>(work: () => T): T;
  counted(): void;
}

function readerOf(tokens: readonly Token[]): Reader {
  let [at, depth, comparisons] = [0, 0, 0];
  return {
    peek: () => (tokens[at]?.quoted === true ? '"' : tokens[at]?.text.toLowerCase()),
    next() {
      const found = tokens[at];
      at += 1;
      if (found === undefined) throw bad('The filter ends too early.');
      return found;
    },
    deeper(work) {
      depth += 1;
      if (depth > limits.depth) throw bad('The filter is nested too deeply.');
      const result = work();
      depth -= 1;
      return result;
    },
    counted() {
      comparisons += 1;
      if (comparisons > limits.comparisons) throw bad('The filter compares too much.');
    },
  };
}

const joined = (reader: Reader, kind: 'and' | 'or', one: (reader: Reader) => Filter): Filter => {
  const parts = [one(reader)];
  while (reader.peek() === kind) {
    reader.next();
    parts.push(one(reader));
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
};

const either = (reader: Reader): Filter => joined(reader, 'or', both);
const both = (reader: Reader): Filter => joined(reader, 'and', single);

function single(reader: Reader): Filter {
  const first = reader.peek();
  if (first === '(') return enclosed(reader, ')');
  if (first !== 'not') return expression(reader);
  reader.next();
  if (reader.peek() !== '(') throw bad();
  return { kind: 'not', part: enclosed(reader, ')') };
}

function enclosed(reader: Reader, close: string): Filter {
  reader.next();
  const part = reader.deeper(() => either(reader));
  if (reader.next().text !== close) throw bad();
  return part;
}

function expression(reader: Reader): Filter {
  reader.counted();
  const { text: path, quoted } = reader.next();
  if (quoted || !pathForm.test(path)) throw bad();
  if (reader.peek() === '[') return { kind: 'within', path, part: enclosed(reader, ']') };
  const operator = reader.next().text.toLowerCase();
  if (operator === 'pr') return { kind: 'present', path };
  if (!operators.has(operator)) throw bad();
  return { kind: 'compare', path, operator: operator as Operator, value: comparable(reader.next()) };
}

function comparable({ text, quoted }: Token): Comparable {
  const plain = /^(?:true|false|null)$/i.test(text) ? text.toLowerCase() : text;
  if (!quoted && !/^(?:true|false|null|-?\d{1,15}(?:\.\d{1,15})?)$/.test(plain)) throw bad();
  try {
    return JSON.parse(plain) as Comparable;
  } catch {
    throw bad();
  }
}

/** Reads a filter. Fault `invalid` with the code `invalidFilter`. */
export function parseFilter(filter: string): Filter {
  const tokens = tokensOf(filter);
  const reader = readerOf(tokens);
  const result = either(reader);
  if (reader.peek() !== undefined) throw bad();
  return result;
}
