import type { NewNotice } from '@safeguard/access';
import { fault, isFault } from '@safeguard/kernel';
import type { WorkflowDeps } from './deps.ts';
import { keyOf, notePurpose, sealText } from './notes.ts';
import { asTasks, type NewStep, type TaskRow, taskOf, taskRow, taskRowWithin, writeStep } from './rows.ts';
import type { Actor, Definition, Effect, Step, Task } from './types.ts';
import { checkNote, missingTask } from './words.ts';

export interface Kind {
  readonly definition: Definition;
  readonly effect: Effect;
}
export interface EngineDeps extends WorkflowDeps {
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** One thing that somebody wants to do to a task. */
export interface Act {
  readonly actor: Actor;
  readonly id: string;
  readonly note?: string | undefined;
  readonly version?: number | undefined;
}

/** What comes of it, worked out for exactly the version that was read. */
export interface Plan {
  readonly steps: readonly Omit<NewStep, 'by' | 'note'>[];
  /** Told in the same transaction; `about` and `tenant` are the task's. */
  readonly told?: readonly Pick<NewNotice, 'kind' | 'to'>[];
}
export type Planner = (task: Task, row: TaskRow, kind: Kind) => Promise<Plan> | Plan;

/** Times that an act is worked out anew when somebody else's step came first. */
const tries = 5;

export function kindOf({ kinds }: Pick<EngineDeps, 'kinds'>, name: string): Kind {
  const kind = kinds.get(name);
  if (kind === undefined) throw fault('invalid', 'kind: expected a kind of task that there is');
  return kind;
}

async function tellWithin(deps: EngineDeps, connection: Parameters<Effect>[0], row: TaskRow, plan: Plan, at: number) {
  for (const { kind, to } of plan.told ?? []) {
    const again = `step ${row.version + plan.steps.length}`;
    await deps.tell.tell(connection, { tenant: row.tenant, kind, to, about: row.id, at, again });
  }
}

/** Writes the steps, what a last approval comes to, and the notices: all in one transaction. */
async function write(deps: EngineDeps, { actor, note }: Act, task: Task, row: TaskRow, plan: Plan): Promise<void> {
  const { tenant, id, version } = row;
  const vault = await deps.vault(tenant);
  const key = note === undefined ? undefined : await keyOf(vault, actor.id);
  const at = deps.clock.now();
  await deps.segment.transaction(tenant, async (connection) => {
    const written: Step[] = [];
    for (const [index, step] of plan.steps.entries()) {
      const n = version + 1 + index;
      const said = index === 0 && note !== undefined ? note : undefined;
      const sealed =
        said !== undefined && key !== undefined ? sealText(vault, key, id, n, notePurpose, said) : undefined;
      await writeStep(connection, row, n, at, { ...step, by: actor.id, note: sealed });
      written.push({ n, at, by: actor.id, act: step.act, ...(said === undefined ? {} : { note: said }) });
    }
    if (plan.steps.some(({ act }) => act === 'done')) {
      const now = await taskRowWithin(connection, tenant, id);
      if (now === undefined) throw missingTask();
      await kindOf(deps, row.kind).effect(connection, taskOf(now, task, [...task.steps, ...written]), at);
    }
    await tellWithin(deps, connection, row, plan, at);
  });
}

const movedOn = () => fault('stale', 'The task has moved on: read it again.');

async function once(deps: EngineDeps, act: Act, planner: Planner): Promise<'done' | 'overtaken'> {
  const { actor, id, version } = act;
  const row = await taskRow(deps, actor.tenant, id);
  const [task] = row === undefined ? [] : await asTasks(deps, actor.tenant, [row]);
  if (row === undefined || task === undefined) throw missingTask();
  if (version !== undefined && version !== row.version) throw movedOn();
  const plan = await planner(task, row, kindOf(deps, row.kind));
  try {
    await write(deps, act, task, row, plan);
    return 'done';
  } catch (error) {
    if (!isFault(error) || error.kind !== 'conflict') throw error;
    const now = await taskRow(deps, actor.tenant, id);
    if (now?.version === row.version) throw error;
    if (version !== undefined) throw movedOn();
    return 'overtaken';
  }
}

/** Does it, or throws why not. Worked out anew where another step came first and the caller named no version. */
export async function take(deps: EngineDeps, act: Act, planner: Planner): Promise<Task> {
  checkNote(act.note);
  for (let left = tries; left > 0; left -= 1) {
    if ((await once(deps, act, planner)) === 'done') {
      return known(deps, act.actor.tenant, act.id);
    }
  }
  throw fault('conflict', 'Others change the task at this moment: try again.');
}

export async function known(deps: EngineDeps, tenant: number, id: string): Promise<Task> {
  const row = await taskRow(deps, tenant, id);
  const [task] = row === undefined ? [] : await asTasks(deps, tenant, [row]);
  if (task === undefined) throw missingTask();
  return task;
}
