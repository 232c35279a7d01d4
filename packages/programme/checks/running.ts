import type { Check, Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { defaultLimit_ms } from './finding.ts';
import type { CheckLog, Conditions } from './perform.ts';
import type { Schedule } from './schedule.ts';
import type { Evidence, EvidenceStore, PlacedEvidence } from './types.ts';

export interface RunnerDeps {
  readonly checks: readonly Check[];
  readonly evidence: Pick<EvidenceStore, 'add'>;
  /** Gives the parameters in force at this moment. */
  readonly parameters: { readonly numbers: Conditions['numbers'] };
  /** The identity segment: what is due, and which process has it. */
  readonly segment: Segment;
  readonly clock: Clock;
  readonly log: CheckLog;
  /** What runs; asked for once a run. */
  readonly code: () => Promise<Evidence['code']>;
  /** Checks that run at the same moment. Default 2. */
  readonly at_once?: number;
  /** After `start`, before the first look. Default 20 s. */
  readonly delay_ms?: number;
  /** Between two looks for what is due. Default 5 s. */
  readonly look_ms?: number;
}

/** What a runner works with. */
export interface Running {
  readonly deps: RunnerDeps;
  readonly checks: ReadonlyMap<string, Check>;
  readonly schedule: Schedule;
  readonly closing: AbortSignal;
  /** Runs one, keeps what it found; who asks for one under way gets that. */
  once(check: Check, why: Evidence['why']): Promise<PlacedEvidence>;
}

/** How long a process may hold a check beyond its limit: the time that writing takes. */
const slack_ms = 30_000;
export const leaseOf = ({ limit_ms = defaultLimit_ms }: Check): number => limit_ms + slack_ms;

/** What runs, as one text: sources and programme. */
export const codeText = ({ digest, programme }: Evidence['code']): string => `${digest} ${programme}`;
