import type { Guard } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { BreakGlass, Grants, Requests } from '../grants/types.ts';
import type { Holds } from '../holds/types.ts';
import type { Notices } from '../notices/types.ts';
import type { PeoplePort } from '../people-port.ts';
import type { Policies } from '../policies/types.ts';
import type { Reviews } from '../reviews/types.ts';
import type { ConsentNotesPort, ExplainPort, ViewersPort } from './answers.ts';

/** What `/api/v1/access` stands on. What is optional has no routes where it is absent. */
export interface AccessApiDeps {
  readonly requests: Requests;
  readonly grants: Grants;
  readonly holds: Holds;
  readonly breakGlass: BreakGlass;
  readonly policies: Policies;
  readonly reviews: Reviews;
  readonly notices: Pick<Notices, 'list' | 'read'>;
  readonly people: Pick<PeoplePort, 'byIds'>;
  readonly clock: Clock;
  readonly guard: Guard;
  readonly explain?: ExplainPort;
  readonly viewers?: ViewersPort;
  readonly consentNotes?: ConsentNotesPort;
}
