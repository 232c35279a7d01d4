import {
  type Answer,
  area,
  button,
  checkFresh,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  type Html,
  html,
  linkButton,
  notice,
  type Principal,
  pageOf,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { isUuid } from '@safeguard/kernel';
import { namesOf } from '../api/names.ts';
import { approves, noSuch } from '../api/reach.ts';
import { requestOf } from '../api/request-operations.ts';
import type { AccessRequest } from '../grants/types.ts';
import type { Policy } from '../policy/types.ts';
import { gated } from './gated.ts';
import { heldNotice } from './holds.ts';
import { requestRow } from './overview.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, idOf, ways } from './ways.ts';
import {
  type Call,
  callerOf,
  capital,
  done,
  fact,
  facts,
  further,
  kinds,
  patientList,
  roleTitle,
  rows,
  said,
  sensitiveTitle,
  sheet,
  states,
} from './words.ts';

const doneWords = {
  asked: 'Your request is on its way. Who may decide it was told.',
  approve: 'You approved it.',
  reject: 'You rejected it.',
  withdrawn: 'The request is taken back.',
} as const;
const decideWords = { reason: 'A rejection needs a reason: 10 to 2,000 characters.', verdict: '' } as const;

interface Look {
  readonly of: AccessRequest;
  readonly policy: Policy;
  readonly call: Call;
}

async function lookOf(deps: AccessPagesDeps, { principal, params }: RequestContext): Promise<Look> {
  const { id = '' } = params;
  const of = await requestOf(deps, principal, id);
  const { policy } = await deps.policies.active(principal.tenant);
  const people = [of.account, of.asked_by, ...of.decisions.map(({ by }) => by)];
  return { of, policy, call: callerOf(await namesOf(deps, principal.tenant, people), principal) };
}

const isOwn = ({ id }: Principal, of: AccessRequest): boolean => id === of.account || id === of.asked_by;

/** For what is offered: whether it counts is for the service to say. */
const mayDecide = (principal: Principal, of: AccessRequest): boolean =>
  of.state === 'open' &&
  !isOwn(principal, of) &&
  approves(principal, of.role) &&
  !of.decisions.some(({ by }) => by === principal.id);

const opened = (policy: Policy, { opens = [] }: AccessRequest): string =>
  opens.map((name) => sensitiveTitle(policy, name)).join(', ');

const what = ({ of, policy, call }: Look): Html =>
  facts([
    fact('State', html`${states[of.state]}`),
    fact('Role', html`${roleTitle(policy, of.role)} <span class="tag">${kinds[of.kind]}</span>`),
    fact('What it opens', policy.roles[of.role]?.description),
    fact('For', capital(call(of.account))),
    fact('Asked by', html`${capital(call(of.asked_by))}, ${timeOf(of.asked_at)}`),
    fact('Patients', patientList(of.patients)),
    fact('Sensitive data', opened(policy, of)),
    fact('From', of.from !== undefined && timeOf(of.from)),
    fact('Until', timeOf(of.until)),
    fact('Approvals', `${of.decisions.filter(({ verdict }) => verdict === 'approve').length} of ${of.needed}`),
    fact('Reason', said(of.reason)),
  ]);

const decisions = ({ of, call }: Look): Html =>
  rows(
    of.decisions.map(
      ({ by, verdict, reason, at }) => html`<li class="row"><div><h3>${verdict === 'approve' ? 'Approved' : 'Rejected'}
by ${call(by)}</h3><p class="hint">${timeOf(at)}</p>${reason !== undefined && said(reason)}</div></li>`,
    ),
    'Nobody decided yet.',
  );

const titleOf = ({ of, policy, call }: Look): string => `${roleTitle(policy, of.role)} for ${call(of.account)}`;

async function show(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const look = await lookOf(deps, context);
  const { of } = look;
  const at = `/access/requests/${of.id}`;
  const text = done(doneWords, context.query.get('done'));
  return deskPage(deps, context, {
    title: titleOf(look),
    here: '/access/requests',
    main: html`<h1>${titleOf(look)}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
<div class="acts">${mayDecide(context.principal, of) && linkButton('Decide', `${at}/decide`, 'main')}
${of.state === 'open' && isOwn(context.principal, of) && form(`${at}/withdraw`, button('Take it back', 'quiet'))}
${of.grant !== undefined && linkButton('See the right that came of it', `/access/grants/${of.grant}`)}</div>
${sheet('what', 'What is asked', what(look))}
${sheet('decisions', 'Decisions', decisions(look))}`,
  });
}

interface Deciding {
  readonly reason?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const decidePage = (
  deps: AccessPagesDeps,
  context: RequestContext,
  look: Look,
  { reason = '', wrong = [], status = 200 }: Deciding = {},
): Promise<Answer> =>
  deskPage(deps, context, {
    title: `Decide: ${titleOf(look)}`,
    here: '/access/requests',
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Decide: ${titleOf(look)}</h1>
${errorSummary(wrong)}
${sheet('what', 'What is asked', what(look))}
${
  mayDecide(context.principal, look.of)
    ? sheet(
        'decision',
        'Your decision',
        form(`/access/requests/${look.of.id}/decide`, [
          area({
            label: 'Reason',
            name: 'reason',
            value: reason,
            hint: 'Needed to reject. Whoever asked reads it.',
            error: errorOf(wrong, 'reason'),
          }),
          html`<div class="acts">${button('Approve', 'main', { name: 'verdict', value: 'approve' })}
${button('Reject', 'danger', { name: 'verdict', value: 'reject' })}
${linkButton('Not now', `/access/requests/${look.of.id}`)}</div>`,
        ]),
      )
    : notice(html`<p>This is not yours to decide: it is decided already, or it is your own, or it is for others.</p>`)
}`,
  });

async function decide(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const look = await lookOf(deps, context);
  const fields = fieldsOf(context);
  const [verdict, reason] = [fields('verdict'), fields('reason').replaceAll('\r\n', '\n').trim()];
  const back = `/access/requests/${look.of.id}`;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${back}/decide`, words: decideWords },
      again: (refused) => decidePage(deps, context, look, { reason, ...refused }),
    },
    async () => {
      if (verdict === 'approve') checkFresh(context.principal, deps.clock.now());
      const said = reason === '' && verdict === 'approve' ? undefined : reason;
      await deps.requests.decide(context.principal, look.of.id, verdict as 'approve', said);
      return seeOther(`${back}?done=${verdict}`);
    },
  );
}

