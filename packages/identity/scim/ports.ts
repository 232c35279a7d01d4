import type { Guard } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Accounts } from '../accounts/types.ts';
import type { OnWayIn } from '../accounts/way-in.ts';

export interface ScimDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly accounts: Accounts;
  readonly onWayIn?: OnWayIn;
  readonly guard: Guard;
  readonly clock: Clock;
  /**
   * Whether the tenant has single sign-on. Then a new user signs in there at once (`external`); else the account is
   * `invited`, and an administrator makes its link: a directory never gets one. Absent: no tenant has it.
   */
  readonly singleSignOn?: (tenant: number) => Promise<boolean>;
}
