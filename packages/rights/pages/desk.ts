import { accessAround } from '@safeguard/access';
import {
  type Answer,
  area,
  button,
  choice,
  errorOf,
  errorSummary,
  type Fields,
  field,
  fieldsOf,
  form,
  type Html,
  html,
  line,
  linkButton,
  notice,
  type PageParts,
  pageOf,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { type DenialBasis, denialBases, type NewRightRequest, type RightFilter, type RightRequest } from '../types.ts';
import type { RightsPagesDeps } from './ports.ts';
import { answerFacts, bases, done, fact, isLate, kinds, leftOf, said, sheet, stateOf } from './words.ts';

const path = '/rights';
const type = 'PrivacyRequest';
const doneWords = {
  written: 'It is written down; its time runs from the day it came in.',
  answered: 'The answer is on its way to the patient.',
  extended: 'There are 30 days more, and the patient can read why.',
} as const;

interface Parts extends Pick<PageParts, 'title' | 'main'> {
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
  readonly patients?: readonly string[];
}

async function deskPage(
  { frame, guard }: RightsPagesDeps,
  context: RequestContext,
  { wrong = [], status = 200, patients = [], ...parts }: Parts,
): Promise<Answer> {
  const answer = await frame.page(context, {
    ...parts,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    here: '/access',
    around: accessAround(guard, context.principal, path),
  });
  return patients.length === 0 ? answer : { ...answer, patients };
}

const rowOf = (of: RightRequest, now: number): Html => html`<li class="row"><div><h3>${kinds[of.kind]}
<span class="tag">${stateOf(of)}</span></h3>
<p class="hint">Record <code>${of.patient}</code>, asked ${timeOf(of.asked_at)}.</p>
${of.state === 'open' && html`<p>${leftOf(of, now)}</p>`}</div>
${linkButton(html`Show<span class="unseen"> ${kinds[of.kind].toLowerCase()}</span>`, `${path}/${of.id}`)}</li>`;

const count = 50;

const shows: Readonly<Record<string, { readonly title: string; readonly filter: RightFilter }>> = {
  open: { title: 'Open', filter: { state: 'open' } },
  overdue: { title: 'Overdue', filter: { state: 'open', overdue: true } },
  all: { title: 'All', filter: {} },
};

async function list(deps: RightsPagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant } = context.principal;
  const asked = context.query.get('show') ?? '';
  const show = Object.hasOwn(shows, asked) ? asked : 'open';
  const { title, filter } = shows[show] ?? { title: 'Open', filter: {} };
  const after = context.query.get('after');
  const from = after !== null && isUuid(after) ? { after } : {};
  const { items, next } = pageOf(await deps.rights.list(tenant, { ...filter, ...from, count: count + 1 }), count);
  const now = deps.clock.now();
  // What ends first is looked at first; of the rest the newest.
  const urgent = items.filter(({ state }) => state === 'open').sort((one, other) => one.due_at - other.due_at);
  const rest = items.filter(({ state }) => state !== 'open');
  const late = urgent.filter((one) => isLate(one, now)).length;
  const text = done(doneWords, context.query.get('done'));
  return deskPage(deps, context, {
    title: 'Patients’ requests',
    patients: [...new Set(items.map(({ patient }) => patient))],
    main: html`<h1>Patients’ requests</h1>
<p class="lead">Copies (45 CFR 164.524) within 30 days, corrections (164.526) within 60, objections within 30.</p>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${late > 0 && notice(html`<p>${late} of them ${late === 1 ? 'is' : 'are'} overdue.</p>`, 'bad')}
<div class="acts">${linkButton('Write down a request', `${path}/new`, 'main')}
${Object.entries(shows)
  .filter(([name]) => name !== show)
  .map(([name, { title: text }]) => linkButton(text, `${path}?show=${name}`))}</div>
${sheet(
  'requests',
  title,
  items.length === 0
    ? html`<p class="hint">Nothing of this kind.</p>`
    : html`<ul class="rows">${[...urgent, ...rest].map((one) => rowOf(one, now))}</ul>`,
)}
${next !== null && html`<p>${linkButton('More', `${path}?show=${show}&after=${next}`)}</p>`}`,
  });
}

interface Written {
  readonly kind: string;
  readonly patient: string;
  readonly about: string;
  readonly text: string;
  readonly received: string;
}

const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim();
const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

