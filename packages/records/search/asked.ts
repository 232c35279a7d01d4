import type { SearchRequest } from '@safeguard/fhir';

/** Longer than any search that people write; what is longer is cut, so that an entry of the ledger stays small. */
const length_most = 200;

/** What belongs to the answer, or to the page of it, tells nothing of what was asked. */
const beside = new Set(['_format', '_pretty', '_count', '_page', '_summary', '_elements', '_total', '_sort']);

/**
 * A search without its values: `Observation?code&patient`. Each name was taken by the search, so that nothing of the
 * caller's stands in it but names of FHIR's and of the tenant's own parameters; where the search ignored something
 * (`handling=lenient`), no names are told.
 */
export function askedOf(type: string, query: string, { ignored }: Pick<SearchRequest, 'ignored'>): string {
  const told = ignored.length > 0 ? [] : [...new Set(new URLSearchParams(query).keys())];
  const names = told.filter((name) => !beside.has(name)).sort();
  return `${type}${names.length === 0 ? '' : `?${names.join('&')}`}`.slice(0, length_most);
}
