import type { Check, CheckResult } from '@safeguard/kernel';

/** What a run of a check left: an entry of the platform's log (tenant 0), kind `evidence`, and a row that finds it. */
export interface Evidence {
  readonly kind: 'evidence';
  /** UUID; also of its ledger entry. */
  readonly id: string;
  readonly check: string;
  /** When it was received, milliseconds since the Unix epoch. */
  readonly at: number;
  /** The time it speaks for: [from, until]; of a moment both are `at`. */
  readonly from: number;
  readonly until: number;
  readonly result: CheckResult['result'];
  readonly examined: number;
  readonly saw: string;
  readonly todo?: string;
  readonly exceptions?: readonly string[];
  readonly more?: number;
  readonly query: string;
  /** `performed` or `reported`. */
  readonly how: 'performed' | 'reported';
  /** Why it ran: `schedule`, `start`, `change`, or `asked`. */
  readonly why: 'schedule' | 'start' | 'change' | 'asked';
  readonly took_ms: number;
  /** What ran: version of the product and digest of its code (and of `program/`). */
  readonly code: { readonly version: string; readonly digest: string; readonly programme: string };
}

/** Where an evidence stands in the platform's log. */
export interface EvidencePlace {
  readonly log: string;
  readonly shard: number;
  readonly index: number;
}

export interface PlacedEvidence {
  readonly evidence: Evidence;
  readonly place: EvidencePlace;
}

export interface EvidenceStore {
  /** In the ledger first, then the row. Fault `unavailable` where the log takes nothing: then there is no evidence. */
  add(evidence: Evidence): Promise<PlacedEvidence>;
  /**
   * Of each check the newest evidence received at or before `at`. Each is read from the ledger at the place that the
   * row names and held against it: a row without its entry, or another than it, is passed over for the newest genuine
   * one before it, and named in `forged`.
   */
  newest(
    at: number,
  ): Promise<{ readonly found: ReadonlyMap<string, PlacedEvidence>; readonly forged: readonly string[] }>;
  /** Newest first, for one check. */
  list(check: string, wanted: { readonly before?: number; readonly count: number }): Promise<readonly PlacedEvidence[]>;
  /** All received in [from, until), in order. */
  period(from: number, until: number): AsyncIterable<PlacedEvidence>;
  byId(id: string): Promise<PlacedEvidence | undefined>;
}

export interface Runner {
  readonly checks: ReadonlyMap<string, Check>;
  /**
   * Runs these (default: all), at most a few at a time, and keeps the evidence of each. Never throws for a check that
   * does; one check is never run twice at the same moment (a caller who asks for one under way gets its result), nor by
   * two processes on schedule.
   */
  run(wanted: {
    readonly ids?: readonly string[];
    readonly why: Evidence['why'];
    readonly told?: (done: PlacedEvidence, of: { readonly done: number; readonly all: number }) => void;
  }): Promise<readonly PlacedEvidence[]>;
  /** Runs what is due until `close`; the first time a little after the start. */
  start(): void;
  close(): Promise<void>;
}
