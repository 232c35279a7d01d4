import type { Prefix } from './types.ts';

/** A half-open range of time [low, high), or a number with what its precision spans. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * R4 3.1.1.4.5 on dates. Both ranges are half-open, t is the query's, v the resource's; `ap` has its tolerance in t
 * already, so that it asks for an overlap only. The same in SQL:
 *
 * | prefix | holds when |
 * | --- | --- |
 * | eq | t.low <= v.low and v.high <= t.high |
 * | ne | not eq |
 * | gt | v.high > t.high |
 * | lt | v.low < t.low |
 * | ge | gt or eq |
 * | le | lt or eq |
 * | sa | v.low >= t.high |
 * | eb | v.high <= t.low |
 * | ap | v.low < t.high and v.high > t.low |
 */
export function dateMatches(prefix: Prefix, t: Range, v: Range): boolean {
  const within = t.low <= v.low && v.high <= t.high;
  if (prefix === 'eq') return within;
  if (prefix === 'ne') return !within;
  if (prefix === 'gt') return v.high > t.high;
  if (prefix === 'lt') return v.low < t.low;
  if (prefix === 'ge') return within || v.high > t.high;
  if (prefix === 'le') return within || v.low < t.low;
  if (prefix === 'sa') return v.low >= t.high;
  if (prefix === 'eb') return v.high <= t.low;
  return v.low < t.high && v.high > t.low;
}

/**
 * R4 3.1.1.4.5 and 3.1.1.4.6 on numbers and quantities. The resource's [v.low, v.high] is closed (a plain number is a
 * point); the query's [t.low, t.high) is half-open and counts for `eq`, `ne` and `ap` alone: the others take its
 * `value` as exact. The same in SQL:
 *
 * | prefix | holds when |
 * | --- | --- |
 * | eq | v.low >= t.low and v.high < t.high |
 * | ne | not eq |
 * | gt | v.high > t.value |
 * | lt | v.low < t.value |
 * | ge | v.high >= t.value |
 * | le | v.low <= t.value |
 * | sa | v.low > t.value |
 * | eb | v.high < t.value |
 * | ap | v.high >= t.low and v.low < t.high |
 */
export function numberMatches(prefix: Prefix, t: Range & { readonly value: number }, v: Range): boolean {
  const within = v.low >= t.low && v.high < t.high;
  if (prefix === 'eq') return within;
  if (prefix === 'ne') return !within;
  if (prefix === 'gt') return v.high > t.value;
  if (prefix === 'lt') return v.low < t.value;
  if (prefix === 'ge') return v.high >= t.value;
  if (prefix === 'le') return v.low <= t.value;
  if (prefix === 'sa') return v.low > t.value;
  if (prefix === 'eb') return v.high < t.value;
  return v.high >= t.low && v.low < t.high;
}
