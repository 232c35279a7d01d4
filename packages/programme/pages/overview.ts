import { may } from '@safeguard/access';
import {
  type Answer,
  button,
  form,
  type Html,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  timeOf,
} from '@safeguard/http';
import type { PolicyVersion } from '../policies/types.ts';
import type { ControlState, Posture, StateName } from '../posture/types.ts';
import { meanings, stateWords } from '../trust/words.ts';
import type { Task } from '../workflow/types.ts';
import { owedRow } from './acknowledge.ts';
import { isUndecided } from './decisions.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { taskRow } from './task-rows.ts';
import { deskPage, isHouse, ways } from './ways.ts';
import { counted, open, row, rows, sheet, stateNames, stateTag, whenLate } from './words.ts';

const [tasks_most, shown_most, soon_ms] = [20, 10, 30 * 86_400_000];

const controlPath = ({ control }: ControlState): string => `/programme/controls/${control.id}`;

/** How many are in each state, and the way to them. */
export const countsTable = (
  { counts }: Pick<Posture, 'counts'>,
  day = '',
): Html => html`<ul class="counts">${stateNames.map(
  (state) => html`<li><span class="number">${counts[state]}</span>
<a href="/programme/controls?state=${state}${day !== '' && `&at=${day}`}">${stateTag(state)}</a></li>`,
)}</ul>
<details><summary>What the states mean</summary><dl class="facts">${stateNames.map(
  (state) => html`<dt>${stateWords[state]}</dt><dd>${meanings[state]}</dd>`,
)}</dl></details>`;

/** What to do about it, of the first check that says so. */
const todoOf = ({ checks }: ControlState, state: StateName): string | undefined =>
  checks.find((one) => one.state === state && one.evidence?.evidence.todo !== undefined)?.evidence?.evidence.todo;

const causeRow = (one: ControlState): Html => {
  const todo = todoOf(one, one.state);
  return row(
    html`${one.control.title} <span class="tag">${one.control.citation}</span>`,
    html`<p>${one.because}</p>${todo !== undefined && html`<p><strong>To do:</strong> ${todo}</p>`}
${
  one.waiver !== undefined &&
  html`<p>Waived until ${timeOf(one.waiver.until)}; it is no less
${stateWords[one.state].toLowerCase()}.</p>`
}`,
    open(controlPath(one), `control ${one.control.citation}`),
  );
};

/** The first of them, and the way to all. */
const first = (list: readonly Html[], none: string, all: string): Html => html`${rows(list.slice(0, shown_most), none)}
${list.length > shown_most && html`<p><a href="${all}">All of them</a></p>`}`;

/** A standard that is so by a specification alone is not told twice. */
const ownCause = ({ state, specifications }: ControlState): boolean =>
  !specifications.some((one) => one.state === state);

const causes = ({ controls }: Posture, state: StateName): readonly Html[] =>
  controls.filter((one) => one.state === state && ownCause(one)).map(causeRow);

function waived({ controls }: Posture, now: number): readonly Html[] {
  const soon = controls.filter(({ waiver }) => waiver !== undefined && waiver.until < now + soon_ms);
  return soon.map((one) =>
    row(one.control.title, html`<p>Until ${timeOf(one.waiver?.until ?? now)}.</p>`, open(controlPath(one), 'control')),
  );
}

const undecided = (
  { guard }: ProgrammePagesDeps,
  { principal }: RequestContext,
  missing: readonly ControlState[],
): Html =>
  missing.length === 0
    ? html``
    : notice(
        html`<h2>${counted(missing.length, 'addressable specification has', 'addressable specifications have')} no
decision</h2>
<p>Each needs one (45 CFR 164.306(d)(3)): until then it is unmet. The programme has a reasoned default for each; it
opens a task, and another officer weighs and approves it.</p>
${
  may(guard, principal, 'decision-propose') &&
  form('/programme/decisions/defaults', button('Propose the defaults', 'quiet'))
}
<p><a href="/programme/decisions">See which</a></p>`,
      );

