import { compareDecimals, type Decimal, decimalOf, decimalText, whole } from '../decimal.ts';
import { decides } from '../expression.ts';
import {
  booleanItem,
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
} from '../items.ts';
import { dateOf, dateTimeOf, type Moment, momentText, timeOf } from '../moment.ts';
import { calendarUnit, inUnitOf, type Quantity, quantityLiteral, quantityText } from '../quantity.ts';
import { type Functions, type PathFunction, plain, single, special } from './define.ts';

type Convert = (one: Item) => Item | undefined;

const words = new Map<string, boolean>([
  ...['true', 't', 'yes', 'y', '1', '1.0'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', '0', '0.0'].map((word) => [word, false] as const),
]);

function toBoolean(one: Item): Item | undefined {
  if (isSystem(one, 'Boolean')) return one;
  const text = textOf(one);
  if (text !== undefined) {
    const known = words.get(text.toLowerCase());
    return known === undefined ? undefined : booleanItem(known);
  }
  const number = decimalValue(one);
  if (!number) return undefined;
  if (compareDecimals(number, whole(1)) === 0) return booleanItem(true);
  return number.digits === 0n ? booleanItem(false) : undefined;
}

const bit = (one: Item): number => (one.value === true ? 1 : 0);

function toInteger(one: Item): Item | undefined {
  if (isSystem(one, 'Integer')) return one;
  if (isSystem(one, 'Boolean')) return integerItem(bit(one));
  const text = textOf(one);
  if (text === undefined || !/^[+-]?\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? integerItem(value) : undefined;
}

function toDecimal(one: Item): Item | undefined {
  if (isSystem(one, 'Decimal')) return one;
  if (isSystem(one, 'Boolean')) return decimalItem(whole(bit(one)));
  const text = textOf(one);
  const made = text === undefined ? decimalValue(one) : plainDecimal(text);
  return made && decimalItem(made);
}

const plainDecimal = (text: string): Decimal | undefined =>
  /^[+-]?\d+(?:\.\d+)?$/.test(text) ? decimalOf(text.replace(/^\+/, '')) : undefined;

const quantity_form = /^([+-]?\d+(?:\.\d+)?)(?:\s*(?:'([^']+)'|([a-z]+)))?$/;

function quantityFrom(text: string): Quantity | undefined {
  const [, number = '', code, word] = quantity_form.exec(text) ?? [];
  const value = plainDecimal(number);
  if (!value || (word !== undefined && calendarUnit(word) === undefined)) return undefined;
  return quantityLiteral(value, code ?? word ?? '1', word !== undefined);
}

function toQuantity(one: Item): Item | undefined {
  if (isSystem(one, 'Quantity')) return one;
  if (isSystem(one, 'Boolean')) return quantityItem(quantityLiteral(whole(bit(one)), '1', false));
  const text = textOf(one);
  const number = text === undefined ? decimalValue(one) : undefined;
  const made = text === undefined ? number && quantityLiteral(number, '1', false) : quantityFrom(text);
  return made && quantityItem(made);
}

const isMoment = (one: Item): boolean => isSystem(one, 'Date') || isSystem(one, 'DateTime') || isSystem(one, 'Time');

/** The text of a system value; undefined for what has none (an Address). */
export function written(one: Item): string | undefined {
  const text = textOf(one);
  if (text !== undefined) return text;
  if (isMoment(one)) return momentText(one.value as Moment);
  if (isSystem(one, 'Quantity')) return quantityText(one.value as Quantity);
  if (isSystem(one, 'Decimal')) return decimalText(one.value as Decimal);
  return isSystem(one, 'Boolean') || isSystem(one, 'Integer') ? String(one.value) : undefined;
}

function toText(one: Item): Item | undefined {
  const text = written(one);
  return text === undefined ? undefined : stringItem(text);
}

const moment =
  (read: (text: string) => Moment | undefined, recast: (value: Moment) => Moment | undefined): Convert =>
  (one) => {
    const text = textOf(one);
    const made = text === undefined ? (isMoment(one) ? recast(one.value as Moment) : undefined) : read(text);
    return made && momentItem(made);
  };

const toDate = moment(dateOf, (value) =>
  value.kind === 'Time'
    ? undefined
    : {
        ...value,
        kind: 'Date',
        precision: Math.min(3, value.precision),
        fields: [...value.fields.slice(0, 3), 0, 0, 0],
        nanos: 0,
        places: 0,
        offset: undefined,
      },
);
const toDateTime = moment(dateTimeOf, (value) => (value.kind === 'Time' ? undefined : { ...value, kind: 'DateTime' }));
const toTime = moment(timeOf, (value) => (value.kind === 'Time' ? value : undefined));

/** `toQuantity('mg')`: in that unit. */
const inUnit = (made: Item, unit: Item | undefined): Item | undefined => {
  if (!unit) return made;
  const wanted = textOf(unit) ?? '';
  const { value } = made.value as Quantity;
  const target = quantityLiteral(value, wanted, calendarUnit(wanted) !== undefined);
  const converted = inUnitOf(target, made.value as Quantity, true);
  return converted && quantityItem({ ...target, value: converted });
};

function converts(convert: Convert): PathFunction {
  return plain(0, 1, (input, [unit]): Items => {
    const one = single(input);
    const made = one && convert(one);
    const result = made && (isSystem(made, 'Quantity') ? inUnit(made, single(unit)) : made);
    return result ? [result] : nothing;
  });
}

const asks = (convert: Convert): PathFunction =>
  special(0, 1, ({ input }) =>
    decides((scope) => {
      const one = single(input.run(scope));
      return one && convert(one) !== undefined;
    }),
  );

/** N1 5.5. */
export const conversions: Functions = {
  toBoolean: converts(toBoolean),
  toInteger: converts(toInteger),
  toDecimal: converts(toDecimal),
  toQuantity: converts(toQuantity),
  toString: converts(toText),
  toDate: converts(toDate),
  toDateTime: converts(toDateTime),
  toTime: converts(toTime),
  convertsToBoolean: asks(toBoolean),
  convertsToInteger: asks(toInteger),
  convertsToDecimal: asks(toDecimal),
  convertsToQuantity: asks(toQuantity),
  convertsToString: asks(toText),
  convertsToDate: asks(toDate),
  convertsToDateTime: asks(toDateTime),
  convertsToTime: asks(toTime),
};
