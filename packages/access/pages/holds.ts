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
  linkButton,
  notice,
  pageOf,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { peopleOf } from '../api/hold-operations.ts';
import { namesOf } from '../api/names.ts';
import { noSuch } from '../api/reach.ts';
import type { Hold } from '../holds/types.ts';
import { gated } from './gated.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, idOf, may, ways } from './ways.ts';
import {
  type Call,
  callerOf,
  capital,
  counted,
  done,
  fact,
  facts,
  further,
  open,
  row,
  rows,
  said,
  sheet,
} from './words.ts';

const at = '/access/holds';
const count = 50;

const causes: Readonly<Record<Hold['cause'], string>> = {
  'recovery-link': 'A recovery link was made',
  'recovery-used': 'A recovery link was used after its hold was released',
  invitation: 'An invitation was made',
  'invitation-used': 'An invitation was used after its hold was released',
  login: 'The login was changed',
  identity: 'An identity of single sign-on was linked',
  directory: 'The directory changed by what it knows the person',
  provider: 'What the provider of single sign-on is believed by was changed',
};
const doneWords = { released: 'You released it. The person was told.' } as const;
const releaseWords = { reason: 'Say how the person was identified: 10 to 2,000 characters.' } as const;

function causer({ by: { kind, id } }: Hold, call: Call): string {
  if (kind === 'operator') return 'the operator, at the machine';
  if (id === undefined) return 'nobody knows whom';
  return kind === 'client' ? `the program ${id}` : call(id);
}

export const holdRow = (hold: Hold, call: Call): Html =>
  row(
    capital(call(hold.account)),
    html`<p>${causes[hold.cause]} by ${causer(hold, call)}, ${timeOf(hold.made_at)}.</p>`,
    open(`${at}/${hold.id}`, `the hold on ${call(hold.account)}`),
  );

/** For whoever decides requests: that something else waits for them too. */
export async function heldNotice(deps: AccessPagesDeps, { principal }: RequestContext): Promise<Html | false> {
  if (!may(deps.guard, principal, 'access-hold-release')) return false;
  const held = await deps.holds.list(principal.tenant, { count });
  const mine = await Promise.all(held.map((one) => deps.holds.mayRelease(principal, one)));
  const waiting = mine.filter((yes) => yes).length;
  return (
    waiting > 0 &&
    notice(html`<p>${capital(counted(waiting, 'account is', 'accounts are'))} on hold and for you to confirm.
<a href="${at}">See</a></p>`)
  );
}

interface Look {
  readonly of: Hold;
  readonly call: Call;
  readonly mayRelease: boolean;
}

async function lookOf(deps: AccessPagesDeps, context: RequestContext): Promise<Look> {
  const { principal } = context;
  const of = await deps.holds.byId(principal.tenant, idOf(context));
  if (of === undefined) throw noSuch();
  const call = callerOf(await namesOf(deps, principal.tenant, peopleOf(of)), principal);
  return { of, call, mayRelease: await deps.holds.mayRelease(principal, of) };
}

const what = ({ of, call }: Look): Html =>
  facts([
    fact('Account', capital(call(of.account))),
    fact('What happened', causes[of.cause]),
    fact('By', capital(causer(of, call))),
    fact('When', timeOf(of.made_at)),
    fact('Released by', of.released && html`${capital(call(of.released.by))}, ${timeOf(of.released.at)}`),
    fact('Identified how', of.released && said(of.released.reason)),
  ]);

const titleOf = ({ of, call }: Look): string => `On hold: ${call(of.account)}`;

async function show(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const look = await lookOf(deps, context);
  const text = done(doneWords, context.query.get('done'));
  return deskPage(deps, context, {
    title: titleOf(look),
    here: at,
    main: html`<h1>${titleOf(look)}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
<p class="lead">Somebody else than the person could have come in. While this stands the account opens nothing.</p>
<div class="acts">${look.mayRelease && linkButton('Release', `${at}/${look.of.id}/release`, 'main')}</div>
${sheet('what', 'What happened', what(look))}`,
  });
}

interface Releasing {
  readonly reason?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const releasePage = (
  deps: AccessPagesDeps,
  context: RequestContext,
  look: Look,
  { reason = '', wrong = [], status = 200 }: Releasing = {},
): Promise<Answer> =>
  deskPage(deps, context, {
    title: `Release: ${look.call(look.of.account)}`,
    here: at,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Release: ${look.call(look.of.account)}</h1>
${errorSummary(wrong)}
${sheet('what', 'What happened', what(look))}
${
  look.mayRelease
    ? sheet(
        'release',
        'You confirm that the person themselves came in',
        form(`${at}/${look.of.id}/release`, [
          area({
            label: 'How the person was identified',
            name: 'reason',
            value: reason,
            hint: 'Not by mail to an address that was just changed. A link should have been used by now.',
            error: errorOf(wrong, 'reason'),
          }),
          html`<div class="acts">${button('Release', 'main')}
${look.of.cause === 'provider' && button('Release all that it put on hold', 'quiet', { name: 'all', value: 'yes' })}
${linkButton('Not now', `${at}/${look.of.id}`)}</div>`,
        ]),
      )
    : notice(html`<p>This is not yours to release: it is released already, or it is your own, or it is for others.</p>`)
}`,
  });

async function release(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const look = await lookOf(deps, context);
  const reason = fieldsOf(context)('reason').replaceAll('\r\n', '\n').trim();
  const back = `${at}/${look.of.id}`;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${back}/release`, words: releaseWords },
      again: (refused) => releasePage(deps, context, look, { reason, ...refused }),
    },
    async () => {
      const isAll = fieldsOf(context)('all') === 'yes';
      if (isAll) await deps.holds.releaseAct(context.principal, look.of.id, reason);
      else await deps.holds.release(context.principal, look.of.id, reason);
      return seeOther(`${back}?done=released`);
    },
  );
}

async function list(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant } = context.principal;
  const after = context.query.get('after');
  const from = after !== null && isUuid(after) ? { after } : {};
  const { items, next } = pageOf(await deps.holds.list(tenant, { count: count + 1, ...from }), count);
  const call = callerOf(await namesOf(deps, tenant, items.flatMap(peopleOf)), context.principal);
  return deskPage(deps, context, {
    title: 'On hold',
    here: at,
    main: html`<h1>On hold</h1>
<p class="lead">Accounts into which somebody opened a way: their rights open nothing until another officer confirms.</p>
${sheet(
  'holds',
  'Waiting for a confirmation',
  rows(
    items.map((one) => holdRow(one, call)),
    'Nothing is on hold.',
  ),
)}
${further(at, next)}`,
  });
}

export function holdRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(at, 'access-hold-list', (context) => list(deps, context)),
    get(`${at}/:id`, 'access-hold-read', (context) => show(deps, context)),
    get(`${at}/:id/release`, 'access-hold-release', async (context) => {
      const look = await lookOf(deps, context);
      return gated(deps, context, `${at}/${look.of.id}/release`, () => releasePage(deps, context, look));
    }),
    post(`${at}/:id/release`, 'access-hold-release', (context) => release(deps, context)),
  ];
}
