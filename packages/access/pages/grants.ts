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
import { checkSeesAll, noSuch, seesAll } from '../api/reach.ts';
import type { Grant } from '../grants/types.ts';
import type { Policy } from '../policy/types.ts';
import { personNamed } from './people.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, idOf, may, ways } from './ways.ts';
import {
  type Call,
  callerOf,
  capital,
  endings,
  fact,
  facts,
  further,
  kinds,
  open,
  patientList,
  roleTitle,
  row,
  rows,
  said,
  sensitiveTitle,
  sheet,
} from './words.ts';

const path = '/access/grants';
const count = 50;
const words = { person: 'There is nobody of this organization under this address or id.' } as const;

const used = ({ used_at }: Grant): Html =>
  used_at === undefined ? html`Never used.` : html`Last used ${timeOf(used_at)}.`;

const grantRow = (grant: Grant, policy: Policy, call: Call): Html => {
  const title = `${capital(call(grant.account))}: ${roleTitle(policy, grant.role)}`;
  return row(
    html`${title} <span class="tag">${kinds[grant.kind]}</span>`,
    html`<p>Until ${timeOf(grant.until)}. ${used(grant)}</p>`,
    open(`${path}/${grant.id}`, title),
  );
};

/** What the address says: ids and names of ours alone, never what somebody typed of a person. */
function filterOf({ query }: RequestContext) {
  const [role, account, after] = ['role', 'account', 'after'].map((name) => query.get(name) ?? '');
  return {
    ...(role !== undefined && /^[a-z][a-z0-9-]{0,59}$/.test(role) ? { role } : {}),
    ...(account !== undefined && isUuid(account) ? { account } : {}),
    ...(after !== undefined && isUuid(after) ? { after } : {}),
  };
}
type Filter = ReturnType<typeof filterOf>;

const addressOf = ({ role, account }: Filter): string => {
  const query = new URLSearchParams({ ...(role && { role }), ...(account && { account }) }).toString();
  return query === '' ? path : `${path}?${query}`;
};

const findForm = (policy: Policy, filter: Filter, person: string, wrong: readonly Wrong[]): Html =>
  form(`${path}/find`, [
    html`<div class="fields">${choice({
      label: 'Role',
      name: 'role',
      value: filter.role ?? '',
      of: [['', 'Any'], ...Object.entries(policy.roles).map(([name, { title }]) => [name, title] as const)],
    })}${field({
      label: 'Person',
      name: 'person',
      value: person,
      required: false,
      autocomplete: 'off',
      error: errorOf(wrong, 'person'),
    })}</div><p class="hint">A person by e-mail address, or by the id of the account.</p>`,
    html`<div class="acts">${button('Find', 'quiet')}</div>`,
  ]);

