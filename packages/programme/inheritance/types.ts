import type { Family, ProductLine, Service } from '../content/types.ts';
import type { StateName } from '../posture/types.ts';
import type { Actor } from '../workflow/types.ts';

/** What a customer buys and opted into. */
export interface Customer {
  readonly tenant: number;
  readonly lines: readonly ProductLine[];
  readonly services: readonly Service[];
  /** Who set it and when (milliseconds since the Unix epoch); absent: never set, the lines of the organization. */
  readonly set_by?: string;
  readonly at?: number;
}

/**
 * `inherited`: the platform carries all of it. `shared`: a part is left to the customer. `yours`: all of it is.
 * It says who carries, not how it stands: that is `platform.state`.
 */
export type Inheriting = 'inherited' | 'shared' | 'yours' | 'not-applicable';

/** What of a check a customer may know: never its words, which may name what is others'. */
export interface SeenCheck {
  readonly check: string;
  readonly title: string;
  readonly state: 'met' | 'unmet' | 'unknown';
  /** Of its newest evidence: id, when it was received, how many things were examined. */
  readonly evidence?: { readonly id: string; readonly received_at: number; readonly examined: number };
}

export interface LineShare {
  readonly line: ProductLine;
  readonly by: 'platform' | 'shared' | 'customer' | 'not-applicable';
  /** What is left to the customer. */
  readonly customer?: string;
}

export interface InheritedControl {
  readonly id: string;
  readonly citation: string;
  readonly title: string;
  readonly family: Family;
  readonly kind: 'standard' | 'specification' | 'rule';
  readonly level: 'required' | 'addressable' | 'none';
  readonly requirement: string;
  /** What the platform does, with its numbers. */
  readonly approach: string;
  readonly inheriting: Inheriting;
  readonly lines: readonly LineShare[];
  /** What is left to the customer, each sentence once. */
  readonly yours: readonly string[];
  /** How the platform's part stands; absent where it carries none. */
  readonly platform?: {
    readonly state: StateName;
    /** Whether it can be relied upon now: `met` or `documented`. */
    readonly holds: boolean;
    /** In fixed words. */
    readonly because: string;
    readonly checks: readonly SeenCheck[];
    readonly policies: readonly string[];
  };
}

export interface Inheritance {
  readonly at: number;
  readonly organization: string;
  readonly customer: Customer;
  readonly controls: readonly InheritedControl[];
  readonly counts: Readonly<Record<Inheriting, number>>;
  /** Of the inherited and shared ones: how the platform's part stands. */
  readonly platform: { readonly holds: number; readonly fails: number; readonly unknown: number };
}

export interface Inheriter {
  /** Of a tenant, now or at a moment of the past. What it buys counts as it was then. */
  read(tenant: number, at?: number): Promise<Inheritance>;
  customer(tenant: number, at?: number): Promise<Customer>;
  /** Set by the organization that runs the platform. Fault `invalid` for a line that is not run. */
  setCustomer(
    actor: Actor,
    tenant: number,
    wanted: { readonly lines: readonly string[]; readonly services: readonly string[] },
  ): Promise<Customer>;
}
