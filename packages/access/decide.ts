import type { Principal } from '@safeguard/http';
import { createGrants, type Grants } from './grants.ts';
import {
  envelopeInteractions,
  operatorActions,
  publicInteractions,
  systemInteractions,
  typeInteractions,
} from './interactions.ts';
import { permissionInteractions } from './permissions.ts';
import { placeOf } from './scope.ts';

/** Why, in fixed words of ours: they go into the ledger and into the answer, so they hold nothing of the caller's. */
export type Reason =
  | 'public'
  | 'scope'
  | 'operator'
  | 'each entry is decided on its own'
  | 'not authenticated'
  | 'unknown action'
  | 'unknown type'
  | 'no scopes'
  | 'no scope permits it'
  | 'permission not granted'
  | 'no records in the platform tenant'
  | 'operators only'
  | 'not an operator action';

export interface Decision {
  readonly permit: boolean;
  readonly reason: Reason;
  /** What permitted it: a scope in normal form, or a table of this package. Absent on a denial. */
  readonly rule?: string;
}

/** `type` is a FHIR type, or the product's own (`Client`); none for what concerns no type. */
export interface DecisionTarget {
  readonly type?: string;
}

export type Decide = (principal: Principal, action: string, target?: DecisionTarget) => Decision;

const denial = (reason: Reason): Decision => Object.freeze({ permit: false, reason });
const permission = (reason: Reason, rule: string): Decision => Object.freeze({ permit: true, reason, rule });

const open = permission('public', 'public');
const operator = permission('operator', 'operator');
const envelope = permission('each entry is decided on its own', 'envelope');
const denied = {
  stranger: denial('not authenticated'),
  action: denial('unknown action'),
  type: denial('unknown type'),
  empty: denial('no scopes'),
  scope: denial('no scope permits it'),
  permission: denial('permission not granted'),
  platform: denial('no records in the platform tenant'),
  operators: denial('operators only'),
  notOperator: denial('not an operator action'),
} as const;

const places = new Map([...typeInteractions].map(([action, letter]) => [action, placeOf(letter)]));
const permissionPlaces = new Map(
  [...permissionInteractions].map(([action, { letter, permission }]) => [
    action,
    { place: placeOf(letter), permission },
  ]),
);
const systemPlaces = new Map([...systemInteractions].map(([action, letter]) => [action, placeOf(letter)]));

function withoutType(grants: Grants, action: string): Decision {
  if (envelopeInteractions.has(action)) return envelope;
  const place = systemPlaces.get(action);
  if (place !== undefined) return grants.all[place] ?? denied.scope;
  return operatorActions.has(action) ? denied.operators : denied.action;
}

function forOperator(action: string, type: string | undefined): Decision {
  return type !== undefined && operatorActions.get(action) === type ? operator : denied.notOperator;
}

/**
 * Makes the decision function. It is pure: the same principal, action and target give the same answer, without I/O.
 * Default deny: every path that is not a match in a table or in a scope ends in a denial.
 */
export function createDecide(types: ReadonlySet<string>): Decide {
  const grantsOf = createGrants(types);
  return (principal, action, target) => {
    if (publicInteractions.has(action)) return open;
    if (principal.kind === 'operator') return forOperator(action, target?.type);
    if (principal.kind !== 'client') return denied.stranger;
    if (!(principal.tenant > 0)) return denied.platform;
    const grants = grantsOf(principal.scopes);
    if (!grants.any) return denied.empty;
    const special = permissionPlaces.get(action);
    if (special !== undefined && principal.permissions?.includes(special.permission) !== true) return denied.permission;
    const place = special?.place ?? places.get(action);
    if (place === undefined) return withoutType(grants, action);
    const type = target?.type;
    if (type === undefined || !types.has(type)) return denied.type;
    return grants.byType.get(type)?.[place] ?? grants.all[place] ?? denied.scope;
  };
}
