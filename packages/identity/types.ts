import type { Answer, Credential, Frame, Guard, Operation, PageError, Principal, Route } from '@safeguard/http';
import type { Clock, Fault } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { AccountDeps } from './accounts/deps.ts';
import type { Accounts } from './accounts/types.ts';
import type { Directory } from './api/ports.ts';
import type { Authenticators } from './authenticators/types.ts';
import type { Providers } from './federation/types.ts';
import type { PatientPort } from './oauth/smart/types.ts';
import type { Keys } from './oauth/types.ts';
import type { People } from './people/people.ts';
import type { Applications } from './registration/types.ts';
import type { RecordEnd, Sessions } from './sessions/types.ts';

/** The grammar of scopes, which belongs to `access`. */
export interface ScopeRules {
  isScope(text: string): boolean;
  /** The normal form of a scope. Throws Fault `invalid` that says what was expected. */
  normalScope(text: string): string;
  /** True when `asked` permits nothing that `granted` together do not permit. */
  narrows(asked: string, granted: readonly string[]): boolean;
  /**
   * What of `asked` lies within `granted`, narrowed letter by letter, in normal form: `patient/*.cruds` within
   * `patient/Observation.rs` is the latter. A `user/` scope grants `patient/` ones as well, never the other way round.
   */
  intersect(asked: readonly string[], granted: readonly string[]): string[];
  /** A scope in plain words for a person who grants it. */
  describe(scope: string): string;
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
  /** How long a person may be idle, and be signed in at all, seconds. */
  readonly sessions: { readonly idle_s: number; readonly absolute_s: number };
  /** Characters, 8 to 64; 15 at least where a password stands alone. Read at each use, as all of these. Default 8. */
  readonly passwords?: { readonly shortest_characters: number };
  /** Failures in a row that are free, 3 to 10. Default 10. */
  readonly sign_in?: { readonly attempts: number };
  /** Hosts in private networks that keys and metadata may be fetched from. */
  readonly fetch_allow: readonly string[];
  /** Present: callers are asked for a certificate in the handshake. PEM of the authorities that prove a client. */
  readonly mtls?: { readonly authorities: readonly string[] };
}

/** What the registry of clients and tokens needs. */
export interface RegistryDeps {
  /** The identity segment. The registry is worked on as tenant 0. */
  readonly segment: Segment;
  readonly clock: Clock;
  readonly scopes: ScopeRules;
  readonly settings: Pick<IdentitySettings, 'token_lifetime_s'>;
  readonly log: IdentityLog;
}

