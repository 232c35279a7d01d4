import { isUuid } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { WorkflowDeps } from './deps.ts';
import { notePurpose, openerOf, type Sealed, subjectPurpose } from './notes.ts';
import type { Step, Task, TaskState } from './types.ts';

export type TaskRow = {
  id: string;
  tenant: number;
  kind: string;
  about: string | null;
  key_id: number;
  sealed: Buffer;
  opened_by: string;
  opened_at: Date;
  due_at: Date;
  apart: string[];
  state: TaskState;
  version: number;
  assignee: string | null;
  barred: string[];
  approvals: string[];
  quorum: number;
  closed_at: Date | null;
};

type StepRow = {
  task: string;
  n: number;
  at: Date;
  actor: string;
  act: Step['act'];
  whom: string | null;
  key_id: number | null;
  sealed: Buffer | null;
};

/** The columns of a TaskRow, of `programme.task t`. */
export const taskColumns = `t.id, t.tenant, t.kind, t.about, t.key_id, t.sealed, t.opened_by, t.opened_at, t.due_at,
  t.apart, t.state, t.version, t.assignee, t.barred, t.approvals, t.quorum, t.closed_at`;

const selectOne = {
  name: 'programme.task.by-id',
  text: `select ${taskColumns} from programme.task t where t.tenant = $1 and t.id = $2`,
};
const stepsOf = {
  name: 'programme.step.of-tasks',
  text: `select task, n, at, actor, act, whom, key_id, sealed from programme.step
    where tenant = $1 and task = any ($2::uuid[]) order by task, n`,
};
const insertTask = {
  name: 'programme.task.insert',
  text: `insert into programme.task (id, tenant, kind, about, key_id, sealed, opened_by, opened_at, due_at, apart)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};
const insertStep = {
  name: 'programme.step.insert',
  text: `insert into programme.step (tenant, task, n, at, actor, act, whom, needed, mark, key_id, sealed)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
};

export async function taskRow({ segment }: Pick<WorkflowDeps, 'segment'>, tenant: number, id: string) {
  if (!isUuid(id)) return undefined;
  return (await segment.query<TaskRow>(tenant, selectOne, [tenant, id]))[0];
}

export async function taskRowWithin(connection: Connection, tenant: number, id: string): Promise<TaskRow | undefined> {
  return (await connection.query<TaskRow>(selectOne, [tenant, id]))[0];
}

export type NewTaskRow = Pick<TaskRow, 'id' | 'tenant' | 'kind' | 'about' | 'opened_by' | 'opened_at' | 'due_at'> &
  Sealed & { readonly apart: readonly string[] };

export async function writeTask(connection: Connection, row: NewTaskRow): Promise<void> {
  const { id, tenant, kind, about, key_id, sealed, opened_by, opened_at, due_at, apart } = row;
  const what = [id, tenant, kind, about, key_id, sealed];
  await connection.query(insertTask, [...what, opened_by, opened_at, due_at, apart]);
}

/** A step to write. */
export interface NewStep {
  readonly act: Step['act'];
  readonly by: string;
  readonly whom?: string;
  readonly needed?: number;
  readonly mark?: string;
  readonly note?: Sealed | undefined;
}

export async function writeStep(
  connection: Connection,
  { tenant, id }: Pick<TaskRow, 'tenant' | 'id'>,
  n: number,
  at: number,
  step: NewStep,
): Promise<void> {
  const { act, by, whom, needed, mark, note } = step;
  const what = [tenant, id, n, new Date(at), by, act, whom ?? null, needed ?? null, mark ?? null];
  await connection.query(insertStep, [...what, note?.key_id ?? null, note?.sealed ?? null]);
}

type Opener = Awaited<ReturnType<typeof openerOf>>;

const isSealed = (row: StepRow): row is StepRow & Sealed => row.sealed !== null;

function stepOf(row: StepRow, opened: Opener): Step {
  const { task, n, at, actor, act, whom } = row;
  return {
    ...{ n, at: at.getTime(), by: actor, act },
    ...(whom === null ? {} : { to: whom }),
    ...(isSealed(row) ? { note: opened(row, task, n, notePurpose) ?? '' } : {}),
  };
}

/** The task as its row says it, with these steps. */
export function taskOf(row: TaskRow, body: Pick<Task, 'title' | 'subject'>, steps: readonly Step[]): Task {
  const { id, tenant, kind, state, about, opened_by, assignee, approvals, quorum, version } = row;
  return {
    ...{ id, tenant, kind, title: body.title, state, subject: body.subject },
    ...(about === null ? {} : { about }),
    ...{ opened_by, opened_at: row.opened_at.getTime() },
    ...(assignee === null ? {} : { assignee }),
    due_at: row.due_at.getTime(),
    ...(row.closed_at === null ? {} : { closed_at: row.closed_at.getTime() }),
    ...{ approvals, quorum, steps, version },
  };
}

/** Tasks with their steps and notes, in the order of the rows: two round trips, however many. */
export async function asTasks(
  { segment, vault }: Pick<WorkflowDeps, 'segment' | 'vault'>,
  tenant: number,
  rows: readonly TaskRow[],
): Promise<Task[]> {
  if (rows.length === 0) return [];
  const steps = await segment.query<StepRow>(tenant, stepsOf, [tenant, rows.map(({ id }) => id)]);
  const opened = await openerOf(await vault(tenant), [...rows, ...steps]);
  const byTask = Map.groupBy(steps, ({ task }) => task);
  return rows.map((row) => {
    const body = JSON.parse(opened(row, row.id, 0, subjectPurpose) ?? '{"title":"","subject":{}}');
    return taskOf(
      row,
      body,
      (byTask.get(row.id) ?? []).map((one) => stepOf(one, opened)),
    );
  });
}