interface Writing {
  readonly given: Written;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const newPage = (
  deps: RightsPagesDeps,
  context: RequestContext,
  { given, wrong = [], status = 200 }: Writing,
): Promise<Answer> =>
  deskPage(deps, context, {
    ...{ title: 'Write down a request', wrong, status },
    main: html`<h1>Write down a request</h1>
<p class="lead">What a patient asked on paper or by telephone. Its time runs from the day it came in.</p>
${errorSummary(wrong)}
<div class="sheet">${form(path, [
      choice({ label: 'What was asked', name: 'kind', value: given.kind, of: Object.entries(kinds) }),
      field({
        label: 'Patient',
        name: 'patient',
        value: given.patient,
        autocomplete: 'off',
        maxlength: 64,
        hint: 'The id of the record.',
        error: errorOf(wrong, 'patient'),
      }),
      field({
        label: 'Came in on',
        name: 'received_at',
        type: 'date',
        value: given.received,
        max: dayText(deps.clock.now()),
        error: errorOf(wrong, 'received_at'),
      }),
      field({
        label: 'About',
        name: 'about',
        value: given.about,
        required: false,
        autocomplete: 'off',
        maxlength: 100,
        hint: 'Of a correction: the resource, as in Condition/5a2d3c4b-… Of an objection: the number in the log.',
        error: errorOf(wrong, 'about'),
      }),
      area({
        label: 'What they wrote or said',
        name: 'text',
        value: given.text,
        rows: 6,
        error: errorOf(wrong, 'text'),
      }),
      html`<div class="acts">${button('Write it down')}${linkButton('Not now', path)}</div>`,
    ])}</div>`,
  });

const writeWords = {
  kind: 'Choose what was asked.',
  patient: 'Give the id of one patient.',
  received_at: 'Give the day it came in: today or before.',
  about: '',
  text: 'Write 10 to 4,000 characters.',
} as const;

const writtenOf = (fields: Fields): Written => ({
  kind: fields('kind'),
  patient: line(fields('patient')).toLowerCase(),
  about: line(fields('about')),
  text: plain(fields('text')),
  received: fields('received_at'),
});

/** Of today the request came in now; of a day before, at its beginning: the clock is never too kind to the house. */
function receivedOf(day: string): number {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(start)) return start;
  const text = writeWords.received_at;
  throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'received_at' }] });
}

