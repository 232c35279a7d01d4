import {
  type Answer,
  button,
  choice,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  type Html,
  html,
  line,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import type { Grant } from '../grants/types.ts';
import { reasonField } from './ask-form.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, ways } from './ways.ts';
import { done, patientList, row, rows, sheet } from './words.ts';

const path = '/access/break-glass';
const words = {
  patient: 'Give the id of one patient.',
  reason: 'Write what happened: 10 to 2,000 characters.',
  minutes: 'Choose one of the times.',
} as const;
const doneWords = { opened: 'The record is open. The officers were told.' } as const;
const times = [15, 30, 60] as const;

interface Shown {
  readonly given?: { readonly patient: string; readonly reason: string; readonly minutes: string };
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const nothing = { patient: '', reason: '', minutes: '60' };

const warning = (): Html =>
  notice(
    html`<h2>For emergencies only</h2><p>It opens one patient’s record at once, without an approval, for an hour at
most. The officers are told this very moment, one of them looks at it within two working days, and the patient can see
it.</p>`,
    'bad',
  );

const openRow = ({ patients, until, id }: Grant): Html =>
  row(patientList(patients), html`Open until ${timeOf(until)}.`, linkButton('Details', `/access/grants/${id}`));

async function show(
  deps: AccessPagesDeps,
  context: RequestContext,
  { given = nothing, wrong = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const { tenant, id } = context.principal;
  const grants = await deps.grants.list(tenant, { account: id, count: 100 });
  const open = grants.filter(({ kind }) => kind === 'break-glass');
  const text = done(doneWords, context.query.get('done'));
  return deskPage(deps, context, {
    title: 'Emergency access',
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Emergency access</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${errorSummary(wrong)}
${open.length > 0 && sheet('open', 'Open now', rows(open.map(openRow), ''))}
${warning()}
${sheet(
  'emergency',
  'Open a record',
  form(path, [
    field({
      label: 'Patient',
      name: 'patient',
      value: given.patient,
      autocomplete: 'off',
      maxlength: 64,
      hint: 'The id of the record.',
      error: errorOf(wrong, 'patient'),
    }),
    reasonField(given, wrong, 'What happened, and why it cannot wait. The officers read it.'),
    choice({
      label: 'For how long',
      name: 'minutes',
      value: given.minutes,
      of: times.map((each) => [String(each), `${each} minutes`]),
      error: errorOf(wrong, 'minutes'),
    }),
    html`<div class="acts">${button('Open the record', 'danger')}${linkButton('Not now', '/access')}</div>`,
  ]),
)}`,
  });
}

async function open(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const fields = fieldsOf(context);
  const given = {
    patient: line(fields('patient')).toLowerCase(),
    reason: fields('reason').replaceAll('\r\n', '\n').trim(),
    minutes: fields('minutes'),
  };
  const { patient, reason } = given;
  if (isUuid(patient)) context.about?.([{ type: 'Patient', id: patient }]);
  return tried(
    context,
    { frame: deps.frame, back: path, words, again: (refused) => show(deps, context, { given, ...refused }) },
    async () => {
      const wanted = { patient, reason, minutes: Number(given.minutes) };
      const opened = await deps.breakGlass.open(context.principal, wanted);
      const about = { type: 'Patient', id: patient };
      if ('grant' in opened) {
        const targets = [{ type: 'Grant', id: opened.grant.id }, about];
        return { ...seeOther(`${path}?done=opened`), targets, patients: [patient] };
      }
      context.found?.({ reason: 'an approver is needed' });
      const targets = [{ type: 'AccessRequest', id: opened.request.id }, about];
      return { ...seeOther(`/access/requests/${opened.request.id}?done=asked`), targets, patients: [patient] };
    },
  );
}

export function breakGlassRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(path, 'break-glass-open', (context) => show(deps, context)),
    post(path, 'break-glass-open', (context) => open(deps, context)),
  ];
}
