import { fault, isFault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { Control } from '../content/types.ts';
import type { Actor, Task } from '../workflow/types.ts';
import { checkHouse, common, type DecisionsDeps, inForce, invalid, shaped } from './deps.ts';
import { decisionsOf } from './rows.ts';
import { type DecisionSubject, decisionKind, decisionSubject, expected } from './subjects.ts';

const insert = {
  name: 'programme.decision.insert',
  text: 'insert into programme.decision (id, tenant, control, task, at) values ($1, $2, $3, $4, $5)',
};

/** An addressable specification of the content. Fault `invalid`. */
function addressable(deps: DecisionsDeps, id: string): Control {
  const control = deps.content().controls.get(id);
  if (control?.level === 'addressable') return control;
  throw invalid('control', 'the id of an addressable specification');
}

async function decideWithin(deps: DecisionsDeps, connection: Connection, task: Task, at: number): Promise<void> {
  const { control } = shaped(decisionSubject, task.subject, expected);
  if (deps.content().controls.get(control)?.level !== 'addressable') {
    throw fault('conflict', 'The programme has no such addressable specification any more.');
  }
  await connection.query(insert, [newId(), task.tenant, control, task.id, new Date(at)]);
}

export function defineDecisions(deps: DecisionsDeps): void {
  deps.workflow.define(
    () => ({
      ...common(inForce(deps)),
      kind: decisionKind,
      title: 'Decision on an addressable specification',
      subject: (value) => {
        const subject = shaped(decisionSubject, value, expected);
        addressable(deps, subject.control);
        return subject;
      },
      about: (subject) => (subject as DecisionSubject).control,
      check: async (tenant) => checkHouse(deps, tenant),
    }),
    (connection, task, at) => decideWithin(deps, connection, task, at),
  );
}

const title_most = 200;
const titleOf = ({ title, citation }: Control): string => `Decision: ${title} (${citation})`.slice(0, title_most);

/** Opens the decision of one addressable specification; another person approves it. */
export async function proposeDecision(deps: DecisionsDeps, actor: Actor, subject: DecisionSubject): Promise<Task> {
  checkHouse(deps, actor.tenant);
  const control = addressable(deps, shaped(decisionSubject, subject, expected).control);
  return deps.workflow.open(actor, { kind: decisionKind, title: titleOf(control), subject });
}

/** 45 CFR 164.306(b)(2), in our words: what whoever approves a default has to weigh. */
const factors =
  'To be weighed by whoever approves this default of the programme, for this organization: its size, complexity and ' +
  'capabilities; its technical infrastructure; the cost of the measure; how likely and how critical the risks to ' +
  'electronic PHI are. Where these speak for another decision, reject it and propose that one.';

const applies = (deps: DecisionsDeps, control: Control): boolean =>
  control.applies === undefined || deps.content().organization.conditions.includes(control.applies.when);

/** One that another process opens at this moment is no error. */
async function proposed(deps: DecisionsDeps, actor: Actor, control: Control): Promise<readonly Task[]> {
  if (control.decision === undefined) return [];
  const { default: kind, why } = control.decision;
  try {
    return [await proposeDecision(deps, actor, { control: control.id, kind, why, factors })];
  } catch (error) {
    if (isFault(error) && error.kind === 'conflict') return [];
    throw error;
  }
}

/**
 * Opens a task with the reasoned default for each addressable specification that has no decision and none under way:
 * what is asked at set-up. Answers the tasks that it opened.
 */
export async function proposeDefaults(deps: DecisionsDeps, actor: Actor): Promise<readonly Task[]> {
  checkHouse(deps, actor.tenant);
  const decided = new Set(
    (await decisionsOf(deps, actor.tenant, { at: deps.clock.now() })).map(({ control }) => control),
  );
  const open = await deps.workflow.list(actor.tenant, { kind: decisionKind, open: true, count: 200 });
  const under = new Set(open.map(({ about }) => about));
  const wanted = [...deps.content().controls.values()].filter(
    (control) =>
      control.level === 'addressable' && applies(deps, control) && !decided.has(control.id) && !under.has(control.id),
  );
  const tasks: Task[] = [];
  for (const control of wanted) tasks.push(...(await proposed(deps, actor, control)));
  return tasks;
}