export interface IdentityDeps extends RegistryDeps {
  /** A tenant's vault in the identity segment; of tenant 0, the platform's. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly guard: Guard;
  /** Holds back, in the transaction that opens a way into an account, what the account may: see accounts/way-in.ts. */
  readonly onWayIn?: NonNullable<AccountDeps['onWayIn']>;
  /** Ends, in the transaction that terminates an account, what others keep for it. */
  readonly leaving?: NonNullable<AccountDeps['leaving']>;
  /** For ends of sessions that no request's own entry tells of. Absent: they are not written. */
  readonly record?: RecordEnd;
  /** Whom a person may choose as the patient of an app; filled by `records`. */
  readonly patients: PatientPort;
  readonly settings: IdentitySettings;
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

/** RFC 8414's names. `none`: a public client, which cannot keep a secret. */
export type ClientAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none';

export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | 'urn:ietf:params:oauth:grant-type:token-exchange';

export type ClientState = 'draft' | 'pending' | 'approved' | 'revoked';

/** A JSON Web Key Set with public keys (RFC 7517 5): RSA from 2048 bits, EC, Ed25519; each with a `kid` of its own. */
export interface PublicKeys {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** An app: a client with more than a secret. What is left out is off. */
export interface NewApp extends NewClient {
  /** Default `client_secret_basic`; of `none` the client is public. */
  readonly auth_method?: ClientAuthMethod;
  /** Of `private_key_jwt`: the one algorithm that counts (`RS384`, `ES384` …). Default: any that is served. */
  readonly auth_alg?: string;
  /** Of `tls_client_auth`: the one name in the certificate (RFC 8705 2.1.2). */
  readonly certificate?: { readonly property: string; readonly value: string };
  /** Default `client_credentials`. */
  readonly grant_types?: readonly GrantType[];
  /** Compared letter by letter: https, or http on loopback; no fragment, no wildcard; 20 at most. */
  readonly redirect_uris?: readonly string[];
  readonly post_logout_redirect_uris?: readonly string[];
  readonly backchannel_logout_uri?: string;
  /** Its public keys, by value or by address (https), not both. */
  readonly jwks?: PublicKeys;
  readonly jwks_uri?: string;
  readonly launch_uri?: string;
  readonly logo_uri?: string;
  readonly client_uri?: string;
  readonly policy_uri?: string;
  readonly tos_uri?: string;
  /** What its ID tokens are signed with. Default `RS256`. */
  readonly id_token_alg?: 'RS256' | 'ES384';
  /** RFC 9126 6: the request must be pushed. */
  readonly require_par?: boolean;
  /** Its tokens are bound to a key (RFC 9449 5.2) or to its certificate (RFC 8705 3.4). Not both. */
  readonly dpop_bound?: boolean;
  readonly certificate_bound?: boolean;
  /** 30 to 86,400 seconds. Default the instance's. */
  readonly token_lifetime_s?: number;
  /** 60 seconds to a year. Default the instance's. */
  readonly refresh_lifetime_s?: number;
  /** Default `approved`: only such a client gets codes and tokens. */
  readonly state?: 'draft' | 'pending' | 'approved';
}

/** A secret where the client has one; shown once. */
export interface RegisteredApp {
  readonly client_id: string;
  readonly client_secret?: string;
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
  readonly type: 'confidential' | 'public';
  readonly state: ClientState;
  readonly auth_method: ClientAuthMethod;
  readonly grant_types: readonly GrantType[];
  readonly redirect_uris: readonly string[];
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
  /** Marks a tenant that holds no real patients: roles for developers work there only. Default false. */
  readonly test: boolean;
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
  /** By which it is found: `byName`. */
  nameOf(tenant: number): Promise<string>;
  /** Changes what is named and keeps the rest. Fault `missing` for an unknown tenant, `invalid` for a bad value. */
  configure(tenant: number, changes: Partial<TenantSettings>): Promise<TenantSettings>;
  /** Makes tenant 1 `default` when it is not there. For every start; safe in several processes at once. */
  ensureDefault(): Promise<void>;
}

export interface Clients {
  /** Fault `invalid` for a bad name, scope or view, `missing` for an unknown tenant. */
  create(client: NewClient): Promise<ClientCredentials>;
  /**
   * Fault `invalid` with one issue per bad field, `missing` for an unknown tenant. The context of an issue is the name
   * of the field.
   */
  register(app: NewApp): Promise<RegisteredApp>;
  byId(client_id: string): Promise<ClientSummary | undefined>;
  /**
   * Other public keys, by value or by address: for an overlap, name the old beside the new until nobody uses it.
   * Fault `missing` when there is no such client, `invalid` for keys that are none or a client that proves itself
   * otherwise.
   */
  replaceKeys(client_id: string, keys: { readonly jwks: PublicKeys } | { readonly jwks_uri: string }): Promise<void>;
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
  readonly accounts: Accounts;
  readonly authenticators: Pick<Authenticators, 'list'>;
  readonly sessions: Pick<Sessions, 'list' | 'end' | 'endAll' | 'sweep'>;
  /** What people decide about accounts that a directory keeps: see `hold`. */
  readonly directory: Directory;
  /** Single sign-on: a tenant's identity providers. */
  readonly providers: Providers;
  /** Apps that somebody registered, and their review. */
  readonly applications: Applications;
  readonly clients: Clients;
  /** Who is who, for packages that decide and tell about people. */
  readonly people: People;
  readonly tokens: Tokens;
  /** The keys that ID tokens are signed with. */
  readonly keys: Keys;
  /**
   * The principal of an access token. Synchronous when this process checked the token within the last second, else a
   * promise. Fault `unauthenticated` (thrown or rejected) in fixed words.
   */
  authenticate(credential: Credential): Principal | Promise<Principal>;
  /** Whether an approved app in a browser lives at this origin, so that its pages may read what their token opens. */
  origins(origin: string): Promise<boolean>;
  /** Who is signed in at our pages by this request's cookie; undefined: nobody. */
  signedIn(credential: Credential): Promise<Principal | undefined>;
  /** A fault as a page. */
  page(told: Fault, asked: PageError): Answer;
  /** What pages of other packages stand in. */
  readonly frame: Frame;
  routes(): Route[];
  /** What of `routes` is `/api/v1`: for its description. */
  operations(): Operation[];
  /** Removes what ended more than a day ago: tokens, sessions, flows, links. For a timer; answers how many rows. */
  sweep(): Promise<number>;
  /** Stops the background checks. Afterwards tokens are still checked, by a query each. */
  close(): Promise<void>;
}
