import { may } from '@safeguard/access';
import {
  type Answer,
  button,
  form,
  type Html,
  html,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
} from '@safeguard/http';
import type { Decision } from '../decisions/types.ts';
import type { ControlState } from '../posture/types.ts';
import { decisionForms } from './decision-form.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, ways } from './ways.ts';
import { type Call, callerOf, decisionWords, done, open, row, rows, said, sheet } from './words.ts';

const here = '/programme/decisions';
const doneWords = {
  defaults: 'The defaults are proposed: each is a task that another officer weighs and approves.',
  none: 'There was nothing to propose: each has a decision, or a task for it.',
} as const;

/** An addressable specification that applies and of which nothing is decided (45 CFR 164.306(d)(3)). */
export const isUndecided = ({ control, decision, state }: ControlState): boolean =>
  control.level === 'addressable' && decision === undefined && state !== 'not-applicable';

const controlOf = ({ content }: ProgrammePagesDeps, id: string) => content.controls.get(id);

const decisionRow = (deps: ProgrammePagesDeps, call: Call, one: Decision, isInForce: boolean): Html => {
  const control = controlOf(deps, one.control);
  return row(
    html`${control?.title ?? one.control} <span class="tag">${isInForce ? 'In force' : 'Superseded'}</span>`,
    html`<p>${decisionWords[one.kind]}. ${timeOf(one.at)}, approved by ${one.approved_by.map(call).join(', ')}.</p>
${said(one.why)}`,
    open(`/programme/controls/${one.control}`, control?.citation ?? one.control),
  );
};

/** The newest of each control: they come newest first. */
const inForce = (all: readonly Decision[]): ReadonlySet<string> =>
  new Set(new Map(all.toReversed().map((one) => [one.control, one.id])).values());

const missingRow = ({ control }: ControlState): Html =>
  row(
    control.title,
    html`<p>${control.citation}. ${
      control.decision !== undefined &&
      `Default of the programme: ${decisionWords[control.decision.default].toLowerCase()}.`
    }</p>`,
    open(`/programme/controls/${control.id}/decision`, control.citation, 'Decide'),
  );

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const { principal, query } = context;
  const [all, posture] = await Promise.all([deps.decisions.list(principal.tenant), deps.postureAt(deps.clock.now())]);
  const missing = posture.controls.filter(isUndecided);
  const current = inForce(all);
  const call = await callerOf(
    deps,
    principal,
    all.flatMap(({ by, approved_by }) => [by, ...approved_by]),
  );
  const text = done(doneWords, query.get('done'));
  return deskPage(deps, context, {
    title: 'Decisions',
    here,
    main: html`<h1>Decisions</h1>
<p class="lead">Addressable is not optional: of each addressable specification it is written down whether it is
implemented, what stands in its place, or why it is neither reasonable nor appropriate here (45 CFR 164.306(d)(3)).</p>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${sheet('missing', 'Not decided', rows(missing.map(missingRow), 'Each has a decision.'))}
${
  missing.length > 0 &&
  may(deps.guard, principal, 'decision-propose') &&
  form(`${here}/defaults`, button('Propose the defaults'))
}
${sheet(
  'decided',
  'Decided, newest first',
  rows(
    all.map((one) => decisionRow(deps, call, one, current.has(one.id))),
    'Nothing yet.',
  ),
)}`,
  });
}

async function proposeDefaults(deps: ProgrammePagesDeps, { principal }: RequestContext): Promise<Answer> {
  const made = await deps.decisions.proposeDefaults(deps.actorOf(principal));
  const to = made.length === 0 ? `${here}?done=none` : '/programme/tasks?show=approve&done=defaults';
  return { ...seeOther(to), targets: made.map(({ id }) => ({ type: 'Task', id })) };
}

export function decisionRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const proposing = { action: 'decision-propose', type: 'Decision', house: true } as const;
  return [
    get(here, { action: 'decision-list', type: 'Decision', house: true }, (context) => list(deps, context)),
    post(`${here}/defaults`, proposing, (context) => proposeDefaults(deps, context)),
    ...decisionForms(deps),
  ];
}
