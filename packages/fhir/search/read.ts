import { readKey } from './criterion.ts';
import { readFilter } from './filter.ts';
import {
  countCriterion,
  excess,
  isUnknown,
  newReader,
  type Reader,
  type Reading,
  refusal,
  type Scope,
  type Unknown,
  unknownParameter,
} from './reader.ts';
import { readCount, readElements, readInclude, readSort, readSummary, readTotal, readTypes } from './results.ts';
import type { Criterion, Include, ReadOptions, SearchRequest, Sort, Summary } from './types.ts';

/** What is being put together while a query is read. */
interface Draft {
  readonly where: Criterion[];
  readonly includes: Include[];
  readonly sort: Sort[];
  readonly ignored: string[];
  count: number;
  total: SearchRequest['total'];
  summary: Summary;
  elements: readonly string[];
  page?: string;
}

/** Read elsewhere: the format of the answer, and its page. */
const passed = new Set(['_format', '_pretty']);

type Take = (draft: Draft, value: string, reader: Reader, scope: Scope) => Unknown | undefined;

function takeSort(draft: Draft, value: string, reader: Reader, scope: Scope): Unknown | undefined {
  const sorts = readSort(reader, scope, value);
  if ('kind' in sorts) return sorts;
  draft.sort.push(...sorts);
  return undefined;
}

const put =
  (read: (value: string, reader: Reader, draft: Draft) => Partial<Draft>): Take =>
  (draft, value, reader) => {
    Object.assign(draft, read(value, reader, draft));
    return undefined;
  };

function readContained(value: string): Partial<Draft> {
  if (value !== 'false') throw refusal('Contained resources are not searched: _contained expects false.');
  return {};
}

/** Parameters of the result (R4 3.1.1.5). */
const results: ReadonlyMap<string, Take> = new Map([
  ['_sort', takeSort],
  ['_count', put((value, reader) => ({ count: readCount(reader, value) }))],
  ['_total', put((value) => ({ total: readTotal(value) }))],
  ['_summary', put((value) => ({ summary: readSummary(value) }))],
  ['_elements', put((value, _, { elements }) => ({ elements: [...elements, ...readElements(value)] }))],
  ['_page', put((value) => ({ page: value }))],
  ['_contained', put(readContained)],
]);

function takeInclude(draft: Draft, key: string, value: string, reader: Reader): Unknown | undefined {
  const [name = '', modifier, ...rest] = key.split(':');
  const include = readInclude(reader, name, rest.length > 0 ? '' : modifier, value);
  if ('kind' in include) return include;
  draft.includes.push(include);
  const { includes: most } = reader.limits;
  if (draft.includes.length > most)
    throw excess(`A query may have at most ${most} of _include and _revinclude together.`);
  return undefined;
}

function takeCriterion(draft: Draft, reading: Reading): Unknown | undefined {
  if (isUnknown(reading)) return reading;
  draft.where.push(reading);
  return undefined;
}

function takeEntry(draft: Draft, key: string, value: string, reader: Reader, scope: Scope): Unknown | undefined {
  const result = results.get(key);
  if (result) return result(draft, value, reader, scope);
  if (/^_(?:rev)?include(?::|$)/.test(key)) return takeInclude(draft, key, value, reader);
  if (key === '_filter') return takeCriterion(draft, readFilter(reader, scope, value));
  if (key === '_query') return unknownParameter(reader, scope);
  countCriterion(reader);
  return takeCriterion(draft, readKey(reader, scope, key, value, 0));
}

const key_limit = 1_000;

function checkLength(reader: Reader, key: string, value: string): void {
  const { characters } = reader.limits;
  if (key.length > key_limit) throw excess(`The name of a parameter may have at most ${key_limit} characters.`);
  if (value.length > characters) throw excess(`The value of a parameter may have at most ${characters} characters.`);
}

function scopeOf(type: string | undefined, query: URLSearchParams): Scope {
  if (type !== undefined) return { types: [type] };
  const values = query.getAll('_type');
  return { types: [...new Set(values.flatMap(readTypes))] };
}

/** True for the entries that other parts read. */
const isPassed = (key: string, type: string | undefined): boolean =>
  passed.has(key) || (key === '_type' && type === undefined);

/**
 * Reads a query (R4 search.html, the whole of 3.1.1) into a search request. `type` undefined: a search over all types,
 * or those of `_type`; its conditions then name the parameter of the first type, and `bindTo` makes them another's.
 *
 * Throws Fault `invalid` for an unknown parameter or modifier (with the known ones; with `lenient` it is named in
 * `ignored` instead), a value of a wrong form and a limit exceeded. No text repeats what was sent.
 */
export function readSearch(type: string | undefined, query: URLSearchParams, options: ReadOptions): SearchRequest {
  const reader = newReader(options);
  const scope = scopeOf(type, query);
  const draft: Draft = {
    where: [],
    includes: [],
    sort: [],
    ignored: [],
    count: reader.limits.count,
    total: 'none',
    summary: 'false',
    elements: [],
  };
  for (const [key, value] of query) {
    if (isPassed(key, type)) continue;
    checkLength(reader, key, value);
    const unknown = takeEntry(draft, key, value, reader, scope);
    if (unknown && !options.lenient) throw refusal(unknown.text);
    if (unknown) draft.ignored.push(unknown.ignored);
  }
  const { where, ...rest } = draft;
  const [only] = where;
  return { ...rest, types: scope.types, where: only && where.length === 1 ? only : { kind: 'and', all: where } };
}
