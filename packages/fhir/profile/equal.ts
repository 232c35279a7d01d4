import { isRawNumber, numberValue } from '../numbers.ts';
import { isObject } from '../object.ts';

export type Matches = (value: unknown) => boolean;

const scalar = (expected: unknown): Matches => {
  const number = numberValue(expected);
  return number === undefined ? (value) => value === expected : (value) => numberValue(value) === number;
};

/** fixed[x]: the value is this one and no other, to the last child. */
export function exactly(expected: unknown): Matches {
  if (Array.isArray(expected)) {
    const items = expected.map(exactly);
    return (value) =>
      Array.isArray(value) && value.length === items.length && items.every((item, at) => item(value[at]));
  }
  if (!isObject(expected) || isRawNumber(expected)) return scalar(expected);
  const entries = Object.entries(expected).map(([key, one]) => [key, exactly(one)] as const);
  return (value) =>
    isObject(value) &&
    Object.keys(value).length === entries.length &&
    entries.every(([key, matches]) => Object.hasOwn(value, key) && matches(value[key]));
}

/** pattern[x]: what it states is there; more may be. Each item of a list stands for some item of the value's. */
export function atLeast(expected: unknown): Matches {
  if (Array.isArray(expected)) {
    const items = expected.map(atLeast);
    return (value) => Array.isArray(value) && items.every((item) => value.some(item));
  }
  if (!isObject(expected) || isRawNumber(expected)) return scalar(expected);
  const entries = Object.entries(expected).map(([key, one]) => [key, atLeast(one)] as const);
  return (value) =>
    isObject(value) && entries.every(([key, matches]) => Object.hasOwn(value, key) && matches(value[key]));
}
