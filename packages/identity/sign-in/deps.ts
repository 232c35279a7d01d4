import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Accounts } from '../accounts/types.ts';
import type { Attempts } from '../attempts.ts';
import type { Authenticators } from '../authenticators/types.ts';
import type { SessionSteps } from '../sessions/types.ts';
import type { IdentityLog } from '../types.ts';
import type { Gate } from './gate.ts';

export interface SignInSettings {
  /** How long a flow lives, seconds. Default 900. */
  readonly flow_s?: number;
  /** Failures in a row of one subject before each costs a wait, 3 to 10. Read at each use. Default 10. */
  readonly attempts?: number;
}

export interface SignInDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** The identity vault of a tenant. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly log: IdentityLog;
  readonly accounts: Accounts;
  readonly authenticators: Authenticators;
  readonly sessions: { readonly steps: SessionSteps };
  /** What a tenant calls itself: no password is made of it. Absent: passwords are not held against it. */
  readonly tenantName?: (tenant: number) => Promise<string>;
  readonly settings?: SignInSettings;
  /** Default: a gate of its own, which is right for one `createSignIn` in a process. */
  readonly gate?: Gate;
}

/** The same with what one process holds in memory. */
export interface SignInWork extends SignInDeps {
  readonly gate: Gate;
  /** Failures per network, and per login from one network: in memory, per process. */
  readonly attempts: Attempts;
  readonly flow_ms: number;
}
