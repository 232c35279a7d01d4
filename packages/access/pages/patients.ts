import {
  type Answer,
  button,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  type Html,
  html,
  line,
  linkButton,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  type Wrong,
} from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import type { Viewer, ViewersPort } from '../api/answers.ts';
import { namesOf } from '../api/names.ts';
import { noSuch } from '../api/reach.ts';
import type { Policy } from '../policy/types.ts';
import type { AccessPagesDeps } from './ports.ts';
import { letterWords } from './rule-words.ts';
import { deskPage, idOf, ways } from './ways.ts';
import { type Call, callerOf, capital, counted, further, roleTitle, rows, sheet } from './words.ts';

const path = '/access/patients';

const chooser = (
  deps: AccessPagesDeps,
  context: RequestContext,
  given = '',
  wrong: readonly Wrong[] = [],
): Promise<Answer> =>
  deskPage(deps, context, {
    title: 'Patients',
    here: path,
    ...(wrong.length === 0 ? {} : { status: 422, wrong: true }),
    main: html`<h1>Who can see a patient</h1>
<p class="lead">And who did. Looking it up is itself written down.</p>
${errorSummary(wrong)}
${sheet(
  'which',
  'Which patient',
  form(path, [
    field({
      label: 'Patient',
      name: 'patient',
      value: given,
      autocomplete: 'off',
      maxlength: 64,
      hint: 'The id of the record.',
      error: errorOf(wrong, 'patient'),
    }),
    html`<div class="acts">${button('Look it up')}</div>`,
  ]),
)}`,
  });

async function choose(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const given = line(fieldsOf(context)('patient')).toLowerCase();
  if (isUuid(given)) return seeOther(`${path}/${given}`);
  context.found?.({ outcome: 'fail', reason: 'invalid' });
  return chooser(deps, context, given, [{ field: 'patient', text: 'Give the id of one patient.' }]);
}

const views: Readonly<Record<Viewer['view'], string>> = {
  full: 'as it is',
  'without-identity': 'without what identifies the patient',
  limited: 'as a limited data set',
  deidentified: 'de-identified',
};

const whens: Readonly<Record<NonNullable<Viewer['when']>[number], string>> = {
  network: 'from some networks',
  hours: 'at some hours',
  fresh: 'with a fresh factor',
  purpose: 'for a purpose that they have to say',
};

const wayOf = ({ role, rule, grant, until, view, letters, when = [] }: Viewer, policy: Policy): Html =>
  html`May ${letterWords(letters)}, ${views[view]}${role !== undefined && `, as ${roleTitle(policy, role)}`},
by the rule <code>${rule}</code>${when.length > 0 && `, only ${when.map((one) => whens[one]).join(', ')}`}${
    until !== undefined && html`, until ${timeOf(until)}`
  }${grant !== undefined && html` (<a href="/access/grants/${grant}">the right</a>)`}`;

const viewerRow = (viewers: readonly Viewer[], policy: Policy, call: Call): Html => {
  const [first] = viewers;
  if (first === undefined) return html``;
  const name = first.name ?? (first.kind === 'client' ? `program ${first.id}` : capital(call(first.id)));
  const tag = first.kind === 'client' ? 'Program' : 'Person';
  const ways = viewers.map((one) => html`<li>${wayOf(one, policy)}</li>`);
  return html`<li class="row"><div><h3>${name} <span class="tag">${tag}</span></h3>
<ul class="plain">${ways}</ul></div></li>`;
};

const count = 200;

async function show(deps: AccessPagesDeps, context: RequestContext, viewers: ViewersPort): Promise<Answer> {
  const { principal } = context;
  const patient = idOf(context);
  const found = await viewers(principal.tenant, patient);
  if (found === undefined) throw noSuch();
  const from = Number(/^\d{1,7}$/.exec(context.query.get('from') ?? '')?.[0] ?? 0);
  const shown = found.page(from, count);
  const accounts = shown.flatMap(([first]) => (first?.kind === 'account' ? first.id : []));
  const call = callerOf(await namesOf(deps, principal.tenant, accounts), principal);
  const { policy } = await deps.policies.active(principal.tenant);
  const answer = await deskPage(deps, context, {
    title: 'Who can see a patient',
    here: path,
    main: html`<h1>Who can see this patient</h1>
<p class="lead">Patient <code>${patient}</code>. ${counted(found.size, 'person or program', 'people and programs')}, as
of this moment. This is the complete list.</p>
<div class="acts">${deps.accounts === true && linkButton('Who did', `${path}/${patient}/accesses`, 'main')}
${linkButton('Another patient', path)}</div>
${sheet(
  'viewers',
  'Who, how, and why',
  rows(
    shown.map((one) => viewerRow(one, policy, call)),
    'Nobody at all.',
  ),
)}
${further(`${path}/${patient}`, found.size > from + count ? from + count : null, 'from')}`,
  });
  return { ...answer, targets: [{ type: 'Patient', id: patient }] };
}

export function patientRoutes(deps: AccessPagesDeps, viewers: ViewersPort): Route[] {
  const { get, post } = ways(deps);
  return [
    get(path, 'who-can-see', (context) => chooser(deps, context)),
    post(path, 'who-can-see', (context) => choose(deps, context)),
    get(`${path}/:id`, 'who-can-see', (context) => show(deps, context, viewers)),
  ];
}
