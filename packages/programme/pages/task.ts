import {
  type Answer,
  errorSummary,
  type Fields,
  fieldsOf,
  type Html,
  html,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
} from '@safeguard/http';
import { missing } from '../api/fields.ts';
import { offeredOf, seesTask } from '../api/reach.ts';
import type { Step, Task } from '../workflow/types.ts';
import { failed } from './moment.ts';
import { noPersonText, personNamed } from './people.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { fieldOf, formsOf, type Shown, type StepName } from './task-forms.ts';
import { peopleIn, subjectOf } from './task-subject.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import {
  type Call,
  callerOf,
  capital,
  done,
  fact,
  facts,
  plain,
  rows,
  said,
  sheet,
  stepWords,
  taskWords,
  whenLate,
} from './words.ts';

export const path = '/programme/tasks';

const doneWords = {
  opened: 'It is on its way: who may approve it was told.',
  note: 'The note is kept.',
  assign: 'It is assigned.',
  submit: 'It waits for approval now.',
  withdraw: 'It is taken back.',
  approve: 'You approved it.',
  return: 'It went back to who works on it.',
  reject: 'You rejected it.',
} as const;

/** Fault `missing` also for what is not this person's to look at. */
export async function taskOf({ workflow, actorOf }: ProgrammePagesDeps, context: RequestContext): Promise<Task> {
  const actor = actorOf(context.principal);
  const found = await workflow.byId(actor.tenant, paramOf(context, 'task'));
  if (found === undefined || !seesTask(workflow, actor, found)) throw missing();
  return found;
}

export const callOf = (deps: ProgrammePagesDeps, { principal }: RequestContext, task: Task): Promise<Call> => {
  const acted = task.steps.flatMap(({ by, to }) => [by, to]);
  return callerOf(deps, principal, [...acted, task.opened_by, task.assignee, ...task.approvals, ...peopleIn(task)]);
};

export const standOf = (deps: ProgrammePagesDeps, task: Task, call: Call): Html => {
  const { workflow, clock } = deps;
  const due = task.closed_at === undefined ? whenLate(task.due_at, clock.now()) : timeOf(task.due_at);
  return facts([
    fact('State', html`<span class="tag">${taskWords[task.state]}</span>`),
    fact('Kind', workflow.definitions.get(task.kind)?.title ?? task.kind),
    fact('Opened by', html`${capital(call(task.opened_by))}, ${timeOf(task.opened_at)}`),
    fact('Worked on by', task.assignee !== undefined && capital(call(task.assignee))),
    fact('Due', due),
    fact('Approvals', `${task.approvals.length} of ${task.quorum}`),
    fact('Closed', task.closed_at !== undefined && timeOf(task.closed_at)),
  ]);
};

const stepRow = ({ at, by, act, to, note }: Step, call: Call): Html => html`<li class="row"><div>
<h3>${stepWords[act]}${to !== undefined && `: ${call(to)}`}</h3><p class="hint">${capital(call(by))}, ${timeOf(at)}</p>
${note !== undefined && said(note)}</div></li>`;

async function show(deps: ProgrammePagesDeps, context: RequestContext, shown: Shown = {}): Promise<Answer> {
  const task = await taskOf(deps, context);
  const call = await callOf(deps, context, task);
  const { wrong = [], status = 200 } = shown;
  const text = done(doneWords, context.query.get('done'));
  const offered = offeredOf(deps.workflow, deps.actorOf(context.principal), task);
  return deskPage(deps, context, {
    title: task.title,
    here: path,
    ...failed(wrong, status),
    main: html`<h1>${task.title}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}${errorSummary(wrong)}
${sheet('stand', 'Where it stands', standOf(deps, task, call))}
${sheet('subject', 'What it is about', await subjectOf(deps, task, call))}
${sheet(
  'steps',
  'Steps',
  rows(
    task.steps.map((step) => stepRow(step, call)),
    'None.',
  ),
)}
${formsOf(task, offered, shown)}`,
  });
}

/** The version of a task that its page showed: somebody else's step since then is told, not overrun. */
export function versionIn(fields: Fields): number | undefined {
  const text = fields('version');
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

type Doing = (deps: ProgrammePagesDeps, context: RequestContext, text: string, version?: number) => Promise<Task>;

const doings: Readonly<Record<StepName, Doing>> = {
  note: ({ workflow, actorOf }, context, text, version) =>
    workflow.note(actorOf(context.principal), paramOf(context, 'task'), text, version),
  submit: ({ workflow, actorOf }, context, text, version) => {
    const note = text === '' ? undefined : text;
    return workflow.submit(actorOf(context.principal), paramOf(context, 'task'), note, version);
  },
  withdraw: ({ workflow, actorOf }, context, text, version) =>
    workflow.withdraw(actorOf(context.principal), paramOf(context, 'task'), text, version),
  async assign(deps, context, text, version) {
    const to = await personNamed(deps, context.principal.tenant, text);
    return deps.workflow.assign(deps.actorOf(context.principal), paramOf(context, 'task'), to, version);
  },
};

const noteText = 'Write 3 to 4,000 characters.';
/** Faults speak of a note, a person or an assignee; on the page each form has one field. */
const wordsOf = (step: StepName) => {
  const text = step === 'assign' ? noPersonText : noteText;
  return { note: text, person: text, assignee: 'Name an active person of the workforce with a role for this work.' };
};

async function take(deps: ProgrammePagesDeps, context: RequestContext, step: StepName): Promise<Answer> {
  await taskOf(deps, context);
  const fields = fieldsOf(context);
  const text = plain(fields(fieldOf(step)));
  const at = `${path}/${paramOf(context, 'task')}`;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: at, words: wordsOf(step) },
      again: ({ wrong, status }) => {
        const own = wrong.map((one) => (one.field === undefined ? one : { ...one, field: fieldOf(step) }));
        return show(deps, context, { step, text, wrong: own, status });
      },
    },
    async () => {
      await doings[step](deps, context, text, versionIn(fields));
      return seeOther(`${at}?done=${step}`);
    },
  );
}

const doors = { note: 'task-note', assign: 'task-assign', submit: 'task-submit', withdraw: 'task-withdraw' } as const;

export function taskRoute(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const type = 'Task';
  return [
    get(`${path}/:task`, { action: 'task-read', type }, (context) => show(deps, context)),
    ...(Object.keys(doors) as StepName[]).map((step) =>
      post(`${path}/:task/${step}`, { action: doors[step], type }, (context) => take(deps, context, step)),
    ),
  ];
}
