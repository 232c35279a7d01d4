import { type Criterion, compartmentPatients, matches, parametersOf, readSearch } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { ConsentEffect, ConsentPart } from '../../consent/types.ts';

/** Effects applied row by row, by the meaning that `types.ts` gives them: the way a caller of `effectsFor` would. */

function fulfils(resource: JsonObject, criterion: Criterion): boolean {
  if (criterion.kind === 'and') return criterion.all.every((one) => fulfils(resource, one));
  if (criterion.kind === 'condition') return matches(resource, criterion);
  throw new Error(`a consent asks what is not plain: ${criterion.kind}`);
}

function answersQuery(resource: JsonObject, query: string): boolean {
  const type = String(resource.resourceType);
  const asked = new URLSearchParams(query);
  if ([...asked.keys()].some((name) => !parametersOf(type).has(name))) return false;
  const { where } = readSearch(type, asked, { parameters: (of) => parametersOf(of), lenient: false, now: 0 });
  return fulfils(resource, where);
}

const isMeant = (part: ConsentPart, resource: JsonObject, letter: string): boolean =>
  (part.types === undefined || part.types.includes(String(resource.resourceType))) &&
  (part.instances === undefined || part.instances.includes(`${resource.resourceType}/${resource.id}`)) &&
  (part.letters === undefined || part.letters.includes(letter)) &&
  (part.queries ?? []).every((query) => answersQuery(resource, query)) &&
  !(part.except ?? []).some((one) => isMeant(one, resource, letter));

/** The effect that takes the resource, if one does. */
export const takenBy = (
  effects: readonly ConsentEffect[],
  resource: JsonObject,
  letter: string,
): ConsentEffect | undefined =>
  effects.find(
    (effect) =>
      compartmentPatients(resource).some((patient) => effect.patients.includes(patient)) &&
      isMeant(effect, resource, letter),
  );
