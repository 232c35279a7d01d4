import { bindTo, type Criterion, readSearch, resourceTypes, type SearchRequest } from '@safeguard/fhir';
import { fault, isUuid } from '@safeguard/kernel';
import { type Call, missing, type Outcome, type Shelf, targetOf } from '../call.ts';
import { askedOf } from '../search/asked.ts';
import type { Level } from '../search/clinical-stream.ts';
import type { Search } from '../search/engine.ts';
import type { Hit } from '../search/found.ts';
import { type Included, includedBy } from '../search/include.ts';
import { openPosition, sealPosition } from '../search/page.ts';
import type { Page } from '../search/pages.ts';
import { type From, packPosition, type SearchPosition, unpackPosition } from '../search/position.ts';
import { searchsetText } from '../search/searchset.ts';
import { requireCriterion } from '../search/shown.ts';
import { headOf } from '../storage/open.ts';
import { hiddenTexts } from './hiding.ts';

/** What is searched: one type, every type (or those of `_type`), the compartment of a patient. */
export type SearchScope =
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'system' }
  | { readonly kind: 'compartment'; readonly patient: string; readonly type?: string };

/** FHIR R4 3.1.1 search within one type. */
export const search = (shelf: Shelf, call: Call, type: string, asked: URLSearchParams): Promise<Outcome> =>
  searchScope(shelf, call, { kind: 'type', type }, asked);

/** FHIR R4 3.1.1 search. Oldest first unless sorted; page links are sealed and hold the whole search. */
export async function searchScope(
  shelf: Shelf,
  call: Call,
  scope: SearchScope,
  asked: URLSearchParams,
): Promise<Outcome> {
  const type = scope.kind === 'system' ? undefined : scope.type;
  if (type !== undefined) shelf.guard(call.principal, 'search-type', { type });
  const position = await positionOf(shelf, call, scope, asked);
  const engine = await shelf.engine.search(call.principal);
  const request = readSearch(type, new URLSearchParams(position.query), {
    parameters: engine.parameters,
    lenient: position.lenient === true,
    now: shelf.clock.now(),
    base: call.base,
  });
  const levels = await levelsOf(shelf, call, engine, scope, request);
  const page = await fetchPage(engine, request, levels, position);
  const [total, included] = await Promise.all([
    totalOf(engine, request, levels, page.bound ?? position.bound),
    includedBy(engine, request.includes, page.hits),
  ]);
  return answer(shelf, call, { scope, position, request, page, total, included });
}

const typeOf = (scope: SearchScope): string => (scope.kind === 'system' ? '' : (scope.type ?? '*'));

/** A link opens for the same scope only. */
function nameOf(scope: SearchScope): string {
  if (scope.kind === 'compartment') return `Patient/${scope.patient}/${scope.type ?? '*'}`;
  return scope.kind === 'type' ? scope.type : '';
}

/** `_count` too: there are clients that send it with every link that they follow; the link's own counts. */
const beside = new Set(['_page', '_format', '_pretty', '_count']);

async function positionOf(
  shelf: Shelf,
  call: Call,
  scope: SearchScope,
  asked: URLSearchParams,
): Promise<SearchPosition> {
  const page = asked.get('_page');
  if (page === null) return { query: asked.toString(), lenient: call.lenient === true };
  if ([...asked.keys()].some((name) => !beside.has(name))) {
    throw fault('invalid', '_page: a page link stands alone; it holds the whole search');
  }
  const sealed = await openPosition<SearchPosition>(shelf.seal, call.principal, nameOf(scope), page);
  return unpackPosition(sealed);
}

/** The types that are searched, each with its conditions. Fault `forbidden`: a type is named that may not be. */
async function levelsOf(
  shelf: Shelf,
  call: Call,
  engine: Search,
  scope: SearchScope,
  request: SearchRequest,
): Promise<readonly Level[]> {
  if (scope.kind === 'compartment' && !isUuid(scope.patient)) throw missing('Patient');
  const compartment = scope.kind === 'compartment' ? { compartment: scope.patient } : {};
  const asked = typesOf(shelf, call, scope, request);
  const whereOf = (type: string): Criterion =>
    isTyped(scope) ? request.where : bindTo(request.where, type, engine.parameters);
  // Of every type that is asked, before it is known of which there is anything: a refusal must not tell.
  for (const type of asked) requireCriterion(engine.planning, type, whereOf(type));
  const isNamed = isTyped(scope) || request.types.length > 0;
  const levels: Level[] = [];
  engine.keys(request.sort, asked);
  for (const type of isNamed ? asked : await engine.present(asked)) {
    const where = whereOf(type);
    levels.push(await engine.level({ type, where, ...compartment }));
  }
  return levels;
}

