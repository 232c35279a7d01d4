import type { GrantDeps } from '../grants/deps.ts';
import type { ClinicalFacts } from './types.ts';

export interface StandingDeps extends Pick<GrantDeps, 'segment' | 'clock' | 'people' | 'policies' | 'log'> {
  readonly clinical: Pick<ClinicalFacts, 'careTeam' | 'organizations' | 'consents' | 'memberships'>;
  /** A monotonic clock, milliseconds; default `performance.now`. What is held in memory ages by it. */
  readonly ticks?: () => number;
}

/** What somebody else's change takes to hold here: nothing in memory is used that is older. */
export const oldest_ms = 1_000;
