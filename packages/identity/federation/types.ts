import type { Brand, Route } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Accounts } from '../accounts/types.ts';
import type { Actor, OnWayIn } from '../accounts/way-in.ts';
import type { SessionSteps, Sessions } from '../sessions/types.ts';
import type { SignIn } from '../sign-in/types.ts';
import type { IdentityLog, ScopeRules } from '../types.ts';

/**
 * `fetch` to another server, hardened by whoever wires it (`oauth/fetch.ts`): https alone, no private address unless
 * allowed, no redirect followed, size and time bounded. JSON is read of GET (discovery, keys, userinfo) and of POST
 * (the token endpoint).
 */
export type SafeFetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * `linked`: only who was linked before gets in. `provisioned`: an unknown subject gets a new account (just in time).
 */
export type AccountPolicy = 'linked' | 'provisioned';

/** Names of claims (OIDC) or attributes (SAML) from which a new account is filled. What is absent has a default. */
export interface ClaimNames {
  /** The login; default `email`, or the usual SAML names of an address, or a NameID in the form of one. */
  readonly login?: string;
  /** Default `name`, or the usual SAML names. */
  readonly name?: string;
  /** `Practitioner/<id>` or `Person/<id>`; default: not asked. */
  readonly fhir_user?: string;
  /** SAML alone: the attribute that is the stable subject where the NameID is transient. */
  readonly subject?: string;
}

/**
 * The claim (OIDC: of the ID token, `sub` among them) or attribute (SAML, or `NameID`) whose value is the `externalId`
 * that the tenant's directory wrote by SCIM of the same person.
 */
export type DirectoryClaim = 'none' | { readonly claim: string };

/** What both kinds have. */
interface Common {
  /** What the button says: 1 to 60 characters. */
  readonly label: string;
  readonly accounts: AccountPolicy;
  /** Of new accounts, as SMART v2 scopes. Default none: default deny. Roles never come from outside. */
  readonly scopes: readonly string[];
  /** Where not empty: only who has an address in one of these domains gets in. Lower case, exact. */
  readonly domains: readonly string[];
  readonly claims: ClaimNames;
  /**
   * An unknown subject is linked to the account that SCIM made under its `externalId`, once and for good. One provider
   * of a tenant at most may say so: another one could name anybody. Default `none`.
   */
  readonly directory: DirectoryClaim;
  /** `acr` values (SAML: AuthnContextClassRef) that count as two factors. Default none: our second factor is added. */
  readonly trusted_acr: readonly string[];
  /** `amr` values (SAML: authnmethodsreferences) that do. */
  readonly trusted_amr: readonly string[];
  /**
   * `off`: who is linked has no password door any more (the account becomes `external`), administrators excepted: one
   * of them can always sign in with password and second factor. `kept`: both doors stand. Default `kept`.
   */
  readonly password: 'kept' | 'off';
}

export interface OidcSettings extends Common {
  readonly kind: 'oidc';
  /** The issuer identifier, exactly as the provider writes it (OpenID Connect Discovery 1.0 3). Never changes. */
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly client_auth: 'client_secret_basic' | 'client_secret_post';
  /** Beside `openid`. */
  readonly request_scopes: readonly string[];
  readonly userinfo: boolean;
  /**
   * `required`: an address counts only with `email_verified: true`. `assumed`: the provider gives out the addresses
   * itself (a tenant's own Entra ID says nothing of it).
   */
  readonly email_verified: 'required' | 'assumed';
}

export interface SamlSettings extends Common {
  readonly kind: 'saml';
  /** The provider's entityID. Never changes. */
  readonly entity_id: string;
  /** Its SingleSignOnService with the HTTP-Redirect binding. */
  readonly sso_url: string;
  /** PEM, one or more: signatures are checked with these and with nothing that a message brings. */
  readonly certificates: readonly string[];
  /** Ours, PEM: the provider may encrypt assertions for it. */
  readonly decryption?: { readonly key: string; readonly certificate: string };
}

export type ProviderSettings = OidcSettings | SamlSettings;

/**
 * What may be left out has the default that its type says. SAML: `metadata`, the provider's own XML, in place of the
 * three that it holds.
 */
export type NewProvider =
  | (Pick<OidcSettings, 'kind' | 'label' | 'issuer' | 'client_id' | 'client_secret'> & Partial<OidcSettings>)
  | (Pick<SamlSettings, 'kind' | 'label' | 'entity_id' | 'sso_url' | 'certificates'> & Partial<SamlSettings>)
  | (Pick<SamlSettings, 'kind' | 'label'> & Partial<SamlSettings> & { readonly metadata: string });

