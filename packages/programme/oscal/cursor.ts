import { type Fault, fault } from '@safeguard/kernel';
import { plain } from './markup.ts';
import { fromValue } from './values.ts';

/** A place in a document that is read. */
export interface Cursor {
  readonly value: unknown;
  /** RFC 6901: `/catalog/groups/0/title`. */
  readonly pointer: string;
}

/** Fault `invalid`: the text is ours, the place a JSON pointer. */
export function unfit({ pointer }: Pick<Cursor, 'pointer'>, expected: string): Fault {
  const at = pointer.slice(0, 300);
  const issue = { severity: 'error', code: 'invalid', text: `Expected ${expected}.`, at } as const;
  return fault('invalid', 'This is no OSCAL document as Safeguard writes it.', { issues: [issue] });
}

export const pointerTo = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands under this key; its value is undefined where nothing does. */
export function at(cursor: Cursor, ...keys: readonly string[]): Cursor {
  let here = cursor;
  for (const key of keys) {
    if (!isObject(here.value)) throw unfit(here, 'an object');
    const value = Object.hasOwn(here.value, key) ? here.value[key] : undefined;
    here = { value, pointer: pointerTo(here.pointer, key) };
  }
  return here;
}

export const isThere = ({ value }: Cursor): boolean => value !== undefined;

/** The items of a list; an absent one has none. */
export function items(cursor: Cursor, ...keys: readonly string[]): Cursor[] {
  const { value, pointer } = at(cursor, ...keys);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw unfit({ pointer }, 'a list');
  return Array.from(value, (item: unknown, index) => ({ value: item, pointer: pointerTo(pointer, index) }));
}

export function stringAt(cursor: Cursor, ...keys: readonly string[]): string {
  const { value, pointer } = at(cursor, ...keys);
  if (typeof value !== 'string') throw unfit({ pointer }, 'a string');
  return value;
}

/** A text that was written as markup, a value that was written as a string of OSCAL. */
export const textAt = (cursor: Cursor, ...keys: readonly string[]): string => plain(stringAt(cursor, ...keys));
export const valueAt = (cursor: Cursor, ...keys: readonly string[]): string => fromValue(stringAt(cursor, ...keys));

/** The first of a list that fits; Fault `invalid` where none does. */
export function firstOf(list: readonly Cursor[], fits: (item: Cursor) => boolean, where: Cursor, what: string): Cursor {
  const found = list.find(fits);
  if (found === undefined) throw unfit(where, what);
  return found;
}
