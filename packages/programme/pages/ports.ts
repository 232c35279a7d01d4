import type { Entry, Frame, Guard } from '@safeguard/http';
import type { ProgrammeApi } from '../api/ports.ts';
import type { Inheriter } from '../inheritance/types.ts';

/** What the pages at `/programme` stand on: what the API does, and whose pages they are. */
export interface ProgrammePagesDeps extends ProgrammeApi {
  readonly guard: Guard;
  readonly frame: Frame;
  /** What people of a tenant are called, by the ids of their accounts. Absent: ids alone. */
  readonly names?: (tenant: number, accounts: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** The account with this e-mail address, folded. Absent: people are named by the ids of their accounts alone. */
  readonly byLogin?: (tenant: number, login: string) => Promise<{ readonly id: string } | undefined>;
  /** What an organization inherits of the platform. Absent: it has no page. */
  readonly inheritance?: Pick<Inheriter, 'read'>;
  /** Further places of the programme, each shown to whom the guard lets do the action. */
  readonly more?: readonly (readonly [...Entry, action: string])[];
}
