import { resourceTypes, typeName, typeNumber } from '@safeguard/fhir';
import { isUuid } from '@safeguard/kernel';
import { type Call, missing, type Outcome, type Shelf, targetOf } from '../call.ts';
import { etag } from '../respond.ts';
import { headOf, toldTime } from '../storage/open.ts';
import type { StoredRow } from '../storage/rows.ts';
import { requireOneHistory, requireYearsAsked } from './coarse-times.ts';
import { hiddenOf } from './hiding.ts';
import { limitsOf } from './history-limits.ts';
import { type HistoryQuery, nextPage, readHistory } from './history-query.ts';
import { type HistoryFilter, type HistoryScope, historyRows, type Place } from './history-rows.ts';
import { shapedText } from './shape.ts';

import { seen, seenVersions } from './sight.ts';

/** What a history is of: one resource, a type, or everything. */
export interface Of {
  readonly type?: string;
  readonly id?: string;
}

const actionOf = ({ type, id }: Of): string =>
  id !== undefined ? 'history-instance' : type !== undefined ? 'history-type' : 'history-system';

const pathOf = ({ type, id }: Of): string => [type, id, '_history'].filter((part) => part !== undefined).join('/');

/**
 * FHIR R4 3.1.0.12 history of a resource, a type or the system, newest first, deletions among them. `_since`, `_at`,
 * `_count`; the links that page on are sealed.
 */
export async function history(shelf: Shelf, call: Call, of: Of, query: URLSearchParams): Promise<Outcome> {
  const action = actionOf(of);
  shelf.guard(call.principal, action, of.type === undefined ? undefined : { type: of.type });
  const whole = of.id === undefined ? undefined : await requireVisible(shelf, call, of.type ?? '', of.id);
  requireOneHistory(call, of.id);
  const asked = await readHistory(shelf, call, pathOf(of), query);
  requireYearsAsked(call, new URLSearchParams(asked.asked));
  const page = asked.shape.summary === 'count' ? { rows: [] } : await pageOf(shelf, call, of, asked);
  const unfiltered = !asked.paged && !/(^|&)_(since|at)=/.test(asked.asked);
  return respond(shelf, call, of, asked, page, unfiltered ? (whole ?? allOf(of, asked, page)) : undefined);
}

/** The number of versions that a limited caller sees of a resource, where they all stand on the page. */
const allOf = ({ id }: Of, { shape }: HistoryQuery, { rows, next }: Page): number | undefined =>
  id === undefined || next !== undefined || shape.summary === 'count' ? undefined : rows.length;

/** The number of versions of a resource that is there, and that the caller sees. */
async function requireVisible(shelf: Shelf, call: Call, type: string, id: string): Promise<number | undefined> {
  const row = isUuid(id) ? await shelf.reader.current(call.principal.tenant, type, id) : undefined;
  const [visible] = row === undefined ? [] : await seen(shelf, call, 'history-instance', [row]);
  if (row === undefined || visible === undefined) throw missing(type);
  return shelf.access.visible(call.principal, type, 'history-instance') === 'all' ? row.version : undefined;
}

interface Page {
  readonly rows: readonly StoredRow[];
  /** Where the next page begins; absent: there is none. */
  readonly next?: Place | undefined;
}

const typesOf = (shelf: Shelf, { principal }: Call, { type }: Of): readonly string[] => {
  if (type !== undefined) return [type];
  return resourceTypes.filter((one) => shelf.access.visible(principal, one, 'history-type') !== 'none');
};

/** How many versions are looked at for one page of a caller who does not see them all. */
const most_looked = 20_000;

const placeOf = ({ id, version, at }: StoredRow): Place => ({ id, version, at: at.toISOString() });

/** Fills a page with versions that the caller sees. */
async function pageOf(shelf: Shelf, call: Call, of: Of, { count, filter }: HistoryQuery): Promise<Page> {
  const action = of.id === undefined ? 'history-type' : 'history-instance';
  const types = typesOf(shelf, call, of);
  const scope: HistoryScope = { types: types.map(typeNumber), ...(of.id === undefined ? {} : { id: of.id }) };
  const limits = of.id === undefined ? await limitsOf(shelf, call, action, types) : undefined;
  const rows: StoredRow[] = [];
  let from: HistoryFilter = filter;
  for (let looked = 0; looked < most_looked; looked += count + 1) {
    const found = await historyRows(shelf, call.principal.tenant, scope, from, count + 1, limits);
    rows.push(...(await seenVersions(shelf, call, action, found)));
    const last = found.at(-1);
    const shown = rows[count - 1];
    if (rows.length > count) return { rows: rows.slice(0, count), next: shown && placeOf(shown) };
    if (found.length <= count || last === undefined) return { rows };
    from = { ...filter, before: placeOf(last) };
  }
  return { rows, next: from.before };
}

async function respond(
  shelf: Shelf,
  call: Call,
  of: Of,
  asked: HistoryQuery,
  { rows, next }: Page,
  total: number | undefined,
): Promise<Outcome> {
  const { tenant, view } = call.principal;
  const path = pathOf(of);
  const url = `${call.base}/${path}`;
  const page = next && (await nextPage(shelf, call, path, asked.asked, next));
  const link = [
    { relation: 'self', url: asked.asked === '' ? url : `${url}?${asked.asked}` },
    ...(page ? [{ relation: 'next', url: `${url}?_page=${page}` }] : []),
  ];
  const head = { resourceType: 'Bundle', type: 'history', ...(total === undefined ? {} : { total }), link };
  const action = of.id === undefined ? 'history-type' : 'history-instance';
  const texts = await hiddenOf(shelf, call, action, rows, await shelf.opener.texts(tenant, rows, view));
  const entries = rows.map((row, index) => {
    const text = texts[index];
    const shown = text === undefined ? undefined : shapedText(text, asked.shape);
    return entryText(call.base, { ...row, at: toldTime(view, row.at) }, shown);
  });
  return {
    status: 200,
    text: `${JSON.stringify(head).slice(0, -1)}${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`,
    targets: rows.map((row) => targetOf(headOf(row))),
    patients: await shelf.patientsOf(tenant, rows),
  };
}

function entryText(base: string, row: StoredRow, text: string | undefined): string {
  const type = typeName(row.type);
  const method = row.body === null ? 'DELETE' : row.version === 1 ? 'POST' : 'PUT';
  const status = { DELETE: '204 No Content', POST: '201 Created', PUT: '200 OK' }[method];
  const rest = {
    request: { method, url: method === 'POST' ? type : `${type}/${row.id}` },
    response: { status, etag: etag(row.version), lastModified: row.at.toISOString() },
  };
  const resource = text === undefined ? '' : `"resource":${text},`;
  return `{"fullUrl":"${base}/${type}/${row.id}",${resource}${JSON.stringify(rest).slice(1)}`;
}
