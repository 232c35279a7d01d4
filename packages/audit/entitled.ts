import type { Sight, Visibility } from '@safeguard/access';
import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { House } from './types.ts';

/** Of whose records somebody may see the log. */
export interface Extent {
  /** What is about one of these patients; absent: everything. */
  readonly only?: readonly string[];
  /** Nothing that is about one of these: their consents keep it from this caller. */
  readonly without: readonly string[];
}

type Judging = Pick<House, 'access'>;
type Asking = 'audit-read' | 'audit-search';

const target = { type: 'AuditEvent' };
const everything: Extent = { without: [] };

const sightsOf = (visibility: Visibility): readonly Sight[] =>
  typeof visibility === 'string' ? (visibility === 'all' ? [{}] : []) : visibility;

/** Rights by criteria show nothing here: an event of the log has no content that could fulfil them. */
const isPlain = ({ query, patientQuery }: Sight): boolean => query === undefined && patientQuery === undefined;

/** Exceptions by labels and criteria hide nothing for the same reason; those of a patient hide all about them. */
const hiddenBy = ({ except = [] }: Sight): readonly string[] => except.flatMap(({ patients = [] }) => patients);

/**
 * Clients with `system/AuditEvent`, and people to whom the tenant's policy opens the type (who reads the log): all of
 * it. Scopes alone never do that for a person.
 */
function wholeBySight({ access }: Judging, principal: Principal): Extent | undefined {
  const { kind, standing, within, patient } = principal;
  if (within !== undefined || patient !== undefined) return undefined;
  if (kind !== 'client' && (kind !== 'user' || standing === undefined)) return undefined;
  const sights = sightsOf(access.visible(principal, 'AuditEvent', 'search-type'));
  const whole = sights.find((sight) => isPlain(sight) && sight.patients === undefined);
  return whole && { without: hiddenBy(whole) };
}

/** The patients to whom a caller is limited anyway: those that they stand for, the one in context. */
function ownBySight({ access }: Judging, principal: Principal): Extent {
  const { within, patient } = principal;
  const limited = within ?? (patient === undefined ? [] : [patient]);
  const sights = sightsOf(access.visible(principal, 'AuditEvent', 'search-type')).filter(isPlain);
  const only = limited.filter((id) =>
    sights.some((sight) => (sight.patients?.includes(id) ?? true) && !hiddenBy(sight).includes(id)),
  );
  return { only, without: [] };
}

/**
 * Who may see whose log. Officers (`audit-read`, `audit-search`), clients with `system/AuditEvent`, and whom the policy
 * lets read the log: all of it. Patients and proxies, and clients limited to a patient: what is about these patients.
 * Fault `forbidden` for others, and in any view but the full one: the log names patients.
 */
export function extentOf(house: Judging, principal: Principal, action: Asking): Extent {
  if (principal.view !== 'full')
    throw fault('forbidden', 'Access denied: the audit log is shown in full or not at all.');
  if (house.access.decide(principal, action, target).permit) return everything;
  const whole = wholeBySight(house, principal);
  if (whole !== undefined) return whole;
  const own = ownBySight(house, principal);
  if (own.only?.length !== 0) return own;
  house.access.guard(principal, action, target);
  throw fault('forbidden', 'Access denied: nothing permits it.');
}

/**
 * The patients that a question comes to: those that are asked for, else those that the caller may know of. Fault
 * `forbidden` when it is asked of others.
 */
export function within({ only }: Extent, patients: readonly string[] | undefined): readonly string[] | undefined {
  if (only === undefined) return patients;
  if (patients?.every((id) => only.includes(id)) === false) {
    throw fault('forbidden', 'Access denied: not of this patient.');
  }
  return patients ?? only;
}

/** Whether an event about these patients may be shown at all. */
export const isShown = ({ only, without }: Extent, patients: readonly string[]): boolean =>
  !patients.some((id) => without.includes(id)) && (only === undefined || patients.some((id) => only.includes(id)));
