import type { Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { EvidenceStore, Runner } from '../checks/types.ts';
import type { Content } from '../content/types.ts';
import type { Decisions } from '../decisions/decisions.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { Policies } from '../policies/types.ts';
import type { Posture } from '../posture/types.ts';
import type { InForce } from '../workflow/deps.ts';
import type { Actor, Workflow } from '../workflow/types.ts';

/** The tenant whose people run the platform: the programme is theirs; other tenants are customers. */
export const house = 1;

/** What `/api/v1/programme` and the pages stand on. */
export interface ProgrammeApi {
  readonly content: Content;
  readonly clock: Clock;
  /** State of every control at a moment, milliseconds since the Unix epoch. */
  readonly postureAt: (at: number) => Promise<Posture>;
  readonly runner: Pick<Runner, 'checks' | 'run'>;
  readonly evidence: Pick<EvidenceStore, 'list' | 'byId'>;
  readonly parameters: Pick<Parameters, 'list' | 'propose'>;
  readonly policies: Policies;
  readonly workflow: Workflow;
  readonly decisions: Decisions;
  /** Texts with their placeholders filled in, by the parameters in force, or those that were once. */
  readonly render: (text: string, then?: InForce) => string;
  /** Who asks, with the roles held at this moment. */
  readonly actorOf: (principal: Principal) => Actor;
}
