import type { JsonObject } from '@safeguard/kernel';
import { type ElementDefinition, typeDefinition } from '../definitions.ts';
import { ownValue } from '../object.ts';
import { type Allowance, deepCopy } from './copy.ts';
import { type Item, readItems, writeItems } from './items.ts';
import { malformed, partsOf } from './parameters.ts';

/** Deepest nesting of parts that build an element. */
const part_depth = 50;

/** What a value is read with. */
export interface Reading {
  readonly allowance: Allowance;
  /** Which operation it is of. */
  readonly number: number;
}

/** `Quantity` of `valueQuantity`; undefined for parts without a `value[x]`. */
function suffixOf(part: JsonObject): string | undefined {
  const key = Object.keys(part).find((name) => /^_?value[A-Z]/.test(name));
  return key?.replace(/^_?value/, '');
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const isPrimitive = (type: string): boolean => typeDefinition(type)?.kind === 'primitive';

/** An element of a type by the name that a patch gives it: a choice by its name before the type, or with it. */
export function elementFor(
  type: string,
  name: string,
  part: JsonObject,
): { readonly key: string; readonly definition: ElementDefinition } | undefined {
  const elements = typeDefinition(type)?.elements;
  for (const key of [name, `${name}${suffixOf(part) ?? ''}`]) {
    const definition = elements?.get(key);
    if (definition && (key === name || definition.choice)) return { key, definition };
  }
  return undefined;
}

const quantities: ReadonlySet<string> = new Set(['Age', 'Count', 'Distance', 'Duration', 'Quantity', 'SimpleQuantity']);

/** A primitive may be sent as any primitive (validation looks at the result); other datatypes only as themselves. */
function fits(suffix: string, type: string): boolean {
  if (capital(type) === suffix || (quantities.has(type) && quantities.has(suffix))) return true;
  const sent = typeDefinition(suffix) ? suffix : suffix.charAt(0).toLowerCase() + suffix.slice(1);
  return isPrimitive(type) && isPrimitive(sent);
}

/** The value and what stands beside it, as `value[x]` holds them. */
function typedValue(part: JsonObject, suffix: string, type: string, { allowance, number }: Reading): Item {
  if (!fits(suffix, type)) throw malformed(number, 'the value is not of the type of the element.');
  const value: unknown = ownValue(part, `value${suffix}`) ?? null;
  const aside = (ownValue(part, `_value${suffix}`) ?? null) as JsonObject | null;
  if (value === null && aside === null) throw malformed(number, 'expected a value.');
  return deepCopy({ value, aside }, allowance);
}

/** Reads the value of a part for an element of a type: `value[x]`, a resource, or parts that build it. */
export function readValue(part: JsonObject, definition: ElementDefinition, reading: Reading, depth = 0): Item {
  const type = definition.types[0] ?? '';
  const suffix = suffixOf(part);
  if (suffix !== undefined) return typedValue(part, suffix, type, reading);
  const resource = ownValue(part, 'resource');
  if (type === 'Resource' && resource !== undefined)
    return { value: deepCopy(resource, reading.allowance), aside: null };
  return { value: build(part, type, reading, depth), aside: null };
}

/** An object of a type out of parts, each an element of it. */
function build(part: JsonObject, type: string, reading: Reading, depth: number): JsonObject {
  const parts = partsOf(part, 'part', reading.number);
  if (parts.length === 0 || depth > part_depth || isPrimitive(type)) {
    throw malformed(reading.number, 'expected a value: value[x], a resource, or parts.');
  }
  const made: JsonObject = {};
  for (const one of parts) {
    const element = elementFor(type, one['name'] as string, one);
    if (element === undefined)
      throw malformed(reading.number, `expected only elements of ${type} as parts of the value.`);
    const { key, definition } = element;
    const before = readItems(made, key);
    if (before.length > 0 && !definition.list) throw malformed(reading.number, `expected ${key} once.`);
    writeItems(made, key, definition.list, [...before, readValue(one, definition, reading, depth + 1)]);
  }
  return made;
}
