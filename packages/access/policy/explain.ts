import type { Principal } from '@safeguard/http';
import type { Judge } from '../decide.ts';
import type { Decision, DecisionTarget, Reason } from '../decisions.ts';
import { scopeSights, widestLimit } from '../scope-gate.ts';
import { sharedTypes } from '../shared-types.ts';
import type { Visibility } from '../sight.ts';
import type { Holding } from '../standing/types.ts';
import { type Candidate, isHeld } from './cells.ts';
import { isThrough } from './compile-index.ts';
import type { CompiledRule } from './compile-rules.ts';
import { isWithin } from './gate.ts';
import { isMet, limitsOf } from './limits.ts';
import { type ContextPart, missed } from './occasion.ts';
import type { RowFacts } from './row.ts';
import { type Opened, openedOf } from './sealed-standing.ts';
import { hasLabel, isExcepted, isOf } from './shows.ts';
import { closedLabels, type Reach } from './sights.ts';
import { widthOf } from './view-widths.ts';

/** The first condition of a rule that was not fulfilled. */
export type FailedPart =
  | ContextPart
  | 'subject'
  | 'matrix'
  | 'ended'
  | 'view'
  | 'compartment'
  | 'query'
  | 'labels'
  | 'sensitive'
  | 'consent'
  | 'scope';

/** By what a rule names somebody. */
export interface Through {
  readonly kind: 'role' | 'group' | 'user' | 'client' | 'everyone';
  /** The role, or the id of the group. */
  readonly name?: string;
  readonly grant?: string;
  /** Exclusive, milliseconds since the Unix epoch. */
  readonly until?: number;
}

/** One rule on the type and the interaction, as it met somebody in one of their roles. */
export interface RuleTrace {
  readonly rule: string;
  readonly effect: 'permit' | 'forbid';
  /** The rule's own sentence. */
  readonly why: string;
  /** Absent: it does not name them. */
  readonly through?: Through;
  /** Absent: all its conditions hold. */
  readonly failed?: FailedPart;
}

/** Why a decision is what it is. */
export interface Explanation {
  readonly decision: Decision;
  /** `table`: no FHIR interaction, or not known who asks. */
  readonly gate: 'table' | 'scope' | 'policy' | 'consent';
  /** Those that name them first; of those that name others 100 at most. */
  readonly rules: readonly RuleTrace[];
  /** Of the rule that permits: until when the role is held. */
  readonly until?: number;
}

export type Explain = (principal: Principal, action: string, target?: DecisionTarget) => Explanation;

const others_most = 100;

const gates: Readonly<Partial<Record<Reason, Explanation['gate']>>> = {
  scope: 'scope',
  'no scopes': 'scope',
  'no scope permits it': 'scope',
  'permission not granted': 'scope',
  policy: 'policy',
  'no role is held': 'policy',
  'no policy permits it': 'policy',
  'forbidden by policy': 'policy',
  sensitive: 'policy',
  "patient's consent": 'consent',
};

interface Question {
  readonly principal: Principal;
  readonly opened: Opened;
  readonly type: string;
  readonly place: number;
  readonly row: RowFacts | undefined;
  readonly shown: Visibility;
  /** To whose compartments the scopes limit. */
  readonly limit: readonly string[] | undefined;
  readonly reach: Reach;
}

const throughHolding = ({ role, grant, until }: Holding): Through => ({
  kind: 'role',
  name: role,
  ...(grant === undefined ? {} : { grant }),
  ...(until === undefined ? {} : { until }),
});

type Way = readonly [Through, Holding | undefined];

function waysOf({ source: { who } }: CompiledRule, { principal: { kind, id }, opened }: Question): Way[] {
  const held = opened.holdings.filter(({ role }) => who.roles?.includes(role));
  const groups = opened.groups.filter((group) => who.groups?.includes(group));
  return [
    ...held.map((one): Way => [throughHolding(one), one]),
    ...groups.map((name): Way => [{ kind: 'group', name }, undefined]),
    ...(kind === 'user' && who.users?.includes(id) ? [[{ kind: 'user' }, undefined] satisfies Way] : []),
    ...(kind === 'client' && who.clients?.includes(id) ? [[{ kind: 'client' }, undefined] satisfies Way] : []),
    ...(who.everyone ? [[{ kind: 'everyone' }, undefined] satisfies Way] : []),
  ];
}

