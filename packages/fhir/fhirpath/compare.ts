import { compareDecimals } from './decimal.ts';
import { decimalValue, type Item, isSystem, systemItem } from './items.ts';
import { comparableMoments, compareMoments, type Moment } from './moment.ts';
import { compareQuantities, type Quantity } from './quantity.ts';
import { unanswerable } from './refuse.ts';

const isMoment = ({ kind }: Item): boolean =>
  kind.system === 'Date' || kind.system === 'DateTime' || kind.system === 'Time';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A number beside a quantity is one without a unit. */
function compareSystem(a: Item, b: Item): number | undefined {
  if (isSystem(a, 'String') && isSystem(b, 'String')) return byText(a.value as string, b.value as string);
  if (isMoment(a) && isMoment(b)) {
    const [left, right] = [a.value as Moment, b.value as Moment];
    if (comparableMoments(left, right)) return compareMoments(left, right);
  }
  const [left, right] = [decimalValue(a), decimalValue(b)];
  if (left && right) return compareDecimals(left, right);
  if (isSystem(a, 'Quantity') && isSystem(b, 'Quantity')) {
    return compareQuantities(a.value as Quantity, b.value as Quantity);
  }
  throw unanswerable('two values of different types have no order');
}

/** -1, 0, 1; undefined where it cannot be known. Throws Fault `unprocessable` for values that have no order. */
export function compareItems(one: Item, other: Item): number | undefined {
  const [a, b] = [systemItem(one), systemItem(other)];
  // An element that has only extensions, or a broken date, has no value to compare.
  if (a.kind.space !== 'System' && (a.value === undefined || a.kind.primitive)) return undefined;
  if (b.kind.space !== 'System' && (b.value === undefined || b.kind.primitive)) return undefined;
  return compareSystem(a, b);
}
