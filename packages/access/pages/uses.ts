import {
  type Answer,
  button,
  errorSummary,
  fieldsOf,
  form,
  type Html,
  html,
  linkButton,
  notice,
  type Principal,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { namesOf } from '../api/names.ts';
import { noSuch } from '../api/reach.ts';
import { officerRoles } from '../break-glass/opened.ts';
import type { BreakGlassUse } from '../grants/types.ts';
import { roleHeld } from '../roles-held.ts';
import { reasonField } from './ask-form.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, idOf, ways } from './ways.ts';
import { type Call, callerOf, capital, fact, facts, open, patientList, row, rows, said, sheet } from './words.ts';

const path = '/access/break-glass';
const here = `${path}/reviews`;
const words = { reason: 'Write what you found: 10 to 2,000 characters.', verdict: '' } as const;

const verdicts = { justified: 'It was an emergency', unjustified: 'It was none' } as const;

const due = ({ review_by }: BreakGlassUse, now: number): Html =>
  review_by < now
    ? html`<span class="late">Should have been looked at by ${timeOf(review_by)}.</span>`
    : html`To be looked at by ${timeOf(review_by)}.`;

const useRow = (use: BreakGlassUse, call: Call, now: number): Html => {
  const { grant, reviewed } = use;
  const name = capital(call(grant.account));
  return row(
    `${name}, one record`,
    html`<p>Opened ${timeOf(grant.from)}. ${
      reviewed === undefined ? due(use, now) : `${verdicts[reviewed.verdict]}: found by ${call(reviewed.by)}.`
    }</p>`,
    open(`${path}/${grant.id}`, `the use by ${name}`),
  );
};

async function list(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant } = context.principal;
  const [waiting, looked] = await Promise.all([
    deps.breakGlass.list(tenant, { reviewed: false }),
    deps.breakGlass.list(tenant, { reviewed: true }),
  ]);
  const seen = looked.slice(0, 50);
  const people = [...waiting, ...seen].flatMap(({ grant, reviewed }) => [grant.account, reviewed?.by]);
  const call = callerOf(await namesOf(deps, tenant, people), context.principal);
  const now = deps.clock.now();
  const oldest = waiting.toSorted((one, other) => one.review_by - other.review_by);
  return deskPage(deps, context, {
    title: 'Emergency uses',
    here,
    main: html`<h1>Emergency uses</h1>
<p class="lead">Every record that was opened in an emergency is looked at by a security or privacy officer.</p>
${sheet(
  'waiting',
  'To be looked at',
  rows(
    oldest.map((use) => useRow(use, call, now)),
    'Nothing waits.',
  ),
)}
${sheet(
  'looked',
  'Looked at',
  rows(
    seen.map((use) => useRow(use, call, now)),
    'Nothing yet.',
  ),
)}`,
  });
}

/** The newest 500 are at hand; what is older is looked at already, or lost its chance long ago. */
async function useOf({ breakGlass }: AccessPagesDeps, { principal, params }: RequestContext): Promise<BreakGlassUse> {
  const found = (await breakGlass.list(principal.tenant)).find(({ grant }) => grant.id === params['id']);
  if (found === undefined) throw noSuch();
  return found;
}

const mayReview = (principal: Principal, { grant, reviewed }: BreakGlassUse): boolean =>
  reviewed === undefined && grant.account !== principal.id && roleHeld(principal, officerRoles) !== undefined;

const what = ({ grant, reason, review_by, reviewed }: BreakGlassUse, call: Call): Html =>
  facts([
    fact('Who', capital(call(grant.account))),
    fact('Patient', patientList(grant.patients)),
    fact('From', timeOf(grant.from)),
    fact('Until', timeOf(grant.ended_at ?? grant.until)),
    fact('Last used', grant.used_at === undefined ? 'Never' : timeOf(grant.used_at)),
    fact('Reason', said(reason)),
    reviewed === undefined && fact('To be looked at by', timeOf(review_by)),
    reviewed !== undefined && fact('Found', verdicts[reviewed.verdict]),
    reviewed !== undefined && fact('Found by', capital(call(reviewed.by))),
    reviewed !== undefined && fact('When', timeOf(reviewed.at)),
    reviewed !== undefined && fact('Why', said(reviewed.reason)),
  ]);

const whoLooked = ({ accounts }: AccessPagesDeps, [patient]: readonly string[]): Html | false =>
  accounts === true &&
  patient !== undefined &&
  html`<p>${linkButton('Who looked at this record', `/access/patients/${patient}/accesses`)}</p>`;

async function show(
  deps: AccessPagesDeps,
  context: RequestContext,
  { reason = '', wrong = [], status = 200 }: { reason?: string; wrong?: readonly Wrong[]; status?: number } = {},
): Promise<Answer> {
  const use = await useOf(deps, context);
  const people = [use.grant.account, use.reviewed?.by];
  const call = callerOf(await namesOf(deps, context.principal.tenant, people), context.principal);
  const patients = use.grant.patients ?? [];
  const answer = await deskPage(deps, context, {
    title: 'One emergency use',
    here,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Emergency use by ${call(use.grant.account)}</h1>
${context.query.get('done') === 'reviewed' && notice(html`<p>Your finding is kept.</p>`, 'good')}
${errorSummary(wrong)}
${sheet('what', 'What happened', what(use, call))}
${whoLooked(deps, patients)}
${
  mayReview(context.principal, use) &&
  sheet(
    'finding',
    'Your finding',
    form(`${path}/${use.grant.id}/review`, [
      reasonField({ reason }, wrong, 'What you found. It is kept, and never in the log.'),
      html`<div class="acts">${button('It was an emergency', 'main', { name: 'verdict', value: 'justified' })}
${button('It was none', 'danger', { name: 'verdict', value: 'unjustified' })}</div>`,
    ]),
  )
}`,
  });
  return { ...answer, patients };
}

async function review(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const fields = fieldsOf(context);
  const [verdict, reason] = [fields('verdict'), fields('reason').replaceAll('\r\n', '\n').trim()];
  const at = `${path}/${idOf(context)}`;
  return tried(
    context,
    { frame: deps.frame, back: at, words, again: (refused) => show(deps, context, { reason, ...refused }) },
    async () => {
      await deps.breakGlass.review(context.principal, idOf(context), verdict as 'justified', reason);
      return seeOther(`${at}?done=reviewed`);
    },
  );
}

export function useRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(here, 'break-glass-list', (context) => list(deps, context)),
    get(`${path}/:id`, 'break-glass-list', (context) => show(deps, context)),
    post(`${path}/:id/review`, 'break-glass-review', (context) => review(deps, context)),
  ];
}
