import { asTasks, type TaskRow, taskColumns } from '../workflow/rows.ts';
import type { Task } from '../workflow/types.ts';
import type { DecisionsDeps } from './deps.ts';
import { type DecisionSubject, decisionKind, decisionSubject } from './subjects.ts';
import type { Decision } from './types.ts';

type Of<Own> = TaskRow & Own;

export type DecisionRow = Of<{ decision: string; control: string; decided_at: Date }>;

/** Newest first; of all controls, or of one; in force from `$3` at the latest. */
const select = {
  name: 'programme.decision.list',
  text: `select d.id as decision, d.control, d.at as decided_at, ${taskColumns}
    from programme.decision d join programme.task t on t.tenant = d.tenant and t.id = d.task
    where d.tenant = $1 and ($2::text is null or d.control = $2) and d.at <= $3 order by d.at desc, d.number desc`,
};

/** What the task says. A row whose task says something else was not written by us, and counts for nothing. */
function decisionOf({ decision: id, control, decided_at }: DecisionRow, task: Task): Decision[] {
  const read = decisionSubject.safeParse(task.subject);
  if (!read.success || task.kind !== decisionKind || read.data.control !== control) return [];
  const { kind, why, factors }: DecisionSubject = read.data;
  const by = { by: task.opened_by, approved_by: task.approvals };
  return [{ id, control, kind, why, factors, ...by, at: decided_at.getTime() }];
}

export async function decisionsOf(
  deps: Pick<DecisionsDeps, 'segment' | 'vault'>,
  tenant: number,
  { control, at }: { readonly control?: string | undefined; readonly at: number },
): Promise<Decision[]> {
  const rows = await deps.segment.query<DecisionRow>(tenant, select, [tenant, control ?? null, new Date(at)]);
  const tasks = await asTasks(deps, tenant, rows);
  return rows.flatMap((row, index) => {
    const task = tasks[index];
    return task === undefined ? [] : decisionOf(row, task);
  });
}
