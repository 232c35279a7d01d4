import type { JsonObject } from '@safeguard/kernel';
import type { Context } from '../context.ts';
import { typeDefinition } from '../definitions.ts';

/** A constraint as code: true when it holds. It runs on whatever was sent, and trusts no shape. */
export type Test = (value: JsonObject, context: Context) => boolean;
/** Makes the test for the type that it is stated at. */
export type Make = (type: string) => Test;
type Has = (value: JsonObject) => boolean;

/** The JSON properties of an element: `value[x]` has one per datatype, and a primitive its `_name` beside. */
export function propertiesOf(type: string, element: string): string[] {
  const choice = element.endsWith('[x]');
  const name = choice ? element.slice(0, -3) : element;
  return [...(typeDefinition(type)?.elements ?? [])].flatMap(([key, one]) => {
    if (one.name !== name || one.choice !== choice) return [];
    const primitive = typeDefinition(one.types[0] ?? '')?.kind === 'primitive';
    return primitive ? [key, `_${key}`] : [key];
  });
}

/** FHIRPath's `element.exists()` as code. */
export function presence(type: string, element: string): Has {
  const keys = propertiesOf(type, element);
  const [first = '', second] = keys;
  if (keys.length === 0) throw new RangeError(`no element ${element} in ${type}`);
  if (second === undefined) return (value) => value[first] !== undefined;
  if (keys.length === 2) return (value) => value[first] !== undefined || value[second] !== undefined;
  return (value) => keys.some((key) => value[key] !== undefined);
}

const some =
  (all: readonly Has[]): Has =>
  (value) =>
    all.some((has) => has(value));

/** One of the elements is there. */
export const anyOf =
  (...names: string[]): Make =>
  (type) =>
    some(names.map((name) => presence(type, name)));

/** The first only with one of the others. */
export const needs =
  (name: string, ...others: string[]): Make =>
  (type) => {
    const has = presence(type, name);
    const other = anyOf(...others)(type);
    return (value, context) => !has(value) || other(value, context);
  };

export const notBoth =
  (one: string, other: string): Make =>
  (type) => {
    const [hasOne, hasOther] = [presence(type, one), presence(type, other)];
    return (value) => !(hasOne(value) && hasOther(value));
  };

export const eitherOf =
  (one: string, other: string): Make =>
  (type) => {
    const [hasOne, hasOther] = [presence(type, one), presence(type, other)];
    return (value) => hasOne(value) !== hasOther(value);
  };

export const together =
  (one: string, other: string): Make =>
  (type) => {
    const either = eitherOf(one, other)(type);
    return (value, context) => !either(value, context);
  };

export const without =
  (name: string): Make =>
  (type) => {
    const has = presence(type, name);
    return (value) => !has(value);
  };
