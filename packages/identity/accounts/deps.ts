import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { ScopeRules } from '../types.ts';

export interface AccountDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's identity vault. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly scopes: ScopeRules;
}
