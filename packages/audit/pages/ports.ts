import type { Frame, Guard, Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { AccountingPort } from '../accounting/operation.ts';

/** What the pages that tell who looked stand on. */
export interface AuditPagesDeps {
  readonly audit: AccountingPort;
  readonly guard: Guard;
  readonly frame: Frame;
  readonly clock: Clock;
  /** Names of patients, as this person may see them; who is not there is not named. Absent: ids alone. */
  readonly names?: (principal: Principal, patients: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** By the id of a grant, the title of its role: in what capacity somebody looked. */
  readonly roles?: (tenant: number, grants: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** True where one objects to an access, at `/account/record/objections/new`. */
  readonly objects?: boolean;
}
