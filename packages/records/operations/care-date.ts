import { dateTimeSpan, parametersOf, valuesOf } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';

/** The parameters that say when care was given, the first that a type has counts. */
const codes = [
  'date',
  'effective',
  'period',
  'occurrence',
  'authoredon',
  'authored-on',
  'onset-date',
  'created',
  'issued',
];

/** A half-open span of time, milliseconds since the Unix epoch. */
export interface CareSpan {
  readonly low: number;
  readonly high: number;
}

/** `start` and `end`: dates; both days count whole. Undefined: neither is given. */
export function readCareSpan(query: URLSearchParams): CareSpan | undefined {
  const edge = (name: string): { readonly start: number; readonly end: number } | undefined => {
    const text = query.get(name);
    const span = text === null ? undefined : dateTimeSpan(text.replace(' ', '+'));
    if (text !== null && span === undefined) throw fault('invalid', `${name}: expected a date`);
    return span;
  };
  const [start, end] = [edge('start'), edge('end')];
  if (start === undefined && end === undefined) return undefined;
  return { low: start?.start ?? Number.NEGATIVE_INFINITY, high: end?.end ?? Number.POSITIVE_INFINITY };
}

/** When a resource's care was: its dates by the first parameter of the list that its type has. */
export function careDates(resource: JsonObject): readonly CareSpan[] {
  const known = parametersOf(String(resource.resourceType));
  const parameter = codes.map((code) => known.get(code)).find((one) => one?.type === 'date');
  if (parameter === undefined) return [];
  return valuesOf(resource, parameter).flatMap((value) => (value.kind === 'date' ? [value] : []));
}

/** Whether the care lies in a span, at least in part; what has no date of care does. */
export function caredWithin(resource: JsonObject, { low, high }: CareSpan): boolean {
  if (resource.resourceType === 'Patient') return true;
  const dates = careDates(resource);
  return dates.length === 0 || dates.some((date) => date.low < high && date.high > low);
}
