import type { Clock, Probe } from '@safeguard/kernel';
import type { Seal } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';

/** What the checks of records work with; the composition root fills it with what really runs. */
export interface RecordsCheckDeps {
  readonly probe: Probe;
  readonly identity: Segment;
  readonly clinical: Segment;
  /** The ledger segment: it is searched for what must not stand there in clear. */
  readonly ledger: Segment;
  readonly seal: Seal;
  readonly clock: Clock;
  /** The newest output of the server (its log), as much of it as there is. Absent: it is not looked at. */
  readonly recentOutput?: () => Promise<string>;
}

export const hour_s = 3_600;
