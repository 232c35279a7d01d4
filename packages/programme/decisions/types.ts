import type { DecisionKind } from '../content/types.ts';

/** What was decided of an addressable specification (45 CFR 164.306(d)(3)); a newer one supersedes. Never changed. */
export interface Decision {
  readonly id: string;
  readonly control: string;
  readonly kind: DecisionKind;
  /** Why it is reasonable and appropriate, or is not, and what stands in its place. 20 to 4,000 characters. */
  readonly why: string;
  /**
   * The four factors of 164.306(b)(2) were weighed: size and capability, infrastructure, cost, probability and
   * criticality of risks.
   */
  readonly factors: string;
  /** Ids of accounts: who proposed, who approved (never the same), or `operator`. */
  readonly by: string;
  readonly approved_by: readonly string[];
  /** Milliseconds since the Unix epoch: in force from. */
  readonly at: number;
}

/** Somebody answers for an unmet control, for a while, for a reason. The control stays unmet. */
export interface Waiver {
  readonly id: string;
  readonly control: string;
  /** Id of the account that answers for it. */
  readonly owner: string;
  readonly why: string;
  readonly approved_by: readonly string[];
  readonly from: number;
  /** At most parameter `waivers.longest_days` after `from`. */
  readonly until: number;
  readonly ended_at?: number;
}
