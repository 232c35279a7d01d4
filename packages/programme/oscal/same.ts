import { type Cursor, pointerTo, unfit } from './cursor.ts';
import type { JsonObject } from './json.ts';

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Where two documents differ first, as a JSON pointer; undefined: nowhere. Order of keys does not count. */
export function differenceOf(one: unknown, other: unknown, pointer = ''): string | undefined {
  if (Object.is(one, other)) return undefined;
  if (!isPlain(one) || !isPlain(other) || Array.isArray(one) !== Array.isArray(other)) return pointer;
  for (const key of new Set([...Object.keys(other), ...Object.keys(one)])) {
    const here = pointerTo(pointer, key);
    if (!Object.hasOwn(one, key) || !Object.hasOwn(other, key)) return here;
    const found = differenceOf(one[key], other[key], here);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * A reader that loses nothing: what it read is written again, and is the document that it was given, or it is a Fault
 * `invalid` with the place of the first difference. So a note that somebody added, a changed id or an unknown property
 * are never dropped in silence.
 */
export const lossless =
  <M>(read: (document: Cursor) => M, write: (model: M) => JsonObject) =>
  (document: unknown): M => {
    const model = read({ value: document, pointer: '' });
    const difference = differenceOf(document, write(model));
    if (difference === undefined) return model;
    throw unfit({ pointer: difference }, 'what follows from the rest of the document');
  };
