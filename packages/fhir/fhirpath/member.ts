import type { JsonObject } from '@safeguard/kernel';
import { isObject, ownValue } from '../object.ts';
import type { Expression, Visit } from './expression.ts';
import { condition } from './expression.ts';
import { type Item, type Items, item, resourceKind } from './items.ts';
import { anyKind, type Child, type Kind, kindOf, type Place, systemKinds } from './kinds.ts';
import { unanswerable } from './refuse.ts';
import { type Scope, spend } from './scope.ts';

/** A name of a path, with the child that it meant for the type that came last. */
interface Step {
  readonly name: string;
  readonly strict: boolean;
  kind: Kind | undefined;
  child: Child | undefined;
}

const step = (name: string, strict: boolean): Step => ({ name, strict, kind: undefined, child: undefined });

function childOf(step: Step, kind: Kind): Child | undefined {
  if (step.kind !== kind) {
    step.kind = kind;
    step.child = kind.child(step.name);
  }
  if (step.strict && step.child === undefined && kind.space === 'FHIR') {
    throw unanswerable('it names an element that the type does not have');
  }
  return step.child;
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** One element of a place: null in a list of primitives is an element that has only extensions. */
function visitOne(
  place: Place,
  value: unknown,
  holder: unknown,
  steps: readonly Step[],
  at: number,
  visit: Visit,
): boolean {
  const sibling = isObject(holder) ? holder : undefined;
  if (value === null || value === undefined) {
    return sibling !== undefined && walk(place.kind ?? anyKind, undefined, sibling, steps, at, visit);
  }
  const kind = place.kind ?? (isObject(value) ? resourceKind(value) : undefined) ?? anyKind;
  return walk(kind, value, sibling, steps, at, visit);
}

function visitPlace(place: Place, object: JsonObject, steps: readonly Step[], at: number, visit: Visit): boolean {
  const value = object[place.property];
  const holder = place.sibling === undefined ? undefined : object[place.sibling];
  if (value === undefined && holder === undefined) return false;
  if (!Array.isArray(value) && !Array.isArray(holder)) return visitOne(place, value, holder, steps, at, visit);
  const values = listOf(value);
  const holders = listOf(holder);
  const length = Math.max(values.length, holders.length);
  for (let one = 0; one < length; one++) {
    if (visitOne(place, values[one], holders[one], steps, at, visit)) return true;
  }
  return false;
}

/** `id` and `extension` of a primitive stand in its sibling. */
function visitHolder(step: Step, holder: JsonObject, steps: readonly Step[], at: number, visit: Visit): boolean {
  const child = elementKind().child(step.name);
  return child?.places.some((place) => visitPlace(place, holder, steps, at, visit)) ?? false;
}

let element: Kind | undefined;
function elementKind(): Kind {
  element ??= kindOf('Element');
  return element ?? anyKind;
}

function visitAny(step: Step, value: JsonObject, steps: readonly Step[], at: number, visit: Visit): boolean {
  if (!Object.hasOwn(value, step.name)) return false;
  return visitPlace({ property: step.name, sibling: undefined, kind: undefined }, value, steps, at, visit);
}

/** Goes down the path from one place, depth first: the order is that of step after step. True: a visit had enough. */
function walk(
  kind: Kind,
  value: unknown,
  holder: JsonObject | undefined,
  steps: readonly Step[],
  at: number,
  visit: Visit,
): boolean {
  const step = steps[at];
  if (step === undefined) return visit(kind, value, holder);
  if (kind.primitive) {
    if (kind === systemKinds.TypeInfo) return visitInfo(step, value as JsonObject, steps, at + 1, visit);
    return holder !== undefined && visitHolder(step, holder, steps, at + 1, visit);
  }
  if (!isObject(value)) return false;
  if (kind === anyKind) return visitAny(step, value, steps, at + 1, visit);
  const child = childOf(step, kind);
  if (child === undefined) return false;
  const { places } = child;
  for (let place = 0; place < places.length; place++) {
    if (visitPlace(places[place] as Place, value, steps, at + 1, visit)) return true;
  }
  return false;
}

function visitInfo(step: Step, info: JsonObject, steps: readonly Step[], at: number, visit: Visit): boolean {
  const value = ownValue(info, step.name);
  return value !== undefined && walk(systemKinds.String, value, undefined, steps, at, visit);
}

/** `Patient.name` on a Patient: the type's name stands for the item itself (R4 fhirpath.html). */
const isTypeName = (name: string): boolean => /^[A-Z]/.test(name);

function fromStart(name: string, steps: readonly Step[], strict: boolean): Expression['each'] {
  return (scope, visit) => {
    for (const { kind, value, holder } of scope.self) {
      if (kind.lineage.has(name) && walk(kind, value, holder, steps, 1, visit)) return true;
      if (!kind.lineage.has(name) && strict && scope.self[0] === scope.focus) {
        throw unanswerable('it begins with the name of another type');
      }
      if (kind.space === 'Any' && walk(kind, value, holder, steps, 0, visit)) return true;
    }
    return false;
  };
}

const fromSelf =
  (steps: readonly Step[]): Expression['each'] =>
  (scope, visit) => {
    const { self } = scope;
    for (let at = 0; at < self.length; at++) {
      const { kind, value, holder } = self[at] as Item;
      if (walk(kind, value, holder, steps, 0, visit)) return true;
    }
    return false;
  };

const fromInput =
  (input: Expression, steps: readonly Step[]): Expression['each'] =>
  (scope, visit) => {
    for (const { kind, value, holder } of input.run(scope)) {
      if (walk(kind, value, holder, steps, 0, visit)) return true;
    }
    return false;
  };

function path(each: NonNullable<Expression['each']>): Expression {
  const run = (scope: Scope): Items => {
    const out: Item[] = [];
    each(scope, (kind, value, holder) => {
      out.push(item(kind, value, holder));
      return false;
    });
    spend(scope, out.length + 1);
    return out;
  };
  return { run, test: (scope) => condition(run(scope)), each };
}

/**
 * A path of names on `$this` (`input` absent) or on what another expression yields. `below`: the first name is an
 * element's, and never that of the type itself.
 */
export function members(
  input: Expression | undefined,
  names: readonly string[],
  strict: boolean,
  below = true,
): Expression {
  const steps = names.map((name) => step(name, strict));
  const [first = ''] = names;
  if (input) return path(fromInput(input, steps) as NonNullable<Expression['each']>);
  const each = !below && isTypeName(first) ? fromStart(first, steps, strict) : fromSelf(steps);
  return path(each as NonNullable<Expression['each']>);
}

/** Visits the children of an item, in the order of the JSON (children() has none, N1 5.8.1). */
export function eachChild({ kind, value, holder }: Item, visit: Visit): boolean {
  if (kind.primitive) return holder !== undefined && visitProperties(elementKind(), holder, visit);
  if (!isObject(value)) return false;
  if (kind !== anyKind) return visitProperties(kind, value, visit);
  return Object.keys(value).some((key) => visitAny(step(key, false), value, [], 0, visit));
}

function visitProperties(kind: Kind, object: JsonObject, visit: Visit): boolean {
  for (const key in object) {
    const place = kind.place(key) ?? loneSibling(kind, object, key);
    if (place && visitPlace(place, object, [], 0, visit)) return true;
  }
  return false;
}

/** `_birthDate` without `birthDate`. */
function loneSibling(kind: Kind, object: JsonObject, key: string): Place | undefined {
  if (!key.startsWith('_') || object[key.slice(1)] !== undefined) return undefined;
  return kind.place(key.slice(1));
}
