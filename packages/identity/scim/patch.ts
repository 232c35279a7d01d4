import { type Attribute, attributeNamed, type Kind } from './attributes.ts';
import { scimFault } from './fault.ts';
import { type Filter, parseFilter } from './filter.ts';
import { matchesValue } from './match.ts';
import { type Place, placeOf } from './path.ts';
import { isPlainObject, onePrimary, type Stored, valueFor } from './values.ts';

export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

type Verb = 'add' | 'replace' | 'remove';

interface Step {
  readonly verb: Verb;
  readonly path: string | undefined;
  readonly value: unknown;
}

const mostSteps = 1_000;
/** Steps that look through the values of an attribute, times those values: what one request may cost. */
const mostLooks = 2_000_000;
const verbs: ReadonlySet<string> = new Set(['add', 'replace', 'remove']);

const syntax = (text: string) => scimFault('invalidSyntax', text);
const badPath = () => scimFault('invalidPath', 'A path leads to no attribute that is known.');

/** The member of an object, in any case: Entra ID writes "Op", Okta "op". */
const member = (from: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.entries(from).find(([key]) => key.toLowerCase() === name)?.[1];

function stepOf(given: unknown): Step {
  if (!isPlainObject(given)) throw syntax('An operation is a JSON object.');
  const verb = String(member(given, 'op')).toLowerCase();
  const path = member(given, 'path');
  if (!verbs.has(verb)) throw syntax('"op" is add, replace or remove.');
  if (path !== undefined && path !== null && typeof path !== 'string') throw badPath();
  return { verb: verb as Verb, path: path ?? undefined, value: member(given, 'value') };
}

/** The operations of a PATCH (RFC 7644 3.5.2). Fault `invalidSyntax`, `tooMany`. */
export function stepsOf(body: unknown): Step[] {
  if (!isPlainObject(body)) throw syntax('Expected a JSON object.');
  const schemas = member(body, 'schemas');
  const operations = member(body, 'operations');
  if (!Array.isArray(schemas) || !schemas.includes(patchSchema))
    throw syntax(`Expected "schemas" with ${patchSchema}.`);
  if (!Array.isArray(operations) || operations.length === 0) throw syntax('Expected "Operations".');
  if (operations.length > mostSteps) throw scimFault('tooMany', 'There are too many operations in one request.');
  return operations.map(stepOf);
}

interface Target extends Place {
  readonly filter: Filter | undefined;
}

/** `emails[type eq "work"].value`: an attribute, which of its values, and what of them. */
const bracketed = /^([^[\]]{1,200})\[(.*)\](?:\.([A-Za-z$][\w$-]{0,60}))?$/s;

function targetOf(kind: Kind, path: string): Target | 'ignored' {
  const [, before, inside, after] = bracketed.exec(path) ?? [];
  const place = placeOf(kind, before ?? path);
  if (place === undefined) throw badPath();
  if (place === 'ignored') return place;
  if (before === undefined || inside === undefined) return { ...place, filter: undefined };
  const sub = after === undefined ? undefined : attributeNamed(place.attribute.subAttributes ?? [], after);
  if (place.sub !== undefined || place.attribute.multiValued !== true || (after !== undefined && sub === undefined)) {
    throw badPath();
  }
  return { ...place, sub, filter: parseFilter(inside) };
}

const assigned = (from: Stored, key: string, value: unknown): Stored => {
  const { [key]: _, ...rest } = from;
  return value === undefined ? rest : { ...rest, [key]: value };
};

/** Texts and booleans are equal as they are; complex values when their `value` is, or all of them. */
const identityOf = (value: unknown): string =>
  isPlainObject(value) && typeof value['value'] === 'string'
    ? JSON.stringify([value['value'], value['type'] ?? null])
    : JSON.stringify(value);

/** Adds what is not there yet; of two with one identity the later stands. */
function united(before: readonly unknown[], added: readonly unknown[]): unknown[] {
  const all = new Map(before.map((value) => [identityOf(value), value]));
  for (const value of added) all.set(identityOf(value), value);
  return onePrimary([...all.values()]);
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asStored = (value: unknown): Stored => (isPlainObject(value) ? { ...value } : {});

/** Which texts must hold of a value that a filter selects: only then one can be made where none is. */
function madeFrom(filter: Filter, { subAttributes = [] }: Attribute): Stored | undefined {
  const parts = filter.kind === 'and' ? filter.parts : [filter];
  const pairs = parts.map((part) => {
    if (part.kind !== 'compare' || part.operator !== 'eq') return undefined;
    const sub = attributeNamed(subAttributes, part.path);
    return sub === undefined ? undefined : ([sub.name, valueFor(sub, part.value)] as const);
  });
  return pairs.every((pair) => pair !== undefined) ? Object.fromEntries(pairs) : undefined;
}

function changeOne(verb: Verb, { attribute, sub }: Target, before: unknown, value: unknown): unknown {
  if (sub !== undefined)
    return assigned(asStored(before), sub.name, verb === 'remove' ? undefined : valueFor(sub, value));
  if (verb === 'remove') return undefined;
  const [made] = asList(valueFor(attribute, value));
  return verb === 'add' ? { ...asStored(before), ...asStored(made) } : made;
}

const isLeft = (value: unknown): boolean => value !== undefined && Object.keys(asStored(value)).length > 0;

function selected(verb: Verb, target: Target, filter: Filter, before: readonly unknown[], value: unknown): unknown[] {
  const hits = before.map((one) => matchesValue(target.attribute, filter, one));
  if (hits.includes(true)) {
    const changed = before.map((one, at) => (hits[at] === true ? changeOne(verb, target, one, value) : one));
    return onePrimary(changed.filter(isLeft));
  }
  if (verb === 'remove') return [...before];
  const fresh = verb === 'add' ? madeFrom(filter, target.attribute) : undefined;
  if (fresh === undefined) throw scimFault('noTarget', 'The path selects no value.');
  return onePrimary([...before, changeOne('add', target, fresh, value)].filter(isLeft));
}

/** Entra ID removes members by their list beside the path: those, and not all. */
function without(before: readonly unknown[], attribute: Attribute, value: unknown): unknown[] {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return [];
  const gone = new Set(asList(valueFor(attribute, value)).map((one) => asStored(one)['value']));
  return before.filter((one) => !gone.has(asStored(one)['value']));
}

function changeMany(verb: Verb, target: Target, before: readonly unknown[], value: unknown): readonly unknown[] {
  const { attribute, sub, filter } = target;
  if (filter !== undefined) return selected(verb, target, filter, before, value);
  if (sub !== undefined) return before.map((one) => changeOne(verb, target, one, value)).filter(isLeft);
  if (verb === 'remove') return without(before, attribute, value);
  const made = asList(valueFor(attribute, value));
  return verb === 'add' ? united(before, made) : made;
}

function changeSingle(verb: Verb, target: Target, before: unknown, value: unknown): unknown {
  const { attribute, sub } = target;
  if (sub !== undefined) {
    const changed = changeOne(verb, target, before, value);
    return isLeft(changed) ? changed : undefined;
  }
  if (verb === 'remove') return undefined;
  const made = valueFor(attribute, value);
  if (verb === 'replace' || attribute.type !== 'complex') return made;
  return { ...asStored(before), ...asStored(made) };
}

function checkMayChange(verb: Verb, { attribute, sub }: Target): void {
  if (attribute.mutability === 'readOnly' || sub?.mutability === 'readOnly') {
    throw scimFault('mutability', 'The attribute is not for others to change.');
  }
  if (verb === 'remove' && attribute.required === true) {
    throw scimFault('mutability', 'The attribute is required: it is replaced, not removed.');
  }
}

function applyAt(resource: Stored, verb: Verb, target: Target, value: unknown): Stored {
  checkMayChange(verb, target);
  const { extension, attribute } = target;
  const holder = extension === undefined ? resource : asStored(resource[extension]);
  const before = holder[attribute.name];
  const many = attribute.multiValued === true;
  const after = many ? changeMany(verb, target, asList(before), value) : changeSingle(verb, target, before, value);
  const changed = assigned(holder, attribute.name, Array.isArray(after) && after.length === 0 ? undefined : after);
  return extension === undefined ? changed : assigned(resource, extension, isLeft(changed) ? changed : undefined);
}

/**
 * Without a path: every member of the value is a path, also `name.familyName` and `emails[…].value`, as directories
 * send it; the members of an extension's object are paths in it. What nobody knows, or only we write, falls.
 */
function applyEach(kind: Kind, resource: Stored, { verb, value }: Step): Stored {
  if (verb === 'remove') throw scimFault('noTarget', 'What is removed has to be named by a path.');
  if (!isPlainObject(value)) throw syntax('Without a path the value is a JSON object.');
  const pairs = Object.entries(value).flatMap(([key, one]): (readonly [string, unknown])[] => {
    const extension = kind.extensions.find(({ id }) => id.toLowerCase() === key.toLowerCase());
    if (extension === undefined || !isPlainObject(one)) return [[key, one]];
    return Object.entries(one).map(([name, inner]) => [`${extension.id}:${name}`, inner]);
  });
  let changed = resource;
  for (const [path, one] of pairs) {
    const known = placeOf(kind, bracketed.exec(path)?.[1] ?? path);
    if (known === undefined || known === 'ignored' || known.attribute.mutability === 'readOnly') continue;
    const target = targetOf(kind, path);
    if (target !== 'ignored') changed = applyAt(changed, verb, target, one);
  }
  return changed;
}

/**
 * Applies the operations in order to a resource, all or none. Attribute names are looked up in the schemas: `__proto__`
 * and `constructor` lead nowhere. Fault `invalidPath`, `noTarget`, `mutability`, `invalidValue`, `tooMany`.
 */
export function applyPatch(kind: Kind, resource: Stored, steps: readonly Step[]): Stored {
  let looks = 0;
  return steps.reduce((changed, step) => {
    looks += asList(changed['members']).length;
    if (looks > mostLooks) throw scimFault('tooMany', 'There is too much to do for one request.');
    if (step.path === undefined) return applyEach(kind, changed, step);
    const target = targetOf(kind, step.path);
    return target === 'ignored' ? changed : applyAt(changed, step.verb, target, step.value);
  }, resource);
}
