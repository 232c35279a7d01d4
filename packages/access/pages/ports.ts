import type { Frame } from '@safeguard/http';
import type { AccessApiDeps } from '../api/ports.ts';

/** What the pages at `/access` stand on: what the API does, and whose pages they are. */
export interface AccessPagesDeps extends AccessApiDeps {
  readonly frame: Frame;
  /** The account with this e-mail address, folded. Absent: people are named by the ids of their accounts alone. */
  readonly byLogin?: (tenant: number, login: string) => Promise<{ readonly id: string } | undefined>;
  /** True where `audit` tells who did, at `/access/patients/:id/accesses`: the way there. */
  readonly accounts?: boolean;
}
