import { fault, type JsonObject } from '@safeguard/kernel';
import { isResourceType } from '../definitions.ts';
import { valuesOf } from './extract.ts';
import { appliedTo, commonParameters, parametersOf } from './parameters.ts';
import { readPaths } from './path.ts';
import type { CustomParameter, ParameterType } from './types.ts';

const types: ReadonlySet<string> = new Set(['number', 'date', 'string', 'token', 'reference', 'quantity', 'uri']);
const first_number = 1_000;
const expression_limit = 4_000;

const refuse = (text: string): never => {
  throw fault('invalid', `SearchParameter: ${text}.`);
};

const textOf = (resource: JsonObject, name: string): string => {
  const value = resource[name];
  return typeof value === 'string' && value !== '' ? value : refuse(`expected ${name}`);
};

const listOf = (resource: JsonObject, name: string): readonly string[] => {
  const value = resource[name] ?? [];
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
    ? value
    : refuse(`expected a list ${name}`);
};

function basesOf(resource: JsonObject): readonly string[] {
  const bases = listOf(resource, 'base');
  const known = bases.every((one) => isResourceType(one) || one === 'Resource' || one === 'DomainResource');
  return bases.length > 0 && known ? bases : refuse('expected resource types of R4 in base');
}

function codeOf(resource: JsonObject, bases: readonly string[]): string {
  const code = textOf(resource, 'code');
  if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(code)) return refuse('expected a code of 1 to 64 letters, digits and -');
  const isTaken =
    commonParameters.some((one) => one.code === code) || bases.some((base) => parametersOf(base).has(code));
  return isTaken ? refuse('expected a code that no search parameter of R4 has for the same base') : code;
}

/** Tried on an empty resource of each base, so that a wrong expression is refused before it is stored. */
function tried(custom: CustomParameter): CustomParameter {
  for (const base of custom.base) {
    if (readPaths(custom.expression, base)?.length === 0) refuse('expected an expression over each type in base');
    valuesOf({ resourceType: base }, appliedTo(custom, base));
  }
  return custom;
}

/**
 * Reads a SearchParameter resource (R4 searchparameter.html) into a parameter of the tenant's own. `number` is what the
 * index knows it by: from 1,000, unique in the tenant. Throws Fault `invalid`, naming the element, for a missing or
 * unknown base, type or code, a code of R4's own, a composite or special parameter, and an expression that does not
 * compile.
 */
export function compileCustom(resource: JsonObject, number: number = first_number): CustomParameter {
  if (resource['resourceType'] !== 'SearchParameter') refuse('expected a resource of this type');
  const type = textOf(resource, 'type');
  if (!types.has(type)) refuse(`expected a type out of ${[...types].join(', ')}`);
  const base = basesOf(resource);
  const expression = textOf(resource, 'expression');
  if (expression.length > expression_limit) refuse(`expected at most ${expression_limit} characters of expression`);
  const target = listOf(resource, 'target');
  if (!target.every(isResourceType)) refuse('expected resource types of R4 in target');
  const code = codeOf(resource, base);
  return tried({ code, type: type as ParameterType, url: textOf(resource, 'url'), number, base, target, expression });
}
