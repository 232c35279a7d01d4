import { sharedTypes } from '../shared-types.ts';
import type { Exception, Sight, Visibility } from '../sight.ts';
import { meet } from './limits.ts';
import type { PolicySight, Reach } from './sights.ts';

/** A sight of both gates, with its exceptions still apart, so that sights can be compared. */
interface Joined extends Sight {
  /** Labels that hide, sorted. */
  readonly labels: readonly string[];
  readonly bound: boolean;
}

const conditionsOf = (query: string | undefined): string[] => (query === undefined ? [] : query.split('&'));

function queryOfBoth(one: string | undefined, other: string | undefined): string | undefined {
  const all = new Set([...conditionsOf(one), ...conditionsOf(other)]);
  return all.size === 0 ? undefined : [...all].join('&');
}

function join(scope: Sight, sight: PolicySight): Joined {
  const { candidate, patientQuery, closed, bound } = sight;
  const patients = meet(scope.patients, sight.patients);
  const query = queryOfBoth(scope.query, sight.query);
  const grant = candidate.holding?.grant;
  return {
    ...(patients ? { patients } : {}),
    ...(patientQuery === undefined ? {} : { patientQuery }),
    ...(query === undefined ? {} : { query }),
    why: { rule: candidate.rule.id, ...(grant === undefined ? {} : { grant }) },
    labels: [...new Set([...closed, ...candidate.rule.none])].sort(),
    bound,
  };
}

function isPart(some: readonly string[], all: readonly string[]): boolean {
  const set = new Set(all);
  return some.every((one) => set.has(one));
}

/** Whether the other shows all that one does. */
function isShownBy(one: Joined, other: Joined): boolean {
  if (other.patients !== undefined && !(one.patients && isPart(one.patients, other.patients))) return false;
  if (other.patientQuery !== undefined && other.patientQuery !== one.patientQuery) return false;
  if (other.bound && !one.bound) return false;
  return isPart(other.labels, one.labels) && isPart(conditionsOf(other.query), conditionsOf(one.query));
}

const keyOf = ({ patientQuery, query, labels, bound, patients }: Joined): string =>
  JSON.stringify([patients !== undefined, patientQuery, query, labels, bound]);

/** Sights that differ by their patients alone are one, of all these patients. */
function merged(sights: readonly Joined[]): Joined[] {
  const alike = [...Map.groupBy(sights, keyOf).values()];
  return alike.flatMap(([first, ...more]) => {
    if (first === undefined || first.patients === undefined || more.length === 0) return first ?? [];
    return { ...first, patients: [...new Set([first, ...more].flatMap(({ patients = [] }) => patients))] };
  });
}

/** Of more sights than this, none is looked for among the others: what is shown twice is still shown once. */
const compared_most = 200;

function reduced(sights: readonly Joined[]): readonly Joined[] {
  const all = merged(sights);
  if (all.length > compared_most) return all;
  const kept: Joined[] = [];
  for (const [index, one] of all.entries()) {
    const rest = [...kept, ...all.slice(index + 1)];
    if (!rest.some((other) => isShownBy(one, other))) kept.push(one);
  }
  return kept;
}

/** An exception without conditions hides everything. */
const isTotal = (exception: Exception): boolean => Object.keys(exception).length === 0;

/** What a principal sees of a type by both gates; `scope`: what its scopes show. */
export function visibilityOf(scope: Visibility, { sights, forbids, consents }: Reach, type: string): Visibility {
  if (scope === 'none' || forbids.some(({ exception }) => isTotal(exception))) return 'none';
  const scopes = scope === 'all' ? [{}] : scope;
  const joined = scopes
    .flatMap((one) => sights.map((sight) => join(one, sight)))
    .filter(({ patients }) => patients?.length !== 0 || sharedTypes.has(type));
  if (joined.length === 0) return 'none';
  const forbidden = forbids.map(({ exception }) => exception);
  const withheld = consents.map(({ exception }) => exception);
  const shown = reduced(joined).map(({ labels, bound, ...sight }): Sight => {
    const except = [...forbidden, ...(labels.length > 0 ? [{ labels }] : []), ...(bound ? withheld : [])];
    return except.length > 0 ? { ...sight, except } : sight;
  });
  const isAll = shown.some(({ why, ...conditions }) => Object.keys(conditions).length === 0);
  return isAll ? 'all' : shown;
}
