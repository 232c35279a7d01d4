import { numberValue } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { maskedElement } from './masked.ts';
import { isObject } from './overlay.ts';
import { oldest_told, yearOf } from './years.ts';

/**
 * Ages over 89 told together as "90 or older" (45 CFR 164.514(b)(2)(i)(C)). What is an age cannot always be told from a
 * number, so every quantity of time counts as one.
 */

const ucum = 'http://unitsofmeasure.org';
const per_year = new Map(
  Object.entries({
    ...{ a: 1, a_j: 1, a_g: 1, a_t: 1, year: 1, years: 1, yr: 1, yrs: 1, y: 1 },
    ...{ mo: 12, mo_j: 12, mo_g: 12, mo_s: 12, month: 12, months: 12, mos: 12 },
    ...{ wk: 52.1775, week: 52.1775, weeks: 52.1775, wks: 52.1775 },
    ...{ d: 365.2425, day: 365.2425, days: 365.2425, h: 8_765.82, min: 525_949.2, s: 31_556_952 },
  }),
);

/** How many of a unit make a year; undefined: it measures no time. UCUM's codes, and words that people type. */
function unitsPerYear({ code, unit }: JsonObject): number | undefined {
  const words = [code, unit].flatMap((word) => (typeof word === 'string' ? word.replace(/[{}]/g, '').trim() : []));
  return words.map((word) => per_year.get(word) ?? per_year.get(word.toLowerCase())).find((per) => per !== undefined);
}

const years = { unit: 'a', system: ucum, code: 'a' } as const;

/** A quantity of time of more than 89 years. `per`: of units that are known from elsewhere. */
export function grouped(quantity: JsonObject, per = unitsPerYear(quantity)): JsonObject {
  const value = numberValue(quantity.value);
  if (value === undefined || per === undefined || value / per <= oldest_told) return quantity;
  const { value: _value, comparator, unit: _unit, system: _system, code: _code, ...rest } = quantity;
  // "Less than 95" would tell that it is not more.
  if (String(comparator).startsWith('<')) return rest;
  if (value / per < oldest_told + 1) return { ...rest, value: oldest_told, ...years };
  return { ...rest, value: oldest_told + 1, comparator: '>=', ...years };
}

/** A range that reaches beyond 89 years has an open end. Its ends are simple quantities: no comparator. */
export function groupedRange(range: JsonObject): JsonObject {
  const { low, high, ...rest } = range;
  const ends = [low, high].map((end) => (isObject(end) ? grouped(end) : undefined));
  const [from, to] = ends;
  const { comparator: _comparator, ...least } = from ?? {};
  return {
    ...rest,
    ...(from === undefined ? {} : { low: from === low ? low : least }),
    ...(to === undefined || to !== high ? {} : { high }),
  };
}

/** LOINC: age (30525-0), reported (21612-7), calculated (29553-5), estimated (21611-9), current or at death. */
const age_codes = new Set(['30525-0', '21612-7', '29553-5', '21611-9', '63900-5', '39016-1']);

function isAge({ code }: JsonObject): boolean {
  const codings = isObject(code) && Array.isArray(code.coding) ? code.coding : [];
  return codings.some((coding: unknown) => isObject(coding) && age_codes.has(String(coding.code)));
}

/** An observation of an age, whose number may have no unit. */
export function groupedObservation(observation: JsonObject): JsonObject {
  if (!isAge(observation)) return observation;
  const { valueInteger, valueQuantity, ...rest } = observation;
  const count = numberValue(valueInteger);
  if (count !== undefined) {
    return count > oldest_told ? { ...rest, _valueInteger: maskedElement() } : observation;
  }
  return isObject(valueQuantity)
    ? { ...observation, valueQuantity: grouped(valueQuantity, unitsPerYear(valueQuantity) ?? 1) }
    : observation;
}

/** Answers to a question that the view does not show: a number from 90 to 130 may be an age. */
export function isAnswerTold(value: unknown): boolean {
  const number = numberValue(value);
  return number === undefined || number <= oldest_told || number > 130;
}

const ageNames = /^(?:onset|abatement|performed|deceased|age|occurrence)(?:Age|Range)$/;

/** The greatest age that an element tells, in years. */
function yearsIn(value: unknown): number {
  if (!isObject(value)) return Number.NEGATIVE_INFINITY;
  const [one, per] = [numberValue(value.value), unitsPerYear(value)];
  const ends = [value.low, value.high].map((end) => (isObject(end) ? yearsIn(end) : Number.NEGATIVE_INFINITY));
  return Math.max(one === undefined || per === undefined ? Number.NEGATIVE_INFINITY : one / per, ...ends);
}

function yearsNamed(value: unknown): number[] {
  const inside = isObject(value) ? [value.start, value.end] : [value];
  return inside.flatMap((one) => yearOf(one) ?? []);
}

/**
 * An age at some time and the year of that time tell the year of birth. Where that would tell an age over 89 today, by
 * the earliest year that the resource names, its ages are left out.
 */
export function withoutImpliedAges(resource: JsonObject, first: number): JsonObject {
  const names = Object.keys(resource).filter((name) => ageNames.test(name));
  if (names.length === 0) return resource;
  const age = Math.max(...names.map((name) => yearsIn(resource[name])));
  const earliest = Math.min(...Object.values(resource).flatMap(yearsNamed));
  if (earliest - age >= first || !Number.isFinite(earliest - age)) return resource;
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !names.includes(name)));
}

/** What a search for a quantity may be after: an age over 89 (`old`), another age, or none at all. */
export function mayBeAge(asked: { readonly high: number; readonly code?: string }): 'old' | 'young' | 'no' {
  const per = asked.code === undefined ? 1 : unitsPerYear({ code: asked.code });
  if (per === undefined) return 'no';
  return asked.high / per > oldest_told ? 'old' : 'young';
}
