import type { Principal } from '@safeguard/http';
import type { Connection } from '@safeguard/store';
import type { Holding } from '../standing/types.ts';

/** Why somebody holds a role: asked for by one, approved by others, with an end. */
export interface Grant {
  /** UUID. */
  readonly id: string;
  readonly tenant: number;
  /** Id of the account. */
  readonly account: string;
  readonly role: string;
  readonly kind: Holding['kind'];
  readonly patients?: readonly string[];
  readonly opens?: readonly string[];
  /** Milliseconds since the Unix epoch; `until` exclusive. */
  readonly from: number;
  readonly until: number;
  readonly request: string;
  /** Set when it ended before its time. */
  readonly ended_at?: number;
  readonly ended_why?: EndReason;
  /** When it last let a request through, to the minute; absent: never. */
  readonly used_at?: number;
}

export type EndReason = 'ended' | 'replaced' | 'account terminated' | 'not reviewed' | 'review' | 'policy';

export interface NewRequest {
  /** For whom; the requester, or somebody else of the tenant's workforce. */
  readonly account: string;
  readonly role: string;
  readonly patients?: readonly string[];
  readonly opens?: readonly string[];
  /** 10 to 2,000 characters; sealed at rest, never in the ledger. */
  readonly reason: string;
  /** Absent: at once. */
  readonly from?: number;
  readonly until: number;
}

export type RequestState = 'open' | 'approved' | 'rejected' | 'withdrawn' | 'lapsed';

export interface AccessRequest extends NewRequest {
  readonly id: string;
  readonly tenant: number;
  readonly kind: 'standing' | 'elevation' | 'break-glass';
  readonly asked_by: string;
  readonly asked_at: number;
  /** `lapsed`: undecided for 30 days (an elevation: till it would have ended; an emergency: a day). */
  readonly state: RequestState;
  /** Approvals that it needs. It never falls, and rises with those who may approve, to what the role wants. */
  readonly needed: number;
  readonly decisions: readonly RequestDecision[];
  /** The grant that came of it. */
  readonly grant?: string;
}

export interface RequestDecision {
  /** Id of an account; `operator`: at the machine itself, while the tenant has nobody else who may. */
  readonly by: string;
  readonly verdict: 'approve' | 'reject';
  /** Sealed at rest. Required of a rejection. */
  readonly reason?: string;
  readonly at: number;
}

/**
 * Faults: `invalid` (unknown role, times in the past, longer than the role allows, missing patients), `conflict`
 * (roles that must not meet; decided already; the same grant stands), `forbidden` (requester or subject decides; not an
 * approver), `missing`, `unauthenticated` (an elevation wants a factor of the last 5 minutes; an emergency does not
 * wait for one: level 2 will do).
 */
export interface Requests {
  ask(by: Principal, wanted: NewRequest): Promise<AccessRequest>;
  /** A temporary elevation of the asker: at most 8 h. */
  elevate(by: Principal, wanted: Omit<NewRequest, 'account'>): Promise<AccessRequest>;
  decide(by: Principal, id: string, verdict: 'approve' | 'reject', reason?: string): Promise<AccessRequest>;
  /** At the machine itself. Fault `forbidden` as soon as the tenant has somebody who may decide it. */
  decideAsOperator(tenant: number, id: string, verdict: 'approve' | 'reject', reason?: string): Promise<AccessRequest>;
  /** By who asked, or for whom it is. */
  withdraw(by: Principal, id: string): Promise<AccessRequest>;
  byId(tenant: number, id: string): Promise<AccessRequest | undefined>;
  list(tenant: number, wanted?: RequestFilter): Promise<AccessRequest[]>;
}

export interface RequestFilter {
  readonly state?: RequestState;
  readonly account?: string;
  readonly asked_by?: string;
  /** Those that this account may decide. */
  readonly decidable_by?: string;
  readonly after?: string;
  readonly count?: number;
}

export interface Grants {
  byId(tenant: number, id: string): Promise<Grant | undefined>;
  /** Those in force unless `all`. */
  list(tenant: number, wanted?: GrantFilter): Promise<Grant[]>;
  /** Ends one at once. Fault `missing`, `conflict` (ended already). */
  end(tenant: number, id: string, by: string, why: EndReason): Promise<Grant>;
  /** A leaver: ends all of an account, requests too. Answers how many grants. */
  endAll(tenant: number, account: string, by: string, why: EndReason): Promise<number>;
  /** As `end`, in a transaction of the caller, which tells nobody and settles nothing. */
  endWithin(connection: Connection, tenant: number, id: string, ending: Ending): Promise<Grant>;
  /** As `endAll`, in a transaction of the tenant or of the platform: that which ends the account. */
  endAllWithin(connection: Connection, tenant: number, account: string, ending: Ending): Promise<number>;
  /**
   * Completes what a crash or another package's failure left: ends what terminated accounts hold, gives and takes the
   * role administrator in `identity` as grants say. For every start, and hourly; each step may be repeated.
   * @returns how many steps are left
   */
  settle(tenant: number): Promise<number>;
}

/** Who ends, when and why. `by`: id of an account, or a fixed word of ours (`operator`, `service`). */
export interface Ending {
  /** Milliseconds since the Unix epoch: now. */
  readonly at: number;
  readonly by: string;
  readonly why: EndReason;
}

export interface GrantFilter {
  readonly account?: string;
  readonly role?: string;
  readonly all?: boolean;
  readonly after?: string;
  readonly count?: number;
}

/** One use of the emergency access (45 CFR 164.312(a)(2)(ii)). */
export interface BreakGlassUse {
  readonly grant: Grant;
  readonly reason: string;
  /** By when somebody has to have looked at it: 48 hours of Monday to Friday, UTC; holidays count as working days. */
  readonly review_by: number;
  readonly reviewed?: {
    readonly by: string;
    readonly at: number;
    readonly verdict: 'justified' | 'unjustified';
    readonly reason: string;
  };
}

export interface BreakGlass {
  /**
   * Opens one patient's record for at most an hour (the default), at once, and tells the officers in the same
   * transaction. When an earlier use of this person was not reviewed in time, or 10 wait for a review, an open request
   * comes of it instead, which needs an approver. Faults: `invalid`, `forbidden` (holds no role with `emergency`),
   * `conflict` (this patient's record is open already).
   */
  open(
    by: Principal,
    wanted: { readonly patient: string; readonly reason: string; readonly minutes?: number },
  ): Promise<{ readonly grant: Grant } | { readonly request: AccessRequest }>;
  /**
   * By a security or privacy officer. Fault `forbidden` for anybody else and for the person themselves, `missing`,
   * `conflict` (reviewed already). `unjustified` ends the grant at once, if it is in force still.
   */
  review(by: Principal, grant: string, verdict: 'justified' | 'unjustified', reason: string): Promise<BreakGlassUse>;
  /** The newest first, 500 at most. */
  list(tenant: number, wanted?: { readonly reviewed?: boolean }): Promise<BreakGlassUse[]>;
}
