import type { Principal } from '@safeguard/http';
import type { CompiledPolicy } from '../policy/compiled.ts';
import type { Policy } from '../policy/types.ts';
import type { Simulation } from './simulator/types.ts';
import type { PolicyTest } from './tests/types.ts';

/**
 * `scheduled`: activated for a moment that is still to come; `active`: in force; `superseded`: was in force. These
 * three are read off the clock.
 */
export const policyStates = [
  'draft',
  'submitted',
  'approved',
  'rejected',
  'withdrawn',
  'scheduled',
  'active',
  'superseded',
] as const;
export type PolicyState = (typeof policyStates)[number];

/** A version without its text. Times are milliseconds since the Unix epoch; people are ids of accounts. */
export interface PolicySummary {
  readonly tenant: number;
  /** From 1 in each tenant; 0 is the policy of the house, which nobody drafts. */
  readonly version: number;
  readonly state: PolicyState;
  /** One more with each change of the draft. */
  readonly edition: number;
  /** Everybody who wrote in it. */
  readonly authors: readonly string[];
  readonly based_on: number;
  /** It has the text of `based_on`. */
  readonly rolls_back: boolean;
  readonly drafted_at: number;
  readonly changed_at: number;
  readonly submitted_by?: string;
  readonly submitted_at?: number;
  /** Approvals that it needs. */
  readonly needed?: number;
  readonly activates_at?: number;
  readonly activated_by?: string;
}

export interface PolicyDecision {
  readonly by: string;
  readonly verdict: 'approve' | 'reject';
  /** Sealed at rest under the key of who wrote it. */
  readonly reason?: string;
  readonly at: number;
}

export interface PolicyVersion extends PolicySummary {
  readonly policy: Policy;
  /** What was changed and why. Sealed at rest. */
  readonly note?: string;
  readonly tests: readonly PolicyTest[];
  readonly decisions: readonly PolicyDecision[];
}

/** What somebody writes. */
export interface PolicyText {
  /** JSON. Absent: that of `based_on` (a draft), as it was (a change). */
  readonly policy?: unknown;
  /** 1 to 2,000 characters. */
  readonly note?: string;
  /** JSON; see tests/types.ts. */
  readonly tests?: unknown;
}

export interface PolicyFilter {
  readonly state?: PolicyState;
  /** Versions below this one: the next page. */
  readonly before?: number;
  /** Default and at most 100. */
  readonly count?: number;
}

/**
 * A tenant's policies, from draft to replacement. Nothing is ever written over: what was in force when is known for
 * good. Whether somebody may work on policies at all is for `guard`; held here is that people of the workforce do, and
 * that nobody decides what they wrote or submitted.
 *
 * Faults: `missing` (no such version), `conflict` (not a step from its state; another edition), `invalid` (a malformed
 * policy, with issues; a time in the past), `forbidden`, `unavailable` (the policy in force cannot be read: nothing is
 * decided without it).
 */
export interface Policies {
  /** In force at this moment, as of at most a second ago. */
  active(tenant: number): Promise<CompiledPolicy>;
  /** Newest first. */
  list(tenant: number, wanted?: PolicyFilter): Promise<PolicySummary[]>;
  /** 0: the policy of the house. */
  byVersion(tenant: number, version: number): Promise<PolicyVersion | undefined>;
  /** `based_on`: default the version in force. */
  draft(by: Principal, wanted: PolicyText & { readonly based_on?: number }): Promise<PolicyVersion>;
  /** `edition`: the one that was read; absent: whichever. */
  change(by: Principal, version: number, wanted: PolicyText & { readonly edition?: number }): Promise<PolicyVersion>;
  /** What it would open and close against the version in force, of real grants and a sample of real resources. */
  simulate(tenant: number, version: number): Promise<Simulation>;
  /** Its tests must hold. */
  submit(by: Principal, version: number): Promise<PolicyVersion>;
  /** A rejection needs a reason. */
  decide(by: Principal, version: number, verdict: 'approve' | 'reject', reason?: string): Promise<PolicyVersion>;
  /** `at`: absent: at once; at most a year ahead. */
  activate(by: Principal, version: number, at?: number): Promise<PolicyVersion>;
  /**
   * The text of an earlier version as a new one. What was in force just before, within the last day, is so at once: its
   * approval still stands. Anything else is submitted, for another to approve.
   */
  rollBack(by: Principal, version: number): Promise<PolicyVersion>;
  /** Anything that is not yet in force. */
  withdraw(by: Principal, version: number): Promise<PolicyVersion>;
  /** This process looks anew at the next request. */
  forget(tenant: number): void;
}
