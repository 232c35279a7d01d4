import { isRawNumber } from '../numbers.ts';
import { isObject } from '../object.ts';
import { depth_limit } from '../scan.ts';

/** Longest pointer that is read. */
export const pointer_limit = 2000;

/** A JSON Pointer (RFC 6901) read: its reference tokens. */
export type Pointer = readonly string[];

/** Reads a pointer; undefined when it is none, or too long. */
export function readPointer(text: unknown): Pointer | undefined {
  if (typeof text !== 'string' || text.length > pointer_limit) return undefined;
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  const tokens = text.slice(1).split('/');
  if (tokens.length > depth_limit) return undefined;
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** True when `inner` lies below `outer`. */
export const isBelow = (inner: Pointer, outer: Pointer): boolean =>
  inner.length > outer.length && outer.every((token, index) => token === inner[index]);

/** The list or object that holds a place. */
export type Holder = unknown[] | Record<string, unknown>;

const holderOf = (value: unknown): Holder | undefined =>
  Array.isArray(value) || (isObject(value) && !isRawNumber(value)) ? (value as Holder) : undefined;

/** RFC 6901 4: digits without a leading zero. */
const indexForm = /^(?:0|[1-9][0-9]{0,8})$/;

/** The index that a token names in a list of `length` items; undefined where it is none of 0 to `length`. */
export function indexOf(token: string, length: number): number | undefined {
  if (token === '-') return length;
  if (!indexForm.test(token)) return undefined;
  const index = Number(token);
  return index <= length ? index : undefined;
}

/** What stands at one token, own properties only; `found` is false where nothing does. */
export function step(holder: unknown, token: string): { readonly found: boolean; readonly value?: unknown } {
  const here = holderOf(holder);
  if (here === undefined) return { found: false };
  if (!Array.isArray(here)) return Object.hasOwn(here, token) ? { found: true, value: here[token] } : { found: false };
  const index = indexOf(token, here.length);
  return index === undefined || index === here.length ? { found: false } : { found: true, value: here[index] };
}

/** What a pointer leads to. */
export function valueAt(root: unknown, pointer: Pointer): { readonly found: boolean; readonly value?: unknown } {
  let at: { readonly found: boolean; readonly value?: unknown } = { found: true, value: root };
  for (const token of pointer) {
    if (!at.found) return at;
    at = step(at.value, token);
  }
  return at;
}

/** The list or object in which a pointer's last token is to be looked for; undefined when there is none. */
export function holderAt(root: unknown, pointer: Pointer): Holder | undefined {
  return holderOf(valueAt(root, pointer.slice(0, -1)).value);
}
