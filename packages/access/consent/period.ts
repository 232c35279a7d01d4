import { dateTimeSpan } from '@safeguard/fhir';
import { fieldsOf, hasOnly, textOf } from './shape.ts';

/** Half-open, milliseconds since the Unix epoch; infinite where it has no end. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

const spanParts: ReadonlySet<string> = new Set(['start', 'end']);

export const always: Span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** A Period with both its days; undefined: not understood. A day without a time is one of UTC. */
export function spanOf(value: unknown): Span | undefined {
  const period = fieldsOf(value);
  const { start, end } = period;
  const from = start === undefined ? always.from : dateTimeSpan(textOf(start) ?? '')?.start;
  const until = end === undefined ? always.until : dateTimeSpan(textOf(end) ?? '')?.end;
  return from === undefined || until === undefined || !hasOnly(period, spanParts) ? undefined : { from, until };
}
