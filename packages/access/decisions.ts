import { productScopes } from './scope.ts';

/** Why, in fixed words of ours: they go into the ledger and into the answer, so they hold nothing of the caller's. */
export type Reason =
  | 'public'
  | 'scope'
  | 'operator'
  | 'administrator'
  | 'own account'
  | 'workforce'
  | 'each entry is decided on its own'
  | 'not authenticated'
  | 'second factor required'
  | 'unknown action'
  | 'unknown type'
  | 'no scopes'
  | 'no scope permits it'
  | 'permission not granted'
  | 'no records in the platform tenant'
  | 'operators only'
  | 'administrators only'
  | 'own account only'
  | 'workforce only'
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
  /** Of the account, where an action is for its owner alone. */
  readonly id?: string;
}

const denial = (reason: Reason): Decision => Object.freeze({ permit: false, reason });
const permission = (reason: Reason, rule: string): Decision => Object.freeze({ permit: true, reason, rule });

export const permitted = {
  open: permission('public', 'public'),
  operator: permission('operator', 'operator'),
  envelope: permission('each entry is decided on its own', 'envelope'),
  administrator: permission('administrator', 'administrator'),
  self: permission('own account', 'own account'),
  workforce: permission('workforce', 'workforce'),
} as const;
/** By the product's own scopes. */
export const byScope: ReadonlyMap<string, Decision> = new Map(
  [...productScopes].map((scope) => [scope, permission('scope', scope)]),
);
export const denied = {
  stranger: denial('not authenticated'),
  factor: denial('second factor required'),
  action: denial('unknown action'),
  type: denial('unknown type'),
  empty: denial('no scopes'),
  scope: denial('no scope permits it'),
  permission: denial('permission not granted'),
  platform: denial('no records in the platform tenant'),
  operators: denial('operators only'),
  administrators: denial('administrators only'),
  self: denial('own account only'),
  workforce: denial('workforce only'),
  notOperator: denial('not an operator action'),
} as const;
