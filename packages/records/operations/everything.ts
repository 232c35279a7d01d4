import {
  eachReference,
  instantSpan,
  isResourceType,
  parseWritten,
  patientCompartment,
  resourceTypes,
  typeName,
} from '@safeguard/fhir';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import { type Call, missing, type Outcome, type Shelf, targetOf } from '../call.ts';
import { openPosition, sealPosition } from '../search/page.ts';
import { seenLiveSql } from '../search/seen-sql.ts';
import { isCompartmentShown } from '../search/shown.ts';
import { headOf } from '../storage/open.ts';
import type { StoredRow } from '../storage/rows.ts';
import { requireYearsAsked } from '../verbs/coarse-times.ts';
import { hiddenOf } from '../verbs/hiding.ts';
import { seen } from '../verbs/sight.ts';
import { type CareSpan, caredWithin, readCareSpan } from './care-date.ts';
import { type CompartmentRow, compartmentRows } from './compartment.ts';

/** What `$everything` is asked for. */
interface Asked {
  /** Of these types, the caller's sight considered. */
  readonly types: readonly string[];
  readonly since: string | undefined;
  readonly span: CareSpan | undefined;
  readonly count: number;
  /** The question, for the links. */
  readonly query: string;
  /** The number of the last resource of the page before; undefined: the first page, with the patient. */
  readonly after: number | undefined;
}

const own = ['start', 'end', '_since', '_type', '_count'];
const general = ['_page', '_format', '_pretty'];
const [default_count, max_count] = [100, 1000];
const beginning = '1970-01-01T00:00:00.000Z';

/**
 * `Patient/:id/$everything` (FHIR R4 patient-operation-everything): the patient, all that R4's compartment puts with
 * them in the order of creation, and on each page the shared resources that it refers to.
 */
export async function everything(shelf: Shelf, call: Call, id: string, asked: URLSearchParams): Promise<Outcome> {
  const row = await patientRow(shelf, call, id);
  const question = await readAsked(shelf, call, id, asked);
  const { members, next } = await membersOf(shelf, call, row, question);
  return respond(shelf, call, id, question, members, next);
}

/** Everything at once, as JSON texts, one each: a copy for whoever may see it all (45 CFR 164.524). */
export async function* everyText(shelf: Shelf, call: Call, id: string): AsyncGenerator<string> {
  const row = await patientRow(shelf, call, id);
  const first = await readAsked(shelf, call, id, new URLSearchParams({ _count: String(max_count) }));
  const shown = new Set<string>();
  for (let after: number | undefined; ; ) {
    const { members, next } = await membersOf(shelf, call, row, { ...first, after });
    // A shared resource stands on every page that refers to it.
    for (const member of members) if (!shown.has(member.row.id)) yield member.text;
    for (const member of members) shown.add(member.row.id);
    if (next === undefined) return;
    after = next;
  }
}

/** The patient, if the caller sees them. Fault `missing`, `gone`, `forbidden`. */
async function patientRow(shelf: Shelf, call: Call, id: string): Promise<StoredRow> {
  shelf.guard(call.principal, 'everything', { type: 'Patient' });
  const { tenant } = call.principal;
  const row = isUuid(id) ? await shelf.reader.current(tenant, 'Patient', id) : undefined;
  const [visible] = row === undefined ? [] : await seen(shelf, call, 'everything', [row]);
  if (row === undefined || visible === undefined) throw missing('Patient');
  if (row.body === null) throw fault('gone', 'This Patient was deleted');
  return row;
}

interface Found {
  readonly members: readonly Member[];
  readonly next: number | undefined;
}

async function membersOf(shelf: Shelf, call: Call, row: StoredRow, question: Asked): Promise<Found> {
  const first = question.after === undefined && question.types.includes('Patient') ? [row] : [];
  const found = await fill(shelf, call, row.id, question);
  const members = [...(await opened(shelf, call, first, 'everything')), ...(await opened(shelf, call, found.rows))];
  const kept = members.filter(({ resource }) => question.span === undefined || caredWithin(resource, question.span));
  const shared = await sharedOf(shelf, call, kept, question);
  return { members: [...kept, ...shared], next: found.next };
}

const scopeOf = (id: string): string => `Patient/${id}/$everything`;

async function readAsked(shelf: Shelf, call: Call, id: string, asked: URLSearchParams): Promise<Asked> {
  const page = asked.get('_page');
  if (page !== null && [...asked.keys()].some((name) => !general.includes(name))) {
    throw fault('invalid', '_page: a page link stands alone; it holds the whole question');
  }
  const position =
    page === null ? { query: asked.toString() } : await openPosition(shelf.seal, call.principal, scopeOf(id), page);
  const query = new URLSearchParams(position.query);
  if (![...query.keys()].every((name) => [...own, ...general].includes(name))) {
    throw fault('invalid', `Unknown parameter. Known to $everything: ${own.join(', ')}`);
  }
  requireYearsAsked(call, query);
  const since = query.get('_since')?.replace(' ', '+');
  const instant = since === undefined ? undefined : instantSpan(since);
  if (since !== undefined && instant === undefined) throw fault('invalid', '_since: expected an instant');
  return {
    types: readTypes(query).filter((type) => shelf.access.visible(call.principal, type) !== 'none'),
    since: instant ? new Date(Math.max(0, Math.ceil(instant.start))).toISOString() : undefined,
    span: readCareSpan(query),
    count: readCount(query),
    query: position.query,
    after: position.after === undefined ? undefined : Number(position.after.id),
  };
}

