import { officers } from '../workflow/deps.ts';
import { approversOf, hasRole } from '../workflow/may.ts';
import type { Actor, Task } from '../workflow/types.ts';
import type { ProgrammeApi } from './ports.ts';

/** Who looks at everything of a tenant's programme. */
const readers = [...officers, 'auditor'] as const;

export const isOfficer = (actor: Actor): boolean => hasRole(actor, officers);
export const seesAll = (actor: Actor): boolean => hasRole(actor, readers);

type Kinds = Pick<ProgrammeApi['workflow'], 'definitions'>;

const approves = ({ definitions }: Kinds, actor: Actor, { kind, subject }: Task): boolean => {
  const definition = definitions.get(kind);
  return definition !== undefined && hasRole(actor, approversOf(definition, subject));
};

const works = ({ definitions }: Kinds, actor: Actor, { kind, state }: Task): boolean =>
  state === 'open' && hasRole(actor, definitions.get(kind)?.work ?? []);

const isParty = ({ id }: Actor, { opened_by, assignee, steps }: Task): boolean =>
  opened_by === id || assignee === id || steps.some(({ by }) => by === id);

/**
 * Who may look at a task, whose notes may name anybody: who took part in it, who may work on or approve it now, and who
 * looks at everything. What is not theirs to look at is told as what is not there.
 */
export const seesTask = (workflow: Kinds, actor: Actor, task: Task): boolean =>
  seesAll(actor) || isParty(actor, task) || approves(workflow, actor, task) || works(workflow, actor, task);

/** Who opened, was given, worked on or handed it in, or is kept apart from it, never decides it. */
function tookPart({ definitions }: Kinds, { id }: Actor, { kind, subject, opened_by, steps }: Task): boolean {
  const apart = definitions.get(kind)?.apart?.(subject) ?? [];
  const worked = steps.some(({ by, act, to }) => to === id || (by === id && ['submitted', 'noted'].includes(act)));
  return opened_by === id || apart.includes(id) || worked;
}

/** For what is offered: whether it counts is for the workflow to say. */
export interface Offered {
  readonly assign: boolean;
  readonly note: boolean;
  readonly submit: boolean;
  readonly decide: boolean;
  readonly withdraw: boolean;
}

export function offeredOf(workflow: Kinds, actor: Actor, task: Task): Offered {
  const { open = [], work = [], approve = [] } = workflow.definitions.get(task.kind) ?? {};
  const isClosed = task.closed_at !== undefined;
  const isWorkedOn = task.state === 'open' || task.state === 'assigned';
  const [opened, assigned] = [actor.id === task.opened_by, actor.id === task.assignee];
  return {
    assign: isWorkedOn && (opened || hasRole(actor, [...open, ...approve])),
    note: !isClosed && (opened || assigned || hasRole(actor, [...open, ...work, ...approve])),
    submit: isWorkedOn && (assigned || (task.assignee === undefined && (opened || hasRole(actor, work)))),
    decide:
      task.state === 'submitted' &&
      !tookPart(workflow, actor, task) &&
      !task.approvals.includes(actor.id) &&
      approves(workflow, actor, task),
    withdraw: !isClosed && (opened || hasRole(actor, approve)),
  };
}
