import type { Connection } from '@safeguard/store';

/** One engine for everything that people do and others approve: open → assign → do → approve or return → done. */

export type TaskState = 'open' | 'assigned' | 'submitted' | 'done' | 'rejected' | 'withdrawn';

/** A kind of work, as data. New kinds (risks, reviews, incidents, training …) are definitions, not engines. */
export interface Definition {
  /** `policy-approval`, `decision`, `waiver`, `parameter-change`, `report-request` … */
  readonly kind: string;
  readonly title: string;
  /** Roles (by grant, or `administrator`) that may open, be assigned, and approve. */
  readonly open: readonly string[];
  readonly work: readonly string[];
  readonly approve: readonly string[];
  /** Approvals that it needs, each of another person, none of who opened, worked on or submitted it. */
  readonly quorum: number;
  /** Days from opening to the due date. */
  readonly due_days: number;
  /** Days before the due date at which those concerned are reminded, and days after it at which it is escalated. */
  readonly remind_days: readonly number[];
  readonly escalate_days: number;
  /** Roles that are told of an escalation. */
  readonly escalate_to: readonly string[];
  /** Skips assignment and submission: what is opened waits for approval at once. */
  readonly immediate: boolean;
  /** Zod-checked by whoever registers the effect; at most 64 KiB as JSON. */
  readonly subject: (value: unknown) => Readonly<Record<string, unknown>>;
  /**
   * What it is about, an id of ours (`164.310-a-2-iv`, `auditing#2`), in clear: of one thing there is one open task of
   * a kind (Fault `conflict`), and effects are held against it. Default: nothing.
   */
  readonly about?: (subject: Readonly<Record<string, unknown>>) => string;
  /** Ids of accounts that never approve this one, whatever they did in it: who wrote the draft, who it is for. */
  readonly apart?: (subject: Readonly<Record<string, unknown>>) => readonly string[];
  /** Which of the roles of `approve` approve this one; none of them, or absent: all of `approve`. */
  readonly approvers?: (subject: Readonly<Record<string, unknown>>) => readonly string[];
  /** What has to hold and takes asking: before it is opened and before each approval, in no transaction. Faults. */
  readonly check?: (tenant: number, subject: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface Step {
  readonly n: number;
  readonly at: number;
  /** Id of an account; `service` for reminders and escalations, `operator` at the machine. */
  readonly by: string;
  readonly act:
    | 'opened'
    | 'assigned'
    | 'noted'
    | 'submitted'
    | 'approved'
    | 'returned'
    | 'rejected'
    | 'withdrawn'
    | 'done'
    | 'reminded'
    | 'escalated';
  /** To whom it was assigned. */
  readonly to?: string;
  /** What was said with it; sealed under its author's key in the database. Empty: that key was destroyed. */
  readonly note?: string;
}

export interface Task {
  readonly id: string;
  readonly tenant: number;
  readonly kind: string;
  readonly title: string;
  readonly state: TaskState;
  readonly subject: Readonly<Record<string, unknown>>;
  /** As its definition says what it is about. */
  readonly about?: string;
  readonly opened_by: string;
  readonly opened_at: number;
  readonly assignee?: string;
  readonly due_at: number;
  readonly closed_at?: number;
  /** Approvals so far, since the last submission. */
  readonly approvals: readonly string[];
  readonly quorum: number;
  readonly steps: readonly Step[];
  /** Counts up with each step: `If-Match`. */
  readonly version: number;
}

/** Who acts: an account with the roles it holds by approved grants and by relationship at this moment. */
export interface Actor {
  readonly tenant: number;
  readonly id: string;
  readonly roles: readonly string[];
}

/** What a kind comes to. Called in the transaction of the last approval: both happen, or neither. */
export type Effect = (connection: Connection, task: Task, at: number) => Promise<void>;

export interface Workflow {
  /**
   * Registers a kind; once, at the start. A function is asked at each use: for numbers that may be changed while the
   * service runs. Its kind and roles stay.
   */
  define(definition: Definition | (() => Definition), effect: Effect): void;
  readonly definitions: ReadonlyMap<string, Definition>;
  open(
    actor: Actor,
    wanted: { kind: string; title: string; subject: unknown; note?: string; assignee?: string },
  ): Promise<Task>;
  /** Fault `stale` where `version` is not the current one (when given). */
  assign(actor: Actor, id: string, to: string, version?: number): Promise<Task>;
  note(actor: Actor, id: string, note: string, version?: number): Promise<Task>;
  submit(actor: Actor, id: string, note?: string, version?: number): Promise<Task>;
  /** Another approves: one step nearer, or done. Fault `forbidden` for whoever opened, worked on or submitted it. */
  approve(actor: Actor, id: string, note?: string, version?: number): Promise<Task>;
  /** Back to whoever works on it, with a reason. Approvals so far are void. */
  return(actor: Actor, id: string, note: string, version?: number): Promise<Task>;
  reject(actor: Actor, id: string, note: string, version?: number): Promise<Task>;
  withdraw(actor: Actor, id: string, note: string, version?: number): Promise<Task>;
  byId(tenant: number, id: string): Promise<Task | undefined>;
  list(
    tenant: number,
    wanted: {
      readonly kind?: string;
      readonly state?: TaskState;
      /** Not closed yet. */
      readonly open?: boolean;
      readonly about?: string;
      /** Id of an account: what it opened, works on, took a step in, or may work on or approve now. */
      readonly concerning?: string;
      readonly overdue?: boolean;
      /** Id of the last task of the page before; newest first. */
      readonly after?: string;
      /** 1 to 200. */
      readonly count: number;
    },
  ): Promise<readonly Task[]>;
  /** Reminds of and escalates what is due, of every tenant; each once. Answers how many. */
  remind(): Promise<number>;
  /** What concerns this person, as an iCalendar feed (RFC 5545); titles and dates, no notes. */
  calendar(tenant: number, account: string): Promise<string>;
}
