import { isFault } from '@safeguard/kernel';
import type { Task, Workflow } from '../workflow/types.ts';
import { changeKind } from './change.ts';
import type { ParameterRow, parameterRows } from './rows.ts';

/** Bounds what is remembered: more changes than a programme ever has. */
const known_most = 10_000;

const same = (one: readonly string[], other: readonly string[]): boolean =>
  [...one].sort().join() === [...other].sort().join();

function bearsOut(task: Task | undefined, { name, value, opened_by, approved_by }: ParameterRow): boolean {
  if (task?.kind !== changeKind || task.state !== 'done' || task.opened_by !== opened_by) return false;
  const { subject, approvals } = task;
  return subject['name'] === name && subject['value'] === value && same(approvals, approved_by);
}

/**
 * Holds each change against the task that it names, whose sealed subject only the service writes: a row that somebody
 * wrote past it counts for nothing, and the newest genuine one before it does.
 */
export function genuineBy(
  { byId }: Pick<Workflow, 'byId'>,
  rows: Pick<ReturnType<typeof parameterRows>, 'history'>,
  house: number,
): (found: readonly ParameterRow[], at: number) => Promise<readonly ParameterRow[]> {
  const known = new Map<string, boolean>();
  const isGenuine = async (row: ParameterRow): Promise<boolean> => {
    const before = known.get(row.task);
    if (before !== undefined) return before;
    const task = await byId(house, row.task).catch((error: unknown) => {
      // A subject that does not open is nobody's of ours; a database that does not answer says nothing.
      if (isFault(error) && error.kind === 'internal') return undefined;
      throw error;
    });
    const is = bearsOut(task, row);
    if (known.size < known_most) known.set(row.task, is);
    return is;
  };
  const newest = async (row: ParameterRow, at: number): Promise<readonly ParameterRow[]> => {
    if (await isGenuine(row)) return [row];
    for (const one of await rows.history(row.name)) {
      if (one.at <= at && one.number < row.number && (await isGenuine(one))) return [one];
    }
    return [];
  };
  return async (found, at) => (await Promise.all(found.map((row) => newest(row, at)))).flat();
}
