import type { JsonObject } from '@safeguard/kernel';
import { ownValue } from '../object.ts';

/** One value of an element: of a primitive, with what stands beside it in `_name`. */
export interface Item {
  /** Null: a primitive that has extensions alone. */
  readonly value: unknown;
  readonly aside: JsonObject | null;
}

const itemsAt = (object: JsonObject, name: string): readonly unknown[] => {
  const value = ownValue(object, name);
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
};

/** The values of an element, one or many. */
export function readItems(object: JsonObject, key: string): Item[] {
  const values = itemsAt(object, key);
  const asides = itemsAt(object, `_${key}`);
  return Array.from({ length: Math.max(values.length, asides.length) }, (_, index) => ({
    value: values[index] ?? null,
    aside: (asides[index] as JsonObject | undefined) ?? null,
  }));
}

function write(object: JsonObject, name: string, values: readonly unknown[], list: boolean): void {
  if (values.every((value) => value === null)) delete object[name];
  else object[name] = (list ? values : values[0]) as JsonObject[string];
}

/** Sets the values of an element; without any it is gone. `list` as R4 defines it. */
export function writeItems(object: JsonObject, key: string, list: boolean, items: readonly Item[]): void {
  write(
    object,
    key,
    items.map((item) => item.value),
    list,
  );
  write(
    object,
    `_${key}`,
    items.map((item) => item.aside),
    list,
  );
}
