import type { Decimal } from '../decimal.ts';
import { condition, type Expression } from '../expression.ts';
import { decimalValue, type Item, type Items, isSystem, systemItem, textOf } from '../items.ts';
import type { Ast } from '../parse.ts';
import { unanswerable } from '../refuse.ts';
import { type Scope, spend } from '../scope.ts';

/** A call as the compiler hands it over; `args` are made ready, `trees` the same as written. */
export interface Call {
  readonly input: Expression;
  readonly args: readonly Expression[];
  readonly trees: readonly Ast[];
  /** See CompileOptions. */
  readonly strict: boolean;
  /** Of `sort`: the arguments that began with `-`, which `args` leaves out. */
  readonly negated: readonly boolean[];
}

/** How many arguments a function takes, and how it is made ready. */
export interface PathFunction {
  readonly least: number;
  readonly most: number;
  make(call: Call): Expression;
}

export type Functions = Readonly<Record<string, PathFunction>>;

type Apply = (input: Items, args: readonly Items[], scope: Scope) => Items;

/** A function whose arguments are values: each is evaluated once, where the call stands. */
export const plain = (least: number, most: number, apply: Apply): PathFunction => ({
  least,
  most,
  make: ({ input, args }) => {
    const run = (scope: Scope): Items => {
      const items = input.run(scope);
      const values = args.map((arg) => arg.run(scope));
      const made = apply(items, values, scope);
      spend(scope, made.length);
      return made;
    };
    return { run, test: (scope) => condition(run(scope)) };
  },
});

/** A function that gives its arguments its own `$this`, or does not look at all of them. */
export const special = (least: number, most: number, make: PathFunction['make']): PathFunction => ({
  least,
  most,
  make,
});

/** The only item; undefined of none. Throws Fault `unprocessable` for several. */
export function single(items: Items | undefined): Item | undefined {
  if (items === undefined || items.length === 0) return undefined;
  if (items.length > 1) throw unanswerable('one item is expected, and there are several');
  return systemItem(items[0] as Item);
}

/** The only item as text; undefined of none. */
export function singleText(items: Items | undefined): string | undefined {
  const one = single(items);
  if (one === undefined) return undefined;
  const text = textOf(one);
  if (text === undefined && one.value !== undefined) throw unanswerable('a string is expected');
  return text;
}

export function singleInteger(items: Items | undefined): number | undefined {
  const one = single(items);
  if (one === undefined) return undefined;
  if (!isSystem(one, 'Integer')) throw unanswerable('an integer is expected');
  return one.value as number;
}

export function singleDecimal(items: Items | undefined): Decimal | undefined {
  const one = single(items);
  if (one === undefined) return undefined;
  const value = decimalValue(one);
  if (value === undefined) throw unanswerable('a number is expected');
  return value;
}