function failedRow(candidate: Candidate, row: RowFacts, question: Question): FailedPart | undefined {
  const { principal, opened, shown, reach, place } = question;
  const { rule, holding } = candidate;
  const limits = limitsOf(candidate, principal, opened);
  if (!isOf(limits, row) || (!rule.permit && !isExcepted(limits, row))) return 'compartment';
  if (hasLabel(rule.none, row) || (rule.any && !hasLabel(rule.any, row))) return 'labels';
  if (rule.query !== undefined && !row.fulfils(rule.query)) return 'query';
  if (!rule.permit) return undefined;
  const closed = closedLabels(candidate, principal, opened, place);
  const bound = holding?.kind !== 'break-glass';
  const sight = { ...limits, candidate, query: rule.query, closed, bound };
  if (!isWithin(sight, shown, row)) return 'scope';
  if (hasLabel(closed, row)) return 'sensitive';
  return bound && reach.consents.some(({ exception }) => isExcepted(exception, row)) ? 'consent' : undefined;
}

function failedOf(candidate: Candidate, question: Question): FailedPart | undefined {
  const { principal, opened, type, place, row, limit } = question;
  const { rule, holding } = candidate;
  const matrix = holding && opened.policy.index.roles.get(holding.role)?.matrix;
  if (rule.permit && !isThrough(matrix, type, place)) return 'matrix';
  if (!isHeld(holding, opened.at)) return 'ended';
  if (rule.permit && rule.width < widthOf(principal.view)) return 'view';
  const part = rule.context && missed(rule.context, principal, opened, opened);
  if (part !== undefined) return part;
  if (row !== undefined) return failedRow(candidate, row, question);
  const { patients } = limitsOf(candidate, principal, opened);
  return sharedTypes.has(type) || isMet(limit, patients) ? undefined : 'compartment';
}

function traceOf(rule: CompiledRule, question: Question): RuleTrace[] {
  const told = { rule: rule.id, effect: rule.source.effect, why: rule.source.reason };
  const traces = waysOf(rule, question).map(([through, holding]): RuleTrace => {
    const failed = failedOf({ rule, holding }, question);
    return { ...told, through, ...(failed === undefined ? {} : { failed }) };
  });
  return traces.length > 0 ? traces : [{ ...told, failed: 'subject' }];
}

function tracesOf(question: Question): RuleTrace[] {
  const { opened, type, place } = question;
  const rules = opened.policy.index.rules.filter(
    ({ letters, types }) => letters[place] === true && (types === '*' || types.has(type)),
  );
  const all = rules.flatMap((rule) => traceOf(rule, question));
  const [named, others] = [true, false].map((is) => all.filter(({ through }) => (through !== undefined) === is));
  return [...(named ?? []), ...(others ?? []).slice(0, others_most)];
}

function untilOf({ rule, grant }: Decision, rules: readonly RuleTrace[]): number | undefined {
  const by = rules.find((one) => one.rule === rule && one.through?.grant === grant && one.failed === undefined);
  return by?.through?.until;
}

/**
 * Tells why: the decision, the gate that made it, and every rule on the type and the interaction with the condition
 * that failed. Pure. Meant for one question at a time: it looks at every rule of the policy.
 */
export function createExplain({ decide, byScopes, grantsOf, gate }: Judge): Explain {
  function questionOf(principal: Principal, action: string, target: DecisionTarget | undefined): Question | undefined {
    const { type, row } = target ?? {};
    const opened = openedOf(principal);
    if (type === undefined || opened === undefined) return undefined;
    const place = byScopes(principal, action, type)?.place;
    const reach = place === undefined ? undefined : gate?.reach(principal, type, place);
    if (place === undefined || reach === undefined) return undefined;
    const grants = grantsOf(principal.scopes);
    const shown = scopeSights(principal, grants, type, place);
    const limit = widestLimit(principal, grants, type, place);
    return { principal, opened, type, place, row, shown, limit, reach };
  }
  return (principal, action, target) => {
    const decision = decide(principal, action, target);
    const question = questionOf(principal, action, target);
    const rules = question === undefined ? [] : tracesOf(question);
    const until = decision.permit ? untilOf(decision, rules) : undefined;
    return {
      decision,
      gate: gates[decision.reason] ?? 'table',
      rules,
      ...(until === undefined ? {} : { until }),
    };
  };
}
