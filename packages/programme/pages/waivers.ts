import { may } from '@safeguard/access';
import {
  type Answer,
  area,
  button,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  type Html,
  html,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { missing } from '../api/fields.ts';
import type { Waiver } from '../decisions/types.ts';
import { failed } from './moment.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { waiverForms } from './waiver-form.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { type Call, callerOf, capital, done, fact, facts, open, plain, row, rows, said, sheet } from './words.ts';

const here = '/programme/waivers';
const doneWords = { ended: 'The waiver is ended.' } as const;

const isRunning = ({ until, ended_at }: Waiver, now: number): boolean => ended_at === undefined && until > now;

const titleOf = ({ content }: ProgrammePagesDeps, { control }: Waiver): string =>
  content.controls.get(control)?.title ?? control;

const endOf = ({ until, ended_at }: Waiver): Html =>
  ended_at === undefined ? html`until ${timeOf(until)}` : html`ended before its time, ${timeOf(ended_at)}`;

const waiverRow = (deps: ProgrammePagesDeps, call: Call, one: Waiver, now: number): Html =>
  row(
    html`${titleOf(deps, one)} <span class="tag">${isRunning(one, now) ? 'Runs' : 'Over'}</span>`,
    html`<p>Answered for by ${call(one.owner)}, ${endOf(one)}.</p>`,
    open(`${here}/${one.id}`, titleOf(deps, one)),
  );

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const now = deps.clock.now();
  const all = await deps.decisions.waivers.list(context.principal.tenant);
  const call = await callerOf(
    deps,
    context.principal,
    all.map(({ owner }) => owner),
  );
  const [running, over] = [all.filter((one) => isRunning(one, now)), all.filter((one) => !isRunning(one, now))];
  return deskPage(deps, context, {
    title: 'Waivers',
    here,
    main: html`<h1>Waivers</h1>
<p class="lead">Somebody answers for what is not met, for a while, for a reason. It stays unmet. A waiver is proposed at
the page of its control.</p>
${sheet(
  'running',
  'Running',
  rows(
    running.map((one) => waiverRow(deps, call, one, now)),
    'None.',
  ),
)}
${sheet(
  'over',
  'Over',
  rows(
    over.map((one) => waiverRow(deps, call, one, now)),
    'None.',
  ),
)}`,
  });
}

async function waiverOf({ decisions }: ProgrammePagesDeps, context: RequestContext): Promise<Waiver> {
  const id = paramOf(context, 'waiver');
  const found = (await decisions.waivers.list(context.principal.tenant)).find((one) => one.id === id);
  if (found === undefined) throw missing();
  return found;
}

interface Shown {
  readonly why?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

async function show(
  deps: ProgrammePagesDeps,
  context: RequestContext,
  { why = '', wrong = [], status = 200 }: Shown = {},
): Promise<Answer> {
  const one = await waiverOf(deps, context);
  const { principal, query } = context;
  const call = await callerOf(deps, principal, [one.owner, ...one.approved_by]);
  const text = done(doneWords, query.get('done'));
  const ends = may(deps.guard, principal, 'waiver-end') && isRunning(one, deps.clock.now());
  return deskPage(deps, context, {
    title: `Waiver: ${titleOf(deps, one)}`,
    here,
    ...failed(wrong, status),
    main: html`<h1>Waiver: ${titleOf(deps, one)}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}${errorSummary(wrong)}
${sheet(
  'what',
  'What it says',
  facts([
    fact('Control', html`<a href="/programme/controls/${one.control}">${titleOf(deps, one)}</a>`),
    fact('Who answers for it', capital(call(one.owner))),
    fact('Why', said(one.why)),
    fact('Approved by', capital(one.approved_by.map(call).join(', '))),
    fact('From', timeOf(one.from)),
    fact('Until', timeOf(one.until)),
    fact('Ended', one.ended_at !== undefined && timeOf(one.ended_at)),
  ]),
)}
${
  ends &&
  sheet(
    'ending',
    'End it before its time',
    form(`${here}/${one.id}/end`, [
      area({ label: 'Why', name: 'note', value: why, required: true, error: errorOf(wrong, 'note') }),
      html`<div class="acts">${button('End the waiver', 'danger')}</div>`,
    ]),
  )
}`,
  });
}

function end(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const why = plain(fieldsOf(context)('note'));
  const id = paramOf(context, 'waiver');
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${id}`, words: { note: 'Write why: 3 to 4,000 characters.' } },
      again: (refused) => show(deps, context, { why, ...refused }),
    },
    async () => {
      await deps.decisions.waivers.end(deps.actorOf(context.principal), id, why);
      return seeOther(`${here}/${id}?done=ended`);
    },
  );
}

export function waiverRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const looking = { action: 'waiver-list', type: 'Waiver', house: true } as const;
  return [
    get(here, looking, (context) => list(deps, context)),
    get(`${here}/:waiver`, looking, (context) => show(deps, context)),
    post(`${here}/:waiver/end`, { action: 'waiver-end', type: 'Waiver', house: true }, (context) => end(deps, context)),
    ...waiverForms(deps),
  ];
}
