import type { JudgeParameter } from '@safeguard/access';
import { type Criterion, matches, type ParameterType, parametersOf, readSearch } from '@safeguard/fhir';
import { fault, isFault, type JsonObject } from '@safeguard/kernel';

/**
 * The queries that scopes are restricted by (`patient/Observation.rs?category=x`): plain conditions on a type's own
 * parameters of R4, read by the rules of every search, so that a scope shows what the same search would find.
 */

/** What both an index and an opened resource can be asked. A tenant's own parameters are not: they may change. */
const kinds: ReadonlySet<ParameterType> = new Set([
  'token',
  'reference',
  'date',
  'string',
  'uri',
  'quantity',
  'number',
]);

/** `access` bounds what one scope holds; a union of many is one query. */
const limits = { alternatives: 100_000, characters: 10_000_000 };

const read = (type: string, query: URLSearchParams): Criterion =>
  readSearch(type === '*' ? undefined : type, query, {
    parameters: (of) => parametersOf(of),
    lenient: false,
    now: 0,
    limits,
  }).where;

/** `ap` depends on today: what a scope shows must not. */
const dependsOnNow = (kind: ParameterType, value: string): boolean => kind === 'date' && /(?:^|,)ap/.test(value);

/** Which parameters a scope may be restricted by: for `access`, which knows none. `*`: those that every type has. */
export const scopeParameters: JudgeParameter = (type, name, value) => {
  const kind = parametersOf(type === '*' ? 'Resource' : type).get(name)?.type;
  if (kind === undefined && name !== '_id') return 'unknown';
  if (kind !== undefined && (!kinds.has(kind) || dependsOnNow(kind, value))) return 'refused';
  try {
    read(type, new URLSearchParams([[name, value]]));
    return 'served';
  } catch (error) {
    if (isFault(error) && error.kind === 'invalid') return 'refused';
    throw error;
  }
};

/** Criteria that are kept: scopes are few, and each is asked at every request. */
const kept_most = 2_000;
const kept = new Map<string, Criterion>();

/** What the query of a sight asks. Throws Fault `internal` for what `scopeParameters` would not have let through. */
export function criterionOf(type: string, query: string): Criterion {
  const key = `${type}?${query}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const criterion = read(type, new URLSearchParams(query));
  if (!isPlain(criterion)) throw fault('internal', 'A scope is restricted by what cannot be enforced');
  if (kept.size >= kept_most) kept.clear();
  kept.set(key, criterion);
  return criterion;
}

/** At least one condition, and none that looks beyond the resource. */
function isPlain(criterion: Criterion): boolean {
  if (criterion.kind === 'and') return criterion.all.length > 0 && criterion.all.every(isPlain);
  return criterion.kind === 'id' || (criterion.kind === 'condition' && criterion.modifier === undefined);
}

/** The conditions of a criterion that holds nothing else but ids. */
export function conditionsOf(criterion: Criterion): readonly Extract<Criterion, { kind: 'condition' }>[] {
  if (criterion.kind === 'and') return criterion.all.flatMap(conditionsOf);
  return criterion.kind === 'condition' ? [criterion] : [];
}

/** Whether an opened resource fulfils a criterion that it can answer by itself; for any other one, `otherwise`. */
export function fulfils(resource: JsonObject, criterion: Criterion, otherwise: () => boolean): boolean {
  switch (criterion.kind) {
    case 'condition':
      return matches(resource, criterion);
    case 'and':
      return criterion.all.every((one) => fulfils(resource, one, otherwise));
    case 'or':
      return criterion.all.some((one) => fulfils(resource, one, otherwise));
    case 'not':
      return !fulfils(resource, criterion.one, otherwise);
    case 'id':
      return criterion.ids.includes(String(resource.id));
    default:
      return otherwise();
  }
}
