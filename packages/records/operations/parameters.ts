import { writeJson } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';

/** One parameter of a Parameters resource (FHIR R4 parameters.html). */
export interface Parameter {
  readonly name?: unknown;
  readonly resource?: unknown;
  readonly [value: string]: unknown;
}

/** The parameters of a Parameters resource. Fault `invalid` for anything else. */
export function parametersIn(body: unknown): readonly Parameter[] {
  const { resourceType, parameter } = (body ?? {}) as JsonObject;
  if (resourceType !== 'Parameters') throw fault('invalid', 'Expected a Parameters resource');
  if (parameter === undefined) return [];
  if (!Array.isArray(parameter)) throw fault('invalid', 'Parameters.parameter: expected a list');
  return parameter.filter((one) => typeof one === 'object' && one !== null);
}

export const named = (parameters: readonly Parameter[], name: string): Parameter | undefined =>
  parameters.find((one) => one.name === name);

/** A Parameters resource with one parameter `return`. */
export const returned = (value: JsonObject): string =>
  writeJson({ resourceType: 'Parameters', parameter: [{ name: 'return', ...value }] });

/**
 * The parameters of an operation as a query, whichever way they came: in the URL, or as primitives in a Parameters
 * resource (FHIR R4 3.2.0.1.1).
 */
export function asQuery(query: URLSearchParams, body: unknown): URLSearchParams {
  const all = new URLSearchParams(query);
  if (body === undefined) return all;
  for (const { name, ...rest } of parametersIn(body)) {
    const value = Object.entries(rest).find(([key]) => key.startsWith('value'))?.[1];
    if (typeof name !== 'string' || value === undefined || typeof value === 'object') {
      throw fault('invalid', 'Parameters.parameter: expected a name and a primitive value');
    }
    all.append(name, String(value));
  }
  return all;
}
