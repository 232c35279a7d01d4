import { unreadable } from './refuse.ts';

export type TokenKind = 'name' | 'quoted' | 'string' | 'number' | 'moment' | 'variable' | 'special' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Names and strings without quotes and escapes. */
  readonly text: string;
  readonly at: number;
}

/** One pattern per kind, tried in this order at one place (N1, appendix "Grammar"). */
const patterns: readonly (readonly [TokenKind | 'space', RegExp])[] = [
  ['space', /(?:\s|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)+/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['quoted', /`(?:[^`\\]|\\.)*`/sy],
  ['string', /'(?:[^'\\]|\\.)*'/sy],
  ['moment', /@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?!\d)/y],
  ['moment', /@\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?/y],
  ['number', /\d+(?:\.\d+)?/y],
  ['variable', /%(?:[A-Za-z_][A-Za-z0-9_-]*|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*')/sy],
  ['special', /\$(?:this|index|total)\b/y],
  ['symbol', /!=|!~|<=|>=|[.,()[\]{}+\-*/|&<>=~]/y],
];

const letters: Readonly<Record<string, string>> = { f: '\f', n: '\n', r: '\r', t: '\t' };

/** What stands between quotes, with `\n`, `\u002a`, `\'` … read. */
const unquoted = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, one: string) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : (letters[one] ?? one),
  );

function content(kind: TokenKind | 'space', text: string): string {
  if (kind === 'quoted' || kind === 'string') return unquoted(text.slice(1, -1));
  if (kind !== 'variable') return text;
  return /^%['`]/.test(text) ? unquoted(text.slice(2, -1)) : text.slice(1);
}

function read(expression: string, at: number): readonly [TokenKind | 'space', string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(expression);
    if (found) return [kind, found[0]];
  }
  throw unreadable('unexpected text', at);
}

/** The tokens of an expression, the last one of kind `end`. Throws Fault `invalid`. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    const [kind, text] = read(expression, at);
    if (kind !== 'space') tokens.push({ kind, text: content(kind, text), at });
    at += text.length;
  }
  return [...tokens, { kind: 'end', text: '', at }];
}
