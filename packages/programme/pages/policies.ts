import { may } from '@safeguard/access';
import { type Answer, type Html, html, linkButton, notice, type RequestContext, type Route } from '@safeguard/http';
import type { OutdatedPolicy, PolicyVersion } from '../policies/types.ts';
import { draftRoutes } from './draft.ts';
import { policyRoutes } from './policy.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { versionRoutes } from './version.ts';
import { deskPage, ways } from './ways.ts';
import { open, row, rows, sheet, versionWords, whenLate } from './words.ts';

const here = '/programme/policies';

const standsOf = (
  { state, number, review_due_at, drifted }: PolicyVersion,
  now: number,
): Html => html`<p>Version ${number}.
${state === 'published' && review_due_at !== undefined && html`Review by ${whenLate(review_due_at, now)}.`}
${drifted.length > 0 && 'Its numbers changed since: a new version is due.'}</p>`;

const policyRow = (one: PolicyVersion, tenant: number, now: number): Html =>
  row(
    html`${one.title} <span class="tag">${versionWords[one.state]}</span>${
      one.tenant !== tenant &&
      html` <span
class="tag">Inherited</span>`
    }`,
    standsOf(one, now),
    open(`${here}/${one.policy}`, one.title, 'Read'),
  );

/** What of a customer's policies rests on an older text of who runs the platform. */
const outdatedNotice = (outdated: readonly OutdatedPolicy[]): Html | false =>
  outdated.length > 0 &&
  notice(
    html`<h2>Inherited texts were published anew</h2><ul>${outdated.map(
      ({ policy, sections }) => html`<li><a href="${here}/${policy}/draft">${policy}</a>: ${sections.join(', ')}</li>`,
    )}</ul>`,
  );

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const { tenant } = context.principal;
  const now = deps.clock.now();
  const [all, outdated] = await Promise.all([deps.policies.list(tenant), deps.policies.outdated(tenant)]);
  return deskPage(deps, context, {
    title: 'Policies',
    here,
    main: html`<h1>Policies</h1>
<p class="lead">Each version is approved by others than who wrote it, and kept: what people acknowledged can be read
again.</p>
${outdatedNotice(outdated)}
<div class="acts">${linkButton('What I have to acknowledge', '/programme/acknowledge')}
${
  may(deps.guard, context.principal, 'document-acknowledgements') &&
  linkButton('Who acknowledged', '/programme/acknowledgements')
}</div>
${sheet(
  'all',
  'All policies',
  rows(
    all.map((one) => policyRow(one, tenant, now)),
    'There is none yet.',
  ),
)}`,
  });
}

export const allPolicyRoutes = (deps: ProgrammePagesDeps): Route[] => [
  ways(deps).get(here, { action: 'document-list', type: 'Document' }, (context) => list(deps, context)),
  ...draftRoutes(deps),
  ...policyRoutes(deps),
  ...versionRoutes(deps),
];
