import type { Principal } from '@safeguard/http';
import type { OpenStanding } from '../standing/types.ts';
import type { Candidate } from './cells.ts';

/** Whose resources: ids of Patients, or a query on them; nothing: anybody's. As in a Sight. */
export interface Limits {
  readonly patients?: readonly string[];
  readonly patientQuery?: string;
}

const nobody: readonly string[] = Object.freeze([]);
const unlimited: Limits = Object.freeze({});
const ofNobody: Limits = Object.freeze({ patients: nobody });

/** From so many ids on they are looked up in a set. */
const few = 16;
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Only of a frozen list the set is remembered: another may have changed since. */
function setOf(ids: readonly string[]): ReadonlySet<string> {
  const known = sets.get(ids);
  if (known !== undefined) return known;
  const made = new Set(ids);
  if (Object.isFrozen(ids)) sets.set(ids, made);
  return made;
}

/** Whether an id is in a list. */
export const has = (ids: readonly string[], id: string): boolean =>
  ids.length < few || !Object.isFrozen(ids) ? ids.includes(id) : setOf(ids).has(id);

/** The same, for many ids. */
const testOf = (ids: readonly string[]): ((id: string) => boolean) => {
  if (ids.length < few) return (id) => ids.includes(id);
  const set = setOf(ids);
  return (id) => set.has(id);
};

/** What is in both lists; undefined is no list, and limits nothing. */
export function meet(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  if (one === undefined || one === other) return other;
  if (other === undefined) return one;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return short.filter(testOf(long));
}

/** Whether two lists have anything in common; undefined is no list, and has everything. */
export function isMet(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (one === undefined) return other === undefined || other.length > 0;
  if (other === undefined || one === other) return one.length > 0;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return short.some(testOf(long));
}

const queries = new WeakMap<readonly string[], Limits>();

function ofOrganizations(organizations: readonly string[]): Limits {
  if (organizations.length === 0) return ofNobody;
  const known = queries.get(organizations);
  if (known !== undefined) return known;
  const references = organizations.map((id) => encodeURIComponent(`Organization/${id}`).replaceAll('%2F', '/'));
  const made = Object.freeze({ patientQuery: `organization=${[...new Set(references)].sort().join(',')}` });
  queries.set(organizations, made);
  return made;
}

function compartmentOf({ rule, holding }: Candidate, { within }: Principal, open: OpenStanding): Limits {
  switch (rule.compartment) {
    case 'own':
      return { patients: within ?? nobody };
    case 'care-team':
      return { patients: open.careTeam };
    case 'granted':
      return { patients: holding?.patients ?? nobody };
    case 'organization':
      return ofOrganizations(open.organizations);
    default:
      return unlimited;
  }
}

/** To whose resources a rule is limited: by its compartment, and by the patients of the holding it matches through. */
export function limitsOf(candidate: Candidate, principal: Principal, open: OpenStanding): Limits {
  const limits = compartmentOf(candidate, principal, open);
  const granted = candidate.holding?.patients;
  if (granted === undefined) return limits;
  return { ...limits, patients: meet(limits.patients, granted) ?? granted };
}
