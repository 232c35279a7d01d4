import { typeDefinition } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { grouped, groupedObservation, groupedRange, withoutImpliedAges } from './ages.ts';
import { isPublished } from './published.ts';
import type { ViewRules } from './rules.ts';

/**
 * What becomes of an object before its elements are looked at: elements that only tell something together. Undefined:
 * nothing is left of it. `first`: the first year that is told.
 */
export type Before = (object: JsonObject, first: number) => JsonObject | undefined;

const publishedCoding: Before = (coding) => (isPublished(coding.system) ? coding : undefined);

const times: ReadonlyMap<string, Before> = new Map([
  ...['Quantity', 'Age', 'Count', 'Distance', 'Duration'].map(
    (type) => [type, (one) => grouped(one)] as [string, Before],
  ),
  ['Range', groupedRange],
  ['Observation', groupedObservation],
  ['Observation.component', groupedObservation],
]);

const tellsAge = (type: string): boolean =>
  [...(typeDefinition(type)?.elements.values() ?? [])].some(({ types }) => types[0] === 'Age');

/** `type`: a key of the definitions. */
export function beforeOf(type: string, rules: ViewRules): Before | undefined {
  if (rules.codes && type === 'Coding') return publishedCoding;
  if (!rules.years) return undefined;
  return times.get(type) ?? (tellsAge(type) ? withoutImpliedAges : undefined);
}
