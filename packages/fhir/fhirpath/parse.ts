import { unreadable } from './refuse.ts';
import { type Token, tokenize } from './tokens.ts';

/** An expression as a tree; `at` is the character where it starts. */
export type Ast =
  | { readonly kind: 'empty' | 'this' | 'index' | 'total'; readonly at: number }
  | {
      readonly kind: 'literal';
      readonly type: 'string' | 'number' | 'moment' | 'boolean';
      readonly text: string;
      readonly at: number;
    }
  | {
      readonly kind: 'quantity';
      readonly value: string;
      readonly unit: string;
      readonly calendar: boolean;
      readonly at: number;
    }
  | { readonly kind: 'variable'; readonly name: string; readonly at: number }
  | { readonly kind: 'member'; readonly on: Ast | undefined; readonly name: string; readonly at: number }
  | {
      readonly kind: 'call';
      readonly on: Ast | undefined;
      readonly name: string;
      readonly args: readonly Ast[];
      readonly at: number;
    }
  | { readonly kind: 'item'; readonly on: Ast; readonly index: Ast; readonly at: number }
  | { readonly kind: 'sign'; readonly negative: boolean; readonly of: Ast; readonly at: number }
  | {
      readonly kind: 'type';
      readonly operator: 'is' | 'as';
      readonly of: Ast;
      readonly type: string;
      readonly at: number;
    }
  | {
      readonly kind: 'operator';
      readonly operator: string;
      readonly left: Ast;
      readonly right: Ast;
      readonly at: number;
    };

/** How tightly an operator binds (N1 6.8); all are left-associative. */
const strength: Readonly<Record<string, number>> = {
  implies: 1,
  or: 2,
  xor: 2,
  and: 3,
  in: 4,
  contains: 4,
  '=': 5,
  '~': 5,
  '!=': 5,
  '!~': 5,
  '<': 6,
  '<=': 6,
  '>': 6,
  '>=': 6,
  '|': 7,
  is: 8,
  as: 8,
  '+': 9,
  '-': 9,
  '&': 9,
  '*': 10,
  '/': 10,
  div: 10,
  mod: 10,
};
const sign_strength = 11;

const calendar = /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/;

/** A sane expression is far below; a hostile one must not exhaust the stack. */
const depth_limit = 100;
export const length_limit = 10_000;

interface Reader {
  readonly tokens: readonly Token[];
  next: number;
  depth: number;
  /** How high each tree is: closures run as deep as trees are high. */
  readonly heights: Map<Ast, number>;
}

const height_limit = 400;

/** Takes note of a tree over others. */
function over(reader: Reader, tree: Ast, parts: readonly (Ast | undefined)[]): Ast {
  let height = 1;
  for (const part of parts) if (part) height = Math.max(height, 1 + (reader.heights.get(part) ?? 0));
  if (height > height_limit) throw unreadable('it is nested too deep', tree.at);
  reader.heights.set(tree, height);
  return tree;
}

const peek = (reader: Reader): Token => reader.tokens[reader.next] as Token;

function take(reader: Reader): Token {
  const token = peek(reader);
  if (token.kind !== 'end') reader.next++;
  return token;
}

const isSymbol = (token: Token, text: string): boolean => token.kind === 'symbol' && token.text === text;

function expect(reader: Reader, text: string): void {
  const token = take(reader);
  if (!isSymbol(token, text)) throw unreadable(`'${text}' is expected`, token.at);
}

const operatorOf = (token: Token): number =>
  token.kind === 'symbol' || token.kind === 'name'
    ? Object.hasOwn(strength, token.text)
      ? (strength[token.text] ?? 0)
      : 0
    : 0;

function nameOf(reader: Reader): string {
  const token = take(reader);
  if (token.kind !== 'name' && token.kind !== 'quoted') throw unreadable('a name is expected', token.at);
  return token.text;
}

function typeSpecifier(reader: Reader): string {
  let name = nameOf(reader);
  while (isSymbol(peek(reader), '.')) {
    take(reader);
    name += `.${nameOf(reader)}`;
  }
  return name;
}

function listOf(reader: Reader): Ast[] {
  const args: Ast[] = [];
  if (!isSymbol(peek(reader), ')')) {
    args.push(expression(reader, 1));
    while (isSymbol(peek(reader), ',')) {
      take(reader);
      args.push(expression(reader, 1));
    }
  }
  expect(reader, ')');
  return args;
}

