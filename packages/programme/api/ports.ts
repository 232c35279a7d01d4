import type { Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { EvidenceStore, Runner } from '../checks/types.ts';
import type { Content, Parameter } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import type { Policies } from '../policies/types.ts';
import type { Posture } from '../posture/types.ts';
import type { Actor, Task, Workflow } from '../workflow/types.ts';

/** The tenant whose people run the platform: the programme is theirs; other tenants are customers. */
export const house = 1;

/** A parameter with what is in force by now. */
export interface CurrentParameter {
  readonly parameter: Parameter;
  /** In force: approved later than the file, or the file's. */
  readonly value: number | string;
  /** Where it comes from. */
  readonly source: 'file' | 'approved';
  /** What the running services work by, where it is a setting. */
  readonly running?: number | string;
}

export interface ParametersPort {
  list(): Promise<readonly CurrentParameter[]>;
  /** Opens a task `parameter-change`; the value is held against its bounds. */
  propose(actor: Actor, name: string, value: number | string, why: string): Promise<Task>;
}

export interface DecisionsPort {
  list(tenant: number): Promise<readonly Decision[]>;
  propose(
    actor: Actor,
    wanted: {
      readonly control: string;
      readonly kind: Decision['kind'];
      readonly why: string;
      readonly factors: string;
    },
  ): Promise<Task>;
  /** A task for each addressable specification that has no decision and no open task, with the reasoned default. */
  proposeDefaults(actor: Actor): Promise<readonly Task[]>;
  readonly waivers: {
    list(tenant: number): Promise<readonly Waiver[]>;
    propose(
      actor: Actor,
      wanted: { readonly control: string; readonly owner: string; readonly why: string; readonly until: number },
    ): Promise<Task>;
    end(actor: Actor, id: string, why: string): Promise<Waiver>;
  };
}

/** What `/api/v1/programme` and the pages stand on. */
export interface ProgrammeApi {
  readonly content: Content;
  readonly clock: Clock;
  /** State of every control at a moment, milliseconds since the Unix epoch. */
  readonly postureAt: (at: number) => Promise<Posture>;
  readonly runner: Pick<Runner, 'checks' | 'run'>;
  readonly evidence: Pick<EvidenceStore, 'list' | 'byId'>;
  readonly parameters: ParametersPort;
  readonly policies: Policies;
  readonly workflow: Workflow;
  readonly decisions: DecisionsPort;
  /** Texts with their placeholders filled in, by the parameters in force, or those that were once. */
  readonly render: (text: string, then?: Readonly<Record<string, number | string>>) => string;
  /** Who asks, with the roles held at this moment. */
  readonly actorOf: (principal: Principal) => Actor;
}
