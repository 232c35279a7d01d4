import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { IdentityLog } from '../types.ts';

/** What a password hash costs (RFC 9106). */
export interface Argon2Cost {
  readonly memory_kib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** OWASP's and the least: 19 MiB, 2 passes, 1 lane. */
export const argon2Cost: Argon2Cost = { memory_kib: 19_456, passes: 2, lanes: 1 };

/** Hashes run through it, so that many sign-ins at once do not take every thread. */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Hashing at today's cost, through the gate. */
export interface Hashing {
  readonly cost: Argon2Cost;
  readonly gate: Gate;
}

const atOnce: Gate = { run: (work) => work() };

export const hashingOf = ({ argon2 = argon2Cost, gate = atOnce }: AuthenticatorDeps): Hashing => ({
  cost: argon2,
  gate,
});

export interface AuthenticatorDeps {
  /** The identity segment. */
  readonly segment: Segment;
  /** A tenant's identity vault. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly log: IdentityLog;
  /** Default: at once. */
  readonly gate?: Gate;
  readonly argon2?: Argon2Cost;
  /** Read at each use. Default: 8 characters beside a second factor. */
  readonly passwords?: { readonly shortest_characters: number };
}