const isTyped = (scope: SearchScope): boolean => scope.kind !== 'system' && scope.type !== undefined;

function typesOf(shelf: Shelf, { principal }: Call, scope: SearchScope, request: SearchRequest): readonly string[] {
  if (scope.kind !== 'system' && scope.type !== undefined) return [scope.type];
  if (request.types.length > 0) {
    for (const type of request.types) shelf.guard(principal, 'search-type', { type });
    return request.types;
  }
  if (scope.kind === 'system') shelf.guard(principal, 'search-system');
  const searchable = resourceTypes.filter((type) => shelf.access.visible(principal, type) !== 'none');
  if (searchable.length === 0) shelf.guard(principal, 'search-system');
  return searchable;
}

const empty: Page = { hits: [], bound: undefined };

function fetchPage(
  engine: Search,
  request: SearchRequest,
  levels: readonly Level[],
  position: SearchPosition,
): Promise<Page> | Page {
  const keys = engine.keys(
    request.sort,
    levels.map(({ type }) => type),
  );
  if (request.count === 0 || request.summary === 'count') return empty;
  const { bound: until, from } = position;
  return engine.page({ levels, keys, count: request.count, bound: until, from });
}

async function totalOf(
  engine: Search,
  request: SearchRequest,
  levels: readonly Level[],
  until: number | undefined,
): Promise<number | undefined> {
  if (request.total === 'none' && request.count > 0 && request.summary !== 'count') return undefined;
  let total = 0;
  for (const level of levels) total += await engine.count(level, until);
  return total;
}

interface Answered {
  readonly scope: SearchScope;
  readonly position: SearchPosition;
  readonly request: SearchRequest;
  readonly page: Page;
  readonly total: number | undefined;
  readonly included: Included;
}

async function answer(
  shelf: Shelf,
  call: Call,
  { scope, position, request, page, total, included }: Answered,
): Promise<Outcome> {
  const hits = await shownHits(shelf, call, page.hits);
  const more = await shownHits(shelf, call, included.hits);
  const links = await linksOf(shelf, call, scope, position, page);
  const text = searchsetText({
    base: call.base,
    total,
    links,
    hits,
    included: more,
    cut: included.cut,
    request,
  });
  const rows = [...page.hits, ...included.hits].map(({ row }) => row);
  const patients = await shelf.patientsOf(call.principal.tenant, rows);
  const asked = askedOf(typeOf(scope), position.query, request);
  return { status: 200, text, targets: rows.map((row) => targetOf(headOf(row))), patients, asked };
}

/** Hits without what is hidden of them. */
async function shownHits(shelf: Shelf, call: Call, hits: readonly Hit[]): Promise<readonly Hit[]> {
  const texts = await hiddenTexts(shelf, call, 'search-type', hits);
  return hits.map((hit, index) => {
    const text = texts[index] ?? hit.text;
    const { resource: _resource, ...rest } = hit;
    return text === hit.text ? hit : { ...rest, text };
  });
}

async function linksOf(
  shelf: Shelf,
  call: Call,
  scope: SearchScope,
  position: SearchPosition,
  { next, previous, bound: until }: Page,
): Promise<{ relation: string; url: string }[]> {
  const name = nameOf(scope);
  const address = name === '' ? call.base : `${call.base}/${name}`;
  const { query, lenient } = position;
  const start = { query, ...(lenient ? { lenient } : {}) };
  const link = async (relation: string, to: SearchPosition): Promise<{ relation: string; url: string }> => {
    const sealed = await sealPosition(shelf.seal, call.principal, name, packPosition(to));
    return { relation, url: `${address}?_page=${sealed}` };
  };
  const around = { ...start, ...(until === undefined ? {} : { bound: until }) };
  const at = (relation: string, from: From | undefined) => (from ? [link(relation, { ...around, from })] : []);
  return Promise.all([
    link('self', position),
    ...(position.from ? [link('first', around)] : []),
    ...at('previous', previous),
    ...at('next', next),
  ]);
}
