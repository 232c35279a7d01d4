import {
  ceiled,
  type Decimal,
  decimalOfDouble,
  divided,
  floored,
  negated,
  rounded,
  times,
  toDouble,
  whole,
} from '../decimal.ts';
import {
  decimalItem,
  decimalValue,
  type Item,
  type Items,
  integerItem,
  isSystem,
  nothing,
  quantityItem,
} from '../items.ts';
import type { Quantity } from '../quantity.ts';
import { unanswerable } from '../refuse.ts';
import { type Functions, type PathFunction, plain, single, singleDecimal, singleInteger } from './define.ts';

const decimals = (value: Decimal | undefined): Items => (value ? [decimalItem(value)] : nothing);

const integers = (value: Decimal): Items => {
  const number = toDouble(value);
  return number >= -2_147_483_648 && number <= 2_147_483_647 ? [integerItem(number)] : nothing;
};

/** Keeps an Integer an Integer, and a Quantity its unit. */
function kept(one: Item, change: (value: Decimal) => Decimal): Items {
  if (isSystem(one, 'Quantity')) {
    const quantity = one.value as Quantity;
    return [quantityItem({ ...quantity, value: change(quantity.value) })];
  }
  const value = decimalValue(one);
  if (!value) throw unanswerable('a number is expected');
  return isSystem(one, 'Integer') ? integers(change(value)) : [decimalItem(change(value))];
}

const unary = (apply: (value: Decimal) => Items): PathFunction =>
  plain(0, 0, (input) => {
    const value = singleDecimal(input);
    return value ? apply(value) : nothing;
  });

/** In doubles, to 15 digits; empty where the result is no number (N1 5.7). */
const real = (apply: (value: number) => number): PathFunction =>
  unary((value) => decimals(decimalOfDouble(apply(toDouble(value)))));

function power(base: Decimal, exponent: Decimal, bothWhole: boolean): Items {
  const steps = toDouble(exponent);
  if (exponent.scale !== 0 || steps < 0 || steps > 200) return decimals(decimalOfDouble(toDouble(base) ** steps));
  let product: Decimal | undefined = whole(1);
  for (let step = 0; step < steps && product; step++) product = times(product, base);
  return product && bothWhole ? integers(product) : decimals(product);
}

const isWhole = (items: Items | undefined): boolean => {
  const one = single(items);
  return one !== undefined && isSystem(one, 'Integer');
};

const positive = (value: Decimal): Decimal => (value.digits < 0n ? negated(value) : value);

/** N1 5.7. */
export const math: Functions = {
  abs: plain(0, 0, (input) => {
    const one = single(input);
    return one ? kept(one, positive) : nothing;
  }),
  ceiling: unary((value) => integers(ceiled(value, 0))),
  floor: unary((value) => integers(floored(value, 0))),
  truncate: unary((value) => integers(divided(value, whole(1))?.quotient ?? value)),
  round: plain(0, 1, (input, [places]) => {
    const [value, to] = [singleDecimal(input), singleInteger(places) ?? 0];
    if (to < 0 || to > 40) throw unanswerable('round() takes 0 to 40 digits');
    return value ? decimals(rounded(value, to)) : nothing;
  }),
  exp: real(Math.exp),
  ln: real(Math.log),
  sqrt: real(Math.sqrt),
  log: plain(1, 1, (input, [base]) => {
    const [value, other] = [singleDecimal(input), singleDecimal(base)];
    if (!value || !other) return nothing;
    return decimals(decimalOfDouble(Math.log(toDouble(value)) / Math.log(toDouble(other))));
  }),
  power: plain(1, 1, (input, [exponent]) => {
    const [base, by] = [singleDecimal(input), singleDecimal(exponent)];
    return base && by ? power(base, by, isWhole(input) && isWhole(exponent)) : nothing;
  }),
};
