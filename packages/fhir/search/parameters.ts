import { isResourceType, type SearchParameter, searchParameters } from '../definitions.ts';
import type { CustomParameter, Parameter } from './types.ts';
import { markWithin } from './within.ts';

/** The search parameters of every type that the grammar of queries itself reads, and those of results. */
export const commonParameters: readonly { readonly code: string; readonly type: Parameter['type'] }[] = [
  { code: '_id', type: 'token' },
  { code: '_lastUpdated', type: 'date' },
  { code: '_text', type: 'string' },
  { code: '_content', type: 'string' },
  { code: '_list', type: 'string' },
  { code: '_has', type: 'string' },
  { code: '_type', type: 'token' },
  { code: '_filter', type: 'special' },
];

/** Of the definitions, but read by the grammar and not as parameters with values. */
const own = new Set(['_id', '_lastUpdated', '_text', '_content', '_query']);
const url_start = 'http://hl7.org/fhir/SearchParameter/';

function plain(definition: SearchParameter, of: string, number: number): Parameter {
  const { code, type, expression, target = [] } = definition;
  return { code, type, of, number, target, ...(expression === undefined ? {} : { expression }) };
}

/** A component's definition names a parameter of the same type: `…/clinical-code` is `code`. */
function componentOf(definition: string, all: readonly Parameter[]): Parameter | undefined {
  const name = definition.slice(url_start.length);
  const wanted = name.slice(name.indexOf('-') + 1);
  return all.find(({ code }) => code === wanted);
}

function withComponents(parameter: Parameter, definition: SearchParameter, all: readonly Parameter[]): Parameter {
  if (definition.component === undefined) return parameter;
  const components = definition.component.map(({ definition: name, expression }) => {
    const component = componentOf(name, all);
    if (!component) throw new TypeError(`component ${name} of ${parameter.of}.${parameter.code} is unknown`);
    return { parameter: component, expression };
  });
  return { ...parameter, components };
}

function build(type: string): ReadonlyMap<string, Parameter> {
  const definitions = searchParameters(type)
    .filter(({ code }) => !own.has(code))
    .sort((one, other) => (one.code < other.code ? -1 : 1));
  const all = definitions.map((definition, number) => plain(definition, type, number));
  const whole = all.map((parameter, index) => withComponents(parameter, definitions[index] as SearchParameter, all));
  return new Map(markWithin(whole).map((parameter) => [parameter.code, parameter]));
}

const base = new Map<string, ReadonlyMap<string, Parameter>>();

function baseOf(type: string): ReadonlyMap<string, Parameter> {
  const known = base.get(type);
  if (known) return known;
  if (type !== 'Resource' && !isResourceType(type)) return new Map();
  const made = build(type);
  base.set(type, made);
  return made;
}

const isOf = (custom: CustomParameter, type: string): boolean =>
  custom.base.includes(type) || custom.base.includes('Resource') || custom.base.includes('DomainResource');

const appliedOnes = new WeakMap<CustomParameter, Map<string, Parameter>>();

/** A tenant's parameter as one of a resource type's: always the same object, which others keep things by. */
export function appliedTo(custom: CustomParameter, of: string): Parameter {
  const known = appliedOnes.get(custom) ?? new Map<string, Parameter>();
  appliedOnes.set(custom, known);
  const { code, type, number, target, expression } = custom;
  const made = known.get(of) ?? { code, type, of, number, target, expression };
  known.set(of, made);
  return made;
}

function withCustom(type: string, custom: readonly CustomParameter[]): ReadonlyMap<string, Parameter> {
  const known = baseOf(type);
  const more = custom.filter((one) => isOf(one, type) && !known.has(one.code));
  return more.length === 0
    ? known
    : new Map([...known, ...more.map((one) => [one.code, appliedTo(one, type)] as const)]);
}

const none: readonly CustomParameter[] = [];
const merged = new WeakMap<readonly CustomParameter[], Map<string, ReadonlyMap<string, Parameter>>>();

/**
 * The search parameters of a resource type by code: R4's own (numbered from 0 in the order of their codes), and a
 * tenant's, which never take the place of one of R4's. Of `Resource`: those that every type has. Empty for a type that
 * R4 does not know. Remembered by the list `custom` itself: a changed list must be another one.
 */
export function parametersOf(type: string, custom: readonly CustomParameter[] = none): ReadonlyMap<string, Parameter> {
  if (custom.length === 0) return baseOf(type);
  const known = merged.get(custom) ?? new Map<string, ReadonlyMap<string, Parameter>>();
  merged.set(custom, known);
  const made = known.get(type) ?? withCustom(type, custom);
  known.set(type, made);
  return made;
}
