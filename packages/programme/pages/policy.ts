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
  linkButton,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { missing } from '../api/fields.ts';
import type { PolicyVersion } from '../policies/types.ts';
import { failed } from './moment.ts';
import { redlineOf, textOf } from './policy-text.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, paramOf, ways } from './ways.ts';
import { fact, facts, open, plain, roleWords, row, rows, sheet, versionWords, whenLate } from './words.ts';

const here = '/programme/policies';

const versionRow = (one: PolicyVersion): Html =>
  row(
    html`Version ${one.number} <span class="tag">${versionWords[one.state]}</span>`,
    html`<p>Written ${timeOf(one.made_at)}${
      one.published_at !== undefined &&
      html`, in force since
${timeOf(one.published_at)}`
    }.</p>`,
    open(`/programme/versions/${one.id}`, `version ${one.number}`, 'Read'),
  );

const stand = ({ content }: ProgrammePagesDeps, one: PolicyVersion, now: number): Html => {
  const { satisfies, owner, approver, acknowledge } = one.content;
  const controls = satisfies.map((id) => {
    const control = content.controls.get(id);
    return html`<li><a href="/programme/controls/${id}">${control?.citation ?? id}</a>${
      control !== undefined &&
      `:
${control.title}`
    }</li>`;
  });
  return facts([
    fact('State', html`<span class="tag">${versionWords[one.state]}</span> version ${one.number}`),
    fact('In force since', one.published_at !== undefined && timeOf(one.published_at)),
    fact('Review by', one.review_due_at !== undefined && whenLate(one.review_due_at, now)),
    fact('Numbers that changed since', one.drifted.join(', ')),
    fact('Kept by', roleWords(owner)),
    fact('Approved by', approver.map(roleWords).join(', ')),
    fact('Acknowledged by', acknowledge.map(roleWords).join(', ')),
    fact(
      'Serves',
      html`<details><summary>${satisfies.length} controls</summary><ul class="plain">${controls}</ul></details>`,
    ),
  ]);
};

const choices = (label: string, name: string, versions: readonly PolicyVersion[], chosen: number | undefined): Html =>
  html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">${versions.map(
    ({ number }) =>
      number === chosen
        ? html`<option value="${number}" selected>Version ${number}</option>`
        : html`<option value="${number}">Version ${number}</option>`,
  )}</select></div>`;

const compareForm = (policy: string, versions: readonly PolicyVersion[], [from, to]: readonly (number | undefined)[]) =>
  versions.length > 1 &&
  html`<form class="asking" method="get" action="${here}/${policy}/redline">
${choices('From', 'from', versions, from)}${choices('To', 'to', versions, to)}
<button type="submit" class="quiet">Compare</button></form>`;

interface Look {
  /** In force, else the newest. */
  readonly version: PolicyVersion;
  /** Of the tenant's own, newest first. */
  readonly versions: readonly PolicyVersion[];
}

async function lookOf({ policies }: ProgrammePagesDeps, context: RequestContext): Promise<Look> {
  const { tenant } = context.principal;
  const policy = paramOf(context, 'policy');
  const [published, own] = await Promise.all([policies.read(tenant, policy), policies.versions(tenant, policy)]);
  const versions = own.toSorted((one, other) => other.number - one.number);
  const version = published ?? versions[0];
  if (version === undefined) throw missing();
  return { version, versions };
}

const acts = ({ guard }: ProgrammePagesDeps, { principal }: RequestContext, { version }: Look): Html => html`<div
class="acts">${
  may(guard, principal, 'document-draft') && linkButton('Draft a version', `${here}/${version.policy}/draft`)
}</div>`;

interface Shown {
  readonly note?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

const reviewPart = (
  { guard }: ProgrammePagesDeps,
  { principal }: RequestContext,
  { version }: Look,
  { note = '', wrong = [] }: Shown,
): Html | false =>
  version.state === 'published' &&
  version.tenant === principal.tenant &&
  may(guard, principal, 'document-review') &&
  sheet(
    'review',
    'Reviewed, and nothing to change',
    form(`${here}/${version.policy}/review`, [
      area({
        label: 'What was looked at',
        name: 'note',
        value: note,
        required: true,
        hint: 'Others approve it; then the policy is due again after its interval.',
        error: errorOf(wrong, 'note'),
      }),
      html`<div class="acts">${button('State the review', 'quiet')}</div>`,
    ]),
  );

async function show(deps: ProgrammePagesDeps, context: RequestContext, given: Shown = {}): Promise<Answer> {
  const look = await lookOf(deps, context);
  const { version, versions } = look;
  const { wrong = [], status = 200 } = given;
  const numbers = versions.map(({ number }) => number);
  return deskPage(deps, context, {
    title: version.title,
    here,
    ...failed(wrong, status),
    main: html`<h1>${version.title}</h1>${errorSummary(wrong)}
${
  version.tenant !== context.principal.tenant &&
  html`<p
class="lead">Inherited from who runs the platform. Sections that are yours to change become yours with a draft.</p>`
}
${acts(deps, context, look)}
${sheet('stand', 'Where it stands', stand(deps, version, deps.clock.now()))}
<article class="sheet" aria-label="The text">${textOf(deps.policies, version)}</article>
${sheet(
  'versions',
  'Versions',
  html`${rows(versions.map(versionRow), 'None of your own.')}
${compareForm(version.policy, versions, [numbers[1], numbers[0]])}`,
)}
${reviewPart(deps, context, look, given)}`,
  });
}

function review(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const note = plain(fieldsOf(context)('note'));
  const policy = paramOf(context, 'policy');
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${here}/${policy}`, words: { note: 'Write 3 to 4,000 characters.' } },
      again: (refused) => show(deps, context, { note, ...refused }),
    },
    async () => {
      const task = await deps.policies.review(deps.actorOf(context.principal), policy, note);
      return { ...seeOther(`/programme/tasks/${task.id}?done=opened`), targets: [{ type: 'Task', id: task.id }] };
    },
  );
}

/** A number of a version; anything else is none. */
const numberOf = (text: string | null): number =>
  text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;

async function compare(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const { version, versions } = await lookOf(deps, context);
  const [from, to] = [numberOf(context.query.get('from')), numberOf(context.query.get('to'))];
  if (Number.isNaN(from) || Number.isNaN(to)) throw missing();
  const changes = await deps.policies.redline(context.principal.tenant, version.policy, from, to);
  const title = `${version.title}: version ${from} to ${to}`;
  return deskPage(deps, context, {
    title,
    here,
    main: html`<h1>${title}</h1>
<p class="lead">Line by line, as it was written: numbers of the programme stand between braces.</p>
<div class="sheet asked">${compareForm(version.policy, versions, [from, to])}</div>
${sheet('changes', 'Changes', redlineOf(changes))}
<div class="acts">${linkButton('The policy', `${here}/${version.policy}`)}</div>`,
  });
}

export function policyRoutes(deps: ProgrammePagesDeps): Route[] {
  const { get, post } = ways(deps);
  const reading = { action: 'document-read', type: 'Document' } as const;
  return [
    get(`${here}/:policy`, reading, (context) => show(deps, context)),
    get(`${here}/:policy/redline`, reading, (context) => compare(deps, context)),
    post(`${here}/:policy/review`, { action: 'document-review', type: 'Document' }, (context) => review(deps, context)),
  ];
}