const count = 50;

async function list(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant, id } = context.principal;
  const after = context.query.get('after');
  const from = after !== null && isUuid(after) ? { after } : {};
  const [{ policy }, found, own] = await Promise.all([
    deps.policies.active(tenant),
    deps.requests.list(tenant, { decidable_by: id, count: count + 1, ...from }),
    deps.requests.list(tenant, { asked_by: id, count: 200 }),
  ]);
  const { items, next } = pageOf(found, count);
  const mine = own.toReversed().slice(0, 20);
  const people = [...items, ...mine].flatMap(({ account, asked_by }) => [account, asked_by]);
  const call = callerOf(await namesOf(deps, tenant, people), context.principal);
  const shown = (all: readonly AccessRequest[]) => all.map((one) => requestRow(policy, call, one));
  return deskPage(deps, context, {
    title: 'Requests',
    here: '/access/requests',
    main: html`<h1>Requests</h1>
${await heldNotice(deps, context)}
<div class="acts">${linkButton('Ask for access', '/access/requests/new')}</div>
${sheet('decide', 'For you to decide', rows(shown(items), 'Nothing waits for your decision.'))}
${further('/access/requests', next)}
${sheet('mine', 'What you asked last', rows(shown(mine), 'You have asked for nothing yet.'))}`,
  });
}

export function requestRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  const at = '/access/requests';
  return [
    get(at, 'access-request-list', (context) => list(deps, context)),
    get(`${at}/:id`, 'access-request-read', (context) => show(deps, context)),
    get(`${at}/:id/decide`, 'access-request-decide', async (context) => {
      const look = await lookOf(deps, context);
      return gated(deps, context, `${at}/${look.of.id}/decide`, () => decidePage(deps, context, look));
    }),
    post(`${at}/:id/decide`, 'access-request-decide', (context) => decide(deps, context)),
    post(`${at}/:id/withdraw`, 'access-request-withdraw', async (context) => {
      if (!isUuid(idOf(context))) throw noSuch();
      await requestOf(deps, context.principal, idOf(context));
      await deps.requests.withdraw(context.principal, idOf(context));
      return seeOther(`${at}/${idOf(context)}?done=withdrawn`);
    }),
  ];
}
