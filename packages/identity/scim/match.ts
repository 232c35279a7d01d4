import { type Attribute, attributeNamed, type Kind } from './attributes.ts';
import { scimFault } from './fault.ts';
import type { Comparable, Filter, Operator } from './filter.ts';
import { placeOf } from './path.ts';

/** A SCIM resource as JSON: its keys are ours, from the schemas. */
export type Resource = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const own = (from: unknown, key: string): unknown =>
  isObject(from) && Object.hasOwn(from, key) ? from[key] : undefined;
const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

interface Found {
  readonly attribute: Attribute;
  readonly values: readonly unknown[];
}

/** Looks a path up: in a resource, or in one value of a multi-valued attribute. */
type Look = (path: string) => Found | undefined;

const lookIn =
  (kind: Kind, resource: Resource): Look =>
  (path) => {
    const place = placeOf(kind, path);
    if (place === undefined) throw scimFault('invalidFilter', 'The filter names an attribute that is not known.');
    if (place === 'ignored') return undefined;
    const { extension, attribute, sub } = place;
    const values = listed(own(extension === undefined ? resource : own(resource, extension), attribute.name));
    if (sub !== undefined) return { attribute: sub, values: values.map((value) => own(value, sub.name)) };
    // A complex attribute with a `value` is compared by it (RFC 7644 3.4.2.2).
    const main = attributeNamed(attribute.subAttributes ?? [], 'value');
    if (main === undefined) return { attribute, values };
    return { attribute: main, values: values.map((value) => own(value, 'value')) };
  };

const lookInValue =
  (attribute: Attribute, value: unknown): Look =>
  (path) => {
    const sub = attributeNamed(attribute.subAttributes ?? [], path);
    if (sub === undefined) throw scimFault('invalidFilter', 'The filter names an attribute that is not known.');
    return { attribute: sub, values: [own(value, sub.name)] };
  };

const isPresent = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '';
};

const texts: Readonly<Record<Exclude<Operator, 'ne'>, (value: string, wanted: string) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  co: (value, wanted) => value.includes(wanted),
  sw: (value, wanted) => value.startsWith(wanted),
  ew: (value, wanted) => value.endsWith(wanted),
  gt: (value, wanted) => value > wanted,
  ge: (value, wanted) => value >= wanted,
  lt: (value, wanted) => value < wanted,
  le: (value, wanted) => value <= wanted,
};

function compareOne({ caseExact }: Attribute, operator: Exclude<Operator, 'ne'>, value: unknown, wanted: Comparable) {
  if (typeof value === 'string' && typeof wanted === 'string') {
    const form = (text: string): string => (caseExact === true ? text : text.toLowerCase());
    return texts[operator](form(value), form(wanted));
  }
  // Entra ID writes booleans as texts.
  const plain = typeof wanted === 'string' && typeof value === 'boolean' ? wanted.toLowerCase() === 'true' : wanted;
  return operator === 'eq' && (wanted === null ? !isPresent(value) : value === plain);
}

function compare(found: Found | undefined, operator: Operator, wanted: Comparable): boolean {
  const values = found?.values.filter(isPresent) ?? [];
  // What has no value equals null and nothing else (RFC 7644 3.4.2.2).
  if (found === undefined || values.length === 0) {
    return operator === 'eq' ? wanted === null : operator === 'ne' && wanted !== null;
  }
  if (operator === 'ne') return !values.some((value) => compareOne(found.attribute, 'eq', value, wanted));
  return values.some((value) => compareOne(found.attribute, operator, value, wanted));
}

function judge(filter: Filter, look: Look, within: (path: string, part: Filter) => boolean): boolean {
  const again = (part: Filter): boolean => judge(part, look, within);
  switch (filter.kind) {
    case 'and':
      return filter.parts.every(again);
    case 'or':
      return filter.parts.some(again);
    case 'not':
      return !again(filter.part);
    case 'present':
      return look(filter.path)?.values.some(isPresent) ?? false;
    case 'compare':
      return compare(look(filter.path), filter.operator, filter.value);
    default:
      return within(filter.path, filter.part);
  }
}

const nested = (): never => {
  throw scimFault('invalidFilter', 'A filter of values holds no other.');
};

/** True when one value of a multi-valued attribute satisfies the filter in its brackets. */
export const matchesValue = (attribute: Attribute, part: Filter, value: unknown): boolean =>
  judge(part, lookInValue(attribute, value), nested);

/** True when the resource satisfies the filter. Fault `invalidFilter` for an attribute that nobody knows. */
export const matches = (kind: Kind, filter: Filter, resource: Resource): boolean =>
  judge(filter, lookIn(kind, resource), (path, part) => {
    const place = placeOf(kind, path);
    if (place === undefined) throw scimFault('invalidFilter', 'The filter names an attribute that is not known.');
    if (place === 'ignored') return false;
    const { extension, attribute } = place;
    const values = own(extension === undefined ? resource : own(resource, extension), attribute.name);
    return values !== undefined && listed(values).some((value) => matchesValue(attribute, part, value));
  });

/** Fault `invalidFilter` for a filter that names what nobody knows, also where no resource is there to try it on. */
export function checkNames(kind: Kind, filter: Filter): void {
  const walk = (part: Filter): void => {
    if (part.kind === 'and' || part.kind === 'or') part.parts.forEach(walk);
    else if (part.kind === 'not') walk(part.part);
    else matches(kind, part, part.kind === 'within' ? sampleOf(kind, part.path) : {});
  };
  walk(filter);
}

/** A resource with one empty value there, so that what stands in the brackets is looked at. */
function sampleOf(kind: Kind, path: string): Resource {
  const place = placeOf(kind, path);
  if (place === undefined || place === 'ignored') return {};
  const sample = { [place.attribute.name]: [{}] };
  return place.extension === undefined ? sample : { [place.extension]: sample };
}

/** A text that the filter demands of a path by `eq`, whatever else it says: then that one can be looked up. */
export function demanded(filter: Filter, path: string): string | undefined {
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path.toLowerCase() === path.toLowerCase()) {
    return typeof filter.value === 'string' ? filter.value : undefined;
  }
  if (filter.kind !== 'and') return undefined;
  return filter.parts.map((part) => demanded(part, path)).find((value) => value !== undefined);
}
