import { fault, isUuid } from '@safeguard/kernel';
import { everyone } from './deps.ts';
import { asTasks, type TaskRow, taskColumns } from './rows.ts';
import type { EngineDeps } from './take.ts';
import type { Definition, Task, Workflow } from './types.ts';

const select = {
  name: 'programme.task.list',
  text: `select ${taskColumns} from programme.task t where t.tenant = $1
      and ($2::text is null or t.kind = $2) and ($3::text is null or t.state = $3)
      and (not $4 or t.closed_at is null) and ($5::text is null or t.about = $5)
      and ($6::text is null or t.opened_by = $6 or t.assignee = $6
        or exists (select from programme.step s where s.tenant = $1 and s.actor = $6 and s.task = t.id)
        or (t.state = 'submitted' and t.kind = any ($7::text[]) and not $6 = any (t.barred))
        or (t.state = 'open' and t.kind = any ($8::text[])))
      and (not $9 or (t.closed_at is null and t.due_at < $10))
      and ($11::uuid is null or t.number < (select b.number from programme.task b where b.tenant = $1 and b.id = $11))
    order by t.number desc limit $12`,
};

export type TaskFilter = Parameters<Workflow['list']>[1];

const count_most = 200;

/** Roles that a person holds, of those that any kind names. */
async function rolesOf({ kinds, holders }: EngineDeps, tenant: number, account: string): Promise<ReadonlySet<string>> {
  const named = [...kinds.values()].flatMap(({ definition: { work, approve } }) => [...work, ...approve]);
  const roles = [...new Set(named)].filter((role) => role !== everyone);
  const held = await Promise.all(roles.map(async (role) => (await holders(tenant, role)).includes(account)));
  return new Set([everyone, ...roles.filter((_role, index) => held[index])]);
}

const kindsWith = ({ kinds }: EngineDeps, rolesIn: (definition: Definition) => readonly string[], held: Set<string>) =>
  [...kinds].filter(([, { definition }]) => rolesIn(definition).some((role) => held.has(role))).map(([name]) => name);

async function concerning(deps: EngineDeps, tenant: number, account: string | undefined) {
  if (account === undefined) return [null, [], []];
  const held = new Set(await rolesOf(deps, tenant, account));
  return [account, kindsWith(deps, ({ approve }) => approve, held), kindsWith(deps, ({ work }) => work, held)];
}

/** Newest first. Fault `invalid` for a page that is none. */
export async function listTasks(deps: EngineDeps, tenant: number, wanted: TaskFilter): Promise<Task[]> {
  const { kind, state, open = false, about, overdue = false, after, count } = wanted;
  if (!Number.isInteger(count) || count < 1 || count > count_most) {
    throw fault('invalid', `count: expected 1 to ${count_most}`);
  }
  if (after !== undefined && !isUuid(after)) throw fault('invalid', 'after: expected the id of a task');
  const who = await concerning(deps, tenant, wanted.concerning);
  const values = [tenant, kind ?? null, state ?? null, open, about ?? null, ...who, overdue];
  const rest = [new Date(deps.clock.now()), after ?? null, count];
  return asTasks(deps, tenant, await deps.segment.query<TaskRow>(tenant, select, [...values, ...rest]));
}
