import type { PlacedEvidence } from '../checks/types.ts';
import type { Control } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';

/**
 * `met`: every check of it has fresh evidence that it is. `unmet`: at least one has evidence that it is not. `unknown`:
 * none is unmet, and of at least one there is no fresh evidence, or it could not be told. `documented`: no machine can
 * prove it; it rests on approved and published policy. `undocumented`: it would, and a policy of it is not in force.
 * `not-applicable`: a condition or a recorded decision says so. Nothing sets any of these by hand.
 */
export type StateName = 'met' | 'unmet' | 'unknown' | 'documented' | 'undocumented' | 'not-applicable';

export interface CheckState {
  readonly check: string;
  readonly title: string;
  readonly state: 'met' | 'unmet' | 'unknown';
  /** In fixed words or those of the evidence: "no evidence yet", "stale since …", "nothing was examined". */
  readonly because: string;
  /** Until when the evidence counts, milliseconds since the Unix epoch. */
  readonly fresh_until?: number;
  readonly evidence?: PlacedEvidence;
}

export interface ControlState {
  readonly control: Control;
  readonly state: StateName;
  readonly because: string;
  readonly checks: readonly CheckState[];
  /** Of a standard: the states of its specifications, by id. They are rolled up into its own. */
  readonly specifications: readonly { readonly id: string; readonly state: StateName }[];
  /** Of an addressable specification: what was decided; absent: not decided, which makes it `unmet`. */
  readonly decision?: Decision;
  /** A waiver does not change the state: it says who answers for it until when. */
  readonly waiver?: Waiver;
}

export interface Posture {
  /** The moment that it speaks for. */
  readonly at: number;
  readonly controls: readonly ControlState[];
  readonly counts: Readonly<Record<StateName, number>>;
  /** Ids of evidence rows that the ledger does not bear out. Any: the log or the database was tampered with. */
  readonly forged: readonly string[];
}

export interface PostureInput {
  readonly at: number;
  readonly controls: ReadonlyMap<string, Control>;
  readonly conditions: readonly string[];
  readonly checks: ReadonlyMap<string, { readonly id: string; readonly title: string; readonly every_s: number }>;
  readonly newest: ReadonlyMap<string, PlacedEvidence>;
  /** In force at `at`, by control id. */
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly waivers: ReadonlyMap<string, Waiver>;
  /** Ids of policies published at `at`. */
  readonly published: ReadonlySet<string>;
  /** Ids of evidence rows that the ledger did not bear out; their checks have what genuine evidence is in `newest`. */
  readonly forged?: readonly string[];
}
