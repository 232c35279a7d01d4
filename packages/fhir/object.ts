import type { JsonObject } from '@safeguard/kernel';
import { isRawNumber } from './numbers.ts';

/** A plain JSON object: not null, not a list, not a number kept in its own form. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);

/**
 * An object's own property: what stands in the JSON text, never what a prototype lends (`constructor`, `__proto__`).
 */
export const ownValue = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;
