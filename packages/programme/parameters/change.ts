import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import { parameterName } from '../content/schemas.ts';
import type { Content } from '../content/types.ts';
import { type InForce, officers } from '../workflow/deps.ts';
import type { Definition, Effect } from '../workflow/types.ts';
import { type Override, refusalOf } from './current.ts';
import type { ParameterRow, parameterRows } from './rows.ts';

export const changeKind = 'parameter-change';

const subject = z.strictObject({
  name: parameterName,
  /** Null: back to what the file says. */
  value: z.union([z.number(), z.string().max(200), z.null()]),
  why: z.string().trim().min(20).max(4_000),
});
export type ParameterChange = z.output<typeof subject>;

interface ChangeDeps {
  readonly parameters: Content['parameters'];
  readonly rows: ReturnType<typeof parameterRows>;
  /** Number of the tenant that runs the platform. */
  readonly house: number;
}

/** The kind of work that changes a parameter: proposed by an officer, approved by another. */
export const changeDefinition = (
  { parameters, rows, house }: ChangeDeps,
  now: () => number,
  current: InForce,
): Definition => ({
  kind: changeKind,
  title: 'Change of a parameter of the programme',
  open: officers,
  work: officers,
  approve: officers,
  quorum: 1,
  due_days: Number(current.get('workflow.due_days')?.value ?? 14),
  remind_days: [7, 1],
  escalate_days: Number(current.get('workflow.escalate_days')?.value ?? 7),
  escalate_to: officers,
  immediate: true,
  about: ({ name }) => String(name),
  subject: (value) => {
    const { success, data } = subject.safeParse(value);
    if (!success) throw fault('invalid', 'A change names a parameter, a value, and why in at least 20 characters.');
    return data;
  },
  check: async (tenant, change) => {
    if (tenant !== house) throw notHouse();
    checkAllowed(parameters, overridesOf(await rows.newest(now())), subject.parse(change));
  },
});

const notHouse = () => fault('forbidden', 'The programme belongs to who runs the platform.');

function checkAllowed(
  parameters: Content['parameters'],
  overrides: ReadonlyMap<string, Override>,
  { name, value }: Pick<ParameterChange, 'name' | 'value'>,
): void {
  const text = refusalOf(parameters, overrides, name, value);
  if (text === undefined) return;
  const issues = [{ severity: 'error', code: 'invalid', text } as const];
  throw fault('invalid', 'This parameter cannot take this value.', { issues });
}

/** Adds the approved value to the history, in the transaction of the last approval; the file may have changed since. */
export const changeEffect =
  ({ parameters, rows, house }: ChangeDeps): Effect =>
  async (connection, task, at) => {
    if (task.tenant !== house) throw notHouse();
    const { name, value } = subject.parse(task.subject);
    checkAllowed(parameters, overridesOf(await rows.newestIn(connection, at)), { name, value });
    const { id, opened_by, approvals } = task;
    await rows.add(connection, { name, value, task: id, opened_by, approved_by: [...approvals], at });
  };

export const overridesOf = (rows: readonly ParameterRow[]): ReadonlyMap<string, Override> =>
  new Map(rows.map(({ name, value }) => [name, value]));
