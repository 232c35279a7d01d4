import type { Frame, Guard, Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Rights } from '../types.ts';

/** What the pages for patients' requests, and the officers' desk, stand on. */
export interface RightsPagesDeps {
  readonly rights: Rights;
  readonly guard: Guard;
  readonly frame: Frame;
  readonly clock: Clock;
  /** Names of patients, as this person may see them; who is not there is not named. Absent: ids alone. */
  readonly names?: (principal: Principal, patients: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}
