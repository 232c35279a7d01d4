import { type Issue, isUuid } from '@safeguard/kernel';
import type { Limits } from '../grants/deps.ts';
import type { NewRequest } from '../grants/types.ts';
import type { Policy, RoleDefinition } from '../policy/types.ts';
import { isReason, longest, shortest } from './reasons.ts';
import { emergencyRole, invalid, issue, roleIn } from './role.ts';

export const day_ms = 86_400_000;
/** The longest elevation, from its approval, where the house has no other. */
const hour_ms = 3_600_000;
const elevation_hours = 8;
/** How far a clock may be behind ours before `from` counts as past, and how far ahead a grant may begin. */
const skew_ms = 60_000;
const ahead_ms = 366 * day_ms;
const mostPatients = 100;
const mostOpens = 20;

/** A request that keeps the rules, in normal form. */
export interface Checked {
  readonly role: string;
  readonly definition: RoleDefinition;
  readonly patients: readonly string[] | null;
  readonly opens: readonly string[] | null;
  readonly reason: string;
  /** Null: at once. */
  readonly from: number | null;
  readonly until: number;
}

const isList = (list: unknown, most: number): list is readonly string[] =>
  Array.isArray(list) && list.length >= 1 && list.length <= most && new Set(list).size === list.length;

function patientIssues({ patients }: Partial<NewRequest>, { patients: required }: RoleDefinition): Issue[] {
  if (patients === undefined) return required === true ? [issue('patients', 'the patients that it is for')] : [];
  const sound = isList(patients, mostPatients) && patients.every((one) => typeof one === 'string' && isUuid(one));
  return sound ? [] : [issue('patients', `1 to ${mostPatients} ids of Patients, each once`)];
}

function opensIssues({ opens }: Partial<NewRequest>, { sensitive }: Policy): Issue[] {
  if (opens === undefined) return [];
  const sound = isList(opens, mostOpens) && opens.every((one) => Object.hasOwn(sensitive, one));
  return sound ? [] : [issue('opens', 'names of sensitive categories of the policy, each once')];
}

/** The longest that a grant of this role and kind may be, milliseconds. */
export const longestOf = ({ longest_days }: RoleDefinition, kind: 'standing' | 'elevation', limits?: Limits): number =>
  kind === 'elevation'
    ? Math.min((limits?.elevation_hours ?? elevation_hours) * hour_ms, longest_days * day_ms)
    : longest_days * day_ms;

function timeIssues({ from, until }: Partial<NewRequest>, longest_ms: number, now: number): Issue[] {
  const isTime = (time: unknown): time is number => Number.isSafeInteger(time);
  if (from !== undefined && !(isTime(from) && from >= now - skew_ms && from <= now + ahead_ms)) {
    return [issue('from', 'a time from now on, a year ahead at most')];
  }
  const start = Math.max(from ?? now, now);
  if (!isTime(until) || until <= start) return [issue('until', 'a time after now and after it begins')];
  return until - start > longest_ms ? [issue('until', 'an end no later than the role allows')] : [];
}

type Kind = 'standing' | 'elevation';

/** Of a role that is held otherwise. */
const notAsked = {
  emergency: 'another role: this one is opened in an emergency',
  relationship: 'another role: this one is held by what an account is',
  elevation: 'another way: this role is held for a while only, by an elevation',
} as const;

function grantedRole(role: unknown, kind: Kind, policy: Policy): RoleDefinition {
  const definition = typeof role === 'string' ? roleIn(policy, role) : undefined;
  if (definition === undefined) throw invalid([issue('role', 'a role of the policy')]);
  const { approvals, elevated = false } = definition;
  if (role === emergencyRole) throw invalid([issue('role', notAsked.emergency)]);
  if (approvals === 0) throw invalid([issue('role', notAsked.relationship)]);
  if (elevated && kind === 'standing') throw invalid([issue('role', notAsked.elevation)]);
  return definition;
}

/**
 * What is asked, against the policy. Fault `invalid`, one issue a field; what the caller sent is never repeated.
 * `wanted` may be anything: its types are checked here.
 */
export function checked(
  wanted: Omit<NewRequest, 'account'>,
  kind: Kind,
  policy: Policy,
  now: number,
  limits?: Limits,
): Checked {
  const { role, reason, patients, opens, from, until } = wanted;
  const definition = grantedRole(role, kind, policy);
  const issues = [
    ...patientIssues(wanted, definition),
    ...opensIssues(wanted, policy),
    ...(isReason(reason) ? [] : [issue('reason', `${shortest} to ${longest} printable characters`)]),
    ...(kind === 'elevation' && from !== undefined ? [issue('from', 'none: an elevation begins at once')] : []),
    ...timeIssues(wanted, longestOf(definition, kind, limits), now),
  ];
  if (issues.length > 0) throw invalid(issues);
  return {
    ...{ role, definition, reason, until },
    patients: patients === undefined ? null : [...patients].sort(),
    opens: opens === undefined ? null : [...opens].sort(),
    from: from === undefined || from <= now ? null : from,
  };
}
