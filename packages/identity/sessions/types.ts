import type { Principal } from '@safeguard/http';
import type { Connection } from '@safeguard/store';

/** RFC 8176 names: what was shown. `sso`: by a federation provider (its own methods are listed beside it). */
export type Method = 'pwd' | 'otp' | 'hwk' | 'swk' | 'user' | 'kba' | 'sso' | 'mfa';

/**
 * NIST SP 800-63B-4 2: 1 = one factor, 2 = two factors or a passkey with user verification, 3 is never claimed.
 * Nothing of a patient is reachable below 2.
 */
export type Assurance = 1 | 2;

/** A person who is signed in, as the pages and the authorization server see them. */
export interface SignedIn {
  readonly session: string;
  readonly tenant: number;
  readonly account: string;
  readonly level: Assurance;
  readonly methods: readonly Method[];
  /**
   * When a factor was last shown, milliseconds since the Unix epoch: what `auth_time` says and re-authentication asks.
   */
  readonly authenticated_at: number;
  readonly roles: readonly string[];
  readonly principal: Principal;
}

export interface SessionSummary {
  readonly id: string;
  readonly created_at: number;
  readonly last_used_at: number;
  /** The network (IPv4 address or IPv6 /64) it was opened from, sealed at rest. */
  readonly network: string;
  /** Browser and system in a few words of ours, from User-Agent. */
  readonly device: string;
  readonly methods: readonly Method[];
}

export interface Opening {
  readonly tenant: number;
  readonly account: string;
  readonly level: Assurance;
  readonly methods: readonly Method[];
  readonly remote: string;
  /** The User-Agent header: a session is bound to its browser's family and platform. */
  readonly agent: string;
  /** The session cookie's value that the browser brought: its session ends in the same transaction. */
  readonly previous?: string | undefined;
}

/** Why a session ended, for the ledger. `ended by the service`: with its account, or by an administrator. */
export type EndReason =
  | 'sign-out'
  | 'replaced'
  | 'another browser'
  | 'ended by the person'
  | 'ended by the service'
  | 'idle'
  | 'too old';

export interface EndedSession {
  readonly tenant: number;
  readonly account: string;
  readonly session: string;
  readonly reason: EndReason;
}

/**
 * Writes the end of a session to the ledger of its tenant; resolves when that is durable. Under the session's own id:
 * a second entry of one end is known by it.
 */
export type RecordEnd = (ended: EndedSession & { readonly at: number }) => Promise<void>;

/** A session that is about to be opened: what could fail or take long has been done. */
export interface PreparedSession {
  readonly id: string;
  readonly secret: string;
  readonly opening: Opening;
  readonly values: readonly unknown[];
}

/**
 * The steps of opening and renewing, for a transaction of the caller's (as tenant 0): `prepare` before it, the one in
 * the middle inside, `committed` after it, never before.
 */
export interface SessionSteps {
  prepare(opening: Opening): Promise<PreparedSession>;
  /** Fault `unauthenticated` when the account is not active. Answers what ended by it. */
  insert(connection: Connection, prepared: PreparedSession): Promise<EndedSession[]>;
  /**
   * Finds the session under the cookie's value while it is open and in time, and locks it; undefined: it is not, or is
   * not this account's.
   */
  lock(
    connection: Connection,
    of: { readonly tenant: number; readonly account: string },
    secret: string | undefined,
  ): Promise<string | undefined>;
  renew(
    connection: Connection,
    session: string,
    how: { readonly level: Assurance; readonly methods: readonly Method[] },
  ): Promise<{ readonly secret: string }>;
  /** Ends all of an account but one, its tokens too. */
  endAll(
    connection: Connection,
    of: { readonly tenant: number; readonly account: string; readonly reason?: EndReason },
    except?: string,
  ): Promise<EndedSession[]>;
  /** Forgets what this process knew of these sessions and tells the listeners. */
  committed(changed: { readonly ended?: readonly EndedSession[]; readonly renewed?: string }): void;
}

export const sessionCookie = '__Host-safeguard';
export const deviceCookie = '__Host-safeguard-device';

export interface Sessions {
  /**
   * A new session under a new secret, always: what the browser had before ends (no fixation). Answers the cookie value.
   */
  open(opening: Opening): Promise<{ readonly secret: string; readonly id: string }>;
  /**
   * Who is signed in by this Cookie header: in memory when checked within the last second (as tokens are), else asked.
   * Undefined: no cookie, ended, idle more than 15 min, older than 12 h, another browser, account not active. Touches
   * the session's last use (written at most once a minute).
   */
  signedIn(cookie: string | undefined, agent: string | undefined): SignedIn | undefined | Promise<SignedIn | undefined>;
  /** A factor was shown again, or a higher one: a new secret for the same session. */
  renew(
    session: string,
    how: { readonly level: Assurance; readonly methods: readonly Method[] },
  ): Promise<{ readonly secret: string }>;
  /** Open sessions, newest first. */
  list(tenant: number, account: string): Promise<SessionSummary[]>;
  /** Ends one: false when there is none. `reason` as the ledger is to tell it, default `ended by the person`. */
  end(tenant: number, account: string, session: string, reason?: EndReason): Promise<boolean>;
  /** Ends all, or all but one; the account's tokens and refresh tokens too. Answers how many sessions. */
  endAll(tenant: number, account: string, except?: string): Promise<number>;
  /**
   * Ends sessions that are idle or too old (listeners are told), writes ends that are not in the ledger yet, removes
   * those that ended more than a day ago, and devices not used for 180 days; returns how many rows it touched. For a
   * timer, each minute.
   */
  sweep(): Promise<number>;
  /**
   * Told when a session ended, in this process: `oauth` revokes what hangs on it and tells the apps (back-channel).
   * Also for one that was refused and ended by `signedIn`: with the reason, for the ledger.
   */
  onEnd(listener: (ended: EndedSession) => void): void;
}

export interface SessionSettings {
  /** Without a use for so long, a session is over, seconds. Default of the product: 900. */
  readonly idle_s: number;
  /** However much it is used, seconds. Default of the product: 43,200. */
  readonly absolute_s: number;
}

/** The Set-Cookie values of a session: `__Host-`, Secure, HttpOnly, SameSite=Lax, no Domain, Path=/, no Max-Age. */
export interface SessionCookies {
  set(secret: string): string;
  readonly clear: string;
  device(secret: string): string;
}
