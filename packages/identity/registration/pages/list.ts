import { type Answer, dayOf, type Html, html, linkButton } from '@safeguard/http';
import { mayReview } from '../reach.ts';
import type { Application } from '../types.ts';
import { at, type PortalDeps, portalPage, review, type Visitor } from './frame.ts';
import { stateOf } from './words.ts';

const row = (of: Application): Html => html`<li class="row"><div>
<h2>${of.name}</h2><p class="hint">${of.publisher}, ${dayOf(of.created_at)}</p><p>${stateOf(of)}</p></div>
${linkButton(html`Open<span class="unseen"> ${of.name}</span>`, `${at}/${of.id}`)}</li>`;

const rows = (list: readonly Application[], none: string): Html =>
  list.length === 0 ? html`<p>${none}</p>` : html`<ul class="rows">${list.map(row)}</ul>`;

export async function listPage(deps: PortalDeps, visitor: Visitor): Promise<Answer> {
  const { principal } = visitor;
  const all = await deps.registration.applications.list(principal.tenant, principal.id);
  return portalPage(deps, visitor, {
    title: 'App registration',
    main: html`<h1>App registration</h1>
<p class="lead">Software that works with the data here is registered first, and reviewed before it sees anything.</p>
<div class="acts">${linkButton('Register an app', `${at}/new`, 'main')}
${mayReview(deps.guard, principal) && linkButton('Review what waits', review)}</div>
<section class="sheet" aria-label="Your apps">${rows(
      all.filter(({ source }) => source === 'portal'),
      'You have registered no app.',
    )}</section>`,
  });
}

/** What waits, the longest first, and below it everything else. */
export async function reviewPage(deps: PortalDeps, visitor: Visitor): Promise<Answer> {
  const all = await deps.registration.applications.list(visitor.principal.tenant);
  const waiting = all
    .filter(({ state }) => state === 'pending')
    .sort((one, other) => one.changed_at - other.changed_at);
  const others = all.filter(({ state }) => state === 'approved' || state === 'refused');
  return portalPage(deps, visitor, {
    title: 'Review apps',
    main: html`<h1>Review apps</h1>
<section class="sheet" aria-label="Waiting">${rows(waiting, 'Nothing waits for a decision.')}</section>
<h2>Decided</h2>
<section class="sheet" aria-label="Decided">${rows(others, 'Nothing was decided yet.')}</section>`,
  });
}
