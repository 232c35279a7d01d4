import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { NoticePort } from '../notices/types.ts';
import type { PeoplePort } from '../people-port.ts';
import type { CompiledPolicy } from '../policy/compiled.ts';

/** The tenant's policy in force, as of at most a second ago. Fault `unavailable` when that cannot be known. */
export interface ActivePolicy {
  active(tenant: number): CompiledPolicy | Promise<CompiledPolicy>;
}

/** A fixed text, and the error for the log to take its class from: nothing of a person is said here. */
export interface AccessLog {
  warn(event: string, fields?: { readonly error?: unknown }): void;
}

/** Numbers of the house, read at each use. Each has a default, which is also its most (reviews: see `Reviews`). */
export interface Limits {
  /** Longest elevation: 1 to 8. */
  readonly elevation_hours: number;
  /** Longest emergency access: 1 to 60. */
  readonly break_glass_minutes: number;
  /** Working days until an emergency access is reviewed: 1 to 10, default 2. */
  readonly break_glass_review_days: number;
  /** Where a tenant has set none of its own. */
  readonly review_days: number;
  readonly review_answer_days: number;
}

/** What grants, requests and the emergency access stand on. */
export interface GrantDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's vault in the identity segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly people: PeoplePort;
  readonly policies: ActivePolicy;
  readonly notices: NoticePort;
  readonly log: AccessLog;
  readonly limits?: Limits;
  /** Told after the commit of every change of rights: this process need not wait for its next look. */
  readonly changed?: (tenant: number) => void;
}
