import { isRawNumber } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';

/**
 * What was lifted out of a resource, at the positions where it stood. A node is a plain object keyed by JSON property,
 * or by list index in words ("0"); a leaf is a list of one, `[value]`. `{"name":[[{"family":"Berg"}]],
 * "subject":{"display":["Ida Berg"]}}`. It is plain JSON and is read without the map that wrote it.
 */
export interface Overlay {
  [position: string]: Overlay | readonly [unknown];
}

export interface Segments {
  /** The resource without what was lifted. Emptied objects and lists stay, so that positions hold. */
  readonly clinical: JsonObject;
  /** Undefined when nothing was lifted. */
  readonly identity: Overlay | undefined;
}

/** `parseJson` of `fhir` lets 200 levels in; a plan looks at each level once. */
const max_depth = 256;

/** Guards recursion over data: nothing that came through `parseJson` is refused here. */
export function checkDepth(depth: number): void {
  if (depth > max_depth) throw fault('internal', 'A resource is nested too deeply.');
}

/** Sets an own property whatever its name: plain assignment to `__proto__` would change the prototype instead. */
export function put(target: JsonObject, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** A JSON object: no list, and no number kept in its own form (JSON.rawJSON), which is an object too. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
