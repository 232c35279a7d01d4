/** A date, a time of day, or both, known to some precision (N1 2.2.3 – 2.2.5). */
export interface Moment {
  readonly kind: 'Date' | 'DateTime' | 'Time';
  /** How far it is known: 1 year, 2 month, 3 day, 4 hour, 5 minute, 6 second. */
  readonly precision: number;
  /** Year, month (1–12), day, hour, minute, second; what is not known stands at its lowest. */
  readonly fields: readonly number[];
  /** Part of a second, in nanoseconds, and how many digits of it were written. */
  readonly nanos: number;
  readonly places: number;
  /** Minutes east of UTC; undefined: not said. */
  readonly offset: number | undefined;
}

const date_form = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/;
const dateTime_form =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?$/;
const time_form = /^T?(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;

const daysOf = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

const lowest = [0, 1, 1, 0, 0, 0];

const isPossible = ([year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: readonly number[]): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month) && hour < 24 && minute < 60 && second <= 60;

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}

function make(
  kind: Moment['kind'],
  parts: readonly (string | undefined)[],
  fraction: string | undefined,
  zone?: string,
): Moment | undefined {
  const known = parts.indexOf(undefined);
  const fields = parts.map((part, place) => (part === undefined ? (lowest[place] ?? 0) : Number(part)));
  if (!isPossible(fields)) return undefined;
  return {
    kind,
    precision: known < 0 ? 6 : known,
    fields,
    nanos: fraction === undefined ? 0 : Number(fraction.slice(0, 9).padEnd(9, '0')),
    places: fraction?.length ?? 0,
    offset: offsetOf(zone),
  };
}

/** Reads FHIR's `date`; undefined when it is none. */
export function dateOf(text: string): Moment | undefined {
  const found = date_form.exec(text);
  if (!found) return undefined;
  const [, year, month, day] = found;
  return make('Date', [year, month, day, undefined, undefined, undefined], undefined);
}

/** Reads a dateTime (`2015-02-04T14:34:28.123+10:00`, any part of it missing from the right); undefined when none. */
export function dateTimeOf(text: string): Moment | undefined {
  const found = dateTime_form.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  return make('DateTime', [year, month, day, hour, minute, second], fraction, zone);
}

/** Reads a time of day, with or without `T`; undefined when it is none. */
export function timeOf(text: string): Moment | undefined {
  const found = time_form.exec(text);
  if (!found) return undefined;
  const [, hour, minute, second, fraction] = found;
  return make('Time', ['0000', '01', '01', hour, minute, second], fraction);
}

/** Reads a literal (without `@`). */
export function momentOf(literal: string): Moment | undefined {
  if (literal.startsWith('T')) return timeOf(literal);
  return literal.includes('T') ? dateTimeOf(literal) : dateOf(literal);
}

const two = (value: number): string => String(value).padStart(2, '0');

