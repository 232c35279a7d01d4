import type { NewNotice } from '@safeguard/access';
import { isFault } from '@safeguard/kernel';
import { serviceId } from './deps.ts';
import { approversOf, eligible } from './may.ts';
import { asTasks, type TaskRow, taskColumns, writeStep } from './rows.ts';
import type { EngineDeps, Kind } from './take.ts';
import type { Task } from './types.ts';

const day_ms = 86_400_000;

const due = {
  name: 'programme.task.due',
  text: `select ${taskColumns} from programme.task t where t.tenant = $1 and t.closed_at is null and t.due_at <= $2
    order by t.due_at, t.number`,
};
const marks = {
  name: 'programme.step.marks',
  text: 'select task, mark from programme.step where tenant = $1 and task = any ($2::uuid[]) and mark is not null',
};

interface Due {
  readonly act: 'reminded' | 'escalated';
  readonly mark: string;
}

/** What should have been told by now and was not. Of several reminders that were missed, one is enough. */
function dueOf({ definition }: Kind, { due_at }: TaskRow, told: ReadonlySet<string>, now: number): readonly Due[] {
  const left_ms = due_at.getTime() - now;
  const past = definition.remind_days.filter((days) => left_ms <= days * day_ms);
  const last = past.length === 0 ? undefined : `due-in-${Math.min(...past)}`;
  const escalated = left_ms <= -definition.escalate_days * day_ms;
  return [
    ...(last === undefined || told.has(last) || escalated ? [] : [{ act: 'reminded', mark: last } as const]),
    ...(escalated && !told.has('escalated') ? [{ act: 'escalated', mark: 'escalated' } as const] : []),
  ];
}

/** Whoever has to do something about it now. */
async function concerned(deps: EngineDeps, task: Task, row: TaskRow, { definition }: Kind): Promise<readonly string[]> {
  const { tenant } = task;
  if (task.state === 'submitted') {
    const who = await eligible(deps, tenant, approversOf(definition, task.subject), row.barred);
    return [...who].filter((id) => !row.approvals.includes(id));
  }
  if (task.assignee !== undefined) return [task.assignee];
  const workers = await Promise.all(definition.work.map((role) => deps.holders(tenant, role)));
  return [task.opened_by, ...workers.flat()];
}

async function toTell(deps: EngineDeps, act: Due['act'], task: Task, row: TaskRow, kind: Kind): Promise<NewNotice> {
  const { tenant, id: about } = task;
  const at = deps.clock.now();
  const own = await concerned(deps, task, row, kind);
  if (act === 'reminded') return { tenant, kind: 'task-due', to: own, about, at };
  const heads = await Promise.all(kind.definition.escalate_to.map((role) => deps.holders(tenant, role)));
  return { tenant, kind: 'task-escalated', to: [...own, task.opened_by, ...heads.flat()], about, at };
}

/** One of them. False where another process, or another step, came first: then it is looked at the next time. */
async function tell(deps: EngineDeps, { act, mark }: Due, task: Task, row: TaskRow, kind: Kind): Promise<boolean> {
  const notice = await toTell(deps, act, task, row, kind);
  const { tenant, id, version } = row;
  const { at } = notice;
  try {
    await deps.segment.transaction(tenant, async (connection) => {
      await writeStep(connection, row, version + 1, at, { act, by: serviceId, mark });
      await deps.tell.tell(connection, { ...notice, again: mark });
      await deps.record?.(tenant, { kind: 'task-step', task: id, task_kind: row.kind, act, mark, at });
    });
    return true;
  } catch (error) {
    if (isFault(error) && error.kind === 'conflict') return false;
    throw error;
  }
}

async function remindOf(deps: EngineDeps, tenant: number): Promise<number> {
  const now = deps.clock.now();
  const ahead_days = Math.max(0, ...[...deps.kinds.values()].flatMap(({ definition }) => definition.remind_days));
  const until = new Date(now + ahead_days * day_ms);
  const rows = await deps.segment.query<TaskRow>(tenant, due, [tenant, until]);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  const said = await deps.segment.query<{ task: string; mark: string }>(tenant, marks, [tenant, ids]);
  const byTask = Map.groupBy(said, ({ task }) => task);
  let count = 0;
  for (const row of rows) {
    const kind = deps.kinds.get(row.kind);
    const told = new Set((byTask.get(row.id) ?? []).map(({ mark }) => mark));
    const [next] = kind === undefined ? [] : dueOf(kind, row, told, now);
    if (kind === undefined || next === undefined) continue;
    const [task] = await asTasks(deps, tenant, [row]);
    if (task !== undefined && (await tell(deps, next, task, row, kind))) count += 1;
  }
  return count;
}

/** Reminds of and escalates what is due, of every tenant. */
export async function remindAll(deps: EngineDeps): Promise<number> {
  let count = 0;
  for (const tenant of await deps.people.tenants()) count += await remindOf(deps, tenant);
  return count;
}
