import type { Actor } from './way-in.ts';

/**
 * `administrator`: the first start's link, by which the first account is made. `invitation`: sets up an invited
 * account. `recovery`: made by an administrator for somebody who lost their factors; all factors are set anew.
 */
export type LinkPurpose = 'administrator' | 'invitation' | 'recovery';

export interface OneTimeLink {
  /** UUID: what the ledger and a flow call it by; it opens nothing. */
  readonly id: string;
  readonly purpose: LinkPurpose;
  readonly tenant: number;
  /** The account it sets up; null for `administrator`, whose account does not exist yet. */
  readonly account: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly expires_at: number;
}

export interface OneTimeLinks {
  /**
   * A new secret `sgl_…` (shown once, kept as SHA-256); earlier open links of the same account and purpose end. Lives
   * 24 h (administrator), 7 days (invitation), 1 h (recovery). Fault `missing` for an account that is not there;
   * `conflict` when the account is not in the state for it (invitation: `invited`; recovery: `active` and not
   * external), and for `administrator` when there is one already. `by`: who makes it; `held`: what the account may is
   * on
   * hold by it (see way-in.ts).
   */
  make(
    purpose: LinkPurpose,
    tenant: number,
    account: string | null,
    by?: Actor,
  ): Promise<{ readonly id: string; readonly secret: string; readonly expires_at: number; readonly held: boolean }>;
  /**
   * The link while it is open and its account is in the state for it; undefined for any other text: unknown, used,
   * expired, malformed look the same.
   */
  find(secret: string): Promise<OneTimeLink | undefined>;
  /**
   * Uses it up, once: false when somebody else did. What it leads to has to be whole by then: call it in the last step
   * (see `sign-in`), never at the first look. Within a transaction: `Accounts.within(…).useLink`.
   */
  use(secret: string): Promise<boolean>;
}
