import { type Answer, type Html, html, notice, type RequestContext, type Route, timeOf } from '@safeguard/http';
import type { Policies } from '../policies/types.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, ways } from './ways.ts';
import { callerOf, capital, counted, done, open, row, rows, sheet, whenLate } from './words.ts';

const here = '/programme/acknowledge';
const doneWords = {
  acknowledged: 'Thank you. That you have read exactly that text is written down.',
} as const;

type Owed = Awaited<ReturnType<Policies['owed']>>[number];
type Standing = Awaited<ReturnType<Policies['acknowledgements']>>[number];

/** A text that somebody has still to read; the form stands below it. */
export const owedRow = ({ version, by }: Owed, now: number): Html =>
  row(
    version.title,
    html`<p>Version ${version.number}, by ${whenLate(by, now)}.</p>`,
    open(`/programme/versions/${version.id}`, version.title, 'Read and acknowledge'),
  );

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant, id } = context.principal;
  const owed = await deps.policies.owed(tenant, id);
  const now = deps.clock.now();
  const text = done(doneWords, context.query.get('done'));
  return deskPage(deps, context, {
    title: 'To acknowledge',
    here,
    main: html`<h1>To acknowledge</h1>
<p class="lead">Read each text; its form stands at the end. What you acknowledge is that very version, and nobody does
it for you.</p>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${sheet(
  'owed',
  'For you to read',
  rows(
    owed.map((one) => owedRow(one, now)),
    'Nothing that is in force waits for you.',
  ),
)}`,
  });
}

const standingRow = (
  { content }: ProgrammePagesDeps,
  { account, done: kept, owed }: Standing,
  call: (id: string) => string,
): Html => {
  const last = kept.at(-1);
  return row(
    html`${capital(call(account))} <span class="tag">
${owed.length === 0 ? 'All of it' : `${owed.length} to read`}</span>`,
    html`<p>${counted(kept.length, 'acknowledgement')}${last !== undefined && html`, the last ${timeOf(last.at)}`}.</p>
${owed.length > 0 && html`<p>Owed: ${owed.map((id) => content.policies.get(id)?.title ?? id).join(', ')}</p>`}`,
  );
};

async function all(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const found = await deps.policies.acknowledgements(context.principal.tenant);
  const people = found.toSorted((one, other) => other.owed.length - one.owed.length);
  const call = await callerOf(
    deps,
    context.principal,
    people.map(({ account }) => account),
  );
  const whole = people.filter(({ owed }) => owed.length === 0).length;
  return deskPage(deps, context, {
    title: 'Who acknowledged',
    here: '/programme/acknowledgements',
    main: html`<h1>Who acknowledged</h1>
<p class="lead">${whole} of
${counted(people.length, 'person', 'people')} who work here acknowledged everything that is in
force. Reminders go out by themselves.</p>
${sheet(
  'people',
  'Everybody, who owes most first',
  rows(
    people.map((one) => standingRow(deps, one, call)),
    'Nobody works here yet.',
  ),
)}`,
  });
}

export function acknowledgeRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get } = ways(deps);
  return [
    get(here, { action: 'document-owed', type: 'Document' }, (context) => list(deps, context)),
    get('/programme/acknowledgements', { action: 'document-acknowledgements', type: 'Document' }, (context) =>
      all(deps, context),
    ),
  ];
}