async function list(
  deps: AccessPagesDeps,
  context: RequestContext,
  { person = '', wrong = [], status = 200 }: { person?: string; wrong?: readonly Wrong[]; status?: number } = {},
): Promise<Answer> {
  const { principal } = context;
  checkSeesAll(principal);
  const filter = filterOf(context);
  const { policy } = await deps.policies.active(principal.tenant);
  const { items, next } = pageOf(await deps.grants.list(principal.tenant, { ...filter, count: count + 1 }), count);
  const accounts = [...items.map(({ account }) => account), filter.account];
  const call = callerOf(await namesOf(deps, principal.tenant, accounts), principal);
  return deskPage(deps, context, {
    title: 'All rights',
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>All rights in force</h1>
<p class="lead">What was granted, to whom, and until when. What is over is not listed.</p>
${errorSummary(wrong)}
${sheet('find', 'Find', findForm(policy, filter, person, wrong))}
${sheet(
  'rights',
  filter.account === undefined ? 'In force' : `In force: ${call(filter.account)}`,
  rows(
    items.map((one) => grantRow(one, policy, call)),
    'Nothing of this kind is in force.',
  ),
)}
${further(addressOf(filter), next)}`,
  });
}

async function find(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  checkSeesAll(context.principal);
  const fields = fieldsOf(context);
  const person = fields('person').trim();
  const query = new URLSearchParams({ role: fields('role') });
  return tried(
    context,
    { frame: deps.frame, back: path, words, again: (refused) => list(deps, context, { person, ...refused }) },
    async () => {
      if (person !== '') query.set('account', await personNamed(deps, context.principal.tenant, person));
      return seeOther(addressOf(filterOf({ ...context, query })));
    },
  );
}

/** What is not there, and what is not theirs to look at, are told alike. */
async function grantOf({ grants }: AccessPagesDeps, principal: Principal, id: string): Promise<Grant> {
  const found = await grants.byId(principal.tenant, id);
  if (found === undefined || !(found.account === principal.id || seesAll(principal))) throw noSuch();
  return found;
}

const isLive = ({ ended_at, until }: Grant, now: number): boolean => ended_at === undefined && now < until;

async function show(deps: AccessPagesDeps, context: RequestContext, conflict = false): Promise<Answer> {
  const { principal } = context;
  const grant = await grantOf(deps, principal, idOf(context));
  const [{ policy }, request] = await Promise.all([
    deps.policies.active(principal.tenant),
    deps.requests.byId(principal.tenant, grant.request),
  ]);
  const approvals = (request?.decisions ?? []).filter(({ verdict }) => verdict === 'approve');
  const people = [grant.account, request?.asked_by, ...approvals.map(({ by }) => by)];
  const call = callerOf(await namesOf(deps, principal.tenant, people), principal);
  const title = `${roleTitle(policy, grant.role)}: ${call(grant.account)}`;
  const ends = isLive(grant, deps.clock.now()) && may(deps.guard, principal, 'grant-end');
  return deskPage(deps, context, {
    title,
    here: seesAll(principal) ? path : '/access',
    ...(conflict ? { status: 409, wrong: true } : {}),
    main: html`<h1>${title}</h1>
${context.query.get('done') === 'ended' && notice(html`<p>This right is ended. It does not hold any more.</p>`, 'good')}
${conflict && notice(html`<p>It was over already.</p>`, 'bad')}
${sheet(
  'what',
  'What it is',
  facts([
    fact('Kind', kinds[grant.kind]),
    fact('What it opens', policy.roles[grant.role]?.description),
    fact('Patients', patientList(grant.patients)),
    fact('Sensitive data', (grant.opens ?? []).map((name) => sensitiveTitle(policy, name)).join(', ')),
    fact('From', timeOf(grant.from)),
    fact('Until', timeOf(grant.until)),
    grant.ended_at !== undefined && fact('Ended', timeOf(grant.ended_at)),
    grant.ended_why !== undefined && fact('Why it ended', endings[grant.ended_why]),
    fact('Last used', grant.used_at === undefined ? 'Never' : timeOf(grant.used_at)),
    request !== undefined && fact('Asked by', capital(call(request.asked_by))),
    approvals.length > 0 && fact('Approved by', approvals.map(({ by }) => capital(call(by))).join(', ')),
    request !== undefined && fact('Reason', said(request.reason)),
  ]),
)}
<div class="acts">${linkButton('See the request', `/access/requests/${grant.request}`)}
${ends && linkButton('End this right', `${path}/${grant.id}/end`)}</div>`,
  });
}

async function endPage(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const grant = await grantOf(deps, context.principal, idOf(context));
  const { policy } = await deps.policies.active(context.principal.tenant);
  const call = callerOf(await namesOf(deps, grant.tenant, [grant.account]), context.principal);
  return deskPage(deps, context, {
    title: 'End a right',
    here: path,
    main: html`<h1>End “${roleTitle(policy, grant.role)}” of ${call(grant.account)}?</h1>
<div class="sheet slim"><p>It is over within a second, everywhere. To have it again, it is asked for and approved
anew.</p>
<div class="acts">${form(`${path}/${grant.id}/end`, button('End it', 'danger'))}
${linkButton('Keep it', `${path}/${grant.id}`)}</div></div>`,
  });
}

async function end(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { principal } = context;
  const grant = await grantOf(deps, principal, idOf(context));
  return tried(
    context,
    { frame: deps.frame, back: `${path}/${grant.id}`, words: {}, again: () => show(deps, context, true) },
    async () => {
      await deps.grants.end(principal.tenant, grant.id, principal.id, 'ended');
      const targets = [
        { type: 'Grant', id: grant.id },
        { type: 'Account', id: grant.account },
      ];
      return { ...seeOther(`${path}/${grant.id}?done=ended`), targets };
    },
  );
}

export function grantRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(path, 'grant-list', (context) => list(deps, context)),
    post(`${path}/find`, 'grant-list', (context) => find(deps, context)),
    get(`${path}/:id`, 'grant-read', (context) => show(deps, context)),
    get(`${path}/:id/end`, 'grant-end', (context) => endPage(deps, context)),
    post(`${path}/:id/end`, 'grant-end', (context) => end(deps, context)),
  ];
}
