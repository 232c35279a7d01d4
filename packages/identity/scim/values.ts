import { type Attribute, attributeNamed, commonAttributes, type Kind } from './attributes.ts';
import { scimFault } from './fault.ts';

/** What a directory wrote, as JSON: keys from the schemas, values of their types. */
export type Stored = Record<string, unknown>;

const most = { characters: 1_000, values: 10_000 };
/** Values of an attribute other than members of a group. */
const mostOfUser = 50;
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;

export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = () => scimFault('invalidValue', 'A value is not of the type that its attribute has.');

function textOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value.length > most.characters || !value.isWellFormed() || control.test(value)) {
    throw wrong();
  }
  return value;
}

/** Entra ID sends "True" and "False". */
function booleanOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text !== 'true' && text !== 'false') throw wrong();
  return text === 'true';
}

function complexOf({ subAttributes = [], multiValued }: Attribute, value: unknown): Stored {
  // A bare text stands for the `value` of a complex one: Entra ID sends a manager like that.
  const main = attributeNamed(subAttributes, 'value');
  const given = isPlainObject(value) || main === undefined ? value : { value };
  if (!isPlainObject(given)) throw wrong();
  const kept = objectOf(subAttributes, given);
  if (multiValued === true && kept['primary'] === false) delete kept['primary'];
  return kept;
}

function oneOf(attribute: Attribute, value: unknown): unknown {
  if (attribute.type === 'boolean') return booleanOf(value);
  return attribute.type === 'complex' ? complexOf(attribute, value) : textOf(value);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (isPlainObject(value) && Object.keys(value).length === 0);

/** One value alone is primary: the last that says so (RFC 7644 3.5.2). */
export function onePrimary(values: readonly unknown[]): unknown[] {
  const at = values.findLastIndex((value) => isPlainObject(value) && value['primary'] === true);
  return values.map((value, index) => {
    if (!isPlainObject(value) || index === at || value['primary'] === undefined) return value;
    const { primary: _, ...rest } = value;
    return rest;
  });
}

/**
 * A value as its attribute takes it; undefined: unassigned, as null, "" and [] are (RFC 7643 2.5). Fault `invalidValue`
 * for another type.
 */
export function valueFor(attribute: Attribute, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (attribute.multiValued === true) {
    const values = Array.isArray(value) ? value : [value];
    if (values.length > (attribute.name === 'members' ? most.values : mostOfUser)) {
      throw scimFault('tooMany', 'An attribute has too many values.');
    }
    const kept = values.map((one) => oneOf(attribute, one)).filter((one) => !isEmpty(one));
    return kept.length === 0 ? undefined : onePrimary(kept);
  }
  // Some directories wrap a single value.
  const [only, ...more] = Array.isArray(value) ? value : [value];
  if (more.length > 0) throw wrong();
  const kept = only === null || only === undefined ? undefined : oneOf(attribute, only);
  return isEmpty(kept) ? undefined : kept;
}

/**
 * The attributes of an object that the list has, as it spells them; others are let fall (RFC 7644 3.3), and so is what
 * only we write.
 */
export function objectOf(attributes: readonly Attribute[], given: Readonly<Record<string, unknown>>): Stored {
  const kept = new Map<string, unknown>();
  for (const [key, value] of Object.entries(given)) {
    const attribute = attributeNamed(attributes, key);
    if (attribute === undefined || attribute.mutability === 'readOnly') continue;
    const made = valueFor(attribute, value);
    if (made !== undefined) kept.set(attribute.name, made);
  }
  return Object.fromEntries(kept);
}

/** What is kept of a resource that was sent whole. Fault `invalidSyntax` when it does not say that it is one. */
export function resourceOf(kind: Kind, given: unknown): Stored {
  const { core, extensions } = kind;
  if (!isPlainObject(given)) throw scimFault('invalidSyntax', 'Expected a resource as a JSON object.');
  const schemas = given['schemas'];
  if (!Array.isArray(schemas) || !schemas.includes(core.id)) {
    throw scimFault('invalidSyntax', `Expected "schemas" with ${core.id}.`);
  }
  const stored = objectOf([...commonAttributes, ...core.attributes], given);
  for (const [key, value] of Object.entries(given)) {
    const extension = extensions.find(({ id }) => id.toLowerCase() === key.toLowerCase());
    if (extension === undefined || !isPlainObject(value)) continue;
    const kept = objectOf(extension.attributes, value);
    if (Object.keys(kept).length > 0) stored[extension.id] = kept;
  }
  return stored;
}
