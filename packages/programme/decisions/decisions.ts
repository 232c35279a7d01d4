import type { Actor, Task } from '../workflow/types.ts';
import { defineDecisions, proposeDecision, proposeDefaults } from './decide.ts';
import { type DecisionsDeps, houseOf } from './deps.ts';
import { decisionsOf } from './rows.ts';
import type { DecisionSubject, WaiverSubject } from './subjects.ts';
import type { Decision, Waiver } from './types.ts';
import { defineWaivers, endWaiver, proposeWaiver, waiversOf } from './waive.ts';

export interface Decisions {
  /** All, newest first, superseded ones too. */
  list(tenant: number): Promise<readonly Decision[]>;
  /** In force at a moment, by id of the control. */
  at(tenant: number, at: number): Promise<ReadonlyMap<string, Decision>>;
  /** Of one control of the house, newest first. */
  history(control: string): Promise<readonly Decision[]>;
  /** Opens a task; another officer approves. Fault `invalid`, `conflict` where one is open for this control. */
  propose(actor: Actor, subject: DecisionSubject): Promise<Task>;
  /** Asked at set-up: the reasoned default for each that has neither a decision nor a task. */
  proposeDefaults(actor: Actor): Promise<readonly Task[]>;
  readonly waivers: Waivers;
}

export interface Waivers {
  /** All, newest first; what is over stays. */
  list(tenant: number): Promise<readonly Waiver[]>;
  /** In force at a moment, by id of the control. */
  at(tenant: number, at: number): Promise<ReadonlyMap<string, Waiver>>;
  /** Fault `conflict` where the control is neither unmet nor unknown, `invalid` beyond `waivers.longest_days`. */
  propose(actor: Actor, subject: WaiverSubject): Promise<Task>;
  end(actor: Actor, id: string, why: string): Promise<Waiver>;
}

/** The newest of each control: they come newest first. */
function newest<T extends { readonly control: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.toReversed().map((one) => [one.control, one]));
}

/** Decisions on addressable specifications, and waivers of what is unmet. Registers both kinds with the workflow. */
export function createDecisions(deps: DecisionsDeps): Decisions {
  defineDecisions(deps);
  defineWaivers(deps);
  return {
    list: (tenant) => decisionsOf(deps, tenant, { at: deps.clock.now() }),
    at: async (tenant, at) => newest(await decisionsOf(deps, tenant, { at })),
    history: (control) => decisionsOf(deps, houseOf(deps), { control, at: deps.clock.now() }),
    propose: (actor, subject) => proposeDecision(deps, actor, subject),
    proposeDefaults: (actor) => proposeDefaults(deps, actor),
    waivers: {
      list: (tenant) => waiversOf(deps, tenant),
      at: async (tenant, at) => newest(await waiversOf(deps, tenant, { at })),
      propose: (actor, subject) => proposeWaiver(deps, actor, subject),
      end: (actor, id, why) => endWaiver(deps, actor, id, why),
    },
  };
}
