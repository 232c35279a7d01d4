import type { Hours } from './types.ts';

/** A moment on the clock of a zone. */
export interface ZonedTime {
  /** 0: Sunday. */
  readonly day: number;
  /** Since midnight. */
  readonly minutes: number;
}

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const day_minutes = 24 * 60;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError for a zone that IANA does not name. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formatters.set(zone, made);
  return made;
}

const shown = /^(\w{3}),? (\d\d):(\d\d)$/;

/** What a clock in the zone shows, with its daylight saving. `at`: milliseconds since the Unix epoch. */
export function zonedTime(zone: string, at: number): ZonedTime {
  const [, day = '', hour, minute] = shown.exec(formatterOf(zone).format(at)) ?? [];
  const number = weekdays.indexOf(day.toLowerCase() as (typeof weekdays)[number]);
  return { day: number, minutes: Number(hour) * 60 + Number(minute) };
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/**
 * Whether a moment is within hours: `from` ≤ time < `to`, or over midnight where `to` is before `from`; the day is that
 * of `from`. Hours from a time to the same time are the whole day from then on. Throws RangeError for an unknown zone.
 */
export function compileHours({ zone, days, from, to }: Hours): (at: number) => boolean {
  formatterOf(zone);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const open = weekdays.map((day) => days === undefined || days.includes(day));
  const isOver = end <= start;
  return (at) => {
    const { day, minutes } = zonedTime(zone, at);
    if (!isOver) return open[day] === true && start <= minutes && minutes < end;
    return minutes >= start ? open[day] === true : minutes < end % day_minutes && open[(day + 6) % 7] === true;
  };
}
