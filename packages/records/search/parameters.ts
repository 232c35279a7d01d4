import { fault } from '@safeguard/kernel';

const default_count = 50;
const max_count = 1000;

/** `_count` of a history: 0 to 1000, larger values are cut (FHIR R4 3.1.1.5.3). */
export function readCount(query: URLSearchParams): number {
  const text = query.get('_count');
  if (text === null) return default_count;
  if (!/^\d{1,9}$/.test(text)) throw fault('invalid', '_count: expected a whole number, 0 or more');
  return Math.min(Number(text), max_count);
}
