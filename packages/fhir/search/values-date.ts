import type { JsonObject } from '@safeguard/kernel';
import { isObject } from '../object.ts';
import { dateTimeSpan } from '../time.ts';
import type { SearchValue } from './types.ts';
import { type Convert, textAt } from './values-token.ts';

const push = (low: number, high: number, out: SearchValue[]): void => void out.push({ kind: 'date', low, high });

function moment(value: unknown, out: SearchValue[]): void {
  const span = typeof value === 'string' ? dateTimeSpan(value) : undefined;
  if (span) push(span.start, span.end, out);
}

/** Both ends belong to a Period (R4 datatypes.html#Period): an end of a day includes that day. */
function period(value: JsonObject, out: SearchValue[]): void {
  const start = dateTimeSpan(textAt(value, 'start') ?? '');
  const end = dateTimeSpan(textAt(value, 'end') ?? '');
  if (start || end) push(start?.start ?? Number.NEGATIVE_INFINITY, end?.end ?? Number.POSITIVE_INFINITY, out);
}

/** Only the outer limits of a Timing count (R4 3.1.1.4.7): its events and bounds together. */
function timing(value: JsonObject, out: SearchValue[]): void {
  const { event, repeat } = value;
  const found: SearchValue[] = [];
  if (Array.isArray(event)) for (const one of event) moment(one, found);
  if (isObject(repeat) && isObject(repeat['boundsPeriod'])) period(repeat['boundsPeriod'], found);
  const spans = found.filter((one) => one.kind === 'date');
  if (spans.length === 0) return;
  // Not Math.min(...spans): a list of events may be longer than a call may have arguments.
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const span of spans) [low, high] = [Math.min(low, span.low), Math.max(high, span.high)];
  push(low, high, out);
}

export function dateConvert(type: string): Convert | undefined {
  // Free text (Immunization.occurrenceString) is no date, whatever it looks like.
  if (type === 'string') return undefined;
  if (type === 'Period') return (value, out) => void (isObject(value) && period(value, out));
  if (type === 'Timing') return (value, out) => void (isObject(value) && timing(value, out));
  return moment;
}
