import {
  type Condition,
  type Include,
  matches,
  type Parameter,
  parseWritten,
  type ReferenceValue,
  resourceTypes,
  valuesOf,
} from '@safeguard/fhir';
import { isUuid, type JsonObject } from '@safeguard/kernel';
import type { Search } from './engine.ts';
import { type Hit, take } from './found.ts';
import { idLeaf } from './leaves.ts';
import { fromStart, streamOf } from './level-stream.ts';
import type { Node } from './node.ts';
import { guardOf } from './plan.ts';
import { probeLeaf } from './probe-node.ts';
import { isShown, requireShown } from './shown.ts';

/** Resources that one page may include; FHIR lets a server stop (R4 3.1.1.5.2), and the page says so. */
export const included_most = 1_000;
/** How often `:iterate` goes on from what was included. */
const rounds_most = 10;

export interface Included {
  readonly hits: readonly Hit[];
  /** Not all that should be there is. */
  readonly cut: boolean;
}

/** A resource that includes start from. */
interface Source {
  readonly type: string;
  readonly id: string;
  readonly resource: JsonObject;
}

function sourceOf(hit: Hit): Source {
  const resource = hit.resource ?? (parseWritten(hit.text) as JsonObject);
  return { type: String(resource.resourceType), id: hit.row.id, resource };
}

/** What fulfils a condition within a type, as far as the caller sees it. */
async function visibleHits(search: Search, type: string, leaf: Node, limit: number): Promise<readonly Hit[]> {
  const { planning, sources, verifying, tenant } = search;
  const level = { tenant, type, node: { kind: 'and' as const, all: [await guardOf(planning, [type]), leaf] } };
  return (await take(verifying, level.node, await streamOf(sources, level, fromStart), limit)).hits;
}

const references = (search: Search, type: string): Parameter[] =>
  [...search.parameters(type).values()].filter(
    (parameter) => parameter.type === 'reference' && isShown(search.planning, parameter),
  );

/** The parameters by which an include leads on from resources of a type. */
function parametersFrom(search: Search, include: Include, type: string): readonly Parameter[] {
  if (include.source !== '*' && include.source !== type) return [];
  if (include.parameter === undefined) return references(search, type);
  return [search.parameters(type).get(include.parameter.code) ?? include.parameter];
}

/** Ids by type of what the resources refer to. A versioned reference includes the current version. */
function targetsOf(search: Search, include: Include, from: readonly Source[]): ReadonlyMap<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { type: source, resource } of from) {
    for (const parameter of parametersFrom(search, include, source)) {
      for (const { type, id, url } of valuesOf(resource, parameter) as readonly ReferenceValue[]) {
        const right = include.target === undefined || include.target === type;
        if (type === undefined || id === undefined || url !== undefined || !right || !isUuid(id)) continue;
        wanted.set(type, (wanted.get(type) ?? new Set()).add(id));
      }
    }
  }
  return wanted;
}

type Fetch = (limit: number) => Promise<readonly Hit[]>;

const forward = (search: Search, include: Include, from: readonly Source[]): Fetch[] =>
  [...targetsOf(search, include, from)].map(
    ([type, ids]) =>
      (limit) =>
        visibleHits(search, type, idLeaf([...ids]), limit),
  );

/** The types and parameters by which others refer to resources of these types. */
function parametersTo(
  search: Search,
  { source, parameter }: Include,
  present: readonly string[],
  types: readonly string[],
): readonly Parameter[] {
  if (parameter !== undefined) return [parameter];
  const leads = ({ target, within }: Parameter): boolean =>
    within === undefined && (target.length === 0 || types.some((type) => target.includes(type)));
  return (source === '*' ? present : [source]).flatMap((type) => references(search, type).filter(leads));
}

/** What refers to the resources by one parameter. */
function referring(search: Search, parameter: Parameter, to: readonly Source[]): Fetch[] {
  const reached = to.filter(({ type }) => parameter.target.length === 0 || parameter.target.includes(type));
  if (reached.length === 0) return [];
  const tests = reached.map(({ type, id }) => ({ kind: 'reference' as const, types: [type], id }));
  const condition: Condition = { kind: 'condition', parameter, tests };
  const leaf = probeLeaf(search.planning.probe(condition), true, (resource) => matches(resource, condition));
  return [(limit) => visibleHits(search, parameter.of, leaf, limit)];
}

async function reverse(search: Search, include: Include, to: readonly Source[]): Promise<Fetch[]> {
  const reached = include.target === undefined ? to : to.filter(({ type }) => type === include.target);
  const types = [...new Set(reached.map(({ type }) => type))];
  const any = include.source === '*' && types.length > 0;
  const present = any ? await search.present(resourceTypes) : [];
  return parametersTo(search, include, present, types).flatMap((parameter) => referring(search, parameter, reached));
}

/** What has been included so far. */
interface Basket {
  readonly seen: Set<string>;
  readonly hits: Hit[];
}

/** Adds what one look-up finds; false: the page is full. */
async function fill({ seen, hits }: Basket, fetch: Fetch): Promise<boolean> {
  // Those that are there already take up room in the answer of the statement, and not on the page.
  for (const hit of await fetch(included_most + seen.size + 1)) {
    if (seen.has(hit.row.id)) continue;
    if (hits.length >= included_most) return false;
    seen.add(hit.row.id);
    hits.push(hit);
  }
  return true;
}

/** Follows every include from some resources; false: the page is full. */
async function followAll(
  search: Search,
  includes: readonly Include[],
  from: readonly Source[],
  basket: Basket,
): Promise<boolean> {
  for (const include of includes) {
    const fetches = include.reverse ? await reverse(search, include, from) : forward(search, include, from);
    for (const fetch of fetches) if (!(await fill(basket, fetch))) return false;
  }
  return true;
}

/**
 * What a page includes (FHIR R4 3.1.1.5.2): each resource once, none that is a match, nothing that the caller may not
 * see, at most `included_most`.
 */
export async function includedBy(
  search: Search,
  includes: readonly Include[],
  page: readonly Hit[],
): Promise<Included> {
  for (const { parameter } of includes) if (parameter !== undefined) requireShown(search.planning, parameter);
  const basket: Basket = { seen: new Set(page.map(({ row }) => row.id)), hits: [] };
  const iterated = includes.filter(({ iterate }) => iterate);
  let frontier = includes.length === 0 ? [] : page.map(sourceOf);
  for (let round = 0; frontier.length > 0; round += 1) {
    const before = basket.hits.length;
    const following = round === 0 ? includes : iterated;
    const whole = round <= rounds_most && (await followAll(search, following, frontier, basket));
    if (!whole) return { hits: basket.hits, cut: true };
    frontier = iterated.length === 0 ? [] : basket.hits.slice(before).map(sourceOf);
  }
  return { hits: basket.hits, cut: false };
}
