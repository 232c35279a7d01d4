const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
const [sunday, saturday] = [0, 6] as const;

const isWeekend = (at: number): boolean => [sunday, saturday].includes(new Date(at).getUTCDay() as 0 | 6);
const nextMidnight = (at: number): number => (Math.floor(at / day_ms) + 1) * day_ms;

/**
 * So many days later, of which only Monday to Friday (UTC) count, to the millisecond: Friday 15:00 and two days are
 * Tuesday 15:00; Saturday, whenever, and two days are the end of Tuesday. Holidays count as working days.
 */
export function afterWorkingDays(at: number, days: number): number {
  let [moment, left] = [at, days * day_ms];
  while (left > 0) {
    const midnight = nextMidnight(moment);
    const step = isWeekend(moment) ? 0 : Math.min(left, midnight - moment);
    left -= step;
    moment = isWeekend(moment) || left > 0 ? midnight : moment + step;
  }
  return moment;
}
