import { decides } from '../expression.ts';
import { type Items, integerItem, nothing, stringItem } from '../items.ts';
import { costly } from '../refuse.ts';
import { regularExpression } from '../regular.ts';
import { grown, type Scope, spend, text_limit } from '../scope.ts';
import { type Functions, type PathFunction, plain, singleInteger, singleText, special } from './define.ts';

const texts = (scope: Scope, value: string): Items => [stringItem(grown(scope, value))];

/** A function of the input text and one text argument; empty where either is. */
const binary = <T>(
  apply: (text: string, argument: string, scope: Scope) => T,
  made: (value: T) => Items,
): PathFunction =>
  plain(1, 1, (input, [argument], scope) => {
    const [text, other] = [singleText(input), singleText(argument)];
    return text === undefined || other === undefined ? nothing : made(apply(text, other, scope));
  });

const asks = (apply: (text: string, argument: string, scope: Scope) => boolean): PathFunction =>
  special(1, 1, ({ input, args: [argument] }) =>
    decides((scope) => {
      const text = singleText(input.run(scope));
      const other = singleText(argument?.run(scope));
      return text === undefined || other === undefined ? undefined : apply(text, other, scope);
    }),
  );

const unary = (apply: (text: string, scope: Scope) => Items): PathFunction =>
  plain(0, 0, (input, _, scope) => {
    const text = singleText(input);
    return text === undefined ? nothing : apply(text, scope);
  });

function substring(scope: Scope, input: Items, start: Items | undefined, length: Items | undefined): Items {
  const [text, from] = [singleText(input), singleInteger(start)];
  if (text === undefined || from === undefined || from < 0 || from >= text.length) return nothing;
  const count = singleInteger(length);
  return texts(scope, text.slice(from, count === undefined ? undefined : from + Math.max(0, count)));
}

function replaced(change: (text: string, pattern: string, by: string, scope: Scope) => string): PathFunction {
  return plain(2, 2, (input, [pattern, by], scope) => {
    const [text, found, other] = [singleText(input), singleText(pattern), singleText(by)];
    if (text === undefined || found === undefined || other === undefined) return nothing;
    spend(scope, text.length);
    if ((text.length + 1) * (other.length + 1) > text_limit * 16) throw costly('a text grows too long');
    return texts(scope, change(text, found, other, scope));
  });
}

const limited = (scope: Scope) => (steps: number) => spend(scope, steps);

/** N1 5.6. */
export const strings: Functions = {
  indexOf: binary(
    (text, part) => text.indexOf(part),
    (at) => [integerItem(at)],
  ),
  lastIndexOf: binary(
    (text, part) => text.lastIndexOf(part),
    (at) => [integerItem(at)],
  ),
  substring: plain(1, 2, (input, [start, length], scope) => substring(scope, input, start, length)),
  startsWith: asks((text, part) => text.startsWith(part)),
  endsWith: asks((text, part) => text.endsWith(part)),
  contains: asks((text, part) => text.includes(part)),
  upper: unary((text, scope) => texts(scope, text.toUpperCase())),
  lower: unary((text, scope) => texts(scope, text.toLowerCase())),
  trim: unary((text, scope) => texts(scope, text.trim())),
  length: unary((text) => [integerItem(text.length)]),
  toChars: unary((text) => Array.from(text, stringItem)),
  replace: replaced((text, part, by) => text.replaceAll(part, () => by)),
  matches: asks((text, pattern, scope) => regularExpression(pattern).test(text, limited(scope))),
  matchesFull: asks((text, pattern, scope) => regularExpression(`^(?:${pattern})$`).test(text, limited(scope))),
  replaceMatches: replaced((text, pattern, by, scope) =>
    pattern === '' ? text : regularExpression(pattern).replace(text, by, limited(scope)),
  ),
  split: binary(
    (text, separator) => text.split(separator),
    (parts) => parts.map(stringItem),
  ),
  join: plain(0, 1, (input, [separator], scope) => {
    if (input.length === 0) return nothing;
    const between = singleText(separator) ?? '';
    const parts = input.map((one) => singleText([one]) ?? '');
    spend(scope, (parts.length * between.length) >> 4);
    return texts(scope, parts.join(between));
  }),
};
