import { fault, isUuid, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { numberOf, officers } from '../workflow/deps.ts';
import { hasRole } from '../workflow/may.ts';
import { keyOf, sealText } from '../workflow/notes.ts';
import { asTasks, type TaskRow, taskColumns } from '../workflow/rows.ts';
import type { Actor, Task } from '../workflow/types.ts';
import { checkReason } from '../workflow/words.ts';
import { checkHouse, common, type DecisionsDeps, inForce, invalid, shaped } from './deps.ts';
import { expected, type WaiverSubject, waiverKind, waiverSubject } from './subjects.ts';
import type { Waiver } from './types.ts';

const day_ms = 86_400_000;

type WaiverRow = TaskRow & {
  waiver: string;
  control: string;
  owner: string;
  from_at: Date;
  until_at: Date;
  ended_at: Date | null;
};

const select = {
  name: 'programme.waiver.list',
  text: `select w.id as waiver, w.control, w.owner, w.from_at, w.until_at, e.ended_at, ${taskColumns}
    from programme.waiver w join programme.task t on t.tenant = w.tenant and t.id = w.task
    left join programme.waiver_end e on e.tenant = w.tenant and e.waiver = w.id
    where w.tenant = $1 and ($2::uuid is null or w.id = $2)
      and ($3::timestamptz is null or (w.from_at <= $3 and w.until_at > $3 and (e.ended_at is null or e.ended_at > $3)))
    order by w.from_at desc, w.number desc`,
};
const insert = {
  name: 'programme.waiver.insert',
  text: `insert into programme.waiver (id, tenant, control, owner, task, from_at, until_at)
    values ($1, $2, $3, $4, $5, $6, $7)`,
};
const insertEnd = {
  name: 'programme.waiver-end.insert',
  text: `insert into programme.waiver_end (waiver, tenant, ended_by, ended_at, key_id, sealed)
    values ($1, $2, $3, $4, $5, $6)`,
};

/** What the task says. A row whose task says something else was not written by us, and counts for nothing. */
function waiverOf(row: WaiverRow, task: Task): Waiver[] {
  const { waiver: id, control, owner, from_at, until_at, ended_at } = row;
  const read = waiverSubject.safeParse(task.subject);
  const same = read.success && read.data.control === control && read.data.owner === owner;
  if (!same || task.kind !== waiverKind || read.data.until !== until_at.getTime()) return [];
  const times = { from: from_at.getTime(), until: until_at.getTime() };
  const ended = ended_at === null ? {} : { ended_at: ended_at.getTime() };
  return [{ id, control, owner, why: read.data.why, approved_by: task.approvals, ...times, ...ended }];
}

interface Wanted {
  readonly id?: string;
  /** In force at this moment. */
  readonly at?: number;
}

/** Newest first. */
export async function waiversOf(deps: DecisionsDeps, tenant: number, { id, at }: Wanted = {}): Promise<Waiver[]> {
  const values = [tenant, id ?? null, at === undefined ? null : new Date(at)];
  const rows = await deps.segment.query<WaiverRow>(tenant, select, values);
  const tasks = await asTasks(deps, tenant, rows);
  return rows.flatMap((row, index) => {
    const task = tasks[index];
    return task === undefined ? [] : waiverOf(row, task);
  });
}

function checkUntil(deps: DecisionsDeps, until: number): void {
  const days = numberOf(inForce(deps), 'waivers.longest_days');
  const left_ms = until - deps.clock.now();
  if (left_ms > 0 && left_ms <= days * day_ms) return;
  throw invalid('until', 'a moment that is to come, within the longest time of a waiver');
}

/** What is waived is unmet or unknown at that moment, by an active person of the house, for a while. */
async function checkWaiver(deps: DecisionsDeps, tenant: number, { control, owner, until }: WaiverSubject) {
  checkHouse(deps, tenant);
  checkUntil(deps, until);
  const person = await deps.people.byId(tenant, owner);
  if (person?.kind !== 'workforce' || person.state !== 'active') {
    throw invalid('owner', 'an active account of the workforce');
  }
  const state = await deps.stateOf(control);
  if (state === 'unmet' || state === 'unknown') return;
  throw fault('conflict', 'Only what is unmet or unknown is waived.');
}

async function waiveWithin(deps: DecisionsDeps, connection: Connection, task: Task, at: number): Promise<void> {
  const { control, owner, until } = shaped(waiverSubject, task.subject, expected);
  checkUntil(deps, until);
  await connection.query(insert, [newId(), task.tenant, control, owner, task.id, new Date(at), new Date(until)]);
}

export function defineWaivers(deps: DecisionsDeps): void {
  deps.workflow.define(
    () => ({
      ...common(inForce(deps)),
      kind: waiverKind,
      title: 'Waiver of an unmet control',
      subject: (value) => {
        const subject = shaped(waiverSubject, value, expected);
        if (deps.content().controls.has(subject.control)) return subject;
        throw invalid('control', 'the id of a control');
      },
      about: (subject) => (subject as WaiverSubject).control,
      apart: (subject) => [(subject as WaiverSubject).owner],
      check: (tenant, subject) => checkWaiver(deps, tenant, subject as WaiverSubject),
    }),
    (connection, task, at) => waiveWithin(deps, connection, task, at),
  );
}

const title_most = 200;

export async function proposeWaiver(deps: DecisionsDeps, actor: Actor, subject: WaiverSubject): Promise<Task> {
  const { control } = shaped(waiverSubject, subject, expected);
  const found = deps.content().controls.get(control);
  const title = `Waiver: ${found?.title ?? ''} (${found?.citation ?? ''})`.slice(0, title_most);
  return deps.workflow.open(actor, { kind: waiverKind, title, subject });
}

const missing = () => fault('missing', 'There is no such waiver.');

/** Ended before its time: by who answers for it, or an officer, with a reason. Fault `conflict` for what is over. */
export async function endWaiver(deps: DecisionsDeps, actor: Actor, id: string, why: string): Promise<Waiver> {
  const { tenant } = actor;
  checkReason(why);
  const [waiver] = isUuid(id) ? await waiversOf(deps, tenant, { id }) : [];
  if (waiver === undefined) throw missing();
  if (actor.id !== waiver.owner && !hasRole(actor, officers)) {
    throw fault('forbidden', 'Access denied: a waiver is ended by who answers for it, or an officer.');
  }
  const at = deps.clock.now();
  if (waiver.ended_at !== undefined || waiver.until <= at) throw fault('conflict', 'The waiver is over.');
  const vault = await deps.vault(tenant);
  const { key_id, sealed } = sealText(vault, await keyOf(vault, actor.id), id, 0, 'programme waiver end', why);
  await deps.segment.query(tenant, insertEnd, [id, tenant, actor.id, new Date(at), key_id, sealed]);
  const [ended] = await waiversOf(deps, tenant, { id });
  if (ended === undefined) throw missing();
  return ended;
}