function invocation(reader: Reader, on: Ast | undefined): Ast {
  const { at } = peek(reader);
  const name = nameOf(reader);
  if (!isSymbol(peek(reader), '(')) return over(reader, { kind: 'member', on, name, at }, [on]);
  take(reader);
  const args = listOf(reader);
  return over(reader, { kind: 'call', on, name, args, at }, [on, ...args]);
}

function number(reader: Reader, { text, at }: Token): Ast {
  const next = peek(reader);
  const isUnit = next.kind === 'string' || (next.kind === 'name' && calendar.test(next.text));
  if (!isUnit) return { kind: 'literal', type: 'number', text, at };
  take(reader);
  return { kind: 'quantity', value: text, unit: next.text, calendar: next.kind === 'name', at };
}

function symbolTerm(reader: Reader, token: Token): Ast {
  if (token.text === '(') {
    const inner = expression(reader, 1);
    expect(reader, ')');
    return inner;
  }
  if (token.text === '{') {
    expect(reader, '}');
    return { kind: 'empty', at: token.at };
  }
  throw unreadable('a value is expected', token.at);
}

function term(reader: Reader): Ast {
  const token = peek(reader);
  const { at, text } = token;
  if (token.kind === 'name' && (text === 'true' || text === 'false')) {
    take(reader);
    return { kind: 'literal', type: 'boolean', text, at };
  }
  if (token.kind === 'name' || token.kind === 'quoted') return invocation(reader, undefined);
  take(reader);
  if (token.kind === 'string' || token.kind === 'moment') return { kind: 'literal', type: token.kind, text, at };
  if (token.kind === 'number') return number(reader, token);
  if (token.kind === 'variable') return { kind: 'variable', name: text, at };
  if (token.kind === 'special') return { kind: text.slice(1) as 'this' | 'index' | 'total', at };
  return symbolTerm(reader, token);
}

/** A term with what is invoked on it: `.name`, `.name(…)`, `[…]`. A long chain is a high tree, so it is bounded. */
function chain(reader: Reader): Ast {
  let tree = term(reader);
  for (let links = 0; ; links++) {
    const token = peek(reader);
    if (links > depth_limit) throw unreadable('the path is too long', token.at);
    if (isSymbol(token, '.')) {
      take(reader);
      tree = invocation(reader, tree);
    } else if (isSymbol(token, '[')) {
      take(reader);
      const index = expression(reader, 1);
      tree = over(reader, { kind: 'item', on: tree, index, at: token.at }, [tree, index]);
      expect(reader, ']');
    } else return tree;
  }
}

function operand(reader: Reader): Ast {
  const token = peek(reader);
  if (!isSymbol(token, '-') && !isSymbol(token, '+')) return chain(reader);
  take(reader);
  const of = expression(reader, sign_strength);
  return over(reader, { kind: 'sign', negative: token.text === '-', of, at: token.at }, [of]);
}

function operation(reader: Reader, left: Ast, { text: operator, at }: Token, here: number): Ast {
  if (operator === 'is' || operator === 'as') {
    return over(reader, { kind: 'type', operator, of: left, type: typeSpecifier(reader), at }, [left]);
  }
  const right = expression(reader, here + 1);
  return over(reader, { kind: 'operator', operator, left, right, at }, [left, right]);
}

function expression(reader: Reader, least: number): Ast {
  if (++reader.depth > depth_limit) throw unreadable('it is nested too deep', peek(reader).at);
  let tree = operand(reader);
  for (;;) {
    const token = peek(reader);
    const here = operatorOf(token);
    if (here < least) break;
    take(reader);
    tree = operation(reader, tree, token, here);
  }
  reader.depth--;
  return tree;
}

/** Reads an expression of FHIRPath N1. Throws Fault `invalid` with the position. */
export function parse(text: string): Ast {
  if (text.length > length_limit) throw unreadable(`it is longer than ${length_limit} characters`, length_limit);
  const reader: Reader = { tokens: tokenize(text), next: 0, depth: 0, heights: new Map() };
  const tree = expression(reader, 1);
  const rest = peek(reader);
  if (rest.kind !== 'end') throw unreadable('nothing more is expected', rest.at);
  return tree;
}
