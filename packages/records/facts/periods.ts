import { dateTimeSpan } from '@safeguard/fhir';

/** Whether a Period covers a moment, and when that changes next (milliseconds; infinite: never). */
export interface Covered {
  readonly now: boolean;
  readonly until: number;
}

/**
 * A Period with both its days, a day without a time being one of UTC. What is no date covers nothing: facts give
 * access.
 */
export function covers(period: unknown, at: number): Covered {
  const { start, end } = (period ?? {}) as { readonly start?: unknown; readonly end?: unknown };
  const from = start === undefined ? Number.NEGATIVE_INFINITY : dateTimeSpan(String(start))?.start;
  const until = end === undefined ? Number.POSITIVE_INFINITY : dateTimeSpan(String(end))?.end;
  if (from === undefined || until === undefined) return { now: false, until: Number.POSITIVE_INFINITY };
  if (at < from) return { now: false, until: from };
  return at < until ? { now: true, until } : { now: false, until: Number.POSITIVE_INFINITY };
}

/** All of them hold; the answer holds until one of them changes. */
export const both = (one: Covered, other: Covered): Covered => ({
  now: one.now && other.now,
  until: Math.min(one.until, other.until),
});
