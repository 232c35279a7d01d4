import type { Principal } from '@safeguard/http';
import { type Decision, denied, forbidden, withheld } from '../decisions.ts';
import type { JudgeParameter } from '../restriction.ts';
import { sharedTypes } from '../shared-types.ts';
import type { Visibility } from '../sight.ts';
import type { Holding } from '../standing/types.ts';
import { candidatesOf, isHeld, type Person } from './cells.ts';
import { cellIn } from './compile-index.ts';
import type { CompiledRule } from './compile-rules.ts';
import { createLasting } from './lasting.ts';
import { isMet, limitsOf, meet } from './limits.ts';
import type { RowFacts } from './row.ts';
import { type Opened, openedOf, personIn } from './sealed-standing.ts';
import { hasLabel, isExcepted, isOf } from './shows.ts';
import { counts, isOn, type PolicySight, type Reach, reachOf } from './sights.ts';
import { consentOf, createConsentExceptions } from './sights-consents.ts';
import { visibilityOf } from './sights-join.ts';

/** What the first gate said: the scope that let it through, and what scopes limit to. */
export interface ByScope {
  /** In normal form. */
  readonly scope: string;
  readonly limit: readonly string[] | undefined;
}

/** The second gate: the tenant's policy over what a principal holds. */
export interface PolicyGate {
  /** Whether anything of a type is within reach of a letter, by its place. */
  ofType(principal: Principal, type: string, place: number, by: ByScope): Decision;
  /** The same of one row, which the scopes show as told. */
  ofRow(principal: Principal, row: RowFacts, place: number, by: ByScope & { readonly shown: Visibility }): Decision;
  reach(principal: Principal, type: string, place: number): Reach | undefined;
  /** What both gates show of a type by a letter; `scope`: what the scopes alone show. */
  visible(principal: Principal, type: string, place: number, scope: () => Visibility): Visibility;
}

function permit({ id }: CompiledRule, holding: Holding | undefined, { view }: Principal, scope: string): Decision {
  const grant = holding?.grant;
  return grant === undefined
    ? { permit: true, reason: 'policy', rule: id, scope, view }
    : { permit: true, reason: 'policy', rule: id, grant, scope, view };
}

/** Why nothing permits it: there is nothing to permit it by, or it is not enough. */
const unpermitted = (open: Opened, hasPermits: boolean): Decision =>
  open.holdings.length === 0 && !hasPermits ? denied.held : denied.policy;

/** A forbid that asks nothing of the row, and counts now. */
function forbiddenAll(
  principal: Principal,
  opened: Opened,
  { sources, through }: Person,
  type: string,
  place: number,
): CompiledRule | undefined {
  for (const [way, rules] of sources.entries()) {
    const holding = through[way];
    if (holding?.patients !== undefined || !isHeld(holding, opened.at)) continue;
    for (const rule of cellIn(rules, type, place).total) if (isOn(rule, principal, opened)) return rule;
  }
  return undefined;
}

/** Of these permits the first by which anything of the type is within reach. */
function firstPermit(
  permits: readonly CompiledRule[],
  holding: Holding | undefined,
  principal: Principal,
  opened: Opened,
  type: string,
  limit: ByScope['limit'],
): CompiledRule | undefined {
  if (!isHeld(holding, opened.at)) return undefined;
  for (const rule of permits) {
    if (!counts(rule, principal, opened)) continue;
    if (limit === undefined && rule.compartment === undefined && holding?.patients === undefined) return rule;
    if (sharedTypes.has(type) || isMet(limit, limitsOf({ rule, holding }, principal, opened).patients)) return rule;
  }
  return undefined;
}

/** The hot path of every request: what has no rule for a person is passed over by a bit in a column that all share. */
function decideType(principal: Principal, opened: Opened, type: string, place: number, by: ByScope): Decision {
  const column = opened.policy.index.columns.get(type)?.[place];
  if (column === undefined) return denied.type;
  const person = personIn(opened, principal);
  if (column.hasTotal) {
    const forbid = forbiddenAll(principal, opened, person, type, place);
    if (forbid !== undefined) return forbidden(forbid.id);
  }
  const { numbers, sources, through } = person;
  let isNamed = false;
  for (let way = 0; way < numbers.length; way += 1) {
    const number = numbers[way] ?? 0;
    const rules = ((column.some[number >> 3] ?? 0) >> (number & 7)) & 1 ? sources[way] : undefined;
    if (rules === undefined) continue;
    isNamed = true;
    const { permits } = cellIn(rules, type, place);
    const found = firstPermit(permits, through[way], principal, opened, type, by.limit);
    if (found !== undefined) return permit(found, through[way], principal, by.scope);
  }
  return unpermitted(opened, isNamed);
}

/** Whether one permit and one sight of the scopes have the row in common; see visibilityOf. */
export function isWithin(sight: PolicySight, shown: Visibility, row: RowFacts): boolean {
  if (sight.query !== undefined && !row.fulfils(sight.query)) return false;
  if (typeof shown === 'string') return shown === 'all' && isOf(sight, row);
  return shown.some(({ patients, query }) => {
    const both = meet(patients, sight.patients);
    const limits = both === undefined ? sight : { ...sight, patients: both };
    return isOf(limits, row) && (query === undefined || row.fulfils(query));
  });
}

/** What of a row's labels and consents stops a permit that has it; undefined: nothing. */
function stopOf({ closed, bound }: PolicySight, { consents }: Reach, row: RowFacts): Decision | undefined {
  if (hasLabel(closed, row)) return denied.sensitive;
  const consent = bound ? consents.find(({ exception }) => isExcepted(exception, row)) : undefined;
  return consent && withheld(consentOf(consent, row.patients));
}

function decideRow(reach: Reach, principal: Principal, row: RowFacts, by: ByScope & { readonly shown: Visibility }) {
  const { forbids, sights } = reach;
  const near = sights.filter((one) => isWithin(one, by.shown, row) && !hasLabel(one.candidate.rule.none, row));
  if (near.length === 0) return undefined;
  const forbid = forbids.find(({ exception }) => isExcepted(exception, row));
  if (forbid !== undefined) return forbidden(forbid.rule);
  let why: Decision | undefined;
  for (const one of near) {
    const stop = stopOf(one, reach, row);
    if (stop === undefined) return permit(one.candidate.rule, one.candidate.holding, principal, by.scope);
    why = stop;
  }
  return why;
}

export function createPolicyGate(parameters: JudgeParameter | undefined): PolicyGate {
  const consentExceptions = createConsentExceptions(parameters);
  const lasting = createLasting((principal, opened, type, place) =>
    reachOf(consentExceptions, { principal, opened }, type, place),
  );
  return {
    reach(principal, type, place) {
      const opened = openedOf(principal);
      return opened && lasting.reach(principal, opened, type, place);
    },
    visible(principal, type, place, scope) {
      const opened = openedOf(principal);
      if (opened === undefined) return 'none';
      const visibleIn = (found: Reach): Visibility => visibilityOf(scope(), found, type);
      return lasting.visible(principal, opened, type, place, visibleIn);
    },
    ofType(principal, type, place, by) {
      const opened = openedOf(principal);
      if (opened === undefined) return denied.held;
      return decideType(principal, opened, type, place, by);
    },
    ofRow(principal, row, place, by) {
      const opened = openedOf(principal);
      if (opened === undefined) return denied.held;
      const decided = decideRow(lasting.reach(principal, opened, row.type, place), principal, row, by);
      if (decided !== undefined) return decided;
      const permits = candidatesOf(personIn(opened, principal), 'permits', row.type, place);
      return unpermitted(opened, permits.length > 0);
    },
  };
}
