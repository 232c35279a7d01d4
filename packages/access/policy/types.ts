import type { View } from '@safeguard/http';
import type { Letter } from '../interactions.ts';

/**
 * A tenant's whole policy: one document, versioned as one, so that what is in force at any time is one number. Data,
 * never code: nothing in it is run. Default deny: what no rule permits is denied; a `forbid` overrides every permit.
 */
export interface Policy {
  readonly format: 1;
  /** Who people can be, by the role's name (kebab-case). */
  readonly roles: Readonly<Record<string, RoleDefinition>>;
  /** Data categories of the minimum-necessary matrix; every type of R4 is in exactly one. */
  readonly categories: Readonly<Record<string, Category>>;
  /** Sensitive categories by security label: excluded unless a rule or a grant opens them by name. */
  readonly sensitive: Readonly<Record<string, Sensitive>>;
  /**
   * Minimum necessary (45 CFR 164.502(b), 164.514(d)): by role and category the letters (of `cruds`) that a permit
   * of this role can reach at most. What is not listed is none.
   */
  readonly matrix: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly rules: readonly Rule[];
}

export interface RoleDefinition {
  readonly title: string;
  readonly description: string;
  /** Names of roles; any holder of one, other than requester and subject, may approve. */
  readonly approvers: readonly string[];
  /** How many different people must approve: 0 (a relationship alone gives it), 1, 2. */
  readonly approvals: 0 | 1 | 2;
  /** The longest grant, days. */
  readonly longest_days: number;
  /** Roles that the same person must not hold at the same time (45 CFR 164.308(a)(3): separation of duties). */
  readonly apart: readonly string[];
  /** What it asks for when a request names no purpose: a code of HL7's PurposeOfUse. */
  readonly purpose: string;
  /** True: a grant must name the patients it is for. */
  readonly patients?: boolean;
  /** True: held for a while after a request of its own, never longer than 8 h, with a fresh factor. */
  readonly elevated?: boolean;
  /** True: who holds it may open one patient's record in an emergency (45 CFR 164.312(a)(2)(ii)). */
  readonly emergency?: boolean;
}

export interface Category {
  readonly title: string;
  /** Types of FHIR R4. */
  readonly types: readonly string[];
}

export interface Sensitive {
  readonly title: string;
  /** `system|code` of `meta.security`. */
  readonly labels: readonly string[];
}

export interface Rule {
  /** Kebab-case, unique in the policy: it is what the ledger names. */
  readonly id: string;
  /** One sentence: why the rule is there. */
  readonly reason: string;
  readonly effect: 'permit' | 'forbid';
  readonly who: Subjects;
  readonly interactions: readonly RuleInteraction[];
  /** FHIR types, `category:<name>`, or `*`. */
  readonly types: readonly string[];
  /** All of it must hold. */
  readonly where?: Where;
  /** Of a permit: what is shown at most. Default `full`. */
  readonly view?: View;
  /** Of a permit: elements that are not shown, or not changed: `Patient.telecom`, `Observation.note`. */
  readonly hide?: readonly string[];
  readonly readonly?: readonly string[];
  /** Of a permit: names of sensitive categories that it opens. */
  readonly opens?: readonly string[];
}

/** What a rule may name: a letter's word, which stands for all interactions of that letter. */
export type RuleInteraction = 'create' | 'read' | 'update' | 'delete' | 'search';
export const lettersOf: Readonly<Record<RuleInteraction, Letter>> = {
  create: 'c',
  read: 'r',
  update: 'u',
  delete: 'd',
  search: 's',
};

/** Any of these. `everyone`: every authenticated principal of the tenant, clients too. At least one is there. */
export interface Subjects {
  readonly roles?: readonly string[];
  /** Ids of groups (SCIM). */
  readonly groups?: readonly string[];
  /** Ids of accounts, of clients. */
  readonly users?: readonly string[];
  readonly clients?: readonly string[];
  readonly everyone?: true;
}

export interface Where {
  /**
   * In whose compartment a resource must lie. `own`: of the patients that the account stands for. `care-team`: of
   * patients on whose active CareTeam the person is. `organization`: of patients whose managing organization is one of
   * the person's. `granted`: of the patients that the grant names.
   */
  readonly compartment?: 'own' | 'care-team' | 'organization' | 'granted';
  /** A FHIR search query that the resource must fulfil; may chain (`subject:Patient.active=true`). */
  readonly query?: string;
  /** Security labels (`system|code`): at least one of `any`, none of `none`. */
  readonly labels?: { readonly any?: readonly string[]; readonly none?: readonly string[] };
  /** Codes of HL7's PurposeOfUse. */
  readonly purposes?: readonly string[];
  /** CIDR. */
  readonly networks?: readonly string[];
  readonly hours?: Hours;
  /** A factor shown at most so many seconds ago. */
  readonly fresh_s?: number;
  /** True: only in tenants that are marked as test tenants. */
  readonly test?: true;
}

/** In a time zone of IANA. `from` ≤ time < `to`, `HH:MM`; `to` may be before `from`: over midnight. */
export interface Hours {
  readonly zone: string;
  /** `mon` … `sun`; absent: every day. Over midnight the day is that of `from`. */
  readonly days?: readonly string[];
  readonly from: string;
  readonly to: string;
}