function readTypes(query: URLSearchParams): readonly string[] {
  const named = query.getAll('_type').flatMap((types) => types.split(','));
  if (!named.every(isResourceType)) throw fault('invalid', '_type: expected resource types');
  return named.length > 0 ? [...new Set(named)] : resourceTypes;
}

function readCount(query: URLSearchParams): number {
  const text = query.get('_count') ?? String(default_count);
  if (!/^[1-9]\d{0,8}$/.test(text)) throw fault('invalid', '_count: expected a whole number, 1 or more');
  return Math.min(Number(text), max_count);
}

const inCompartment = (type: string): boolean =>
  type !== 'Patient' && (patientCompartment(type)?.paths.length ?? 0) > 0;

/**
 * A page of what the caller sees. What SQL alone cannot judge is judged opened, and the page filled on from there: a
 * resource that is hidden neither shortens a page nor makes another one.
 */
async function fill(
  shelf: Shelf,
  call: Call,
  patient: string,
  { types, since, count, after: start = -1 }: Asked,
): Promise<{ rows: readonly CompartmentRow[]; next: number | undefined }> {
  const search = await shelf.engine.search(call.principal);
  // To be listed here tells whose it is.
  const held = types.filter((type) => inCompartment(type) && isCompartmentShown(search.planning, type));
  const visible = await seenLiveSql(search, held);
  const ask = { patient, types: held, since, limit: count + 1, visible };
  const rows: CompartmentRow[] = [];
  for (let after = start; ; ) {
    const found = await compartmentRows(shelf, call.principal.tenant, { ...ask, after });
    rows.push(...((await seen(shelf, call, 'search-type', found)) as CompartmentRow[]));
    const last = found.at(-1);
    if (rows.length > count) return { rows: rows.slice(0, count), next: rows[count - 1]?.seq };
    if (last === undefined || found.length <= count) return { rows, next: undefined };
    after = last.seq;
  }
}

interface Member {
  readonly row: StoredRow;
  readonly text: string;
  readonly resource: JsonObject;
}

async function opened(shelf: Shelf, call: Call, rows: readonly StoredRow[], action = 'search-type'): Promise<Member[]> {
  const { tenant, view } = call.principal;
  const texts = await hiddenOf(shelf, call, action, rows, await shelf.opener.texts(tenant, rows, view));
  return rows.flatMap((row, index) => {
    const text = texts[index];
    return text === undefined ? [] : [{ row, text, resource: parseWritten(text) as JsonObject }];
  });
}

const relative = /^([A-Z][A-Za-z]+)\/([0-9a-f-]{36})(?:\/_history\/\d+)?$/;

/** What the members refer to and is of a shared type, as far as the caller sees it. */
async function sharedOf(shelf: Shelf, call: Call, members: readonly Member[], { types }: Asked): Promise<Member[]> {
  const ids = new Set<string>();
  for (const { resource } of members) {
    eachReference(resource, ({ reference = '' }) => {
      const [, type = '', id = ''] = relative.exec(reference) ?? [];
      if (shelf.access.sharedTypes.has(type) && types.includes(type) && isUuid(id)) ids.add(id);
    });
  }
  for (const { row } of members) ids.delete(row.id);
  const rows = ids.size === 0 ? [] : await shelf.reader.currents(call.principal.tenant, [...ids]);
  const live = rows.filter(({ body, type }) => body !== null && types.includes(typeName(type)));
  return opened(shelf, call, await seen(shelf, call, 'search-type', live));
}

async function respond(
  shelf: Shelf,
  call: Call,
  id: string,
  { query }: Asked,
  members: readonly Member[],
  next: number | undefined,
): Promise<Outcome> {
  const { tenant } = call.principal;
  const url = `${call.base}/${scopeOf(id)}`;
  const page = async (after?: number): Promise<string> => {
    const position = after === undefined ? { query } : { query, after: { at: beginning, id: String(after) } };
    return `${url}?_page=${await sealPosition(shelf.seal, call.principal, scopeOf(id), position)}`;
  };
  const link = [
    { relation: 'self', url: await page() },
    ...(next === undefined ? [] : [{ relation: 'next', url: await page(next) }]),
  ];
  const head = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link });
  const entries = members.map(({ row, text }) => {
    const mode = shelf.access.sharedTypes.has(typeName(row.type)) ? 'include' : 'match';
    return `{"fullUrl":"${call.base}/${typeName(row.type)}/${row.id}","resource":${text},"search":{"mode":"${mode}"}}`;
  });
  return {
    status: 200,
    text: `${head.slice(0, -1)}${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`,
    targets: members.map(({ row }) => targetOf(headOf(row))),
    patients: [
      id,
      ...(await shelf.patientsOf(
        tenant,
        members.map(({ row }) => row),
      )),
    ],
  };
}
