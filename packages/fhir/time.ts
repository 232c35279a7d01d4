/**
 * Dates and times of R4 (datatypes.html), checked against the real calendar. A value stands for the whole span that its
 * precision leaves open, in milliseconds since the Unix epoch; without a time zone (a plain date) the span is read in
 * UTC.
 */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const dateForm = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;
const dateTimeForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
const timeForm = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?$/;

const day_ms = 86_400_000;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] ?? 0);

/** True for a day of the calendar; year 0000 is none (R4's own pattern). */
const isDay = (year: number, month: number, day: number): boolean =>
  year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);

/** Date.UTC reads years under 100 as 19xx. */
function utc(year: number, month: number, day: number): number {
  return year >= 100
    ? Date.UTC(year, month - 1, day)
    : new Date(Date.UTC(2000, month - 1, day)).setUTCFullYear(year, month - 1, day);
}

/** The span of a `date`: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
export function dateSpan(text: string): Span | undefined {
  const match = dateForm.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  if (!isDay(year, month, day)) return undefined;
  const start = utc(year, month, day);
  if (match[3] !== undefined) return { start, end: start + day_ms };
  if (match[2] === undefined) return { start, end: utc(year + 1, 1, 1) };
  return { start, end: month === 12 ? utc(year + 1, 1, 1) : utc(year, month + 1, 1) };
}

/** The span of an `instant`, or of a `dateTime` with a time: seconds and a zone are required; second 60 is allowed. */
export function instantSpan(text: string): Span | undefined {
  const match = dateTimeForm.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [zoneHour, zoneMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined;
  if (zoneMinute > 59 || zoneHour * 60 + zoneMinute > 14 * 60) return undefined;
  const zone_min = (match[8] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute);
  const digits = match[7] ?? '';
  const whole = utc(year, month, day) + ((hour * 60 + minute - zone_min) * 60 + second) * 1000;
  const start = whole + (digits === '' ? 0 : Number(`0.${digits}`) * 1000);
  return { start, end: start + 1000 / 10 ** Math.min(digits.length, 3) };
}

/** The span of a `dateTime`: a date of any precision, or a date with a full time and zone. */
export const dateTimeSpan = (text: string): Span | undefined =>
  text.length <= 10 ? dateSpan(text) : instantSpan(text);

export const isTime = (text: string): boolean => timeForm.test(text);
