import type { Principal } from '@safeguard/http';

/**
 * Access review campaigns (45 CFR 164.308(a)(4)(ii)(C), 164.308(a)(3)(ii)(B)): every grant in force is looked at by
 * somebody else than its holder, within a time; what nobody kept by then is over. Times are milliseconds since the Unix
 * epoch; people are ids of accounts.
 */
export interface Review {
  /** UUID. */
  readonly id: string;
  readonly tenant: number;
  /** Absent: it came of itself. */
  readonly started_by?: string;
  readonly started_at: number;
  /** What is undecided then has lapsed. */
  readonly due_at: number;
  readonly closed_at?: number;
  /** `over`: the time is past, read off the clock. */
  readonly state: 'open' | 'closed' | 'over';
  readonly items: { readonly all: number; readonly kept: number; readonly revoked: number; readonly undecided: number };
}

export interface ReviewItem {
  /** UUID. */
  readonly id: string;
  readonly review: string;
  readonly grant: string;
  readonly account: string;
  readonly role: string;
  readonly since: number;
  /** As approved. */
  readonly until: number;
  /** When the grant last let a request through, as known at the start; absent: never. */
  readonly used_at?: number;
  readonly recommendation: 'keep' | 'revoke' | 'let lapse';
  /** `new`: granted too short a time ago to tell; `ends soon`: before the review does. */
  readonly because: 'used' | 'new' | 'never used' | 'unused' | 'ends soon';
  readonly verdict?: 'keep' | 'revoke';
  readonly decided_by?: string;
  readonly decided_at?: number;
  /** Sealed at rest under the key of who wrote it. */
  readonly reason?: string;
  /** `lapsed`: nobody decided in time. */
  readonly state: 'undecided' | 'kept' | 'revoked' | 'lapsed';
}

export interface ReviewVerdict {
  /** Ids of items, 1 to 1,000. */
  readonly items: readonly string[];
  readonly verdict: 'keep' | 'revoke';
  /** 10 to 2,000 characters, one for all of them. */
  readonly reason: string;
}

export interface ReviewSetting {
  /** How long after the start of one campaign the next one starts; 1 to 365, default 90. */
  readonly review_days: number;
  /** How long a campaign takes; 1 to 60 and less than `review_days`, default 14. */
  readonly answer_days: number;
}

export interface ReviewItemFilter {
  readonly state?: ReviewItem['state'];
  /** Id of the last item of the page before. */
  readonly after?: string;
  /** Default 100, at most 1,000. */
  readonly count?: number;
}

/** Faults: `missing`, `conflict` (one is open; over or closed; decided already), `forbidden` (one's own grant). */
export interface Reviews {
  /** At once, whenever the last one was. Nobody has a grant: `conflict`. */
  start(by: Principal): Promise<Review>;
  /** The last 100, newest first. */
  list(tenant: number): Promise<Review[]>;
  byId(tenant: number, id: string): Promise<Review | undefined>;
  items(tenant: number, review: string, wanted?: ReviewItemFilter): Promise<ReviewItem[]>;
  /** All or none: nothing is decided when one of the items cannot be. Answers how many. */
  decide(by: Principal, review: string, verdict: ReviewVerdict): Promise<number>;
  /** Ends it before its time; every item must be decided. */
  close(by: Principal, review: string): Promise<Review>;
  setting(tenant: number): Promise<ReviewSetting>;
  /** Fault `invalid`. Takes hold with the next campaign. */
  configure(by: Principal, setting: ReviewSetting): Promise<ReviewSetting>;
  /**
   * Starts what is due in every tenant and reminds of what soon will be. Called by a timer, on as many replicas as
   * there are: whatever it does is done once. Nobody's rights hang on its being called. Fault-free: what fails is tried
   * again by the next call. Answers how many campaigns it started.
   */
  due(): Promise<number>;
}
