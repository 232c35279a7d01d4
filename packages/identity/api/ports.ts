import type { Guard } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Accounts } from '../accounts/types.ts';
import type { Authenticators } from '../authenticators/types.ts';
import type { ExternalIdentities, Providers } from '../federation/types.ts';
import type { Registration } from '../registration/types.ts';
import type { Sessions } from '../sessions/types.ts';
import type { Clients, ScopeRules, Tenants } from '../types.ts';

/** An app that somebody let in, as they see it. */
export interface AppGrant {
  /** UUID. */
  readonly id: string;
  readonly client_id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
}

/** The apps of one account: `oauth` has them. */
export interface Apps {
  list(tenant: number, account: string): Promise<readonly AppGrant[]>;
  /** Ends the consent and every token under it, at once. False when there is none. */
  end(tenant: number, account: string, grant: string): Promise<boolean>;
}

/** The groups that a directory wrote, and what each gives its members. */
export interface GroupRights {
  list(tenant: number): Promise<readonly GroupSummary[]>;
  byId(tenant: number, id: string): Promise<GroupSummary | undefined>;
  /** Fault `missing`; `invalid` for what is no scope of a person. Whose rights change by it is signed out. */
  give(tenant: number, id: string, scopes: readonly string[]): Promise<GroupSummary>;
}

/** What a directory may do is bounded by what people did. */
export interface Directory {
  /**
   * Whoever suspends or resumes an account by hand says so first: from then on no directory switches it on, also when
   * it was the directory that had switched it off.
   */
  hold(tenant: number, account: string): Promise<void>;
}

export interface GroupSummary {
  readonly id: string;
  readonly name: string;
  readonly members: number;
  readonly scopes: readonly string[];
}

export interface ApiDeps {
  readonly accounts: Accounts;
  readonly authenticators: Pick<Authenticators, 'list'>;
  readonly sessions: Pick<Sessions, 'list' | 'end' | 'endAll'>;
  readonly clients: Pick<Clients, 'create' | 'byId' | 'list' | 'revoke' | 'rotateSecret'>;
  readonly tenants: Pick<Tenants, 'settings' | 'configure'>;
  readonly scopes: Pick<ScopeRules, 'narrows'>;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly apps?: Apps;
  readonly groups?: GroupRights;
  readonly directory?: Directory;
  readonly providers?: Providers;
  readonly identities?: ExternalIdentities;
  readonly registration?: Pick<Registration, 'applications' | 'invitations'>;
}
