import { fault, isUuid } from '@safeguard/kernel';
import { type Call, missing, type Outcome, type Shelf, targetOf } from '../call.ts';
import { etag } from '../respond.ts';
import { readCount } from '../search/parameters.ts';
import { headOf } from '../storage/open.ts';
import type { StoredRow } from '../storage/rows.ts';

const newest = 0x7fffffff;

/** FHIR R4 3.1.0.12 history of one resource, newest first; `_count`, and `_before` in the links that page on. */
export async function history(
  shelf: Shelf,
  call: Call,
  type: string,
  id: string,
  query: URLSearchParams,
): Promise<Outcome> {
  shelf.guard(call.principal, 'history-instance', { type });
  if (!isUuid(id)) throw missing(type);
  const { tenant, view } = call.principal;
  const { count, before } = readQuery(query);
  const rows = await shelf.reader.history(tenant, type, id, before, count + 1);
  if (rows.length === 0 && (await shelf.reader.current(tenant, type, id)) === undefined) throw missing(type);
  const page = rows.slice(0, count);
  const texts = await shelf.opener.texts(tenant, page, view);
  const self = `${call.base}/${type}/${id}/_history`;
  const last = page.at(-1);
  const next = rows.length > count && last ? `${self}?_count=${count}&_before=${last.version}` : undefined;
  const links = [{ relation: 'self', url: self }, ...(next ? [{ relation: 'next', url: next }] : [])];
  const total = before === newest ? { total: rows[0]?.version ?? 0 } : {};
  const head = JSON.stringify({ resourceType: 'Bundle', type: 'history', ...total, link: links });
  const entries = page.map((row, index) => entryText(call.base, type, row, texts[index]));
  return {
    status: 200,
    text: `${head.slice(0, -1)}${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`,
    targets: page.map((row) => targetOf(headOf(row))),
  };
}

function readQuery(query: URLSearchParams): { count: number; before: number } {
  for (const name of query.keys()) {
    if (!['_count', '_before', '_format', '_pretty'].includes(name)) {
      throw fault('invalid', 'Unknown parameter; history takes _count');
    }
  }
  const before = query.get('_before');
  if (before !== null && !/^[1-9]\d{0,8}$/.test(before)) throw fault('invalid', '_before: expected a version number');
  return { count: readCount(query), before: before === null ? newest : Number(before) };
}

function entryText(base: string, type: string, row: StoredRow, text: string | undefined): string {
  const method = row.body === null ? 'DELETE' : row.version === 1 ? 'POST' : 'PUT';
  const status = { DELETE: '204 No Content', POST: '201 Created', PUT: '200 OK' }[method];
  const rest = {
    request: { method, url: method === 'POST' ? type : `${type}/${row.id}` },
    response: { status, etag: etag(row.version), lastModified: row.at.toISOString() },
  };
  const resource = text === undefined ? '' : `"resource":${text},`;
  return `{"fullUrl":"${base}/${type}/${row.id}",${resource}${JSON.stringify(rest).slice(1)}`;
}
