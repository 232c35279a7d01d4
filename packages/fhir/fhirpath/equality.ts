import { numberText } from '../numbers.ts';
import { isObject } from '../object.ts';
import { compareDecimals, decimalOf, decimalText, rounded, trimmed } from './decimal.ts';
import { decimalValue, type Item, type Items, isSystem, systemItem } from './items.ts';
import { comparableMoments, compareMoments, type Moment } from './moment.ts';
import { compareQuantities, equivalentQuantities, type Quantity } from './quantity.ts';

const isMoment = (one: Item): boolean => isSystem(one, 'Date') || isSystem(one, 'DateTime') || isSystem(one, 'Time');

function equalNumbers(a: unknown, b: unknown): boolean | undefined {
  const [left, right] = [numberText(a), numberText(b)];
  if (left === undefined || right === undefined) return undefined;
  if (left === right) return true;
  const [exactLeft, exactRight] = [decimalOf(left), decimalOf(right)];
  return exactLeft !== undefined && exactRight !== undefined && compareDecimals(exactLeft, exactRight) === 0;
}

/** Two JSON values, property by property whatever their order; parsed JSON nests at most 200 deep. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const numbers = equalNumbers(a, b);
  if (numbers !== undefined) return numbers;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, at) => equalJson(one, b[at]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]))
  );
}

function equalMoments(a: Item, b: Item): boolean | undefined {
  const [left, right] = [a.value as Moment, b.value as Moment];
  if (!comparableMoments(left, right)) return false;
  const order = compareMoments(left, right);
  return order === undefined ? undefined : order === 0;
}

/** `=` of two items; undefined where it cannot be known. */
export function equalItems(one: Item, other: Item): boolean | undefined {
  const [a, b] = [systemItem(one), systemItem(other)];
  if (a.kind === b.kind && typeof a.value !== 'object') return a.value === b.value;
  if (isMoment(a) && isMoment(b)) return equalMoments(a, b);
  if (isSystem(a, 'Quantity') && isSystem(b, 'Quantity')) {
    const order = compareQuantities(a.value as Quantity, b.value as Quantity);
    return order === undefined ? undefined : order === 0;
  }
  const [left, right] = [decimalValue(a), decimalValue(b)];
  if (left && right) return compareDecimals(left, right) === 0;
  if (a.kind.space === 'System' || b.kind.space === 'System') return false;
  return equalJson(a.value, b.value) && equalJson(a.holder, b.holder);
}

/** `=` of two collections (N1 6.1.1). */
export function equal(left: Items, right: Items): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  if (left.length !== right.length) return false;
  let known: boolean | undefined = true;
  for (let at = 0; at < left.length; at++) {
    const same = equalItems(left[at] as Item, right[at] as Item);
    if (same === false) return false;
    if (same === undefined) known = undefined;
  }
  return known;
}

const folded = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();

function equivalentJson(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return folded(a) === folded(b);
  if (Array.isArray(a) && Array.isArray(b)) return matched(a, b, equivalentJson);
  if (!isObject(a) || !isObject(b)) return equalJson(a, b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equivalentJson(a[key], b[key]))
  );
}

/** Each of one finds its own partner in the other, in any order. */
function matched<T>(left: readonly T[], right: readonly T[], same: (a: T, b: T) => boolean): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  return left.every((one) => {
    const at = rest.findIndex((other) => same(one, other));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function equivalentNumbers(a: Item, b: Item): boolean | undefined {
  const [left, right] = [decimalValue(a), decimalValue(b)];
  if (!left || !right) return undefined;
  const scale = Math.min(trimmed(left).scale, trimmed(right).scale);
  return compareDecimals(rounded(left, scale), rounded(right, scale)) === 0;
}

/** `~` of two items (N1 6.1.2). */
export function equivalentItems(one: Item, other: Item): boolean {
  const [a, b] = [systemItem(one), systemItem(other)];
  if (isSystem(a, 'String') && isSystem(b, 'String')) return folded(String(a.value)) === folded(String(b.value));
  if (isMoment(a) && isMoment(b)) return equalMoments(a, b) === true;
  if (isSystem(a, 'Quantity') && isSystem(b, 'Quantity')) {
    return equivalentQuantities(a.value as Quantity, b.value as Quantity);
  }
  const numbers = equivalentNumbers(a, b);
  if (numbers !== undefined) return numbers;
  if (a.kind.space === 'System' || b.kind.space === 'System') return a.kind === b.kind && a.value === b.value;
  return equivalentJson(a.value, b.value);
}

/** `~` of two collections, in any order. */
export function equivalent(left: Items, right: Items): boolean {
  const [a, b] = [left[0], right[0]];
  if (left.length === 1 && right.length === 1 && a && b) return equivalentItems(a, b);
  return matched(left, right, equivalentItems);
}

/** A text that two items share exactly when they are equal; undefined where no text can tell. */
function identity(one: Item): string | undefined {
  const known = systemItem(one);
  if (isSystem(known, 'String')) return `s${String(known.value)}`;
  if (isSystem(known, 'Boolean')) return `b${String(known.value)}`;
  const number = decimalValue(known);
  return number ? `n${decimalText(trimmed(number))}` : undefined;
}

const text_hashed = 40;

/** A number that equal objects share: of the ends of their texts, whatever the order of the keys. */
function digest({ kind, value }: Item): number {
  // Quantities are equal across units, dates across forms.
  if (kind.system !== undefined || !isObject(value)) return 0;
  let sum = 0;
  for (const key of Object.keys(value)) {
    const text = value[key];
    let hash = key.length;
    if (typeof text === 'string') {
      for (let at = Math.max(0, text.length - text_hashed); at < text.length; at++) {
        hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
      }
    }
    sum = (sum + Math.imul(hash, 2_654_435_761)) | 0;
  }
  return sum;
}

/** A set of items under `=`: what has an identity is found at once, an object among those with its digest. */
export interface ItemSet {
  has(one: Item): boolean;
  /** False when it was there already. */
  add(one: Item): boolean;
}

/** `spend` is told how many items were looked at. */
export function itemSet(spend: (steps: number) => void): ItemSet {
  const texts = new Set<string>();
  const others = new Map<number, Item[]>();
  const among = (one: Item): boolean => {
    const alike = others.get(digest(one));
    if (!alike) return false;
    spend(alike.length);
    return alike.some((other) => equalItems(one, other) === true);
  };
  const keep = (one: Item): void => {
    const key = digest(one);
    const alike = others.get(key);
    if (alike) alike.push(one);
    else others.set(key, [one]);
  };
  return {
    has(one) {
      const text = identity(one);
      return text === undefined ? among(one) : texts.has(text);
    },
    add(one) {
      const text = identity(one);
      const known = text === undefined ? among(one) : texts.has(text);
      if (known) return false;
      if (text === undefined) keep(one);
      else texts.add(text);
      return true;
    },
  };
}
