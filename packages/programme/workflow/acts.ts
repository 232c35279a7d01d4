import { fault } from '@safeguard/kernel';
import { isActorId } from './deps.ts';
import { approversOf, checkAssignee, checkDecides, checkRole, eligible, hasRole, isOperator, neededOf } from './may.ts';
import type { TaskRow } from './rows.ts';
import { type Act, type EngineDeps, type Kind, type Plan, type Planner, take } from './take.ts';
import type { Actor, Task } from './types.ts';
import { checkReason, wrongState } from './words.ts';

const isClosed = ({ closed_at }: Pick<TaskRow, 'closed_at'>): boolean => closed_at !== null;
const isWorkedOn = ({ state }: TaskRow): boolean => state === 'open' || state === 'assigned';

function checkOpen(row: TaskRow): void {
  if (isClosed(row)) throw wrongState();
}

/** Those whom a decision concerns: who opened it and who worked on it. */
const concerned = ({ opened_by, barred, apart }: TaskRow): string[] =>
  [opened_by, ...barred].filter((id) => !apart.includes(id));

const deciders = (deps: EngineDeps, task: Task, { definition }: Kind, barred: readonly string[]) => {
  const roles = approversOf(definition, task.subject);
  return eligible(deps, task.tenant, roles, barred);
};

export const assign = (deps: EngineDeps, act: Act, to: string): Promise<Task> =>
  take(deps, act, async (_task, row, { definition }) => {
    const { actor } = act;
    if (actor.id !== row.opened_by) checkRole(actor, [...definition.open, ...definition.approve]);
    if (!isWorkedOn(row)) throw wrongState();
    await checkAssignee(deps, actor.tenant, definition, to);
    return { steps: [{ act: 'assigned', whom: to }], told: [{ kind: 'task-assigned', to: [to] }] };
  });

export const note = (deps: EngineDeps, act: Act): Promise<Task> =>
  take(deps, act, (_task, row, { definition: { open, work, approve } }) => {
    checkReason(act.note);
    const own = [row.opened_by, row.assignee].includes(act.actor.id);
    if (!own) checkRole(act.actor, [...open, ...work, ...approve]);
    checkOpen(row);
    return { steps: [{ act: 'noted' }] };
  });

function checkSubmits(actor: Actor, { assignee, opened_by }: TaskRow, { definition }: Kind): void {
  if (assignee === actor.id || (assignee === null && opened_by === actor.id)) return;
  if (assignee === null && hasRole(actor, definition.work)) return;
  throw fault('forbidden', 'Access denied: it is submitted by who works on it.');
}

export const submit = (deps: EngineDeps, act: Act): Promise<Task> =>
  take(deps, act, async (task, row, kind) => {
    checkSubmits(act.actor, row, kind);
    if (!isWorkedOn(row)) throw wrongState();
    const who = await deciders(deps, task, kind, [...row.barred, act.actor.id]);
    const needed = neededOf(kind.definition, who);
    return { steps: [{ act: 'submitted', needed }], told: [{ kind: 'task-to-approve', to: [...who] }] };
  });

/** Everything that a decision is held against; then it is what `made` makes of it. */
const decision =
  (deps: EngineDeps, { actor }: Act, made: (row: TaskRow, needed: number) => Plan): Planner =>
  async (task, row, kind) => {
    if (!isActorId(actor.id)) throw fault('forbidden', 'Access denied: not an approver of this task.');
    const who = await deciders(deps, task, kind, row.barred);
    checkDecides(actor, row, approversOf(kind.definition, task.subject), who);
    if (row.state !== 'submitted') throw wrongState();
    return made(row, neededOf(kind.definition, who));
  };

export const approve = (deps: EngineDeps, act: Act): Promise<Task> => {
  const made = (row: TaskRow, needed: number): Plan => {
    if (row.approvals.includes(act.actor.id)) throw fault('conflict', 'You approved this: it takes another person.');
    const enough = isOperator(act.actor) || row.approvals.length + 1 >= Math.max(row.quorum, needed);
    if (!enough) return { steps: [{ act: 'approved', needed }] };
    const told = [{ kind: 'task-decided', to: concerned(row) }] as const;
    return { steps: [{ act: 'approved', needed }, { act: 'done' }], told };
  };
  const planner = decision(deps, act, made);
  return take(deps, act, async (task, row, kind) => {
    const plan = await planner(task, row, kind);
    await kind.definition.check?.(task.tenant, task.subject);
    return plan;
  });
};

export const giveBack = (deps: EngineDeps, act: Act): Promise<Task> => {
  const made = (row: TaskRow): Plan => {
    checkReason(act.note);
    const to = row.assignee === null ? concerned(row) : [row.assignee];
    return { steps: [{ act: 'returned' }], told: [{ kind: 'task-returned', to }] };
  };
  return take(deps, act, decision(deps, act, made));
};

export const reject = (deps: EngineDeps, act: Act): Promise<Task> => {
  const made = (row: TaskRow): Plan => {
    checkReason(act.note);
    return { steps: [{ act: 'rejected' }], told: [{ kind: 'task-decided', to: concerned(row) }] };
  };
  return take(deps, act, decision(deps, act, made));
};

export const withdraw = (deps: EngineDeps, act: Act): Promise<Task> =>
  take(deps, act, (_task, row, { definition }) => {
    checkReason(act.note);
    if (act.actor.id !== row.opened_by) checkRole(act.actor, definition.approve);
    checkOpen(row);
    return { steps: [{ act: 'withdrawn' }] };
  });
