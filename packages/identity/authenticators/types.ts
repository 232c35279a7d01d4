import type { Connection } from '@safeguard/store';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';

export type FactorKind = 'totp' | 'passkey' | 'recovery-codes';

/** Something an account signs in with, beside its password. Holds no secret. */
export interface Factor {
  readonly id: string;
  readonly kind: FactorKind;
  /** What the person called it; for recovery codes, how many are left. */
  readonly label: string;
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
  readonly last_used_at: number | null;
}

/**
 * What `prepare` made and nothing holds yet: plain JSON, sealed under the account's key where it is secret. Keep it in
 * the flow's own sealed row, and write it with `within(connection).enrol`. Each opens for its own account alone.
 */
export interface PreparedPassword {
  readonly tenant: number;
  readonly account: string;
  readonly key_id: number;
  readonly version: number;
  /** Base64. */
  readonly sealed: string;
}

export interface PreparedFactor {
  readonly tenant: number;
  readonly account: string;
  readonly id: string;
  readonly kind: 'totp' | 'passkey';
  readonly key_id: number;
  /** Base64. */
  readonly sealed: string;
  /** TOTP: the step whose code confirmed it: that code is used up. */
  readonly last_step: number | null;
  /** Passkey: base64 SHA-256 of the credential id. */
  readonly credential: string | null;
  readonly counter: number | null;
}

export interface PreparedCodes {
  readonly tenant: number;
  readonly account: string;
  readonly id: string;
  readonly key_id: number;
  /** Base64, one for each code. */
  readonly sealed: readonly string[];
}

/** What one flow sets up. */
export interface Enrolment {
  readonly password?: PreparedPassword;
  readonly factors?: readonly PreparedFactor[];
  readonly codes?: PreparedCodes;
  /** Takes everything away before, password included: for a recovery link. */
  readonly anew?: boolean;
}

/** Makes what a flow sets up, without writing it. Everything that is slow or that opens a seal happens here. */
export interface Prepare {
  /** `passwords.check` comes first. */
  password(tenant: number, account: string, text: string): Promise<PreparedPassword>;
  /** A new TOTP secret. The caller keeps `id` and `secret` (sealed) until the person typed a code. */
  totp(login: string): { readonly id: string; readonly uri: string; readonly secret: string };
  /** Undefined when the code is wrong. */
  confirmTotp(
    tenant: number,
    account: string,
    begun: { readonly id: string; readonly secret: string },
    code: string,
    label: string,
  ): Promise<PreparedFactor | undefined>;
  /** Undefined when the response does not verify, or the credential is registered in the tenant already. */
  passkey(
    tenant: number,
    account: string,
    expected: { readonly challenge: string; readonly origin: string },
    response: RegistrationResponseJSON,
    label: string,
  ): Promise<PreparedFactor | undefined>;
  /** `codes` are shown once, `prepared` is kept. */
  codes(
    tenant: number,
    account: string,
  ): Promise<{ readonly codes: readonly string[]; readonly prepared: PreparedCodes }>;
}

/**
 * The verbs for the caller's own transaction (`segment.transaction(0, …)`, as the platform). A Fault
 * rolls all of it back. They take no other connection and open no seal.
 */
export interface AuthenticatorsWithin {
  /** Fault `internal` when something was prepared for another account, `conflict` for a credential that is taken. */
  enrol(tenant: number, account: string, enrolment: Enrolment): Promise<void>;
  removeAll(tenant: number, account: string): Promise<void>;
}

