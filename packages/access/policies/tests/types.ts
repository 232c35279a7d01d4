import type { RuleInteraction } from '../../policy/types.ts';

/**
 * What a policy is to answer, kept with it: somebody who holds one role, and one resource. It is asked of the policy
 * alone, as if scopes permitted everything.
 */
export interface PolicyTest {
  readonly role: string;
  readonly interaction: RuleInteraction;
  readonly type: string;
  /** Whether the resource lies in the compartment of a patient of theirs (own, care team, granted). Default true. */
  readonly theirs?: boolean;
  /** `system|code` of the resource's `meta.security`. */
  readonly labels?: readonly string[];
  /** Default: the role's. */
  readonly purpose?: string;
  readonly expected: 'permit' | 'deny';
}
