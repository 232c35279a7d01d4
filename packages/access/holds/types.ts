import type { Principal } from '@safeguard/http';
import type { Connection } from '@safeguard/store';

/**
 * What opened a way into an account. `recovery-used`, `invitation-used`: a link was used after its hold was released.
 * `directory`: a directory changed by which name of its own it knows the person. `provider`: what a provider of single
 * sign-on is believed by was changed.
 */
export type HoldCause =
  | 'recovery-link'
  | 'recovery-used'
  | 'invitation'
  | 'invitation-used'
  | 'login'
  | 'identity'
  | 'directory'
  | 'provider';

/** `operator`: at the machine itself. `unknown`: nobody said who. Both have no id. */
export interface Causer {
  readonly kind: 'user' | 'client' | 'operator' | 'unknown';
  readonly id?: string;
}

/** An account as far as a hold depends on it. */
export interface EnteredAccount {
  readonly id: string;
  readonly kind: 'workforce' | 'patient' | 'proxy';
  /** Whether `identity` says that it has the role. */
  readonly administrator: boolean;
}

/** Something after which somebody else than the person could sign in, as `identity` tells it in its transaction. */
export interface WayIn {
  readonly tenant: number;
  readonly cause: HoldCause;
  /** UUID of the link, the provider or the account that it was done with. */
  readonly about: string;
  /** Who did it; undefined: not known, which is held for as anybody's. */
  readonly by: Pick<Principal, 'kind' | 'id' | 'client'> | undefined;
  readonly accounts: readonly EnteredAccount[];
  /** Ids of the tenant's active administrators, who are told. */
  readonly administrators: readonly string[];
  readonly at: Date;
}

/** While one stands, the account holds no role, and none of its relationships counts. */
export interface Hold {
  /** UUID. */
  readonly id: string;
  readonly tenant: number;
  readonly account: string;
  readonly cause: HoldCause;
  readonly by: Causer;
  /** Milliseconds since the Unix epoch. */
  readonly made_at: number;
  readonly released?: {
    /** Id of an account; `operator`: at the machine itself. */
    readonly by: string;
    readonly at: number;
    /** How the person was identified; sealed at rest. */
    readonly reason: string;
  };
}

export interface HoldFilter {
  readonly account?: string;
  /** Released ones too. */
  readonly all?: boolean;
  readonly after?: string;
  readonly count?: number;
}

export interface Holds {
  /**
   * Holds what those accounts have that the way leads into, in the transaction (as the platform) of what opened it.
   * What people do to their own account, at our own pages, holds nothing; nor is there anything to hold where an
   * account has no grant that is not over, and is no administrator's, patient's or proxy's.
   * @returns ids of the holds
   */
  within(connection: Connection, way: WayIn): Promise<readonly string[]>;
  byId(tenant: number, id: string): Promise<Hold | undefined>;
  /** In the order of making; those that stand unless `all`. */
  list(tenant: number, wanted?: HoldFilter): Promise<Hold[]>;
  /** Whether this person may release it, as far as can be told beforehand. */
  mayRelease(by: Principal, hold: Hold): Promise<boolean>;
  /**
   * By an officer who is neither the person nor one who opened a way in that is on hold still. Of what a program did:
   * by a security or privacy officer who is no administrator. Faults: `unauthenticated` (no factor of the last 5
   * minutes), `missing`, `forbidden`, `invalid` (reason), `conflict` (released already).
   */
  release(by: Principal, id: string, reason: string): Promise<Hold>;
  /**
   * As `release`, and with it what else the same act put on hold (a provider's new key: whoever is linked there), as
   * far as this person may.
   * @returns all that were released, the named one first
   */
  releaseAct(by: Principal, id: string, reason: string): Promise<readonly Hold[]>;
  /** At the machine itself. Fault `forbidden` as long as the tenant has somebody who may. */
  releaseAsOperator(tenant: number, id: string, reason: string): Promise<Hold>;
}
