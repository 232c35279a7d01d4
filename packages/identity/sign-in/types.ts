import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { FactorKind } from '../authenticators/types.ts';
import type { Assurance, EndedSession, Method } from '../sessions/types.ts';

/**
 * What the person has to do next.
 * `identify`: login and password, or a passkey, or single sign-on. `second`: a code, a passkey or a recovery code.
 * `password`: choose a password (link flows only). `enrol`: set up a second factor, TOTP or passkey. `codes`: the
 * recovery codes are shown and must be confirmed. `account`: name and login of the first administrator. `done`.
 */
export type Step = 'identify' | 'second' | 'account' | 'password' | 'enrol' | 'codes' | 'done';

export type FlowPurpose = 'sign-in' | 'step-up' | 'administrator' | 'invitation' | 'recovery';

export interface FlowView {
  readonly purpose: FlowPurpose;
  readonly step: Step;
  readonly tenant: number;
  /** Known once the first factor was right; never shown before. */
  readonly account?: { readonly id: string; readonly login: string; readonly name: string };
  /** At `second`: what the account has. */
  readonly factors?: readonly ('totp' | 'passkey' | 'recovery-codes')[];
  /** At `enrol`, after `beginTotp`. */
  readonly totp?: { readonly id: string; readonly uri: string; readonly secret: string };
  /** At `codes`: shown once. */
  readonly codes?: readonly string[];
  /** Where to go when done: a path of ours from a closed list of forms. */
  readonly return_to: string;
}

/** Where a step comes from. */
export interface From {
  readonly remote: string;
  readonly agent: string;
  readonly origin: string;
  /** Value of the device cookie: a device that signed in before has an allowance of its own. */
  readonly device: string | undefined;
  /** The session cookie that the browser brought: it ends when a new one opens. */
  readonly session: string | undefined;
}

/** The end of a flow: cookies to set, who it is, for the ledger. */
export interface Completed {
  readonly session_secret: string;
  readonly device_secret: string | undefined;
  readonly session: string;
  readonly tenant: number;
  readonly account: string;
  readonly level: Assurance;
  readonly methods: readonly Method[];
  readonly return_to: string;
  readonly purpose: FlowPurpose;
  /** For the ledger, what became valid with it: factors and codes, a password, the account itself. */
  readonly enrolled: readonly FactorKind[];
  readonly password_set: boolean;
  readonly account_made: boolean;
  /** The one-time link that it used up. */
  readonly link: string | undefined;
  /** True when a recovery code stood for the second factor. */
  readonly recovery_code: boolean;
  /** Sessions that ended by it: what the browser brought; at a recovery, all. */
  readonly ended: readonly EndedSession[];
}

/**
 * What was wrong, for the ledger alone and never shown: `refusalOf(fault)` tells it. `account` where it is known whom
 * it was about.
 */
export interface Refusal {
  readonly reason:
    | 'wrong password or login'
    | 'wrong code'
    | 'wrong recovery code'
    | 'wrong passkey'
    | 'not active'
    | 'too many failures'
    | 'too many attempts at once';
  readonly tenant: number;
  readonly account?: string;
}

export const flowCookie = '__Host-safeguard-flow';

/**
 * A flow lives 15 minutes in the database, found by the SHA-256 of the secret in its cookie: it is bound to one
 * browser. Each step is one transaction; a step out of order is Fault `conflict`. A wrong factor is Fault
 * `unauthenticated` with one text whatever was wrong and the same work done; too many are `tooMany`. A flow that is
 * unknown, over, too old, or another browser's is Fault `gone`; so is a link that somebody else used meanwhile. Nothing
 * is enrolled half: what a flow sets up (account, password, factor, codes, activation, use of the link) becomes valid
 * in ONE transaction, that of `complete`, together with the session.
 */
export interface SignIn {
  begin(asked: {
    readonly purpose: 'sign-in' | 'step-up';
    readonly tenant: number;
    readonly return_to: string;
    /** Of a step-up: who must show a factor again. */
    readonly account?: string;
  }): Promise<{ readonly secret: string; readonly view: FlowView }>;
  /** Opens a one-time link as a flow; undefined when the link is none (any more). The link is used up at the end. */
  open(link_secret: string): Promise<{ readonly secret: string; readonly view: FlowView } | undefined>;
  view(secret: string | undefined): Promise<FlowView | undefined>;
  /** Of `administrator`: who they are. */
  account(secret: string, who: { readonly login: string; readonly name: string }): Promise<FlowView>;
  choosePassword(secret: string, password: string): Promise<FlowView>;
  /** Before a flow is begun for a password: Fault `tooMany` where a stranger's would not be looked at now. */
  admit(tenant: number, from: From): void;
  password(secret: string, given: { readonly login: string; readonly password: string }, from: From): Promise<FlowView>;
  passkeyOptions(secret: string, from: From): Promise<PublicKeyCredentialRequestOptionsJSON>;
  passkey(secret: string, response: AuthenticationResponseJSON, from: From): Promise<FlowView>;
  code(secret: string, code: string, from: From): Promise<FlowView>;
  recoveryCode(secret: string, code: string, from: From): Promise<FlowView>;
  beginTotp(secret: string): Promise<FlowView>;
  confirmTotp(secret: string, code: string): Promise<FlowView>;
  beginPasskey(secret: string, from: From): Promise<PublicKeyCredentialCreationOptionsJSON>;
  confirmPasskey(secret: string, response: RegistrationResponseJSON, label: string, from: From): Promise<FlowView>;
  codesKept(secret: string): Promise<FlowView>;
  /**
   * A federation provider vouched for this account. `level` 2 when its `acr`/`amr` are trusted for two factors: then
   * the flow is done; else ours is asked.
   */
  external(
    secret: string,
    who: {
      readonly account: string;
      readonly level: 1 | 2;
      readonly methods: readonly Method[];
      /** Who vouched: where it is named, its link to the account has to stand until the session opens. */
      readonly provider?: string;
    },
  ): Promise<FlowView>;
  /** At step `done`: opens (or, for a step-up, renews) the session. The flow is over. */
  complete(secret: string, from: From): Promise<Completed>;
  sweep(): Promise<number>;
}
