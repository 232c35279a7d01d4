import type { Credential, Principal, Route } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';

/** The grammar of scopes, which belongs to `access`. */
export interface ScopeRules {
  isScope(text: string): boolean;
  /** The normal form of a scope. Throws Fault `invalid` that says what was expected. */
  normalScope(text: string): string;
  /** True when `asked` permits nothing that `granted` together do not permit. */
  narrows(asked: string, granted: readonly string[]): boolean;
  /** The permissions that can be granted beside scopes. */
  readonly permissions: ReadonlySet<string>;
}

/**
 * What is said here holds no name, no secret, no token: a fixed text, and the error for the log to take its class
 * from.
 */
export interface IdentityLog {
  warn(event: string, fields?: { readonly error?: unknown }): void;
}

export interface IdentitySettings {
  /** How long an access token lives, seconds. SMART App Launch 2.2 recommends 300. */
  readonly token_lifetime_s: number;
}

export interface IdentityDeps {
  /** The identity segment. The registry is worked on as tenant 0. */
  readonly segment: Segment;
  readonly clock: Clock;
  readonly scopes: ScopeRules;
  readonly settings: IdentitySettings;
  readonly log: IdentityLog;
}

export type View = Principal['view'];

export interface Tenant {
  readonly id: number;
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
}

export interface NewClient {
  /** A label for people: 1 to 100 characters, no control characters. */
  readonly name: string;
  readonly tenant: number;
  readonly scopes: readonly string[];
  readonly view: View;
  /** Limits the client to one patient's compartment: the id of a Patient. */
  readonly patient?: string;
  /** Beside the scopes: names that `access` knows. */
  readonly permissions?: readonly string[];
}

/** Shown once: only the hash is kept. */
export interface ClientCredentials {
  readonly client_id: string;
  readonly client_secret: string;
}

export interface ClientSummary {
  readonly client_id: string;
  readonly tenant: number;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly view: View;
  readonly patient: string | null;
  readonly permissions: readonly string[];
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly created_at: number;
  readonly revoked_at: number | null;
}

export interface IssuedToken {
  readonly access_token: string;
  readonly expires_in_s: number;
  readonly scopes: readonly string[];
  readonly client_id: string;
}

/** What a tenant chose where FHIR leaves a choice. */
export interface TenantSettings {
  /** Whether an update may create (FHIR R4 3.1.0.4.1). Default false. */
  readonly updateAsCreate: boolean;
  /** Whether a conditional delete may take several at once (3.1.0.7.1). Default `single`. */
  readonly conditionalDelete: 'single' | 'multiple';
  /** By resource type: canonical urls of profiles that every resource of it must conform to. Default none. */
  readonly profiles: Readonly<Record<string, readonly string[]>>;
  /** How its pages present themselves. */
  readonly brand: {
    /** Shown to people; default the tenant's name. */
    readonly name?: string;
    /** Base64; at most 64 KiB. */
    readonly logo?: { readonly type: 'image/png' | 'image/webp'; readonly data: string };
  };
  /** Whether apps may register themselves (RFC 7591); they still need an approval. Default false. */
  readonly dynamicRegistration: boolean;
  /** PEM certificates of the authorities whose communities may register by UDAP. Default none: off. */
  readonly udapAnchors: readonly string[];
}

/** How a tenant's pages present themselves. */
export interface Brand {
  readonly name: string;
  readonly logo?: { readonly type: 'image/png' | 'image/webp'; readonly bytes: Buffer };
}

export interface Tenants {
  /** Fault `invalid` for a bad name, `conflict` for one that is taken. */
  create(name: string): Promise<Tenant>;
  byName(name: string): Promise<Tenant | undefined>;
  list(): Promise<Tenant[]>;
  /** From memory when asked within the last second. */
  settings(tenant: number): Promise<TenantSettings>;
  brand(tenant: number): Promise<Brand>;
  /** Changes what is named and keeps the rest. Fault `missing` for an unknown tenant, `invalid` for a bad value. */
  configure(tenant: number, changes: Partial<TenantSettings>): Promise<TenantSettings>;
  /** Makes tenant 1 `default` when it is not there. For every start; safe in several processes at once. */
  ensureDefault(): Promise<void>;
}

export interface Clients {
  /** Fault `invalid` for a bad name, scope or view, `missing` for an unknown tenant. */
  create(client: NewClient): Promise<ClientCredentials>;
  /** All clients, or one tenant's; revoked ones too. */
  list(tenant?: number): Promise<ClientSummary[]>;
  /** Ends the client and all its tokens at once. Fault `missing` when there is no such client; twice is once. */
  revoke(client_id: string): Promise<void>;
  /**
   * A new secret; the one before stays valid for `overlap_s` more seconds (default a day), older ones end. With 0 the
   * secret counts as stolen: its tokens end too. Fault `missing` when there is no such client or it is revoked.
   */
  rotateSecret(client_id: string, options?: { overlap_s?: number }): Promise<ClientCredentials>;
}

export interface Tokens {
  /**
   * The client-credentials grant (RFC 6749 4.4). `scope` absent: all that the client was granted.
   * Fault `unauthenticated` (unknown client, wrong secret, revoked: one text), `tooMany`, `invalid` (issue code
   * `invalid_scope`).
   */
  issue(credentials: ClientCredentials, remote: string, scope?: string): Promise<IssuedToken>;
  /** RFC 7009 for the client's own token; anything else is silently nothing. */
  revoke(credentials: ClientCredentials, remote: string, token: string): Promise<void>;
  /** Removes tokens that ended more than a day ago; returns how many. For a timer of the composition root. */
  sweep(): Promise<number>;
}

export interface Identity {
  readonly tenants: Tenants;
  readonly clients: Clients;
  readonly tokens: Tokens;
  /**
   * The principal of an access token. Synchronous when this process checked the token within the last second, else a
   * promise. Fault `unauthenticated` (thrown or rejected) in fixed words.
   */
  authenticate(credential: Credential): Principal | Promise<Principal>;
  routes(): Route[];
  /** Stops the background check. Afterwards tokens are still checked, by a query each. */
  close(): Promise<void>;
}