function write(deps: RightsPagesDeps, context: RequestContext): Promise<Answer> {
  const given = writtenOf(fieldsOf(context));
  const { kind, patient, about, text } = given;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${path}/new`, words: writeWords },
      again: (refused) => newPage(deps, context, { given, ...refused }),
    },
    async () => {
      const wanted = {
        ...{ kind, patient, received_at: receivedOf(given.received) },
        ...(about === '' ? {} : { about }),
        ...(text === '' ? {} : { text }),
      } as NewRightRequest;
      const { id } = await deps.rights.ask(context.principal, wanted);
      return { ...seeOther(`${path}/${id}?done=written`), targets: [{ type, id }], patients: [patient] };
    },
  );
}

async function requestOf({ rights }: RightsPagesDeps, { principal, params }: RequestContext): Promise<RightRequest> {
  const found = await rights.byId(principal.tenant, params['id'] ?? '');
  if (found === undefined) throw fault('missing', 'There is no such request.');
  return found;
}

interface Shown {
  readonly given?: { readonly text: string; readonly basis: string };
  readonly reason?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const answerForm = (of: RightRequest, { given, wrong = [] }: Shown): Html =>
  form(`${path}/${of.id}/answer`, [
    area({
      label: 'Answer',
      name: 'text',
      value: given?.text ?? '',
      rows: 6,
      required: true,
      hint: 'The patient reads it.',
      error: errorOf(wrong, 'text'),
    }),
    of.kind !== 'objection' &&
      choice({
        label: 'If it is denied, why',
        name: 'basis',
        value: given?.basis ?? '',
        of: [['', 'It is not denied'], ...denialBases.map((each) => [each, bases[each]] as const)],
        hint: '45 CFR 164.524(a), 164.526(a)(2): no other reason counts.',
        error: errorOf(wrong, 'basis'),
      }),
    html`<div class="acts">${button(of.kind === 'amendment' ? 'It is corrected' : 'Answer it', 'main', {
      name: 'verdict',
      value: 'fulfilled',
    })}${button('Deny it', 'danger', { name: 'verdict', value: 'denied' })}</div>`,
  ]);

const extendForm = (of: RightRequest, { reason = '', wrong = [] }: Shown): Html =>
  form(`${path}/${of.id}/extend`, [
    area({
      label: 'Why it takes longer',
      name: 'reason',
      value: reason,
      rows: 3,
      required: true,
      hint: '30 days more, once. The patient reads the reason.',
      error: errorOf(wrong, 'reason'),
    }),
    html`<div class="acts">${button('Take 30 days more', 'quiet')}</div>`,
  ]);

const aboutFact = ({ kind, about }: RightRequest): Html | false =>
  about !== undefined && fact(kind === 'objection' ? 'Entry of the log' : 'Resource', html`<code>${about}</code>`);

const facts = (of: RightRequest, now: number): Html => html`<dl class="facts">
${fact('State', stateOf(of))}
${of.state === 'open' && fact('Time', leftOf(of, now))}
${fact('Record', html`<code>${of.patient}</code>`)}
${fact('Asked', timeOf(of.asked_at))}
${aboutFact(of)}
${of.text !== undefined && fact('What they wrote', said(of.text))}
${answerFacts(of)}</dl>`;

async function show(deps: RightsPagesDeps, context: RequestContext, shown: Shown = {}): Promise<Answer> {
  const of = await requestOf(deps, context);
  const { wrong = [], status = 200 } = shown;
  const text = done(doneWords, context.query.get('done'));
  const mine = of.asked_by === context.principal.id;
  const isOpen = of.state === 'open';
  const mayExtend = isOpen && of.extension === undefined && !isLate(of, deps.clock.now());
  return deskPage(deps, context, {
    ...{ title: kinds[of.kind], wrong, status, patients: [of.patient] },
    main: html`<h1>${kinds[of.kind]}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${errorSummary(wrong)}
${sheet('what', 'What is asked', facts(of, deps.clock.now()))}
<div class="acts">${linkButton('Who looked at this record', `/access/patients/${of.patient}/accesses`)}</div>
${isOpen && mine && notice(html`<p>You wrote it down: somebody else answers it.</p>`)}
${isOpen && !mine && sheet('answer', 'Your answer', answerForm(of, shown))}
${mayExtend && sheet('extend', 'If it takes longer', extendForm(of, shown))}`,
  });
}

function answer(deps: RightsPagesDeps, context: RequestContext): Promise<Answer> {
  const fields = fieldsOf(context);
  const given = { text: plain(fields('text')), basis: fields('basis') };
  const at = `${path}/${context.params['id']}`;
  const words = { text: 'Write 10 to 4,000 characters.', basis: 'A denial names its reason; an answer names none.' };
  return tried(
    context,
    { frame: deps.frame, back: at, words, again: (refused) => show(deps, context, { given, ...refused }) },
    async () => {
      const verdict = fields('verdict') === 'denied' ? 'denied' : 'fulfilled';
      const told = {
        verdict,
        text: given.text,
        ...(given.basis === '' ? {} : { basis: given.basis as DenialBasis }),
      } as const;
      const { patient } = await deps.rights.answer(context.principal, context.params['id'] ?? '', told);
      return { ...seeOther(`${at}?done=answered`), patients: [patient] };
    },
  );
}

function extend(deps: RightsPagesDeps, context: RequestContext): Promise<Answer> {
  const reason = plain(fieldsOf(context)('reason'));
  const at = `${path}/${context.params['id']}`;
  const words = { reason: 'Write 10 to 4,000 characters.' };
  return tried(
    context,
    { frame: deps.frame, back: at, words, again: (refused) => show(deps, context, { reason, ...refused }) },
    async () => {
      const { patient } = await deps.rights.extend(context.principal, context.params['id'] ?? '', reason);
      return { ...seeOther(`${at}?done=extended`), patients: [patient] };
    },
  );
}

type Handle = (context: RequestContext) => Promise<Answer>;

/** The guard first, and what it was asked about for the ledger. */
const entered =
  ({ guard }: RightsPagesDeps, action: string, then: Handle): Handle =>
  (context) => {
    const { id } = context.params;
    if (id !== undefined && isUuid(id)) context.about?.([{ type, id }]);
    guard(context.principal, action, { type });
    return then(context);
  };

export function deskRoutes(deps: RightsPagesDeps): Route[] {
  const get = (at: string, action: string, then: Handle): Route =>
    shown({ path: at, action, auth: 'session' }, entered(deps, action, then));
  const post = (at: string, action: string, then: Handle): Route =>
    sent({ path: at, action, auth: 'session' }, entered(deps, action, then));
  const empty = () => ({ kind: 'export', patient: '', about: '', text: '', received: dayText(deps.clock.now()) });
  return [
    get(path, 'privacy-request-list', (context) => list(deps, context)),
    get(`${path}/new`, 'privacy-request-make', (context) => newPage(deps, context, { given: empty() })),
    post(path, 'privacy-request-make', (context) => write(deps, context)),
    get(`${path}/:id`, 'privacy-request-read', (context) => show(deps, context)),
    post(`${path}/:id/answer`, 'privacy-request-answer', (context) => answer(deps, context)),
    post(`${path}/:id/extend`, 'privacy-request-decide', (context) => extend(deps, context)),
  ];
}
