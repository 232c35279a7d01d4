import { dateTimeSpan } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import type { Call } from '../call.ts';
import { viewRules } from '../segments/index.ts';

/** When something was written is a date too: where a view tells years alone, it is asked and told by years alone. */

const tellsYears = ({ principal: { view } }: Pick<Call, 'principal'>): boolean =>
  view !== 'full' && viewRules[view].years;

const year = /^\d{4}$/;

/**
 * Refuses `_since` (an instant) and a finer `_at`, `start` or `end` than a year. Fault `forbidden`. What is no date at
 * all is left to whoever reads it.
 */
export function requireYearsAsked(call: Pick<Call, 'principal'>, query: URLSearchParams): void {
  if (!tellsYears(call)) return;
  const finer = ['_at', 'start', 'end'].some((name) =>
    query.getAll(name).some((text) => !year.test(text) && dateTimeSpan(text.replace(' ', '+')) !== undefined),
  );
  if (!finer && !query.has('_since')) return;
  throw fault(
    'forbidden',
    '_since, _at, start, end: a de-identified view is asked by whole years; _since is an instant',
  );
}

/** Refuses a list of everybody's changes in their order: it would tell what was written at the same time. */
export function requireOneHistory(call: Pick<Call, 'principal'>, id: string | undefined): void {
  if (id !== undefined || !tellsYears(call)) return;
  throw fault('forbidden', '_history: a de-identified view shows the history of one resource');
}

/** Conditions of a request without those on times: a caller could ask until the answer changes. */
export function withoutTimes(
  { principal }: Pick<Call, 'principal'>,
  conditions: Call['conditions'],
): Call['conditions'] {
  if (!tellsYears({ principal })) return conditions;
  const { 'if-modified-since': _since, ...rest } = conditions;
  return rest;
}
