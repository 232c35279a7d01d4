/** Days since 1970-01-01: the only time that generation reckons in. */
export type Day = number;

const day_ms = 86_400_000;

/** `2026-01-01` stands in for today wherever none is given, so that a seed alone decides the bytes. */
export const defaultToday = '2026-01-01';

/** From a FHIR date (`YYYY-MM-DD`). */
export const dayOf = (date: string): Day => {
  const day = Date.parse(`${date}T00:00:00Z`) / day_ms;
  if (!Number.isInteger(day)) throw new RangeError('today is a date of the form YYYY-MM-DD');
  return day;
};

/** To a FHIR date. */
export const dateText = (day: Day): string => new Date(day * day_ms).toISOString().slice(0, 10);

/** To a FHIR dateTime in US Eastern standard time, `minute` minutes after midnight. */
export function timeText(day: Day, minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${dateText(day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:00-05:00`;
}

/** Age in years, with its fraction. */
export const ageAt = (birth: Day, day: Day): number => (day - birth) / 365.25;
