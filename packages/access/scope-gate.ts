import type { Principal } from '@safeguard/http';
import { type Decision, denied, permitted } from './decisions.ts';
import { type Cell, cellIn, type Grants } from './grants.ts';
import { type Letter, systemInteractions, typeInteractions } from './interactions.ts';
import { type Permission, permissionInteractions } from './permissions.ts';
import { type Level, placeOf } from './scope.ts';
import type { Sight, Visibility } from './sight.ts';

/** The first gate: what the scopes of an app or client let through. */

/** What an interaction of FHIR needs. */
export interface Need {
  readonly place: number;
  readonly over: 'type' | 'system';
  readonly permission?: Permission;
}

const needing = (over: Need['over'], [action, letter]: readonly [string, Letter]): [string, Need] => [
  action,
  { place: placeOf(letter), over },
];
export const needs: ReadonlyMap<string, Need> = new Map([
  ...[...typeInteractions].map((each) => needing('type', each)),
  ...[...systemInteractions].map((each) => needing('system', each)),
  ...[...permissionInteractions].map(([action, { letter, permission: named }]): [string, Need] => [
    action,
    { place: placeOf(letter), over: 'type', permission: named },
  ]),
]);

/**
 * Whether scopes of a level mean anything for this principal. A client speaks for itself (`system/`); a person has no
 * such rights. What bounds them (`within`) bounds every level: with nobody in it, nothing is left.
 */
function isUsable({ kind, patient, within }: Principal, level: Level): boolean {
  if ((kind === 'user') !== (level !== 'system')) return false;
  if (level === 'patient' && patient === undefined) return false;
  if (within === undefined) return true;
  return level === 'user' || patient === undefined ? within.length > 0 : within.includes(patient);
}

const levelsOf = { user: ['user', 'patient'], client: ['system'] } as const satisfies Record<string, readonly Level[]>;

/** The levels whose scopes a kind of principal can use, the wider first. */
const levelsFor = ({ kind }: Principal): readonly Level[] =>
  kind === 'user' ? levelsOf.user : kind === 'client' ? levelsOf.client : [];

/** To whose compartments a level is limited; undefined: to nobody's. The level is usable. */
function limitOf({ patient, within }: Principal, level: Level): readonly string[] | undefined {
  return patient === undefined || level === 'user' ? within : [patient];
}

export function envelopeOf(principal: Principal, grants: Grants): Decision {
  for (const level of levelsFor(principal)) {
    if (grants[level].any && isUsable(principal, level)) return permitted.envelope;
  }
  return grants.any ? denied.scope : denied.empty;
}

function firstCell(principal: Principal, grants: Grants, type: string, place: number): Cell | undefined {
  for (const level of levelsFor(principal)) {
    const cell = cellIn(grants[level], type, place);
    if (cell !== undefined && isUsable(principal, level)) return cell;
  }
  return undefined;
}

/**
 * To whose compartments the scopes for a letter on a type limit at least: those of the widest level, which are never
 * fewer than those of another. Undefined: to nobody's.
 */
export function widestLimit(
  principal: Principal,
  grants: Grants,
  type: string,
  place: number,
): readonly string[] | undefined {
  for (const level of levelsFor(principal)) {
    if (cellIn(grants[level], type, place) !== undefined && isUsable(principal, level))
      return limitOf(principal, level);
  }
  return [];
}

/** What the scopes say of an interaction on a type. */
export function decideByScopes(
  types: ReadonlySet<string>,
  principal: Principal,
  grants: Grants,
  { place, over, permission }: Need,
  type: string | undefined,
): Decision {
  if (!grants.any) return denied.empty;
  if (permission !== undefined && principal.permissions?.includes(permission) !== true) return denied.permission;
  if (over === 'system') return firstCell(principal, grants, '*', place)?.decision ?? denied.scope;
  if (type === undefined || !types.has(type)) return denied.type;
  return firstCell(principal, grants, type, place)?.decision ?? denied.scope;
}

const sightsOf = (patients: readonly string[] | undefined, queries: readonly string[] | undefined): Sight[] => {
  const limit = patients === undefined ? {} : { patients };
  return queries === undefined ? [limit] : queries.map((query) => ({ ...limit, query }));
};

/** Whether one sight shows all that another of the same type does. */
const isShown = ({ patients }: Sight, { patients: by, query }: Sight): boolean =>
  query === undefined && (by === undefined || patients?.every((one) => by.includes(one)) === true);

/** What another sight shows anyway is left out. */
function unionOf(sights: readonly Sight[]): Visibility {
  const kept: Sight[] = [];
  for (const one of sights) if (!kept.some((other) => isShown(one, other))) kept.push(one);
  return kept.length === 0 ? 'none' : kept;
}

/** What the scopes for a letter, by its place, show of a type. */
export function scopeSights(principal: Principal, grants: Grants, type: string, place: number): Visibility {
  const sights: Sight[] = [];
  for (const level of levelsFor(principal)) {
    const cell = isUsable(principal, level) ? cellIn(grants[level], type, place) : undefined;
    if (cell === undefined) continue;
    const patients = limitOf(principal, level);
    if (patients === undefined && cell.queries === undefined) return 'all';
    sights.push(...sightsOf(patients, cell.queries));
  }
  return unionOf(sights);
}
