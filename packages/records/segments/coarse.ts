import { numberValue } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { maskedElement } from './masked.ts';
import { isObject } from './overlay.ts';
import type { ViewRules } from './rules.ts';
import { stateOf } from './states.ts';
import { yearOf } from './years.ts';

/**
 * What of a patient's birth, death and address may be told without telling who it is (45 CFR 164.514(b)(2)(i)(B), (C)):
 * computed when it is written, and kept in the sealed clinical body beside what stayed there, so that no view has to
 * ask `identity`. No element of FHIR has such a name. Joining leaves it out.
 */
export const coarse = '$coarse';

/** All that is there: `zip3`, three digits; `state`, two letters. */
interface Coarse {
  readonly birthYear?: number;
  readonly deathYear?: number;
  readonly state?: string;
  readonly zip3?: string;
}

const home = new Set<unknown>([undefined, 'US', 'USA', 'United States', 'United States of America']);

/** The first address that is in force, if it is one of the United States: of others no digits may be told. */
function placeOf(address: unknown): Pick<Coarse, 'state' | 'zip3'> {
  const all = (Array.isArray(address) ? address : []).filter(isObject);
  const current = all.find(({ use }) => use !== 'old');
  if (current === undefined || !home.has(current.country)) return {};
  const state = stateOf(current.state);
  const zip3 = /^(\d{3})\d{2}(?:-?\d{4})?$/.exec(String(current.postalCode).trim())?.[1];
  return { ...(state === undefined ? {} : { state }), ...(zip3 === undefined ? {} : { zip3 }) };
}

/** Of a Patient; undefined where there is nothing to tell, and of any other type. */
export function coarseOf(resource: JsonObject): Coarse | undefined {
  if (resource.resourceType !== 'Patient') return undefined;
  const [birthYear, deathYear] = [yearOf(resource.birthDate), yearOf(resource.deceasedDateTime)];
  const found = {
    ...(birthYear === undefined ? {} : { birthYear }),
    ...(deathYear === undefined ? {} : { deathYear }),
    ...placeOf(resource.address),
  };
  return Object.keys(found).length > 0 ? found : undefined;
}

/**
 * The first three digits of ZIP codes under which 20,000 people or fewer live, told as 000: HHS, Guidance Regarding
 * Methods for De-identification of PHI (26 November 2012), by the Census of 2000, the list that it names.
 */
export const restrictedZips: ReadonlySet<string> = new Set([
  ...['036', '059', '063', '102', '203', '556', '692', '790', '821'],
  ...['823', '830', '831', '878', '879', '884', '890', '893'],
]);

const zipOf = (zip3: string, rules: ViewRules): string => (rules.years && restrictedZips.has(zip3) ? '000' : zip3);

/** What a view shows of it, as elements of the Patient. `first`: the first year that is told. */
export function toldOf(clinical: JsonObject, rules: ViewRules, first: number): JsonObject {
  const kept = clinical[coarse];
  if (!rules.published || !isObject(kept)) return {};
  const { state, zip3 } = kept as Coarse;
  const [birth, death] = [numberValue(kept.birthYear), numberValue(kept.deathYear)];
  const told = (year: number): boolean => !rules.years || year >= first;
  const year = (value: number): string => String(value).padStart(4, '0');
  const place = { ...(state ? { state } : {}), ...(zip3 ? { postalCode: zipOf(zip3, rules) } : {}) };
  return {
    ...(birth === undefined ? {} : told(birth) ? { birthDate: year(birth) } : { _birthDate: maskedElement() }),
    ...(death === undefined ? {} : told(death) ? { deceasedDateTime: year(death) } : { deceasedBoolean: true }),
    ...(Object.keys(place).length > 0 ? { address: [{ ...place, country: 'US' }] } : {}),
  };
}
