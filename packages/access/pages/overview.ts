import {
  type Answer,
  type Html,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  timeOf,
} from '@safeguard/http';
import { namesOf } from '../api/names.ts';
import type { AccessRequest, Grant } from '../grants/types.ts';
import type { Notice } from '../notices/types.ts';
import { openStanding } from '../policy/sealed-standing.ts';
import type { Policy } from '../policy/types.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, may, mayBreak, ways } from './ways.ts';
import {
  type Call,
  callerOf,
  capital,
  counted,
  done,
  kinds,
  open,
  patientList,
  roleTitle,
  row,
  rows,
  said,
  sheet,
  states,
} from './words.ts';

const doneWords = {
  asked: 'Your request is on its way. You are told here when it is decided.',
  withdrawn: 'The request is taken back.',
  ended: 'That right is ended.',
} as const;

interface Mine {
  readonly policy: Policy;
  readonly call: Call;
  readonly grants: readonly Grant[];
  /** By id, the requests that the grants came of. */
  readonly requests: ReadonlyMap<string, AccessRequest>;
  readonly waiting: readonly AccessRequest[];
  readonly notices: readonly Notice[];
}

const most = 100;

async function mineOf(deps: AccessPagesDeps, { principal }: RequestContext): Promise<Mine> {
  const { tenant, id } = principal;
  const [{ policy }, grants, asked, forMe, notices] = await Promise.all([
    deps.policies.active(tenant),
    deps.grants.list(tenant, { account: id, count: most }),
    deps.requests.list(tenant, { asked_by: id, state: 'open', count: most }),
    deps.requests.list(tenant, { account: id, state: 'open', count: most }),
    deps.notices.list(tenant, id, { unread: true, count: most }),
  ]);
  const found = await Promise.all(grants.map(({ request }) => deps.requests.byId(tenant, request)));
  const requests = new Map(found.flatMap((one) => (one === undefined ? [] : [[one.id, one] as const])));
  const waiting = [...new Map([...asked, ...forMe].map((one) => [one.id, one])).values()];
  const people = [...found, ...waiting].flatMap((one) =>
    one === undefined ? [] : [one.account, one.asked_by, ...one.decisions.map(({ by }) => by)],
  );
  const call = callerOf(await namesOf(deps, tenant, people), principal);
  return { policy, call, grants, requests, waiting, notices };
}

function approvedBy(request: AccessRequest | undefined, call: Call): string {
  const names = (request?.decisions ?? []).filter(({ verdict }) => verdict === 'approve').map(({ by }) => call(by));
  return names.length === 0 ? '' : `Approved by ${names.join(' and ')}. `;
}

function grantRow({ policy, call, requests }: Mine, grant: Grant): Html {
  const request = requests.get(grant.request);
  const title = roleTitle(policy, grant.role);
  return row(
    html`${title} <span class="tag">${kinds[grant.kind]}</span>`,
    html`<p>${approvedBy(request, call)}Until ${timeOf(grant.until)}.</p>
${grant.patients !== undefined && html`<p>Only for these patients:</p>${patientList(grant.patients)}`}
${request !== undefined && said(request.reason)}`,
    open(`/access/grants/${grant.id}`, title),
  );
}

/** What somebody is, beside what was granted: it hangs on no request. */
function relationships(context: RequestContext, { policy }: Mine): Html[] {
  const held = openStanding(context.principal)?.holdings ?? [];
  const names = [...new Set(held.filter(({ grant }) => grant === undefined).map(({ role }) => role))];
  return names.map((role) =>
    row(html`${roleTitle(policy, role)} <span class="tag">${kinds.relationship}</span>`, 'As the account was set up.'),
  );
}

export const requestRow = (policy: Policy, call: Call, of: AccessRequest): Html =>
  row(
    html`${roleTitle(policy, of.role)} for ${call(of.account)}`,
    html`<p>${states[of.state]}. Asked by ${call(of.asked_by)}, ${timeOf(of.asked_at)}.</p>`,
    open(`/access/requests/${of.id}`, `${roleTitle(policy, of.role)} for ${call(of.account)}`),
  );

const acts = ({ principal }: RequestContext): Html => html`<div class="acts">
${linkButton('Ask for access', '/access/requests/new', 'main')}
${linkButton('Ask for a while only', '/access/elevate')}
${mayBreak(principal) && linkButton('Emergency access', '/access/break-glass')}</div>`;

async function show(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const mine = await mineOf(deps, context);
  const text = done(doneWords, context.query.get('done'));
  const held = [...relationships(context, mine), ...mine.grants.map((grant) => grantRow(mine, grant))];
  const decides = may(deps.guard, context.principal, 'access-request-decide');
  const toDecide = decides
    ? await deps.requests.list(context.principal.tenant, { decidable_by: context.principal.id, count: most })
    : [];
  return deskPage(deps, context, {
    title: 'My access',
    main: html`<h1>My access</h1>
<p class="lead">What you may see and do here, why, and until when. Nothing is open unless somebody approved it.</p>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${
  mine.notices.length > 0 &&
  notice(html`<p>You have ${counted(mine.notices.length, 'unread notice')}. <a href="/access/notices">Read</a></p>`)
}
${
  toDecide.length > 0 &&
  notice(html`<p>${capital(counted(toDecide.length, 'request waits', 'requests wait'))} for your decision.
<a href="/access/requests">Decide</a></p>`)
}
${acts(context)}
${sheet('roles', 'Roles you hold', rows(held, 'You hold no role: you reach nothing of any patient. Ask for access.'))}
${sheet(
  'open',
  'Your open requests',
  rows(
    mine.waiting.map((one) => requestRow(mine.policy, mine.call, one)),
    'None of your requests waits for a decision.',
  ),
)}`,
  });
}

export const overviewRoutes = (deps: AccessPagesDeps): Route[] => [
  ways(deps).get('/access', 'grant-list', (context) => show(deps, context)),
];
