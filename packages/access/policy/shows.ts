import { sharedTypes } from '../shared-types.ts';
import type { Exception, Sight, Visibility } from '../sight.ts';
import { has, type Limits } from './limits.ts';
import type { RowFacts } from './row.ts';

/** Whether a row is of those to whose resources somebody is limited; see Sight. */
export function isOf({ patients, patientQuery }: Limits, row: RowFacts): boolean {
  if (patients === undefined && patientQuery === undefined) return true;
  if (row.patients.length === 0) return sharedTypes.has(row.type);
  if (patients !== undefined && !row.patients.some((one) => has(patients, one))) return false;
  return patientQuery === undefined || row.patientFulfils(patientQuery);
}

export const hasLabel = (labels: readonly string[], row: RowFacts): boolean =>
  row.labels.some((one) => labels.includes(one));

export function isExcepted({ patients, query, ids, labels, except }: Exception, row: RowFacts): boolean {
  if (patients !== undefined && !row.patients.some((one) => has(patients, one))) return false;
  if (ids?.includes(row.id) === false) return false;
  if (labels !== undefined && !hasLabel(labels, row)) return false;
  if (query !== undefined && !row.fulfils(query)) return false;
  return except?.some((one) => isExcepted(one, row)) !== true;
}

const isShown = (sight: Sight, row: RowFacts): boolean =>
  isOf(sight, row) &&
  (sight.query === undefined || row.fulfils(sight.query)) &&
  sight.except?.some((one) => isExcepted(one, row)) !== true;

/** Whether a row of the type that the visibility is of is shown. Pure. */
export const shows = (visibility: Visibility, row: RowFacts): boolean =>
  typeof visibility === 'string' ? visibility === 'all' : visibility.some((sight) => isShown(sight, row));