const forgedNotice = ({ forged }: Posture): Html | false =>
  forged.length > 0 &&
  notice(
    html`<h2>The log does not bear out ${counted(forged.length, 'row', 'rows')} of evidence</h2>
<p>The database or the log was tampered with, or was put back to an older state. These rows count for nothing; the
evidence before them does. Ids: ${forged.slice(0, 20).join(', ')}</p>`,
    'bad',
  );

/** How things stand, for who looks after them. */
async function standing(deps: ProgrammePagesDeps, context: RequestContext): Promise<Html> {
  const now = deps.clock.now();
  const [posture, policies] = await Promise.all([deps.postureAt(now), deps.policies.list(context.principal.tenant)]);
  const [unmet, unknown, running] = [causes(posture, 'unmet'), causes(posture, 'unknown'), waived(posture, now)];
  const due = policyRows(policies, now);
  const missing = posture.controls.filter((one) => isUndecided(one));
  return html`${forgedNotice(posture)}
${undecided(deps, context, missing)}
${sheet('counts', 'Controls', countsTable(posture))}
<div class="acts">${linkButton('All controls', '/programme/controls')}
${linkButton('Run checks', '/programme/checks')}</div>
${sheet('unmet', 'What is not met', first(unmet, 'Nothing that is known.', '/programme/controls?state=unmet'))}
${sheet('unknown', 'What is not known', first(unknown, 'Nothing.', '/programme/controls?state=unknown'))}
${running.length > 0 && sheet('waived', 'Waivers that end within 30 days', rows(running, ''))}
${sheet('reviews', 'Policies to review or approve', first(due, 'None within 30 days.', '/programme/policies'))}`;
}

const stands = ({ state, drifted, review_due_at }: PolicyVersion, now: number): Html | undefined => {
  if (state !== 'published') return html`<p>No version of it is in force.</p>`;
  if (drifted.length > 0) return html`<p>Its numbers changed since: a new version is due (${drifted.join(', ')}).</p>`;
  const isDue = review_due_at !== undefined && review_due_at < now + soon_ms;
  return isDue ? html`<p>Review by ${whenLate(review_due_at, now)}.</p>` : undefined;
};

const policyRows = (policies: readonly PolicyVersion[], now: number): readonly Html[] =>
  policies.flatMap((one) => {
    const told = stands(one, now);
    return told === undefined ? [] : [row(one.title, told, open(`/programme/policies/${one.policy}`, one.title))];
  });

/** What is asked of everybody of the workforce. */
async function mine(deps: ProgrammePagesDeps, { principal }: RequestContext): Promise<Html> {
  const { tenant, id } = principal;
  const now = deps.clock.now();
  const [owed, tasks] = await Promise.all([
    deps.policies.owed(tenant, id),
    deps.workflow.list(tenant, { concerning: id, open: true, count: tasks_most }),
  ]);
  return html`${sheet(
    'owed',
    'For you to read and acknowledge',
    rows(
      owed.map((one) => owedRow(one, now)),
      'Nothing that is in force waits for you.',
    ),
  )}
${sheet('tasks', 'Your tasks', rows(taskRows(tasks, now), 'No open task concerns you.'))}`;
}

const taskRows = (tasks: readonly Task[], now: number): readonly Html[] => tasks.map((one) => taskRow(one, now));

async function show(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const looks = isHouse(context.principal) && may(deps.guard, context.principal, 'posture-read');
  const [own, all] = await Promise.all([mine(deps, context), looks ? standing(deps, context) : undefined]);
  return deskPage(deps, context, {
    title: 'Compliance programme',
    main: html`<h1>Compliance programme</h1>
<p class="lead">What this house has promised, and whether it holds: each state is computed from evidence in the log, and
nobody can set one.</p>
${own}${all}`,
  });
}

export const overviewRoutes = (deps: ProgrammePagesDeps): Route[] => [
  ways(deps).get('/programme', { action: 'document-owed', type: 'Document' }, (context) => show(deps, context)),
];
