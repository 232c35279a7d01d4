import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import type { ScopeRules } from '../types.ts';
import type { OnWayIn } from './way-in.ts';

export interface AccountDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's identity vault. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly scopes: ScopeRules;
  /** Told of every way into an account that somebody opens: see way-in.ts. */
  readonly onWayIn?: OnWayIn;
  /**
   * Called when an account is terminated, in the same transaction (as the platform): what others keep for the account
   * ends with it.
   */
  readonly leaving?: (connection: Connection, tenant: number, account: string, at: Date) => Promise<void>;
}
