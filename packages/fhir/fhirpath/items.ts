import type { JsonObject } from '@safeguard/kernel';
import { numberText } from '../numbers.ts';
import { isObject } from '../object.ts';
import { type Decimal, decimalOf, decimalText } from './decimal.ts';
import { anyKind, type Kind, kindOf, type SystemName, systemKinds } from './kinds.ts';
import { dateOf, dateTimeOf, type Moment, momentText, timeOf } from './moment.ts';
import type { PathNode } from './path.ts';
import { type Quantity, quantityJson, quantityOf } from './quantity.ts';

/**
 * One item of a collection. Of a FHIR kind, `value` is the JSON as it stands; of a system kind it is the engine's own:
 * boolean, string, number (Integer), Decimal, Moment, Quantity.
 */
export interface Item {
  readonly kind: Kind;
  readonly value: unknown;
  /** `_element`, beside a primitive. */
  readonly holder: JsonObject | undefined;
}

export type Items = readonly Item[];

export const nothing: Items = [];

export const item = (kind: Kind, value: unknown, holder?: JsonObject): Item => ({ kind, value, holder });

export const booleanItem = (value: boolean): Item => (value ? yes : no);
const yes = item(systemKinds.Boolean, true);
const no = item(systemKinds.Boolean, false);
const alwaysYes: Items = [yes];
const alwaysNo: Items = [no];

/** Three-valued logic as a collection. */
export const truth = (value: boolean | undefined): Items =>
  value === undefined ? nothing : value ? alwaysYes : alwaysNo;

export const stringItem = (value: string): Item => item(systemKinds.String, value);
export const integerItem = (value: number): Item => item(systemKinds.Integer, value);
export const decimalItem = (value: Decimal): Item => item(systemKinds.Decimal, value);
export const momentItem = (value: Moment): Item => item(systemKinds[value.kind], value);
export const quantityItem = (value: Quantity): Item => item(systemKinds.Quantity, value);

const number = (value: unknown): Decimal | undefined => {
  const text = numberText(value);
  return text === undefined ? undefined : decimalOf(text);
};

const numbers: Readonly<Partial<Record<SystemName, (value: unknown) => Item | undefined>>> = {
  Integer(value) {
    const read = Number(numberText(value));
    return Number.isInteger(read) ? integerItem(read) : undefined;
  },
  Decimal(value) {
    const read = number(value);
    return read && decimalItem(read);
  },
  Quantity(value) {
    const read = isObject(value) ? quantityOf(value, number(value['value'])) : undefined;
    return read && quantityItem(read);
  },
};

const texts: Readonly<Partial<Record<SystemName, (value: string) => Moment | undefined>>> = {
  Date: dateOf,
  DateTime: dateTimeOf,
  Time: timeOf,
};

/** The system value that an item converts to by itself; the item, when there is none (an Address, a broken date). */
export function systemItem(one: Item): Item {
  const { kind, value } = one;
  const { system } = kind;
  if (system === undefined || kind.space === 'System' || value === undefined) return one;
  if (system === 'String') return typeof value === 'string' ? stringItem(value) : one;
  if (system === 'Boolean') return typeof value === 'boolean' ? booleanItem(value) : one;
  if (typeof value !== 'string') return numbers[system]?.(value) ?? one;
  const moment = texts[system]?.(value);
  return moment ? momentItem(moment) : one;
}

export const isSystem = (one: Item, name: SystemName): boolean => one.kind === systemKinds[name];

/** The text of a String, a FHIR string among them; undefined for everything else. */
export function textOf({ kind, value }: Item): string | undefined {
  return typeof value === 'string' && kind.system === 'String' ? value : undefined;
}

/** An Integer or Decimal as a decimal. */
export function decimalValue(one: Item): Decimal | undefined {
  if (one.kind === systemKinds.Decimal) return one.value as Decimal;
  return one.kind === systemKinds.Integer ? decimalOf(String(one.value)) : undefined;
}

/** The kind of a resource in JSON. */
export function resourceKind(value: JsonObject): Kind | undefined {
  const type = value['resourceType'];
  return typeof type === 'string' ? kindOf(type) : undefined;
}

/** A value from outside (a focus, a variable). `type` names the type of what does not tell its own. */
export function itemOf(value: unknown, type?: string): Item {
  if (isObject(value)) return item(resourceKind(value) ?? (type ? kindOf(type) : undefined) ?? anyKind, value);
  const kind = type ? kindOf(type) : undefined;
  if (kind) return item(kind, value);
  if (typeof value === 'string') return stringItem(value);
  if (typeof value === 'boolean') return booleanItem(value);
  if (typeof value === 'number' && Number.isInteger(value)) return integerItem(value);
  const decimal = number(value);
  return decimal ? decimalItem(decimal) : item(anyKind, value);
}

export const itemsOf = (value: unknown): Items => {
  if (value === undefined || value === null) return nothing;
  return Array.isArray(value) ? value.map((one) => itemOf(one)) : [itemOf(value)];
};

const rawJson = (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON;

function decimalJson(value: Decimal): unknown {
  const text = decimalText(value);
  return String(Number(text)) === text ? Number(text) : rawJson(text);
}

/** An item as plain JSON; undefined for a primitive that has only extensions. */
export function jsonOf({ kind, value }: Item): unknown {
  if (kind.space !== 'System') return value;
  if (kind === systemKinds.Decimal) return decimalJson(value as Decimal);
  if (kind === systemKinds.Quantity) return quantityJson(value as Quantity, decimalJson((value as Quantity).value));
  const { system } = kind;
  return system === 'Date' || system === 'DateTime' || system === 'Time' ? momentText(value as Moment) : value;
}

export function nodeOf(one: Item): PathNode {
  const type = one.kind.space === 'System' ? `System.${one.kind.name}` : one.kind.name;
  const node = { value: jsonOf(one), type };
  return one.holder ? { ...node, extensionHolder: one.holder } : node;
}
