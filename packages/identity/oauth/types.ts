import type { Brand, Credential, Principal, Route } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Accounts } from '../accounts/types.ts';
import type { Attempts } from '../attempts.ts';
import type { KnownTokens } from '../authenticate/known.ts';
import type { GrantedApps } from '../pages/ports.ts';
import type { Sessions } from '../sessions/types.ts';
import type { Clients, IdentityLog, ScopeRules, Tokens } from '../types.ts';
import type { Interactions, Smart } from './smart/types.ts';

/** Finds the addresses of a name; injected by tests. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: 4 | 6 }[]>;

export interface OAuthSettings {
  /** Seconds. SMART App Launch 2.2 recommends 300 for backend services, at most an hour for apps. */
  readonly token_lifetime_s: number;
  /** How long a refresh token lives unused, seconds. Default 30 days. */
  readonly refresh_lifetime_s?: number;
  /** How long the family of a refresh token lives at most, however often it is used, seconds. Default a year. */
  readonly refresh_absolute_s?: number;
  /** How long a sign-in session lives at most, seconds: what hangs on one ends with it. Default 12 h. */
  readonly session_absolute_s?: number;
  /**
   * Present: certificates are asked for in the handshake and RFC 8705 is offered. `authorities` (PEM) are those whose
   * certificates `tls_client_auth` accepts.
   */
  readonly mtls?: { readonly authorities?: readonly string[] };
  /** Whether a DPoP proof must carry a nonce of ours (RFC 9449 8). Default false. */
  readonly dpop_nonce?: boolean;
  /** Hosts that may be fetched from although they are private: `jwks.internal`, `jwks.internal:8443`. Default none. */
  readonly fetch_allow?: readonly string[];
  /** Authorities (PEM) that are trusted there beside the system's. */
  readonly fetch_ca?: readonly string[];
}

export interface OAuthDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly log: IdentityLog;
  readonly scopes: ScopeRules;
  readonly accounts: Pick<Accounts, 'byId'> & Partial<Pick<Accounts, 'onChange'>>;
  readonly sessions: Pick<Sessions, 'signedIn' | 'end'> & Partial<Pick<Sessions, 'onEnd'>>;
  readonly settings: OAuthSettings;
  /** Made by `oauth/smart/`: it needs the interactions of the authorization server, which needs what it makes. */
  readonly smart: (interactions: Interactions) => Smart;
  /** How a tenant's pages present themselves. */
  readonly brand?: (tenant: number) => Promise<Brand>;
  /** Told when a secret (its id) or a key (its kid) proved a client: `registration` keeps when. Must not throw. */
  readonly used?: (client_id: string, tenant: number, proof: string) => void;
  /** Of tests. */
  readonly resolve?: Resolve;
  readonly known?: KnownTokens;
  /** Failed proofs of clients; default `attempts.ts`'s limits. */
  readonly attempts?: Attempts;
}

export interface Keys {
  /**
   * A new key of each algorithm, published at once; it signs after `publish_s` (default an hour), when every client
   * has had time to fetch it. The one before stays published for a day more, longer than any ID token lives.
   */
  rotate(options?: { readonly publish_s?: number }): Promise<{ readonly kids: readonly string[] }>;
}

export interface OAuth {
  routes(): Route[];
  /**
   * The principal of a credential. Synchronous when this process checked the token within the last second and it is
   * bound to nothing that has to be shown; else a promise. Fault `unauthenticated` in fixed words.
   */
  authenticate(credential: Credential): Principal | Promise<Principal>;
  readonly clients: Clients;
  readonly tokens: Tokens;
  readonly keys: Keys;
  readonly interactions: Interactions;
  /** Apps that hold something of an account, newest first: for its page. Ending one ends all that it was given. */
  readonly apps: GrantedApps;
  /** Ends all grants of an account; answers how many. */
  endGrants(tenant: number, account: string): Promise<number>;
  /** Removes what ended more than a day ago; answers how many rows. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}
