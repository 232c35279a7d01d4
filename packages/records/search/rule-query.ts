import {
  type Condition,
  type Criterion,
  isResourceType,
  type ParameterType,
  parametersOf,
  readSearch,
} from '@safeguard/fhir';
import type { View } from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import { segmentOf } from '../index-rows/index.ts';
import { isTold } from './told.ts';

/**
 * The queries of rules: of scopes (`patient/Observation.rs?category=x`), of policies and of consents. Read by the rules
 * of every search, so that a rule shows what the same search of somebody who sees everything would find. By R4's own
 * parameters: a tenant's may change.
 */

/** What both an index and an opened resource can be asked. */
export const ruleKinds: ReadonlySet<ParameterType> = new Set([
  'token',
  'reference',
  'date',
  'string',
  'uri',
  'quantity',
  'number',
]);

/** What needs neither a terminology nor an identifier to be judged. */
const modifiers: ReadonlySet<Condition['modifier']> = new Set([undefined, 'not', 'missing', 'exact', 'contains']);

/** `access` bounds what one rule holds; a union of many is one query. */
const limits = { alternatives: 100_000, characters: 10_000_000 };

/** `type`: `*` for what every type has. Fault `invalid`: it is no query. */
export const readRule = (type: string, query: URLSearchParams): Criterion => {
  const options = { parameters: (of: string) => parametersOf(of), lenient: false, now: 0, limits };
  return readSearch(type === '*' ? undefined : type, query, options).where;
};

/** References that one condition may follow. */
const depth_most = 3;
/** Types that the references of a query may lead to, together: each is a join. */
const links_most = 20;

/** How a query is judged. */
interface Judging {
  readonly view: View;
  readonly links: { left: number };
}

/** `ap` depends on today: what a rule shows must not. */
const dependsOnNow = ({ tests }: Condition): boolean =>
  tests.some((test) => test.kind === 'date' && test.prefix === 'ap');

function judgeCondition(condition: Condition, depth: number, { view }: Judging): true | string {
  const { parameter, modifier } = condition;
  if (!ruleKinds.has(parameter.type)) return 'a parameter is of a kind that no rule can be made of';
  if (!modifiers.has(modifier)) return 'a modifier other than :not, :missing, :exact and :contains';
  if (dependsOnNow(condition)) return 'a date that is approximate depends on the day it is asked';
  const segment = segmentOf(parameter, modifier);
  if (depth > 0 && segment === 'identity') return 'a chain leads to what is kept as direct identifiers';
  if (view !== 'full' && segment !== 'clinical') return 'a parameter looks at what the view of the rule does not show';
  if (!isTold(view, condition)) return 'a date finer than a year, or a code of no published system named with it';
  return true;
}

const notPlain = 'only conditions and chains: no _has, _filter, _list, _text, _content, _lastUpdated';

function judgeAll(all: readonly Criterion[], depth: number, judging: Judging): true | string {
  for (const one of all) {
    const answer = judge(one, depth, judging);
    if (answer !== true) return answer;
  }
  return true;
}

function judge(criterion: Criterion, depth: number, judging: Judging): true | string {
  switch (criterion.kind) {
    case 'and':
      return judgeAll(criterion.all, depth, judging);
    case 'condition':
      return judgeCondition(criterion, depth, judging);
    case 'id':
      return true;
    case 'chain':
      return judgeChain(criterion, depth, judging);
    default:
      return notPlain;
  }
}

function judgeChain(
  { parameter, links }: Extract<Criterion, { kind: 'chain' }>,
  depth: number,
  judging: Judging,
): true | string {
  judging.links.left -= links.length;
  if (depth >= depth_most) return `a chain follows at most ${depth_most} references`;
  if (judging.links.left < 0) return 'a chain may lead to too many types: name the type (subject:Patient.active)';
  if (segmentOf(parameter) !== 'clinical') return 'a chain goes by what is kept as direct identifiers';
  return judgeAll(
    links.map(({ where }) => where),
    depth + 1,
    judging,
  );
}

const isEmpty = (criterion: Criterion): boolean => criterion.kind === 'and' && criterion.all.length === 0;

/** Every pair of the query must be a condition: what shapes an answer means nothing in a rule. */
const countOf = (criterion: Criterion): number => (criterion.kind === 'and' ? criterion.all.length : 1);

/** What is asked of how a rule's query is used. */
export interface Use {
  /** What the rule shows: but for the whole record nothing may be judged by what the view does not show. */
  readonly view?: View;
  /** It is a condition on a Patient in whose compartment something lies. */
  readonly far?: boolean;
}

/**
 * Whether a rule's query on a type can be enforced in every statement and on every opened resource: known parameters of
 * R4, plain conditions (with `:not`, `:missing`, `:exact`, `:contains`) and chains of at most three references, without
 * direct identifiers at their far end. Else the reason, in fixed words of ours.
 */
export function isServedQuery(type: string, query: string, { view = 'full', far = false }: Use = {}): true | string {
  if (!isResourceType(type)) return 'the type is none of R4';
  const pairs = new URLSearchParams(query);
  try {
    const criterion = readRule(type, pairs);
    if (pairs.has('_filter')) return notPlain;
    if (isEmpty(criterion) || countOf(criterion) !== pairs.size) return 'expected conditions, and nothing else';
    return judge(criterion, far ? 1 : 0, { view, links: { left: links_most } });
  } catch (error) {
    if (isFault(error) && error.kind === 'invalid')
      return 'a parameter that the type has not, or a value of a wrong form';
    throw error;
  }
}

/** Criteria that are kept: rules are few, and each is asked at every request. */
const kept_most = 2_000;
const kept = new Map<string, Criterion>();

/** What the query of a rule asks. Fault `internal`: one that `isServedQuery` would not have let through. */
export function criterionOf(type: string, query: string, far = false): Criterion {
  const key = `${far}/${type}?${query}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (isServedQuery(type, query, { far }) !== true) {
    throw fault('internal', 'A rule asks for what cannot be enforced');
  }
  const criterion = readRule(type, new URLSearchParams(query));
  if (kept.size >= kept_most) kept.clear();
  kept.set(key, criterion);
  return criterion;
}

/** The conditions of a criterion on the resource itself. */
export function conditionsOf(criterion: Criterion): readonly Condition[] {
  if (criterion.kind === 'and') return criterion.all.flatMap(conditionsOf);
  return criterion.kind === 'condition' ? [criterion] : [];
}
