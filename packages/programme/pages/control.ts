import { may } from '@safeguard/access';
import {
  type Answer,
  errorSummary,
  type Html,
  html,
  linkButton,
  type RequestContext,
  type Route,
  timeOf,
} from '@safeguard/http';
import { missing } from '../api/fields.ts';
import { type Control, productLines } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import type { ControlState, Posture } from '../posture/types.ts';
import { meanings } from '../trust/words.ts';
import { checkPart } from './evidence-parts.ts';
import { atOf, failed, type Moment, momentForm, momentOf, pastNotice } from './moment.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import {
  type Call,
  callerOf,
  capital,
  decisionWords,
  fact,
  facts,
  levelWords,
  open,
  row,
  rows,
  said,
  sheet,
  stateTag,
} from './words.ts';

const path = '/programme/controls';

const lineWords = { api: 'The API', hosting: 'Hosting', interfaces: 'Interfaces', messages: 'Messages' } as const;
const carrierWords = {
  platform: 'the platform',
  shared: 'both',
  customer: 'the customer',
  'not-applicable': 'nobody: it does not apply',
} as const;

const carriedRows = ({ carried }: Control): Html =>
  html`<ul class="plain">${productLines.map(
    (line) => html`<li>${lineWords[line]}: ${carrierWords[carried[line].by]}${
      carried[line].with !== undefined && `, with ${carried[line].with.join(', ')}`
    }.
${carried[line].customer !== undefined && html`<span class="hint">${carried[line].customer}</span>`}</li>`,
  )}</ul>`;

const what = ({ render, content }: ProgrammePagesDeps, control: Control): Html => {
  const standard = content.controls.get(control.standard ?? '');
  return facts([
    fact('Citation', control.citation),
    fact('Level', levelWords[control.level]),
    fact('Standard', standard && html`<a href="${path}/${standard.id}">${standard.title}</a>`),
    fact('What is required', control.requirement),
    fact('What we do', render(control.approach)),
    fact('Who carries it', carriedRows(control)),
    fact('Citation held against the regulation', control.verified === 'yes' ? 'Yes' : 'Not yet'),
  ]);
};

const mechanismRows = ({ mechanisms }: Control): readonly Html[] =>
  mechanisms.map((one) =>
    row(
      one.package === 'organization' ? 'People' : html`<code>${one.package}</code>`,
      html`<p>${one.does}</p>${
        one.parameters.length > 0 &&
        html`<p>
${one.parameters.map((name) => html`<a href="/programme/parameters/${name}">${name}</a> `)}</p>`
      }`,
    ),
  );

const policyLinks = ({ policies }: Control, { content }: ProgrammePagesDeps): Html =>
  policies.length === 0
    ? html`<p class="hint">None.</p>`
    : html`<ul class="plain">${policies.map((place) => {
        const [id = '', section = ''] = place.split('#');
        const policy = content.policies.get(id);
        const title = policy?.sections.find((one) => one.id === section)?.title ?? section;
        return html`<li><a href="/programme/policies/${id}#p-${section}">${policy?.title ?? id}: ${title}</a></li>`;
      })}</ul>`;

const decisionFacts = ({ kind, why, factors, by, approved_by, at }: Decision, call: Call): Html =>
  facts([
    fact('Decided', decisionWords[kind]),
    fact('Why', said(why)),
    fact('What was weighed', said(factors)),
    fact('Proposed by', capital(call(by))),
    fact('Approved by', capital(approved_by.map(call).join(', '))),
    fact('In force since', timeOf(at)),
  ]);

const waiverFacts = ({ id, owner, why, approved_by, from, until }: Waiver, call: Call): Html =>
  html`${facts([
    fact('Who answers for it', capital(call(owner))),
    fact('Why', said(why)),
    fact('Approved by', capital(approved_by.map(call).join(', '))),
    fact('From', timeOf(from)),
    fact('Until', timeOf(until)),
  ])}<p>${linkButton('The waiver', `/programme/waivers/${id}`)}</p>`;

const below = ({ specifications }: ControlState, { content }: ProgrammePagesDeps, moment: Moment): Html | false =>
  specifications.length > 0 &&
  sheet(
    'below',
    'Its specifications',
    rows(
      specifications.map(({ id, state }) => {
        const one = content.controls.get(id);
        return row(
          html`${one?.title ?? id} ${stateTag(state)}`,
          one?.citation,
          open(`${path}/${id}${atOf(moment)}`, one?.citation ?? id),
        );
      }),
      '',
    ),
  );

export const stateOfControl = ({ controls }: Posture, id: string): ControlState => {
  const found = controls.find(({ control }) => control.id === id);
  if (found === undefined) throw missing();
  return found;
};

/** What an officer may propose of it, as it stands now. */
const acts = ({ guard }: ProgrammePagesDeps, { principal }: RequestContext, one: ControlState): Html => {
  const at = `${path}/${one.control.id}`;
  const [decides, waives] = [may(guard, principal, 'decision-propose'), may(guard, principal, 'waiver-propose')];
  const isOpen = one.state === 'unmet' || one.state === 'unknown';
  return html`<div class="acts">
${decides && one.control.level === 'addressable' && linkButton('Propose a decision', `${at}/decision`)}
${waives && isOpen && one.waiver === undefined && linkButton('Propose a waiver', `${at}/waiver`)}</div>`;
};

const decisionPart = ({ control, decision }: ControlState, call: Call): Html | false => {
  if (control.level !== 'addressable') return false;
  const none = html`<p>Nothing is decided. Until then it is unmet (45 CFR 164.306(d)(3)).</p>`;
  return sheet('decision', 'Decision', decision === undefined ? none : decisionFacts(decision, call));
};

async function show(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const now = deps.clock.now();
  const moment = momentOf(context, now);
  const posture = await deps.postureAt(moment.at);
  const one = stateOfControl(posture, paramOf(context, 'control'));
  const { control, decision, waiver } = one;
  const people = [decision?.by, ...(decision?.approved_by ?? []), waiver?.owner, ...(waiver?.approved_by ?? [])];
  const call = await callerOf(deps, context.principal, people);
  return deskPage(deps, context, {
    title: control.title,
    here: path,
    ...failed(moment.wrong),
    main: html`<h1>${control.title}</h1>
${errorSummary(moment.wrong)}${pastNotice(moment, posture.at)}
${sheet(
  'state',
  'State',
  html`<p>${stateTag(one.state)} ${meanings[one.state]}</p><p>${one.because}</p>
${momentForm(`${path}/${control.id}`, moment, now)}`,
)}
${moment.text === '' && acts(deps, context, one)}
${sheet('what', 'What it is', what(deps, control))}
${decisionPart(one, call)}
${waiver !== undefined && sheet('waiver', 'Waiver', waiverFacts(waiver, call))}
${sheet('checks', 'Checks', rows(one.checks.map(checkPart), 'No machine can prove it: it rests on documents.'))}
${below(one, deps, moment)}
${sheet('policies', 'Policies', policyLinks(control, deps))}
${sheet('mechanisms', 'What carries it out', rows(mechanismRows(control), 'Nothing is named.'))}`,
  });
}

export const controlRoute = (deps: ProgrammePagesDeps): Route[] => [
  ways(deps).get(`${path}/:control`, { action: 'control-read', type: 'Control', house: true }, (context) =>
    show(deps, context),
  ),
];
