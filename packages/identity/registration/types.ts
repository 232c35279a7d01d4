import type { Guard, Route } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { PageDeps } from '../pages/ports.ts';
import type {
  ClientAuthMethod,
  ClientCredentials,
  Clients,
  GrantType,
  PublicKeys,
  ScopeRules,
  Tenants,
  View,
} from '../types.ts';

/** What becomes the client. Its logo is a picture beside it: an address of one is never fetched. */
export interface Content {
  readonly name: string;
  /** Asked, in normal form; none: it signs people in and reads nothing. */
  readonly scopes: readonly string[];
  readonly view: View;
  readonly auth_method: ClientAuthMethod;
  readonly grant_types: readonly GrantType[];
  readonly redirect_uris: readonly string[];
  readonly post_logout_redirect_uris: readonly string[];
  readonly launch_uri?: string;
  /** Its homepage, its privacy policy and its terms: links, never fetched. */
  readonly client_uri?: string;
  readonly policy_uri?: string;
  readonly tos_uri?: string;
  /** By value or by address. Absent in a change: keys by value stay as they are. */
  readonly jwks?: PublicKeys;
  readonly jwks_uri?: string;
}

/** What a reviewer needs to know. Sealed at rest. */
export interface About {
  readonly publisher: string;
  readonly description: string;
  /** How to reach whoever answers for it. */
  readonly contact: string;
  /** What it does with the data it asks for. */
  readonly purpose: string;
  /** Base64; at most 64 KiB. */
  readonly logo?: { readonly type: 'image/png' | 'image/webp'; readonly data: string };
}

export type Fields = Content & About;
/** As they come: checked in content.ts. In a change, null takes away what may be absent. */
export type GivenFields = { readonly [name in keyof Fields]?: Fields[name] | null | undefined };

/**
 * Of the newest revision: `draft` (its author works on it), `pending` (asked), `approved`, `refused`; `revoked`: over,
 * for good. What is in force is another matter: see `in_force`.
 */
export type ApplicationState = 'draft' | 'pending' | 'approved' | 'refused' | 'revoked';
export type Source = 'portal' | 'dynamic' | 'udap';

export interface Application extends Fields {
  /** Also its client's id. */
  readonly id: string;
  readonly tenant: number;
  readonly source: Source;
  /** The account that asked, or that invited the software; null: a member of a UDAP community. */
  readonly requester: string | null;
  readonly state: ApplicationState;
  /** The revision that `state` and the fields are about: an approval names it. */
  readonly version: number;
  /** What works meanwhile; null: nothing yet. */
  readonly in_force: { readonly version: number; readonly scopes: readonly string[] } | null;
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly created_at: number;
  readonly changed_at: number;
}

export type EventKind = 'create' | 'change' | 'narrow' | 'submit' | 'withdraw' | 'approve' | 'refuse' | 'revoke';

export interface ApplicationEvent {
  readonly number: number;
  readonly at: number;
  readonly kind: EventKind;
  readonly actor_kind: Actor['kind'];
  readonly actor: string | null;
  readonly version: number;
  /** What was in force from then on. */
  readonly scopes: readonly string[] | null;
  readonly reason: string | null;
}

/** Who does it. `software`: an app by its registration token, or a member of a UDAP community. */
export type Actor =
  | { readonly kind: 'user' | 'client'; readonly tenant: number; readonly id: string }
  | { readonly kind: 'operator' | 'software'; readonly tenant: number };

export type Decision =
  | {
      readonly approve: true;
      readonly version: number;
      /** Within what was asked; default all of it. */
      readonly scopes?: readonly string[] | undefined;
      readonly reason?: string | undefined;
    }
  | { readonly approve: false; readonly version: number; readonly reason: string };

/** A key of an app, and when it last proved it. */
export interface KeyUse {
  readonly kid: string;
  /** Milliseconds; null: it has no end. */
  readonly ends_at: number | null;
  /** Within a minute; null: never. */
  readonly last_used_at: number | null;
}

export interface SecretUse {
  readonly id: string;
  readonly created_at: number;
  readonly ends_at: number | null;
  readonly last_used_at: number | null;
}

export interface Applications {
  /** A draft. Fault `invalid` (one issue a field), `conflict` (too many). */
  create(actor: Actor, fields: GivenFields): Promise<Application>;
  byId(tenant: number, id: string): Promise<Application | undefined>;
  /** Newest last; of one requester where one is named. */
  list(tenant: number, requester?: string): Promise<Application[]>;
  /**
   * A new revision of what is named; the rest stays. Of an app in force: at once when it is narrower, else it waits for
   * a review and the old one works on. Fault `missing`, `invalid`, `conflict`, `stale` (another version).
   */
  change(actor: Actor, id: string, changes: GivenFields, version?: number): Promise<Application>;
  /** `draft` → `pending`. */
  submit(actor: Actor, id: string): Promise<Application>;
  /** Takes back what waits or is drafted: back to what is in force, or to a draft. */
  withdraw(actor: Actor, id: string): Promise<Application>;
  /**
   * Fault `forbidden` for who asked or wrote any of it, and for all but people and the operator; `stale` when the
   * version is not the one that waits; `conflict` when nothing waits; `invalid` for scopes beyond what was asked.
   */
  decide(actor: Actor, id: string, decision: Decision): Promise<Application>;
  /** Ends the client and its tokens, at once and for good. Twice is once. */
  revoke(actor: Actor, id: string, reason?: string): Promise<Application>;
  /** A new secret, shown once; the one before stays valid for the overlap. Only of an app in force. */
  rotateSecret(tenant: number, id: string, overlap_s?: number): Promise<ClientCredentials>;
  /** A new public key; the one before stays valid for the overlap: two at most. Only of an app in force. */
  rotateKey(tenant: number, id: string, jwk: Readonly<Record<string, unknown>>, overlap_s?: number): Promise<KeyUse[]>;
  keys(tenant: number, id: string): Promise<KeyUse[]>;
  secrets(tenant: number, id: string): Promise<SecretUse[]>;
  history(tenant: number, id: string): Promise<ApplicationEvent[]>;
}

export interface Invitation {
  readonly id: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly uses: number;
  readonly used: number;
  readonly ended_at: number | null;
}

export interface Invitations {
  /** The secret `sgi_…` is shown once. Fault `invalid`. */
  make(
    tenant: number,
    account: string,
    limits: { readonly uses: number; readonly lifetime_s: number },
  ): Promise<Invitation & { readonly secret: string }>;
  list(tenant: number): Promise<Invitation[]>;
  /** False when there is none. */
  end(tenant: number, id: string): Promise<boolean>;
}

export interface CoreDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly clock: Clock;
  readonly scopes: ScopeRules;
  readonly clients: Pick<Clients, 'revoke' | 'rotateSecret'>;
}

export interface RegistrationDeps extends CoreDeps {
  readonly tenants: Pick<Tenants, 'byName' | 'settings'>;
  readonly guard: Guard;
  /** Of the pages: the portal looks like them. Absent: no portal. */
  readonly pages?: PageDeps;
}

export interface Registration {
  /** The portal, dynamic registration and UDAP. The operations of `/api/v1` are `createApi`'s: see `applications`. */
  routes(): Route[];
  readonly applications: Applications;
  readonly invitations: Invitations;
  /** Removes keys past their end and invitations that ended a month ago; answers how many. For a timer, hourly. */
  sweep(): Promise<number>;
}
