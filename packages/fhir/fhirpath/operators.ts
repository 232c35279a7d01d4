import { compareItems } from './compare.ts';
import { type Decimal, divided, negated, over, plus, times, toDouble } from './decimal.ts';
import { single } from './functions/define.ts';
import {
  decimalItem,
  decimalValue,
  type Item,
  type Items,
  integerItem,
  isSystem,
  momentItem,
  nothing,
  quantityItem,
  stringItem,
  textOf,
} from './items.ts';
import { later, type Moment } from './moment.ts';
import { calendarOf, inUnitOf, joinedUnit, type Quantity } from './quantity.ts';
import { unanswerable } from './refuse.ts';

type Operate = (a: Item, b: Item) => Item | undefined;

const isMoment = ({ kind }: Item): boolean =>
  kind.system === 'Date' || kind.system === 'DateTime' || kind.system === 'Time';
const isQuantity = (one: Item): boolean => isSystem(one, 'Quantity');
const quantity = (one: Item): Quantity => one.value as Quantity;
const unfit = () => unanswerable('an operator does not take values of these types');

/** An Integer of 32 bits; empty beyond (N1 6.6). */
const integer = (value: Decimal): Item | undefined => {
  const number = toDouble(value);
  return number >= -2_147_483_648 && number <= 2_147_483_647 ? integerItem(number) : undefined;
};

/** Two numbers; whole where both are. */
function numbers(
  a: Item,
  b: Item,
  apply: (a: Decimal, b: Decimal) => Decimal | undefined,
  keep: boolean,
): Item | undefined {
  const [left, right] = [decimalValue(a), decimalValue(b)];
  if (!left || !right) throw unfit();
  const made = apply(left, right);
  if (!made) return undefined;
  return keep && isSystem(a, 'Integer') && isSystem(b, 'Integer') ? integer(made) : decimalItem(made);
}

function shifted(moment: Moment, by: Quantity, sign: number): Item | undefined {
  const unit = calendarOf(by);
  if (unit === undefined) throw unanswerable('a date is moved by a unit that no calendar has');
  if (moment.kind === 'Time' && /year|month|week|day/.test(unit)) throw unfit();
  const made = later(moment, sign * Math.trunc(toDouble(by.value)), unit);
  return made && momentItem(made);
}

function quantities(a: Quantity, b: Quantity, sign: number): Item | undefined {
  const other = inUnitOf(a, b, false);
  const value = other && plus(a.value, sign < 0 ? negated(other) : other);
  return value && quantityItem({ ...a, value });
}

function sum(a: Item, b: Item, sign: number): Item | undefined {
  if (isMoment(a) && isQuantity(b)) return shifted(a.value as Moment, quantity(b), sign);
  if (isQuantity(a) && isQuantity(b)) return quantities(quantity(a), quantity(b), sign);
  return numbers(a, b, (left, right) => plus(left, sign < 0 ? negated(right) : right), true);
}

function add(a: Item, b: Item): Item | undefined {
  const [left, right] = [textOf(a), textOf(b)];
  if (left !== undefined && right !== undefined) return stringItem(left + right);
  return sum(a, b, 1);
}

/** Of a quantity with a number or another quantity; undefined where neither is one. */
function scaled(
  a: Item,
  b: Item,
  sign: '.' | '/',
  apply: (a: Decimal, b: Decimal) => Decimal | undefined,
): Item | undefined {
  const [left, right] = [asQuantity(a), asQuantity(b)];
  const value = apply(left.value, right.value);
  if (!value) return undefined;
  return quantityItem({ value, unit: joinedUnit(left, right, sign), system: 'ucum' });
}

function asQuantity(one: Item): Quantity {
  if (isQuantity(one)) return quantity(one);
  const value = decimalValue(one);
  if (!value) throw unfit();
  return { value, unit: '1', system: 'ucum' };
}

const multiply: Operate = (a, b) =>
  isQuantity(a) || isQuantity(b) ? scaled(a, b, '.', times) : numbers(a, b, times, true);

const divide: Operate = (a, b) =>
  isQuantity(a) || isQuantity(b) ? scaled(a, b, '/', over) : numbers(a, b, over, false);

function wholeQuotient(a: Item, b: Item): Item | undefined {
  const made = numbers(a, b, (left, right) => divided(left, right)?.quotient, false);
  return made && integer(made.value as Decimal);
}

const rest: Operate = (a, b) => numbers(a, b, (left, right) => divided(left, right)?.rest, true);

const arithmetic: Readonly<Record<string, Operate>> = {
  '+': add,
  '-': (a, b) => sum(a, b, -1),
  '*': multiply,
  '/': divide,
  div: wholeQuotient,
  mod: rest,
};

/** The arithmetic of N1 6.6, by operator: empty where one side is. */
export function operate(operator: string): ((left: Items, right: Items) => Items) | undefined {
  const apply = arithmetic[operator];
  if (!apply) return undefined;
  return (left, right) => {
    const [a, b] = [single(left), single(right)];
    const made = a && b && apply(a, b);
    return made ? [made] : nothing;
  };
}

/** `-x`. */
export function negative(items: Items): Items {
  const one = single(items);
  if (!one) return nothing;
  if (isQuantity(one)) return [quantityItem({ ...quantity(one), value: negated(quantity(one).value) })];
  if (isSystem(one, 'Integer')) return [integerItem(-(one.value as number))];
  const value = decimalValue(one);
  if (!value) throw unanswerable('a sign stands before what is no number');
  return [decimalItem(negated(value))];
}

const orders: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** `<`, `<=`, `>`, `>=` (N1 6.2). */
export function ordered(operator: string): ((left: Items, right: Items) => boolean | undefined) | undefined {
  const holds = orders[operator];
  if (!holds) return undefined;
  return (left, right) => {
    const [a, b] = [single(left), single(right)];
    const order = a && b && compareItems(a, b);
    return order === undefined ? undefined : holds(order);
  };
}
