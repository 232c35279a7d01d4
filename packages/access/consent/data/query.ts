import { parametersOf, patientCompartment, resourceTypes } from '@safeguard/fhir';
import type { Code } from '../shape.ts';

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');
/** `:`, `/`, `|` and `,` as queries are written for people. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:3A|2F|7C|2C)/g, (sign) => decodeURIComponent(sign));
export const query = (name: string, values: readonly string[]): string =>
  `${name}=${[...new Set(values)].sort().map(encoded).join()}`;

/** Of a Coding without a system: any may be meant, surely none is. */
export const anySystem = ({ system, code }: Code): string =>
  system === undefined ? escaped(code) : `${escaped(system)}|${escaped(code)}`;
export const sureSystem = ({ system = '', code }: Code): string => `${escaped(system)}|${escaped(code)}`;

/** Types of which a resource can be in a patient's compartment. */
const types = resourceTypes.filter((type) => type === 'Patient' || patientCompartment(type) !== undefined);

/** The first of the parameters that a type has. */
const parameterOf = (type: string, names: readonly string[]): string | undefined =>
  names.find((name) => parametersOf(type).has(name));

/** Types by the first of these parameters that they have. */
export const byParameter = (names: readonly string[]): Map<string, string[]> => {
  const found = types.flatMap((type): [string, string][] => {
    const name = parameterOf(type, names);
    return name === undefined ? [] : [[name, type]];
  });
  return Map.groupBy(found, ([name]) => name)
    .entries()
    .reduce((all, [name, pairs]) => {
      return all.set(
        name,
        pairs.map(([, type]) => type),
      );
    }, new Map<string, string[]>());
};
