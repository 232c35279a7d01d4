import type { Principal } from '@safeguard/http';
import { decideProduct, forOperator } from './decide-product.ts';
import { type Decision, type DecisionTarget, denied, permitted } from './decisions.ts';
import { type Cell, cellIn, createGrants, type Grants } from './grants.ts';
import {
  envelopeInteractions,
  type Letter,
  publicInteractions,
  systemInteractions,
  typeInteractions,
} from './interactions.ts';
import { type Permission, permissionInteractions } from './permissions.ts';
import { type Level, placeOf, type Vocabulary } from './scope.ts';

export type Decide = (principal: Principal, action: string, target?: DecisionTarget) => Decision;

/** What an interaction of FHIR needs. */
interface Need {
  readonly place: number;
  readonly over: 'type' | 'system';
  readonly permission?: Permission;
}

const needing = (over: Need['over'], [action, letter]: readonly [string, Letter]): [string, Need] => [
  action,
  { place: placeOf(letter), over },
];
const needs: ReadonlyMap<string, Need> = new Map([
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
export function isUsable({ kind, patient, within }: Principal, level: Level): boolean {
  if ((kind === 'user') !== (level !== 'system')) return false;
  if (level === 'patient' && patient === undefined) return false;
  if (within === undefined) return true;
  return level === 'user' || patient === undefined ? within.length > 0 : within.includes(patient);
}

const levelsOf = { user: ['user', 'patient'], client: ['system'] } as const satisfies Record<string, readonly Level[]>;

/** The levels whose scopes a kind of principal can use, the wider first. */
export const levelsFor = ({ kind }: Principal): readonly Level[] =>
  kind === 'user' ? levelsOf.user : kind === 'client' ? levelsOf.client : [];

/** A person below the second level of assurance reaches nothing (NIST SP 800-63B-4 2.2). */
const isUnsure = ({ kind, assurance }: Principal): boolean => kind === 'user' && assurance?.level !== 2;

function envelopeOf(principal: Principal, grants: Grants): Decision {
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

function decideInteraction(
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

/** A decision, and what sight is made of. */
export interface Judge {
  readonly decide: Decide;
  readonly grantsOf: (scopes: readonly string[]) => Grants;
  /** The place of the letter that an interaction needs on its type; undefined: it is none. */
  placeOf(action: string): number | undefined;
}

/**
 * Makes the decision function. It is pure: the same principal, action and target give the same answer, without I/O.
 * Default deny: every path that is not a match in a table or in a scope ends in a denial.
 */
export function createJudge(vocabulary: Vocabulary): Judge {
  const { types } = vocabulary;
  const grantsOf = createGrants(vocabulary);
  const decide: Decide = (principal, action, target) => {
    if (publicInteractions.has(action)) return permitted.open;
    const { kind } = principal;
    if (kind === 'operator') return forOperator(action, target?.type);
    if (kind !== 'client' && kind !== 'user') return denied.stranger;
    if (!(principal.tenant > 0)) return denied.platform;
    if (isUnsure(principal)) return denied.factor;
    const grants = grantsOf(principal.scopes);
    const need = needs.get(action);
    if (need !== undefined) return decideInteraction(types, principal, grants, need, target?.type);
    if (envelopeInteractions.has(action)) return envelopeOf(principal, grants);
    return decideProduct(principal, grants, action, target);
  };
  return { decide, grantsOf, placeOf: (action) => needs.get(action)?.place };
}
