import { fault, type JsonObject } from '@safeguard/kernel';
import { isRawNumber } from '../numbers.ts';
import { depth_limit, odd_limit } from '../scan.ts';

/** What may still be copied: `copy` can double a list a thousand times. */
export interface Allowance {
  /** Characters of JSON, roughly. */
  left_chars: number;
  /** Numbers with a form of their own: no more than `parseJson` would read again. */
  left_odd: number;
}

export const copy_limit_chars = 16 * 1024 * 1024;

/** Brackets, quotes, commas of one value. */
const overhead_chars = 4;
const number_chars = 8;

/** What one patch may copy, its values included. */
export const patchAllowance = (): Allowance => ({ left_chars: copy_limit_chars, left_odd: odd_limit });

/** For a resource as it stands: it may be as large as it is. */
export const wholeAllowance = (): Allowance => ({ left_chars: Number.POSITIVE_INFINITY, left_odd: odd_limit });

function spend(allowance: Allowance, chars: number, odd = 0): void {
  allowance.left_chars -= chars + overhead_chars;
  allowance.left_odd -= odd;
  if (allowance.left_chars < 0) throw fault('tooLarge', 'The patch copies too much: at most 16 MiB.');
  if (allowance.left_odd < 0) {
    throw fault('tooLarge', `The patch makes more than ${odd_limit} numbers with a form of their own.`);
  }
}

/** Sets what may be named `__proto__` as an ordinary property. */
export function setOwn(holder: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
  } else (holder as Record<string, unknown>)[key] = value;
}

function copyObject(value: JsonObject, allowance: Allowance, depth: number): JsonObject {
  const made: JsonObject = {};
  for (const [key, one] of Object.entries(value)) {
    spend(allowance, key.length);
    setOwn(made, key, deepCopy(one, allowance, depth));
  }
  return made;
}

/**
 * A deep copy of a JSON value; raw numbers, which never change, go along as they are. Throws Fault `unprocessable`
 * where the value is deeper than JSON may be, so that no other walk of it need look, and `tooLarge` beyond what is
 * allowed.
 */
export function deepCopy<T>(value: T, allowance: Allowance, depth = 0): T {
  if (isRawNumber(value)) {
    spend(allowance, number_chars, 1);
    return value;
  }
  if (typeof value !== 'object' || value === null) {
    spend(allowance, typeof value === 'string' ? value.length : number_chars);
    return value;
  }
  if (depth >= depth_limit)
    throw fault('unprocessable', `The patch makes a resource deeper than ${depth_limit} levels.`);
  spend(allowance, 0);
  if (Array.isArray(value)) return value.map((item) => deepCopy(item, allowance, depth + 1)) as T;
  return copyObject(value as JsonObject, allowance, depth + 1) as T;
}
