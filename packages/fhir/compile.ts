import type { JsonObject } from '@safeguard/kernel';
import { type BindingCheck, bindingCheck } from './binding.ts';
import { type Context, isFull, report } from './context.ts';
import { type ElementDefinition, typeDefinition } from './definitions.ts';
import { type Invariant, invariantsAt } from './invariants/index.ts';
import { runInvariants } from './invariants/run.ts';
import { isObject, ownValue } from './object.ts';
import { type Primitive, primitives } from './primitives.ts';
import { type Rule, referenceTarget, rules } from './rules.ts';

/** Checks one value that is neither list nor null; the path leads to the object that holds it. */
type Check = (value: unknown, context: Context, ...at: [string] | [string, number]) => void;

/** One JSON property of an object type. `_name` is a property of its own. */
interface Property {
  readonly name: string;
  readonly definition: ElementDefinition;
  readonly check: Check;
  /** Those that are stated for this element, not for its type. */
  readonly invariants: readonly Invariant[];
  readonly primitive: boolean;
  /** True for `_name`: id and extensions of the primitive `name`. */
  readonly aside: boolean;
}

interface ObjectType {
  readonly name: string;
  readonly resource: boolean;
  readonly properties: ReadonlyMap<string, Property>;
  /** Each with the properties of which one must be there. */
  readonly required: readonly { readonly name: string; readonly any: readonly string[] }[];
  readonly choices: boolean;
  readonly rule: Rule | undefined;
  readonly invariants: readonly Invariant[];
}

/**
 * Objects may stand in one another this deep. R4's deepest real content (nested Questionnaire items) stays far below.
 */
const depth_limit = 64;

const compiled = new Map<string, ObjectType>();

/** The key of what `_name` holds: an Element for which an id is content enough when the value stands beside it. */
const aside_type = '_Element';

/** The checks of a type, made at its first use. Types that hold themselves find themselves in the map. */
function objectType(name: string): ObjectType {
  const known = compiled.get(name);
  if (known) return known;
  const made = compile(name);
  compiled.set(name, made);
  return made;
}

function primitiveCheck(primitive: Primitive, bound: BindingCheck | undefined): Check {
  const { fits, json, expected } = primitive;
  return (value, context, ...at) => {
    if (!fits(value)) {
      const code = typeof value === json || json === 'number' ? 'value' : 'structure';
      report(context, code, `expected ${expected}`, ...at);
      return;
    }
    const wrong = bound?.(value);
    if (wrong !== undefined) report(context, 'code-invalid', wrong, ...at);
  };
}

function complexCheck(type: string, bound: BindingCheck | undefined, targets: readonly string[] | undefined): Check {
  let own: ObjectType | undefined;
  const allowed = type === 'Reference' && targets ? new Set(targets) : undefined;
  return (value, context, ...at) => {
    own ??= objectType(type);
    context.path.push(...at);
    checkObject(own, value, context);
    const wrong = bound?.(value);
    if (wrong !== undefined) report(context, 'code-invalid', wrong);
    if (allowed) {
      const target = referenceTarget(value, context);
      if (target !== undefined && !allowed.has(target)) {
        report(context, 'value', `expected a reference to ${[...allowed].join(' or ')}`);
      }
    }
    context.path.length -= at.length;
  };
}

const resourceCheck: Check = (value, context, ...at) => {
  context.path.push(...at);
  context.checkResource(value, context, at[0] === 'contained');
  context.path.length -= at.length;
};

function checkFor(definition: ElementDefinition): Check {
  const type = definition.types[0] ?? 'Element';
  if (typeDefinition(type)?.kind === 'resource') return resourceCheck;
  const bound = definition.binding === undefined ? undefined : bindingCheck(definition.binding, type);
  const primitive = primitives.get(type);
  return primitive ? primitiveCheck(primitive, bound) : complexCheck(type, bound, definition.targets);
}

function elementInvariants(owner: string, name: string, definition: ElementDefinition): Invariant[] {
  const type = definition.types[0] ?? '';
  const paths = definition.choice ? [name, `${definition.name}[x]`] : [name];
  return paths.flatMap((one) => {
    const path = `${owner}.${one}`;
    // A backbone's key is its path: what is stated there belongs to its type.
    return type === path ? [] : invariantsAt(path, type);
  });
}

function* propertiesOf(owner: string, name: string, definition: ElementDefinition): Generator<[string, Property]> {
  const primitive = primitives.has(definition.types[0] ?? '');
  const invariants = elementInvariants(owner, name, definition);
  yield [name, { name, definition, check: checkFor(definition), invariants, primitive, aside: false }];
  if (!primitive) return;
  const check = complexCheck(aside_type, undefined, undefined);
  yield [`_${name}`, { name, definition, check, invariants: [], primitive, aside: true }];
}

function requiredOf(properties: Iterable<Property>): ObjectType['required'] {
  const groups = new Map<string, string[]>();
  for (const { name, definition, aside } of properties) {
    if (definition.min === 0) continue;
    const key = definition.choice ? `${definition.name}[x]` : name;
    groups.set(key, [...(groups.get(key) ?? []), aside ? `_${name}` : name]);
  }
  return [...groups].map(([name, any]) => ({ name, any }));
}

function compile(name: string): ObjectType {
  const definition = typeDefinition(name === aside_type ? 'Element' : name);
  if (!definition) throw new RangeError(`no type ${name} in FHIR R4`);
  const properties = new Map([...definition.elements].flatMap(([key, one]) => [...propertiesOf(name, key, one)]));
  return {
    name,
    resource: definition.kind === 'resource',
    properties,
    required: requiredOf(properties.values()),
    choices: [...definition.elements.values()].some((one) => one.choice),
    rule: rules.get(name),
    invariants: name === aside_type ? [] : invariantsAt(name, name),
  };
}

