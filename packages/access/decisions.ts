import type { View } from '@safeguard/http';
import type { RowFacts } from './policy/row.ts';
import { productScopes } from './scope.ts';

/** Why, in fixed words of ours: they go into the ledger and into the answer, so they hold nothing of the caller's. */
export type Reason =
  | 'public'
  | 'scope'
  | 'policy'
  | 'operator'
  | 'administrator'
  | 'own account'
  | 'workforce'
  | 'role'
  | 'each entry is decided on its own'
  | 'not authenticated'
  | 'second factor required'
  | 'unknown action'
  | 'unknown type'
  | 'no scopes'
  | 'no scope permits it'
  | 'no role is held'
  | 'on hold until somebody else confirms it'
  | 'no policy permits it'
  | 'forbidden by policy'
  | 'sensitive'
  | "patient's consent"
  | 'permission not granted'
  | 'no records in the platform tenant'
  | 'operators only'
  | 'administrators only'
  | 'own account only'
  | 'workforce only'
  | 'no role permits it'
  | 'people only'
  | 'not an operator action';

export interface Decision {
  readonly permit: boolean;
  readonly reason: Reason;
  /**
   * What permitted it: the id of a rule of the policy, a table of this package, or, where no policy is asked, a scope
   * in normal form. On a denial: the rule that forbids it.
   */
  readonly rule?: string;
  /** Of the policy's permit: id of the grant that the role is held by. */
  readonly grant?: string;
  /** Of the policy's permit: the scope in normal form that lets it through besides. */
  readonly scope?: string;
  /** Of the policy's permit: what the answer shows at most. */
  readonly view?: View;
  /** Of a denial by a patient's consent: its id. */
  readonly consent?: string;
}

/** `type` is a FHIR type, or the product's own (`Client`); none for what concerns no type. */
export interface DecisionTarget {
  readonly type?: string;
  /** Of the account, where an action is for its owner alone. */
  readonly id?: string;
  /** The resource itself; absent: the question is whether any of the type is within reach. */
  readonly row?: RowFacts;
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
/** By a role that somebody holds: officers' work. */
export const byRole: ReadonlyMap<string, Decision> = new Map(
  ['administrator', 'security-officer', 'privacy-officer', 'auditor'].map((role) => [role, permission('role', role)]),
);
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
  held: denial('no role is held'),
  onHold: denial('on hold until somebody else confirms it'),
  policy: denial('no policy permits it'),
  sensitive: denial('sensitive'),
  permission: denial('permission not granted'),
  platform: denial('no records in the platform tenant'),
  operators: denial('operators only'),
  administrators: denial('administrators only'),
  self: denial('own account only'),
  workforce: denial('workforce only'),
  role: denial('no role permits it'),
  people: denial('people only'),
  notOperator: denial('not an operator action'),
} as const;

/** By a rule of the policy that forbids. */
export const forbidden = (rule: string): Decision =>
  Object.freeze({ permit: false, reason: 'forbidden by policy', rule });
/** By a Consent. */
export const withheld = (consent: string): Decision =>
  Object.freeze({ permit: false, reason: "patient's consent", consent });
