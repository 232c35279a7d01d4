import type { JsonObject } from '@safeguard/kernel';
import { typeDefinition } from '../definitions.ts';
import { isObject, ownValue } from '../object.ts';

/** One value of an element, with where it stands. */
export interface Item {
  readonly value: unknown;
  /** `_name` of a primitive. */
  readonly aside?: unknown;
  /** A datatype, a backbone's key (`Patient.contact`), or the type of a whole resource. */
  readonly type: string;
  /** The JSON property, and the place in its list. */
  readonly at: readonly [string] | readonly [string, number] | readonly [];
}

/** A JSON property that an element may stand in. */
export interface Place {
  readonly key: string;
  readonly type: string;
  readonly primitive: boolean;
}

const known = new Map<string, readonly Place[]>();

/** The JSON properties of an element of a type: `value[x]` (or `value`, as paths write it) has one per datatype. */
export function placesOf(type: string, element: string): readonly Place[] {
  const cacheKey = `${type}.${element}`;
  const cached = known.get(cacheKey);
  if (cached !== undefined) return cached;
  const name = element.endsWith('[x]') ? element.slice(0, -3) : element;
  const made = [...(typeDefinition(type)?.elements ?? [])]
    .filter(([key, one]) => one.name === name || key === name)
    .map(([key, one]) => {
      const own = one.types[0] ?? 'Element';
      return { key, type: own, primitive: typeDefinition(own)?.kind === 'primitive' };
    });
  // A profile may ask for any name: only those that R4 knows are remembered, or the map would have no bound.
  if (made.length > 0) known.set(cacheKey, made);
  return made;
}

/** The type that a resource states, or the declared one for everything else. */
const actualType = (value: unknown, declared: string): string => {
  if (typeDefinition(declared)?.kind !== 'resource' || !isObject(value)) return declared;
  const stated = ownValue(value, 'resourceType');
  return typeof stated === 'string' ? stated : declared;
};

function fromList(value: unknown, aside: unknown, place: Place): Item[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const asides: readonly unknown[] = Array.isArray(aside) ? aside : [];
  return Array.from({ length: Math.max(values.length, asides.length) }, (_, index) => ({
    value: values[index] ?? undefined,
    aside: asides[index] ?? undefined,
    type: actualType(values[index], place.type),
    at: [place.key, index] as const,
  }));
}

function fromPlace(object: JsonObject, place: Place): Item[] {
  const value = ownValue(object, place.key);
  const aside = place.primitive ? ownValue(object, `_${place.key}`) : undefined;
  if (value === undefined && aside === undefined) return [];
  if (Array.isArray(value) || Array.isArray(aside)) return fromList(value, aside, place);
  return [{ value, aside, type: actualType(value, place.type), at: [place.key] }];
}

const none: readonly Item[] = [];

/** The values of an element in an object. */
export function itemsAt(object: JsonObject, places: readonly Place[]): readonly Item[] {
  const [only] = places;
  if (only !== undefined && places.length === 1) return fromPlace(object, only);
  let found: Item[] | undefined;
  for (const place of places) {
    const here = fromPlace(object, place);
    if (here.length > 0) found = found === undefined ? here : [...found, ...here];
  }
  return found ?? none;
}

/** What holds an item's children: of a primitive, its `_name`. */
export const holderOf = ({ value, aside, type }: Item): { object: JsonObject; type: string } | undefined => {
  if (isObject(value)) return { object: value, type };
  return isObject(aside) ? { object: aside, type: 'Element' } : undefined;
};

/** The items that a name leads to from an item. */
export function below(item: Item, name: string): readonly Item[] {
  const holder = holderOf(item);
  return holder === undefined ? none : itemsAt(holder.object, placesOf(holder.type, name));
}