/** Kind, issuer and entityID never change: links hang on them. `decryption: null` takes our key away. */
export type ProviderChanges = Partial<Omit<OidcSettings, 'kind' | 'issuer'>> &
  Partial<Omit<SamlSettings, 'kind' | 'entity_id' | 'decryption'>> & {
    readonly decryption?: { readonly key: string; readonly certificate: string } | null;
  };

/** A provider as it is shown: no secret, no key. */
export interface ProviderView {
  readonly id: string;
  readonly tenant: number;
  readonly enabled: boolean;
  readonly settings: Omit<OidcSettings, 'client_secret'> | (Omit<SamlSettings, 'decryption'> & { decryption?: string });
  /** What to tell the provider, below the public base: OIDC `callback`, `logout`; SAML `metadata`, `acs`. */
  readonly paths: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
  readonly changed_at: number;
}

export interface Providers {
  /**
   * Not enabled yet. Fault `invalid` with one issue per bad field; `conflict` when it would lock all administrators
   * out, the tenant has 20 providers, or another of them is the directory's already.
   */
  create(tenant: number, provider: NewProvider): Promise<ProviderView>;
  /** Fault `missing`. Another tenant's is missing too. */
  read(tenant: number, id: string): Promise<ProviderView>;
  list(tenant: number): Promise<ProviderView[]>;
  /**
   * Other keys, another attribute that names people, another claim of the directory are a way into whoever the provider
   * is trusted with (see accounts/way-in.ts): `by` opens it, `held` is called when an account is on hold by it.
   */
  change(tenant: number, id: string, changes: ProviderChanges, by?: Actor, held?: () => void): Promise<ProviderView>;
  /** Off: the sessions that hang on it end in the same transaction (see `identities/ending.ts`). */
  enable(tenant: number, id: string, enabled: boolean, by?: Actor, held?: () => void): Promise<ProviderView>;
  /** For good: its links and sessions end, its secrets are overwritten. Accounts stay. Twice is once. */
  remove(tenant: number, id: string): Promise<void>;
}

/** A link of an account, as it is listed: the subject itself is shown to nobody. */
export interface LinkedProvider {
  /** UUID. */
  readonly provider: string;
  readonly label: string;
  /** False: nobody signs in there at the moment. */
  readonly enabled: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
}

/** Who is who at the providers. */
export interface ExternalIdentities {
  /**
   * An administrator says that this subject is this account. Fault `missing`,
   * `conflict` when the subject or the account has another link there, `invalid`. `by`: who says so; answers whether
   * what the account may is on hold by it (see accounts/way-in.ts).
   */
  link(tenant: number, provider: string, account: string, subject: string, by?: Actor): Promise<boolean>;
  list(tenant: number, account: string): Promise<LinkedProvider[]>;
  /** Ends the account's sessions and tokens in the same transaction. False when there is none. */
  unlink(tenant: number, provider: string, account: string): Promise<boolean>;
}

export interface FederationSettings {
  /** How long ago a factor was shown at most when a person links an account, seconds. Default 300. */
  readonly fresh_s?: number;
}

/** An account as a directory wrote it, at one version of what it wrote. */
export interface DirectoryEntry {
  readonly account: string;
  readonly version: number;
}

/** The accounts of the tenant, not terminated, of which a directory wrote exactly this `externalId` (case-exact). */
export type DirectoryLookup = (tenant: number, externalId: string) => Promise<readonly DirectoryEntry[]>;

export interface FederationDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly log: IdentityLog;
  readonly scopes: Pick<ScopeRules, 'normalScope'>;
  readonly accounts: Pick<Accounts, 'byId' | 'prepare' | 'within' | 'change' | 'hasAdministrator'>;
  readonly signIn: Pick<SignIn, 'begin' | 'view' | 'external'>;
  readonly fetch: SafeFetch;
  readonly onWayIn?: OnWayIn;
  /** Absent: nobody links an account by themselves, and back-channel logout is not there. */
  readonly sessions?: Pick<Sessions, 'signedIn' | 'endAll'> & {
    readonly steps: Pick<SessionSteps, 'endAll' | 'committed'>;
  };
  /** Absent: nobody is linked by what a directory wrote. */
  readonly directory?: DirectoryLookup;
  /** Whose pages they are; default `Safeguard`. */
  readonly brand?: (tenant: number) => Promise<Brand>;
  readonly settings?: FederationSettings;
}

export interface Federation {
  readonly providers: Providers;
  readonly identities: ExternalIdentities;
  routes(): Route[];
  /** For the sign-in page: each is a form that posts to `/federation/<id>/start`. Enabled ones, oldest first. */
  buttons(tenant: number): Promise<readonly { readonly id: string; readonly label: string }[]>;
  /** Removes what ended: for a timer (hourly). Answers how many rows. */
  sweep(): Promise<number>;
}
