import type { RuleIndex } from './compile-index.ts';
import type { Policy } from './types.ts';

/** A policy, checked and made ready for questions. Immutable; may be shared by all requests of a tenant. */
export interface CompiledPolicy {
  readonly policy: Policy;
  /** Its number in the tenant; 0: the policy of the house. */
  readonly version: number;
  /** The rules by subject, type and letter: for this folder alone. */
  readonly index: RuleIndex;
}
