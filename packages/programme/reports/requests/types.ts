import type { Actor } from '../../workflow/types.ts';
import type { Report, ReportKind } from '../types.ts';

/** What somebody outside says who asks for a report. */
export interface Asking {
  readonly name: string;
  readonly organization: string;
  readonly email: string;
  /** They agree to keep it to themselves; nothing is given without. */
  readonly nda_accepted: boolean;
  readonly kind: ReportKind;
  /** The network that it comes from: for limits alone, kept nowhere. */
  readonly remote: string;
}

export type RequestState = 'waiting' | 'approved' | 'sent' | 'downloaded' | 'expired' | 'closed';

/** A request as officers see it. */
export interface ReportRequest {
  readonly id: string;
  readonly task: string;
  readonly at: number;
  readonly state: RequestState;
  readonly kind: ReportKind;
  readonly name: string;
  readonly organization: string;
  readonly email: string;
  /** Of an approved one. */
  readonly report?: string;
  readonly expires_at?: number;
  readonly downloads: number;
}

export interface DownloadLink {
  /** `<base>/trust/reports/<secret>`: shown once. */
  readonly url: string;
  readonly expires_at: number;
}

export interface ReportRequests {
  /**
   * Opens a request for officers to decide. Answers nothing: the same for everybody. Fault `invalid` for what the form
   * does not allow, `tooMany` beyond the limits.
   */
  ask(asking: Asking): Promise<void>;
  /** Newest first, at most 200. */
  list(): Promise<readonly ReportRequest[]>;
  /** A new link for an approved request, to be handed on by an officer; the one before ends. Fault `missing`. */
  link(actor: Actor, request: string): Promise<DownloadLink>;
  /** Mails links of approved requests that have none yet. Answers how many were taken by the mail server. */
  deliver(): Promise<number>;
  /** Uses a link up. One fault for whatever is no link of ours, or is used or expired: `missing`. */
  download(secret: string): Promise<{ readonly report: Report; readonly bytes: Buffer; readonly filename: string }>;
}
