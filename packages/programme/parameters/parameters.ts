import { type Clock, fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Content } from '../content/types.ts';
import type { Actor, Task, Workflow } from '../workflow/types.ts';
import { changeDefinition, changeEffect, changeKind, overridesOf } from './change.ts';
import { type CurrentParameter, type CurrentParameters, currentOf, numberIn } from './current.ts';
import { genuineBy } from './genuine.ts';
import { type ParameterRow, parameterRows } from './rows.ts';

export interface ParametersDeps {
  readonly content: Pick<Content, 'parameters'>;
  /** The identity segment. */
  readonly segment: Segment;
  readonly clock: Clock;
  /** Where changes are approved: the kind `parameter-change` is defined in it. Without it nothing is proposed. */
  readonly workflow?: Workflow;
  /** What the running services work by, by the name of a setting. */
  readonly running?: (setting: string) => number | string | undefined;
}

/** One approved change: why stands in its task. */
export type ParameterVersion = ParameterRow;

export interface ListedParameter extends CurrentParameter {
  readonly running?: number | string;
}

export interface Parameters {
  /** In force, as known at most a second ago. */
  current(): Promise<CurrentParameters>;
  /** In force at a moment of the past, over today's file. */
  at(at: number): Promise<CurrentParameters>;
  /** As last read, at first the file's: where nobody can wait. `watch` keeps it fresh. */
  known(): CurrentParameters;
  /** Reads them every second, now first, so that `known` is what is in force. Answers how to stop. */
  watch(failed: (error: unknown) => void): Promise<() => void>;
  /** How a check asks for a number. */
  numbers(): Promise<(name: string) => number>;
  list(): Promise<readonly ListedParameter[]>;
  /** Approved changes of one, newest first. */
  history(name: string): Promise<readonly ParameterVersion[]>;
  /** Opens the task that changes it once another has approved. `null`: back to the file's. Fault `invalid`. */
  propose(actor: Actor, name: string, value: number | string | null, why: string): Promise<Task>;
}

/** The tenant whose people run the platform. */
const house = 1;
const fresh_ms = 900;
const watch_ms = 950;
/** How far the clocks of replicas may be apart: what one approved is in force at all. */
const skew_ms = 60_000;

export function createParameters({ content, segment, clock, workflow, running }: ParametersDeps): Parameters {
  const { parameters } = content;
  const rows = parameterRows(segment, house);
  const deps = { parameters, rows, house };
  const now = (): number => clock.now() + skew_ms;
  const genuine = workflow === undefined ? undefined : genuineBy(workflow, rows, house);
  const read = async (at: number): Promise<CurrentParameters> => {
    const found = await rows.newest(at);
    return currentOf(parameters, overridesOf((await genuine?.(found, at)) ?? found));
  };
  let known = currentOf(parameters, new Map());
  workflow?.define(() => changeDefinition(deps, now, known), changeEffect(deps));
  let asked: { readonly at: number; readonly answer: Promise<CurrentParameters> } | undefined;
  const current = async (): Promise<CurrentParameters> => {
    const at = performance.now();
    if (asked === undefined || at - asked.at >= fresh_ms) asked = { at, answer: read(now()) };
    const { answer } = asked;
    try {
      known = await answer;
      return known;
    } catch (error) {
      // What failed is not what is known: the next who asks, asks anew.
      if (asked?.answer === answer) asked = undefined;
      throw error;
    }
  };
  return {
    current,
    at: read,
    known: () => known,
    watch: async (failed) => {
      await current();
      const timer = setInterval(() => void current().catch(failed), watch_ms);
      return () => clearInterval(timer);
    },
    numbers: async () => numberIn(await current()),
    list: async () =>
      [...(await current()).values()].map((one) => {
        const is = one.parameter.setting && running?.(one.parameter.setting.name);
        return is === undefined ? one : { ...one, running: is };
      }),
    history: (name) => rows.history(name),
    propose: async (actor, name, value, why) => {
      if (workflow === undefined) throw fault('unavailable', 'Nothing can be approved here.');
      return workflow.open(actor, { kind: changeKind, title: `Change of ${name}`, subject: { name, value, why } });
    },
  };
}
