import { ceiled, type Decimal, floored, powerOfTen } from '../decimal.ts';
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
  truth,
} from '../items.ts';
import { lastDay, type Moment } from '../moment.ts';
import { inUnitOf, type Quantity } from '../quantity.ts';
import { unanswerable } from '../refuse.ts';
import { type Functions, type PathFunction, plain, single, singleInteger } from './define.ts';

/** The lowest (highest) value that rounds to this one, with `places` digits. */
function decimalBoundary({ digits, scale }: Decimal, places: number, high: boolean): Decimal {
  const half = { digits: digits * 10n + (high ? 5n : -5n), scale: scale + 1 };
  const exact = { digits: half.digits * powerOfTen(1), scale: half.scale + 1 };
  return high ? ceiled(exact, places) : floored(exact, places);
}

/** Digits of a written date or time → how many parts are known; 7: with milliseconds. */
const date_parts: Readonly<Record<number, number>> = { 4: 1, 6: 2, 8: 3, 10: 4, 12: 5, 14: 6, 17: 7 };
const time_parts: Readonly<Record<number, number>> = { 2: 4, 4: 5, 6: 6, 9: 7 };

const ends = [9999, 12, 31, 23, 59, 59];

/** What is not known at its lowest (highest). FHIR has no hour without minutes, so one stands for its first minute. */
function filled({ kind, precision, fields }: Moment, high: boolean): number[] {
  const known = kind === 'DateTime' && precision === 4 ? 5 : precision;
  const made = fields.map((field, place) => (place < known || !high ? field : (ends[place] ?? field)));
  if (high && known < 3) made[2] = lastDay(made[0] ?? 1, made[1] ?? 1);
  return made;
}

function momentBoundary(moment: Moment, digits: number | undefined, high: boolean): Moment | undefined {
  const isTime = moment.kind === 'Time';
  const usual = isTime ? 9 : moment.kind === 'Date' ? 8 : 17;
  const parts = (isTime ? time_parts : date_parts)[digits ?? usual];
  if (parts === undefined) return undefined;
  const isClock = parts > 3 && !isTime;
  return {
    kind: isTime ? 'Time' : isClock ? 'DateTime' : moment.kind,
    precision: Math.min(6, parts),
    fields: filled(moment, high),
    nanos: moment.places > 0 ? moment.nanos : high ? 999_000_000 : 0,
    places: parts === 7 ? 3 : 0,
    offset: isClock ? (moment.offset ?? (high ? -720 : 840)) : undefined,
  };
}

const isMoment = (one: Item): boolean => isSystem(one, 'Date') || isSystem(one, 'DateTime') || isSystem(one, 'Time');

function boundaryOf(one: Item, digits: number | undefined, high: boolean): Item | undefined {
  if (isMoment(one)) {
    const made = momentBoundary(one.value as Moment, digits, high);
    return made && momentItem(made);
  }
  const places = digits ?? 8;
  if (places < 0 || places > 31) return undefined;
  if (isSystem(one, 'Quantity')) {
    const quantity = one.value as Quantity;
    return quantityItem({ ...quantity, value: decimalBoundary(quantity.value, places, high) });
  }
  const value = decimalValue(one);
  if (!value) throw unanswerable('a boundary is asked of a value that has none');
  return decimalItem(decimalBoundary(value, places, high));
}

const boundary = (high: boolean): PathFunction =>
  plain(0, 1, (input, [digits]): Items => {
    const one = single(input);
    const made = one && boundaryOf(one, singleInteger(digits), high);
    return made ? [made] : nothing;
  });

const digitsOf: readonly number[] = [0, 4, 6, 8, 10, 12, 14];

function precisionOf(one: Item): number {
  if (isMoment(one)) {
    const { kind, precision, places } = one.value as Moment;
    return (digitsOf[precision] ?? 0) - (kind === 'Time' ? 8 : 0) + places;
  }
  const value = isSystem(one, 'Quantity') ? (one.value as Quantity).value : decimalValue(one);
  if (!value) throw unanswerable('the precision of a value that has none is asked');
  return value.scale;
}

function comparable(left: Items, right: Items | undefined): Items {
  const [a, b] = [single(left), single(right)];
  if (!a || !b) return nothing;
  if (!isSystem(a, 'Quantity') || !isSystem(b, 'Quantity')) throw unanswerable('quantities are expected');
  return truth(inUnitOf(a.value as Quantity, b.value as Quantity, false) !== undefined);
}

/** The trial-use version's `lowBoundary`, `highBoundary`, `precision`, `comparable`. */
export const boundaries: Functions = {
  lowBoundary: boundary(false),
  highBoundary: boundary(true),
  precision: plain(0, 0, (input) => {
    const one = single(input);
    return one ? [integerItem(precisionOf(one))] : nothing;
  }),
  comparable: plain(1, 1, (input, [other]) => comparable(input, other)),
};