/** `account` is always the id of an account of `tenant`; what belongs to another tenant is not found. */
export interface Passwords {
  /**
   * NIST SP 800-63B-4 3.1.1: NFKC, at least 15 characters (8 when the account has a second factor, or will have one
   * before it becomes active: `withSecondFactor`), at most 256, none of the block list, not the login, the name, the
   * service's name or the tenant's own. Fault `invalid` that says which rule in words for a person, never the password.
   */
  check(
    text: string,
    context: {
      readonly login: string;
      readonly name: string;
      readonly tenantName?: string;
      readonly withSecondFactor: boolean;
    },
  ): void;
  /**
   * Hashes (argon2id, 19 MiB, 2 passes, 1 lane, 16-byte salt) and keeps; the sealed row is replaced. `check` comes
   * first.
   */
  set(tenant: number, account: string, text: string): Promise<void>;
  /**
   * True when it is the account's password. For an account that is undefined or has none the same work is done against
   * a decoy: an account that is not active or signs in elsewhere (`external`) has none. `gate` is asked to run the
   * hash: see `sign-in/gate.ts`. A hash with lesser parameters than today's is made anew at the next right password.
   */
  verify(tenant: number, account: string | undefined, text: string): Promise<boolean>;
  has(tenant: number, account: string): Promise<boolean>;
}

export interface Totp {
  /**
   * A new secret (RFC 6238: SHA-1, 6 digits, 30 s, 20 random bytes), pending until `confirm`; one pending per account.
   * Fault `conflict` when the account has 20 factors.
   */
  begin(tenant: number, account: string, login: string): Promise<{ id: string; uri: string; secret: string }>;
  /** The first right code makes it a factor. False when wrong; the pending secret lives 15 min. */
  confirm(tenant: number, account: string, id: string, code: string, label: string): Promise<boolean>;
  /** Window ±1 step; a step that was used, or one before it, never works again (also between processes). */
  verify(tenant: number, account: string, code: string): Promise<boolean>;
}

/** `origin`: the public base; the relying-party id is its host name. Challenges are kept by the caller's flow. */
export interface Passkeys {
  registrationOptions(
    tenant: number,
    account: { readonly id: string; readonly login: string; readonly name: string },
    origin: string,
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** False when it does not verify. User verification is required; the credential becomes a factor. */
  register(
    tenant: number,
    account: string,
    expected: { readonly challenge: string; readonly origin: string },
    response: RegistrationResponseJSON,
    label: string,
  ): Promise<boolean>;
  /** Without an account: a discoverable credential, so that nobody learns who has a passkey. */
  authenticationOptions(
    tenant: number,
    account: string | undefined,
    origin: string,
  ): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /**
   * The account whose passkey answered, or undefined; its state is `active`. A counter that went back ends the passkey:
   * it is a copy or has one. The account then still counts as having a second factor (see `hasSecond`).
   */
  authenticate(
    tenant: number,
    expected: { readonly challenge: string; readonly origin: string; readonly account?: string },
    response: AuthenticationResponseJSON,
  ): Promise<string | undefined>;
}

export interface RecoveryCodes {
  /**
   * Ten new codes (`xxxxx-xxxxx`, 50 random bits each), shown once, kept as argon2id under one salt (NIST SP 800-63B-4
   * 3.1.2.2); earlier ones end. Ten slow hashes, in one turn at the gate.
   */
  make(tenant: number, account: string): Promise<readonly string[]>;
  /**
   * Uses one up, once, also between processes. One slow hash, through the gate, whatever is given: against decoys for
   * an account that has no codes, is not active, or is not there.
   */
  use(tenant: number, account: string, code: string): Promise<boolean>;
  left(tenant: number, account: string): Promise<number>;
}

export interface Authenticators {
  readonly passwords: Passwords;
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly recovery: RecoveryCodes;
  /** Confirmed factors only. */
  list(tenant: number, account: string): Promise<Factor[]>;
  /** Fault `conflict` when it is the last second factor (TOTP or passkey); `missing`. */
  remove(tenant: number, account: string, factor: string): Promise<void>;
  /** Everything, password included: for a recovery link. */
  removeAll(tenant: number, account: string): Promise<void>;
  readonly prepare: Prepare;
  within(connection: Connection): AuthenticatorsWithin;
  /**
   * True when the account has TOTP or a passkey; also when its only passkey ended because it was copied: a password
   * alone must not be enough to enrol a new factor then. Such an account needs a recovery code or link.
   */
  hasSecond(tenant: number, account: string): Promise<boolean>;
}
