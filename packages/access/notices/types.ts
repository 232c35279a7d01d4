import type { Connection } from '@safeguard/store';

/**
 * What people are told of. Each has one fixed sentence and one page of ours; nothing of a patient, no name and no
 * reason is ever in it.
 */
export const noticeKinds = [
  'request-to-decide',
  'request-decided',
  'grant-ends-soon',
  'access-held',
  'hold-to-release',
  'hold-released',
  'break-glass-opened',
  'break-glass-review-due',
  'review-started',
  'review-due',
  'policy-submitted',
  'policy-decided',
  'policy-activated',
  'right-asked',
  'right-answered',
  'right-due',
  'task-assigned',
  'task-to-approve',
  'task-returned',
  'task-decided',
  'task-due',
  'task-escalated',
  'policy-to-acknowledge',
  'policy-review-due',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** One thing to tell some people. */
export interface NewNotice {
  readonly tenant: number;
  readonly kind: NoticeKind;
  /** Ids of accounts; each is told once, whatever the list repeats. Nobody: nothing is written. */
  readonly to: readonly string[];
  /** What it is about: the id of the request, grant, campaign, …, the number of a policy version. Part of the link. */
  readonly about: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /**
   * At most 100 characters of ours. A second notice of the same kind, `about` and `again` to the same person is not
   * written; default: none, so that each person hears of one matter once.
   */
  readonly again?: string;
}

/**
 * Writes notices in the transaction of what they tell of: there is none of what did not happen, and none is lost of
 * what did. They are sent by `Notices.send`, later and elsewhere.
 */
export interface NoticePort {
  tell(connection: Connection, notice: NewNotice): Promise<void>;
}

/** A notice as its reader sees it. */
export interface Notice {
  /** UUID. */
  readonly id: string;
  readonly tenant: number;
  readonly kind: NoticeKind;
  readonly account: string;
  readonly about: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** One fixed sentence. */
  readonly text: string;
  /** Path of the page of ours: `/access/requests/<id>`. */
  readonly path: string;
  /** When a mail server took it; absent: not sent, or not yet. */
  readonly sent_at?: number;
  readonly read_at?: number;
}

export interface NoticeFilter {
  readonly unread?: boolean;
  /** Id of the last notice of the page before. */
  readonly after?: string;
  /** Default and at most 100. */
  readonly count?: number;
}

/** What people were told, and the sending of it. */
export interface Notices extends NoticePort {
  /** Whether there is a mail server; without one notices stand at our own pages only. */
  readonly mails: boolean;
  /** Newest first. */
  list(tenant: number, account: string, wanted?: NoticeFilter): Promise<Notice[]>;
  /** Fault `missing` for what was not told this account. */
  read(tenant: number, account: string, id: string): Promise<void>;
  /**
   * Sends what is due, of every tenant: each notice at least once, by one replica at a time. Answers how many were
   * taken by the mail server. Fault-free: what fails is tried again later, less and less often, and given up after 12
   * times.
   */
  send(): Promise<number>;
  /** Sends every few seconds until `close`. */
  start(): void;
  /** Resolves when nothing is being sent any more. */
  close(): Promise<void>;
}
