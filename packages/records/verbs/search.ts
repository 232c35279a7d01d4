import { typeNumber } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import type { Row, Statement } from '@safeguard/store';
import { type Call, type Outcome, type Shelf, targetOf } from '../call.ts';
import { openPosition, type Position, sealPosition } from '../search/page.ts';
import { parseSearch, type SearchQuery } from '../search/parameters.ts';
import { headOf } from '../storage/open.ts';
import { columns, type StoredRow } from '../storage/rows.ts';

const where = `tenant = $1 and type = $2 and body is not null and at >= $3 and at < $4
  and not exists (select from unnest($5::timestamptz[], $6::timestamptz[]) o (f, t) where at >= o.f and at < o.t)`;

const pageRows: Statement = {
  name: 'records-search',
  text: `select ${columns} from records.resource where ${where} and (at, id) > ($7, $8) order by at, id limit $9`,
};
const pageRowsOfIds: Statement = {
  name: 'records-search-ids',
  text: `select ${columns} from records.resource
    where ${where} and (at, id) > ($7, $8) and id = any ($10::uuid[]) order by at, id limit $9`,
};
const countRows: Statement = {
  name: 'records-count',
  text: `select count(*) as n from records.resource where ${where}`,
};

interface CountRow extends Row {
  readonly n: number;
}

const beginning = { at: '1970-01-01T00:00:00.000Z', id: '00000000-0000-0000-0000-000000000000' };
const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(9999, 11, 31);

/** Parameters $1 to $6 of the statements above. */
function conditionValues(tenant: number, type: string, { updated }: SearchQuery): unknown[] {
  const inside = updated.filter((range) => !range.outside);
  const outside = updated.filter((range) => range.outside);
  const time = (at: number): string => new Date(Math.min(Math.max(at, earliest), latest)).toISOString();
  return [
    tenant,
    typeNumber(type),
    time(Math.max(earliest, ...inside.map((range) => range.from))),
    time(Math.min(latest, ...inside.map((range) => range.to))),
    outside.map((range) => time(range.from)),
    outside.map((range) => time(range.to)),
  ];
}

/** FHIR R4 3.1.1 search within one type. Oldest first; a page link is sealed and goes on where the page ended. */
export async function search(shelf: Shelf, call: Call, type: string, asked: URLSearchParams): Promise<Outcome> {
  shelf.guard(call.principal, 'search-type', { type });
  const { tenant, view } = call.principal;
  const position = await positionOf(shelf, tenant, type, asked);
  const query = parseSearch(new URLSearchParams(position.query));
  if (query.identifiers.length > 0 && view !== 'full') {
    throw fault('forbidden', 'identifier: a de-identified view cannot search identity');
  }
  const candidates = await shelf.finder.candidates(tenant, type, query);
  const page = query.countOnly ? empty : await fetchPage(shelf, call, type, query, position, candidates);
  const total = query.total ? await count(shelf, tenant, type, query, candidates) : undefined;
  return bundle(shelf, call, type, position, page, total);
}

async function positionOf(shelf: Shelf, tenant: number, type: string, asked: URLSearchParams): Promise<Position> {
  const { page } = parseSearch(asked);
  if (page === undefined) return { query: asked.toString() };
  if ([...asked.keys()].some((name) => name !== '_page' && name !== '_format')) {
    throw fault('invalid', '_page: a page link stands alone; it holds the whole search');
  }
  return openPosition(shelf.seal, tenant, type, page);
}

interface Page {
  readonly rows: readonly StoredRow[];
  readonly texts: readonly string[];
  readonly next: StoredRow | undefined;
}
const empty: Page = { rows: [], texts: [], next: undefined };

async function fetchPage(
  shelf: Shelf,
  call: Call,
  type: string,
  query: SearchQuery,
  position: Position,
  candidates: ReadonlySet<string> | undefined,
): Promise<Page> {
  const { tenant, view } = call.principal;
  if (candidates?.size === 0) return empty;
  const { at, id } = position.after ?? beginning;
  const values = [...conditionValues(tenant, type, query), at, id, query.count + 1];
  const found = candidates
    ? await shelf.clinical.query<StoredRow>(tenant, pageRowsOfIds, [...values, [...candidates]])
    : await shelf.clinical.query<StoredRow>(tenant, pageRows, values);
  const rows = found.slice(0, query.count);
  const texts = await shelf.opener.texts(tenant, rows, view);
  const kept = rows.flatMap((row, index) => {
    const text = texts[index];
    return text !== undefined && shelf.finder.verify(query, text) ? [{ row, text }] : [];
  });
  return {
    rows: kept.map((one) => one.row),
    texts: kept.map((one) => one.text),
    next: found.length > query.count ? rows.at(-1) : undefined,
  };
}

async function count(
  shelf: Shelf,
  tenant: number,
  type: string,
  query: SearchQuery,
  candidates: ReadonlySet<string> | undefined,
): Promise<number> {
  const values = conditionValues(tenant, type, query);
  if (candidates === undefined) {
    const [row] = await shelf.clinical.query<CountRow>(tenant, countRows, values);
    return row?.n ?? 0;
  }
  const all = [...values, beginning.at, beginning.id, candidates.size, [...candidates]];
  const rows = await shelf.clinical.query<StoredRow>(tenant, pageRowsOfIds, all);
  if (query.identifiers.length === 0) return rows.length;
  const texts = await shelf.opener.texts(tenant, rows, 'full');
  return texts.filter((text) => text !== undefined && shelf.finder.verify(query, text)).length;
}

async function bundle(
  shelf: Shelf,
  call: Call,
  type: string,
  position: Position,
  page: Page,
  total: number | undefined,
): Promise<Outcome> {
  const { tenant } = call.principal;
  const link = async (relation: string, to: Position): Promise<object> => ({
    relation,
    url: `${call.base}/${type}?_page=${await sealPosition(shelf.seal, tenant, type, to)}`,
  });
  const after = page.next && { at: page.next.at.toISOString(), id: page.next.id };
  const links = [
    await link('self', position),
    ...(after ? [await link('next', { query: position.query, after })] : []),
  ];
  const head = { resourceType: 'Bundle', type: 'searchset', ...(total === undefined ? {} : { total }), link: links };
  const entries = page.rows.map(
    (row, index) =>
      `{"fullUrl":"${call.base}/${type}/${row.id}","resource":${page.texts[index]},"search":{"mode":"match"}}`,
  );
  return {
    status: 200,
    text: `${JSON.stringify(head).slice(0, -1)}${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`,
    targets: page.rows.map((row) => targetOf(headOf(row))),
  };
}