function zoneText(offset: number | undefined): string {
  if (offset === undefined) return '';
  if (offset === 0) return 'Z';
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** As FHIR writes it. */
export function momentText({ kind, precision, fields, nanos, places, offset }: Moment): string {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = fields;
  const calendar = [String(year).padStart(4, '0'), two(month), two(day)].slice(0, precision).join('-');
  const clock = [two(hour), two(minute), two(second)].slice(0, Math.max(0, precision - 3)).join(':');
  const fraction = places > 0 ? `.${String(nanos).padStart(9, '0').padEnd(places, '0').slice(0, places)}` : '';
  if (kind === 'Time') return clock + fraction;
  return precision > 3 ? `${calendar}T${clock}${fraction}${zoneText(offset)}` : calendar;
}

/** Milliseconds of the fields as if they were UTC; months and days over the edge roll on. */
function stamp([year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: readonly number[]): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  return date.getTime();
}

export const fieldsAt = (milliseconds: number): number[] => {
  const date = new Date(milliseconds);
  return [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
};

const inUtc = (moment: Moment): readonly number[] =>
  moment.offset ? fieldsAt(stamp(moment.fields) - moment.offset * 60_000) : moment.fields;

/** Places on earth are at most this far apart: +14:00 and -12:00. */
const zones_ms = 26 * 3_600_000;

const sameDay = (a: Moment, b: Moment): boolean => a.precision > 3 && b.precision > 3;

/**
 * -1, 0, 1; undefined where the precision of one, or a zone that only one of them says, leaves it open. Only for two
 * times or two of Date and DateTime.
 */
export function compareMoments(a: Moment, b: Moment): number | undefined {
  if (sameDay(a, b) && (a.offset === undefined) !== (b.offset === undefined)) {
    const apart = stamp(inUtc(a)) - stamp(inUtc(b));
    return Math.abs(apart) > zones_ms ? Math.sign(apart) : undefined;
  }
  const zoned = sameDay(a, b) && a.offset !== undefined && a.offset !== b.offset;
  const [left, right] = zoned ? [inUtc(a), inUtc(b)] : [a.fields, b.fields];
  const both = Math.min(a.precision, b.precision);
  for (let place = 0; place < both; place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  if (a.precision !== b.precision) return undefined;
  return Math.sign(a.nanos - b.nanos);
}

export const comparableMoments = (a: Moment, b: Moment): boolean => (a.kind === 'Time') === (b.kind === 'Time');

const units = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'];
/** Milliseconds of the units that always last the same. */
const lasts: Readonly<Record<string, number>> = {
  week: 604_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

function addMonths(fields: readonly number[], months: number): number[] {
  const [year = 0, month = 1, day = 1, ...clock] = fields;
  const total = year * 12 + month - 1 + months;
  const [newYear, newMonth] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  return [newYear, newMonth, Math.min(day, daysOf(newYear, newMonth)), ...clock];
}

/** Whole months for a precision of years or months: finer units count 30 days a month, 365 days a year (N1 6.6.7). */
function coarse(precision: number, amount: number, unit: string): number {
  const days = (amount * (lasts[unit] ?? 0)) / lasts_day;
  if (unit === 'year') return amount * 12;
  const months = unit === 'month' ? amount : Math.trunc(days / 30);
  if (precision === 2) return months;
  return (unit === 'month' ? Math.trunc(amount / 12) : Math.trunc(days / 365)) * 12;
}
const lasts_day = 86_400_000;

/**
 * The moment that many calendar units later (earlier, when negative); `amount` is whole, `unit` singular. Undefined
 * when the result lies outside the years 1 – 9999.
 */
export function later(moment: Moment, amount: number, unit: string): Moment | undefined {
  const { precision, fields } = moment;
  const isMonths = unit === 'year' || unit === 'month';
  if (precision < 3 || isMonths) {
    const months = precision < 3 ? coarse(precision, amount, unit) : unit === 'year' ? amount * 12 : amount;
    return within({ ...moment, fields: addMonths(fields, months) });
  }
  const size = lasts[unit] ?? 0;
  const known = lasts[units[precision - 1] ?? 'millisecond'] ?? 1;
  const shift = precision === 6 ? amount * size : Math.trunc((amount * size) / known) * known;
  const at = stamp(fields) + Math.floor(moment.nanos / 1_000_000) + shift;
  const rest = moment.nanos % 1_000_000;
  const milliseconds = ((at % 1000) + 1000) % 1000;
  const made = {
    ...moment,
    nanos: milliseconds * 1_000_000 + rest,
    places: milliseconds && moment.places < 3 ? 3 : moment.places,
  };
  if (moment.kind !== 'Time')
    return Number.isFinite(at) ? within({ ...made, fields: fieldsAt(at - milliseconds) }) : undefined;
  return { ...made, fields: [0, 1, 1, ...fieldsAt(at - milliseconds).slice(3)] };
}

const within = (moment: Moment): Moment | undefined => {
  const year = moment.fields[0] ?? 0;
  return year >= 1 && year <= 9999 ? moment : undefined;
};

/** `now()` and its parts, in UTC. */
export const momentAt = (date: Date, kind: Moment['kind']): Moment => ({
  kind,
  precision: kind === 'Date' ? 3 : 6,
  fields: kind === 'Time' ? [0, 1, 1, ...fieldsAt(date.getTime()).slice(3)] : fieldsAt(date.getTime()),
  nanos: kind === 'Date' ? 0 : date.getUTCMilliseconds() * 1_000_000,
  places: kind === 'Date' ? 0 : 3,
  offset: kind === 'DateTime' ? 0 : undefined,
});

export const lastDay = daysOf;
