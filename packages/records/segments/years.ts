/**
 * Dates as Safe Harbor lets them be told (45 CFR 164.514(b)(2)(i)(C)): the year, and of people over 89 not even that
 * where it would tell the age.
 */

/** Ages up to this are told; those above it are one group: "90 or older". */
export const oldest_told = 89;

/** The first year that is told in a given one: who was born before may be over 89 in its course. */
export const firstYear = (year: number): number => year - oldest_told;

const dated = /^(\d{4})(?:-\d\d(?:-\d\d)?)?$/;

/** The year of a date, dateTime or instant: of a moment, in UTC, as it is searched. Undefined: it is none. */
export function yearOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const day = dated.exec(value);
  if (day) return Number(day[1]);
  const at = new Date(value);
  return /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(at.getTime()) ? at.getUTCFullYear() : undefined;
}

const padded = (year: number): string => String(year).padStart(4, '0');

/** A date or dateTime cut to its year. Undefined: not to be told. */
export function cutDate(value: unknown, first: number): string | undefined {
  const year = yearOf(value);
  return year === undefined || year < first ? undefined : padded(year);
}

/** The first moment of a year: R4 has no shorter form of an instant. */
export const startOf = (year: number): string => `${padded(year)}-01-01T00:00:00.000Z`;

/** An instant cut to the first moment of its year. Undefined: not to be told. */
export function cutInstant(value: unknown, first: number): string | undefined {
  const year = yearOf(value);
  return year === undefined || year < first ? undefined : startOf(year);
}
