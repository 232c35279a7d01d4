import type { Connection } from '@safeguard/store';
import type { OneTimeLinks } from './links-types.ts';
import type { Actor } from './way-in.ts';

/**
 * `workforce`: a member of the tenant's staff. `patient`: stands for exactly one Patient. `proxy`: acts for one or more
 * Patients (a parent, a guardian). Service accounts are confidential clients: see `Clients`.
 */
export type AccountKind = 'workforce' | 'patient' | 'proxy';

/**
 * `invited`: made, nothing set yet. `active`. `suspended`: nothing of it works until it is resumed. `terminated`: for
 * good; its id and its login are never given to anybody else.
 */
export type AccountState = 'invited' | 'active' | 'suspended' | 'terminated';

/** What an account may be beside its scopes. An administrator manages accounts and clients of its own tenant. */
export type Role = 'administrator';

export interface Account {
  /** UUID, never reused. */
  readonly id: string;
  readonly tenant: number;
  readonly kind: AccountKind;
  readonly state: AccountState;
  /** What the person signs in with: an e-mail address, as it was given. Sealed at rest, found by blind token. */
  readonly login: string;
  /** What people call them. Sealed at rest. */
  readonly name: string;
  /**
   * The rights of the account in FHIR data, as SMART v2 `user/` and `patient/` scopes in normal form: tokens are made
   * within them. They bound what apps get and give nothing by themselves: policies and grants do. Default
   * `user/*.cruds`; a patient or proxy account gets `patient/*.rs`.
   */
  readonly scopes: readonly string[];
  readonly roles: readonly Role[];
  /** Ids of the Patients it stands for: one for a patient, one or more for a proxy, none for workforce. */
  readonly patients: readonly string[];
  /** `Practitioner/<id>`, `Patient/<id>`, `RelatedPerson/<id>` or `Person/<id>`: the `fhirUser` claim. */
  readonly fhir_user: string | null;
  /** Who provisioned it: ours, or the id of a federation provider, or `scim`. */
  readonly source: string;
  /** True when nobody may sign in with a password of ours (single sign-on alone). */
  readonly external: boolean;
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly created_at: number;
  readonly verified_at: number | null;
  readonly ended_at: number | null;
}

export interface NewAccount {
  readonly tenant: number;
  readonly kind: AccountKind;
  readonly login: string;
  readonly name: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly Role[];
  readonly patients?: readonly string[];
  readonly fhir_user?: string;
  readonly source?: string;
  readonly external?: boolean;
}

export type AccountChanges = Partial<
  Pick<Account, 'name' | 'login' | 'scopes' | 'roles' | 'patients' | 'fhir_user' | 'external'>
>;

/**
 * An account that is checked and sealed, and stands nowhere yet: plain JSON, to be kept in a sealed place (it names the
 * login) until it is written. Its id is final: factors can be prepared for it.
 */
export interface PreparedAccount {
  readonly id: string;
  readonly tenant: number;
  readonly kind: AccountKind;
  readonly login: string;
  readonly name: string;
  /** Of the login: int8 as text. */
  readonly login_token: string;
  readonly key_id: number;
  /** Base64. */
  readonly sealed: string;
  readonly scopes: readonly string[];
  readonly roles: readonly Role[];
  readonly patients: readonly string[];
  readonly fhir_user: string | null;
  readonly source: string;
  readonly external: boolean;
}

/**
 * The verbs for the last step of a flow, inside the transaction of the caller: `segment.transaction(0, …)`, as the
 * platform. A Fault rolls all of it back. They touch no network, open no seal, take no other connection.
 */
export interface AccountsWithin {
  /** Fault `conflict` when the login is taken, meanwhile too. */
  create(prepared: PreparedAccount): Promise<void>;
  /** `invited` → `active`, or stays `active`. Fault `missing`, `conflict` (suspended or terminated). */
  activate(tenant: number, id: string): Promise<void>;
  /**
   * Ends the account's sessions and tokens: for a recovery, a changed password. Tell it with `told` after the commit.
   */
  endAccess(tenant: number, id: string): Promise<void>;
  /** Uses a link up by its id (not its secret): false when somebody else did, or it ended; then roll back. */
  useLink(link: string): Promise<boolean>;
}

/** Told, in this process and at once, whenever an account ends, is suspended, or its rights change. */
export type AccountListener = (tenant: number, account: string) => void;

export interface Accounts {
  /**
   * Makes an `invited` account (an `external` one is `active` at once). Fault `invalid` with one issue per bad field,
   * `conflict` when the login is taken in the tenant, also by a terminated account.
   */
  create(account: NewAccount): Promise<Account>;
  /** All of `create` but the writing: see `within`. Fault `invalid` as there. */
  prepare(account: NewAccount): Promise<PreparedAccount>;
  within(connection: Connection): AccountsWithin;
  byId(tenant: number, id: string): Promise<Account | undefined>;
  /** By its login, folded (kernel `fold`): the caller must spend the same time on an unknown one. */
  byLogin(tenant: number, login: string): Promise<Account | undefined>;
  /** In the order of making. `after`: the id of the last one seen; at most `count` (default 50, most 200). */
  list(tenant: number, page?: { readonly after?: string; readonly count?: number }): Promise<Account[]>;
  /**
   * Fault `missing`; `invalid`; `conflict` for a taken login or when the last active administrator would lose the role.
   * Changed scopes, roles, patients or `external` end the account's tokens at once and its sessions too. Another login
   * is a way in (see way-in.ts): `by` says who opens it, `held` is called when what the account may is on hold by it.
   */
  change(tenant: number, id: string, changes: AccountChanges, by?: Actor, held?: () => void): Promise<Account>;
  /** As `within(…).activate`, in a transaction of its own. */
  activate(tenant: number, id: string): Promise<Account>;
  /**
   * Ends sessions and tokens at once. Fault `conflict` for the last active administrator, and for the last one who
   * signs in without single sign-on: somebody must get in when the provider is down.
   */
  suspend(tenant: number, id: string): Promise<Account>;
  /** `suspended` → what it was: `active`, or `invited` when nothing was set up yet. */
  resume(tenant: number, id: string): Promise<Account>;
  /** For good: sessions, tokens, links, factors, password end in the same transaction. Twice is once. */
  terminate(tenant: number, id: string): Promise<Account>;
  /** True when the tenant has an active administrator who signs in without single sign-on. */
  hasAdministrator(tenant: number): Promise<boolean>;
  /** Removes links that expired, were used or ended more than a day ago; returns how many. */
  sweep(): Promise<number>;
  onChange(listener: AccountListener): void;
  /** Tells the listeners: for who ended access inside a transaction of their own, after its commit. */
  told(tenant: number, id: string): void;
  readonly links: OneTimeLinks;
}