const plain = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

/** A name that is no element's could be anything, so only one that looks like an element's is repeated. */
function reportUnknown(type: ObjectType, key: string, context: Context): void {
  const known = `expected only elements that FHIR R4 defines for ${type.name}`;
  if (plain.test(key)) report(context, 'structure', `unknown element: ${known}`, key);
  else report(context, 'structure', `unknown element with a name that no element can have: ${known}`);
}

function checkList(property: Property, value: readonly unknown[], key: string, context: Context): void {
  if (value.length === 0) report(context, 'structure', 'expected at least one item: an empty list is left out', key);
  for (const [index, item] of value.entries()) {
    if (isFull(context)) return;
    if (item === null && property.primitive) continue;
    property.check(item, context, key, index);
    if (property.invariants.length > 0) runInvariants(property.invariants, item, context, key, index);
  }
}

function checkProperty(property: Property, value: unknown, key: string, context: Context): void {
  if (Array.isArray(value)) {
    if (property.definition.list) checkList(property, value, key, context);
    else report(context, 'structure', 'expected a single value, not a list', key);
  } else if (property.definition.list) {
    report(context, 'structure', 'expected a list', key);
  } else if (value === null) {
    report(context, 'structure', 'expected a value: null is allowed only to fill lists of primitives', key);
  } else {
    property.check(value, context, key);
    if (property.invariants.length > 0) runInvariants(property.invariants, value, context, key);
  }
}

const hasExtension = (value: unknown): boolean => isObject(value) && Object.hasOwn(value, 'extension');

/** A `_name` without `name` is there for its extensions (ele-1). */
function checkAlone(value: JsonObject, { name }: Property, key: string, context: Context): void {
  if (Object.hasOwn(value, name) || hasExtension(value[key])) return;
  report(context, 'invariant', 'expected a value, or an extension in its place (ele-1)', key);
}

/**
 * Lists of a primitive and of its `_name` go side by side: same length, and each place with a value or an extension.
 */
function checkPadding(value: JsonObject, { name, aside }: Property, context: Context): void {
  const values = ownValue(value, name);
  const asides = ownValue(value, `_${name}`);
  const both = Array.isArray(values) && Array.isArray(asides);
  if (aside && both) {
    const fits = values.length === asides.length;
    if (!fits) report(context, 'structure', 'expected as many items as the list of values has', `_${name}`);
    return;
  }
  const length = Array.isArray(values) ? values.length : Array.isArray(asides) ? asides.length : 0;
  for (let index = 0; index < length; index++) {
    const item = Array.isArray(values) ? values[index] : null;
    if (item !== null || (Array.isArray(asides) && hasExtension(asides[index]))) continue;
    report(context, 'structure', 'expected a value, or an extension in its place', name, index);
  }
}

/** At most one type of each choice element: `valueString` beside `valueQuantity` is refused. */
function checkChoices(keys: readonly string[], type: ObjectType, context: Context): void {
  const seen = new Map<string, string>();
  for (const key of keys) {
    const property = type.properties.get(key);
    if (!property?.definition.choice) continue;
    const { name } = property.definition;
    const before = seen.get(name);
    if (before !== undefined && before !== property.name) {
      report(context, 'structure', `expected only one of ${name}[x]`, property.name);
    }
    seen.set(name, property.name);
  }
}

function checkRequired(value: JsonObject, type: ObjectType, context: Context): void {
  for (const { name, any } of type.required) {
    if (any.some((key) => Object.hasOwn(value, key))) continue;
    report(context, 'required', `expected the element ${name}: it is required in ${type.name}`, name);
  }
}

function checkKeys(value: JsonObject, keys: readonly string[], type: ObjectType, context: Context): void {
  for (const key of keys) {
    if (isFull(context)) return;
    const property = type.properties.get(key);
    if (property) {
      checkProperty(property, value[key], key, context);
      if (property.primitive && property.definition.list) checkPadding(value, property, context);
      else if (property.aside) checkAlone(value, property, key, context);
    } else if (key !== 'resourceType' || !type.resource) reportUnknown(type, key, context);
  }
}

/** ele-1: an element is never empty, and an id alone is no content. */
const isEmpty = (keys: readonly string[], type: ObjectType): boolean =>
  !type.resource && (keys.length === 0 || (keys.length === 1 && keys[0] === 'id' && type.name !== aside_type));

/** Checks one object of a type; the path leads to it. */
export function checkObject(type: ObjectType, value: unknown, context: Context): void {
  if (!isObject(value)) {
    report(context, 'structure', `expected an object (${type.name})`);
    return;
  }
  if (context.depth >= depth_limit) {
    context.deep = true;
    report(context, 'too-costly', `expected at most ${depth_limit} objects inside one another`);
    return;
  }
  context.depth += 1;
  const keys = Object.keys(value);
  if (isEmpty(keys, type))
    report(context, 'invariant', 'expected content: an element holds a value or children (ele-1)');
  checkKeys(value, keys, type, context);
  if (type.choices) checkChoices(keys, type, context);
  if (type.required.length > 0) checkRequired(value, type, context);
  type.rule?.(value, context);
  if (type.invariants.length > 0) runInvariants(type.invariants, value, context);
  context.depth -= 1;
}

/** Checks the content of a resource whose type is known. */
export const checkContent = (type: string, value: unknown, context: Context): void =>
  checkObject(objectType(type), value, context);
