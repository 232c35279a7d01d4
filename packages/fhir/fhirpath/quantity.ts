import type { JsonObject } from '@safeguard/kernel';
import { compareDecimals, type Decimal, decimalText, over, rounded, times, whole } from './decimal.ts';
import { conversion } from './ucum.ts';

/** A number with a unit (N1 2.2.6). */
export interface Quantity {
  readonly value: Decimal;
  /** A UCUM code; a calendar unit in the singular (`month`); or the text of a FHIR unit that has no code. */
  readonly unit: string;
  readonly system: 'ucum' | 'calendar' | 'text';
}

const ucum_system = 'http://unitsofmeasure.org';

/** UCUM's codes of the calendar units; `mo` and `a` are means, not months and years of a calendar. */
const codes: Readonly<Record<string, string>> = {
  year: 'a',
  month: 'mo',
  week: 'wk',
  day: 'd',
  hour: 'h',
  minute: 'min',
  second: 's',
  millisecond: 'ms',
};
const words = new Map(Object.entries(codes).map(([word, code]) => [code, word]));

export const calendarUnit = (word: string): string | undefined => {
  const singular = word.endsWith('s') ? word.slice(0, -1) : word;
  return Object.hasOwn(codes, singular) ? singular : undefined;
};

/** Of a literal: `4 days`, `4 'mg'`. */
export function quantityLiteral(value: Decimal, unit: string, calendar: boolean): Quantity {
  const word = calendar ? calendarUnit(unit) : undefined;
  return word ? { value, unit: word, system: 'calendar' } : { value, unit, system: 'ucum' };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Of FHIR's Quantity, whose number is read already; a unit without a UCUM code compares only with itself. */
export function quantityOf(json: JsonObject, value: Decimal | undefined): Quantity | undefined {
  if (value === undefined || json['comparator'] !== undefined) return undefined;
  const [system, code, unit] = [text(json['system']), text(json['code']), text(json['unit'])];
  if (system === ucum_system && code !== undefined) return { value, unit: code, system: 'ucum' };
  if (code === undefined && unit === undefined) return { value, unit: '1', system: 'ucum' };
  return { value, unit: code === undefined ? (unit ?? '') : `${system ?? ''}|${code}`, system: 'text' };
}

export function quantityJson({ unit, system }: Quantity, value: unknown): JsonObject {
  if (system !== 'ucum') return { value, unit };
  return { value, unit, system: ucum_system, code: unit };
}

/** `4 days`, `4 'mg'`. */
export const quantityText = ({ value, unit, system }: Quantity): string =>
  `${decimalText(value)} ${system === 'calendar' ? unit : `'${unit}'`}`;

/** How many calendar units a quantity is, for date arithmetic; undefined where its unit is no calendar's. */
export function calendarOf({ unit, system }: Quantity): string | undefined {
  if (system === 'calendar') return unit;
  const word = calendarUnit(unit) ?? words.get(unit);
  return unit === 'a' || unit === 'mo' ? undefined : word;
}

const isMonths = ({ unit, system }: Quantity): boolean =>
  system === 'calendar' && (unit === 'year' || unit === 'month');

/** `b` in the unit of `a`; undefined where the units do not convert. `loose`: a calendar year is as good as UCUM's. */
export function inUnitOf(a: Quantity, b: Quantity, loose: boolean): Decimal | undefined {
  if (a.system === b.system && a.unit === b.unit) return b.value;
  if (a.system === 'text' || b.system === 'text') return undefined;
  if (isMonths(a) && isMonths(b)) {
    return a.unit === 'month' ? times(b.value, whole(12)) : over(b.value, whole(12));
  }
  if ((isMonths(a) || isMonths(b)) && !loose) return undefined;
  return conversion(codeOf(b), codeOf(a), b.value);
}

const codeOf = ({ unit, system }: Quantity): string => (system === 'calendar' ? (codes[unit] ?? unit) : unit);

/** -1, 0, 1; undefined where the units do not convert. */
export function compareQuantities(a: Quantity, b: Quantity): number | undefined {
  const other = inUnitOf(a, b, false);
  return other && compareDecimals(a.value, other);
}

/** Equal to the precision of the one known less well (N1 6.1.2). */
export function equivalentQuantities(a: Quantity, b: Quantity): boolean {
  const other = inUnitOf(a, b, true);
  if (!other) return false;
  const scale = Math.min(a.value.scale, b.value.scale);
  return compareDecimals(rounded(a.value, scale), rounded(other, scale)) === 0;
}

/** The unit of a product or quotient, as UCUM writes it. */
export function joinedUnit(a: Quantity, b: Quantity, sign: '.' | '/'): string {
  const [left, right] = [codeOf(a), codeOf(b)];
  if (right === '1') return left;
  if (sign === '/' && left === right) return '1';
  if (sign === '.' && left === '1') return right;
  return `${left}${sign}${/[./]/.test(right) ? `(${right})` : right}`;
}
