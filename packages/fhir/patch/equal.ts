import { isRawNumber, numberText } from '../numbers.ts';
import { isObject } from '../object.ts';

/** A JSON number as digits without zeros at their ends, and the power of ten of the last one: `1.50e2` is 15, 1. */
function parts(text: string): { readonly digits: string; readonly power: number } {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return { digits: '0', power: 0 };
  const sign = text.startsWith('-') ? '-' : '';
  return { digits: sign + digits, power: Number(exponent) - fraction.length + all.length - digits.length };
}

/** True when two JSON numbers are the same number, however it is written (RFC 6902 4.6): exactly, not as doubles. */
function sameNumber(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [parts(a), parts(b)];
  return one.digits === other.digits && one.power === other.power;
}

function sameLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
}

function sameObjects(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

/** True when two JSON values are equal as RFC 6902 4.6 says: numbers by value, members in any order. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && sameLists(a, b);
  if (isObject(a)) return isObject(b) && sameObjects(a, b);
  if (typeof a === 'number' || isRawNumber(a)) {
    const other = numberText(b);
    return other !== undefined && sameNumber(numberText(a) ?? '', other);
  }
  return a === b;
}
