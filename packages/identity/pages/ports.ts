import type { Brand, Guard } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Accounts } from '../accounts/types.ts';
import type { Authenticators } from '../authenticators/types.ts';
import type { Sessions } from '../sessions/types.ts';
import type { SignIn } from '../sign-in/types.ts';
import type { ScopeRules, Tenants } from '../types.ts';

/** A way of single sign-on that a tenant offers: its button on the sign-in page. */
export interface ProviderButton {
  readonly id: string;
  readonly label: string;
}

/** A provider that an account is linked to. */
export interface LinkedButton extends Omit<ProviderButton, 'id'> {
  readonly provider: string;
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
}

/** An app that an account gave access to. */
export interface GrantedApp {
  readonly grant: string;
  readonly client_id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

export interface GrantedApps {
  list(tenant: number, account: string): Promise<readonly GrantedApp[]>;
  /** Ends the grant with all its tokens, at once. False when there is none. */
  end(tenant: number, account: string, grant: string): Promise<boolean>;
}

export interface PageDeps {
  readonly accounts: Pick<Accounts, 'byId' | 'links'>;
  readonly authenticators: Authenticators;
  readonly sessions: Pick<Sessions, 'signedIn' | 'list' | 'end' | 'endAll'>;
  readonly signIn: SignIn;
  readonly tenants: Pick<Tenants, 'byName' | 'list'>;
  readonly guard: Guard;
  readonly brand: (tenant: number) => Promise<Brand>;
  readonly clock: Clock;
  readonly providers?: (tenant: number) => Promise<readonly ProviderButton[]>;
  /** Where an account is linked already. Absent: nobody links by themselves. */
  readonly linked?: (tenant: number, account: string) => Promise<readonly LinkedButton[]>;
  readonly apps?: GrantedApps;
  /** True where apps are registered at `/applications`: the way there for staff. */
  readonly registers?: boolean;
  /** True where access is asked for at `/access`, and one's record looked after at `/account/record`: the way there. */
  readonly governs?: boolean;
  /** A scope in words for a person; absent: as it is written. */
  readonly describe?: ScopeRules['describe'];
  /** True when an administrator exists: before that nothing is answered but the one-time link. */
  readonly ready: () => Promise<boolean>;
}
