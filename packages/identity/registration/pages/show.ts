import { type Answer, button, form, type Html, html, linkButton, notice } from '@safeguard/http';
import { ownApplication } from '../decide.ts';
import { mayReview } from '../reach.ts';
import type { Application } from '../types.ts';
import { at, type PortalDeps, portalPage, type Visitor } from './frame.ts';
import { facts, historyList, proofList } from './words.ts';

/** What was just done, by a fixed word in the address. */
const done: Readonly<Record<string, string>> = {
  created: 'It is drafted. Ask for a decision when it is complete.',
  changed: 'The change is kept.',
  submitted: 'It waits for a decision now.',
  withdrawn: 'It is taken back.',
  approved: 'It is approved.',
  refused: 'It is refused.',
  revoked: 'It is revoked: it can do nothing any more.',
};

interface Sight {
  readonly of: Application;
  readonly isOwn: boolean;
  readonly reviews: boolean;
}

const act = (of: Application, verb: string, text: string, kind: 'main' | 'quiet' | 'danger' = 'quiet'): Html =>
  form(`${at}/${of.id}/${verb}`, button(text, kind));

function acts({ of, isOwn, reviews }: Sight): Html {
  const { state, auth_method, in_force } = of;
  if (state === 'revoked') return html``;
  const hasSecret = auth_method.startsWith('client_secret') && in_force !== null;
  return html`<div class="acts">
${isOwn && state === 'draft' && act(of, 'submit', 'Ask for a decision', 'main')}
${reviews && !isOwn && state === 'pending' && linkButton('Decide', `${at}/${of.id}/decide`, 'main')}
${isOwn && linkButton('Change', `${at}/${of.id}/edit`)}
${isOwn && (state === 'pending' || (in_force !== null && state !== 'approved')) && act(of, 'withdraw', 'Take back')}
${isOwn && hasSecret && act(of, 'secret', 'Make a new secret')}
${(isOwn || reviews) && act(of, 'revoke', 'Revoke for good', 'danger')}</div>`;
}

const picture = ({ logo, name }: Application): Html | false =>
  logo !== undefined && html`<img src="data:${logo.type};base64,${logo.data}" alt="Logo of ${name}" height="64">`;

export async function showPage(deps: PortalDeps, visitor: Visitor, of: Application): Promise<Answer> {
  const { principal, context } = visitor;
  const { applications } = deps.registration;
  const [events, keys, secrets] = await Promise.all([
    applications.history(of.tenant, of.id),
    applications.keys(of.tenant, of.id),
    applications.secrets(of.tenant, of.id),
  ]);
  const reviews = mayReview(deps.guard, principal);
  const isOwn = of.requester === principal.id;
  const sight = { of, isOwn: isOwn && of.source === 'portal', reviews };
  const text = done[context.query.get('done') ?? ''];
  return portalPage(deps, visitor, {
    title: of.name,
    main: html`<h1>${of.name}</h1>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${reviews && isOwn && of.state === 'pending' && notice(html`<p>${ownApplication}</p>`)}
${picture(of)}
${acts(sight)}
<section class="sheet" aria-labelledby="facts"><h2 id="facts">What is asked</h2>${facts(of, deps.describe)}</section>
${
  keys.length + secrets.length > 0 &&
  html`<section class="sheet" aria-labelledby="proofs"><h2 id="proofs">Keys and secrets</h2>${proofList(keys, secrets)}
</section>`
}
<section class="sheet" aria-labelledby="history"><h2 id="history">History</h2>${historyList(events)}</section>`,
  });
}

/** Shown in the answer that makes it, and nowhere again. */
export const secretPage = (
  deps: PortalDeps,
  visitor: Visitor,
  { name, id }: Application,
  client_secret: string,
): Answer =>
  portalPage(deps, visitor, {
    title: 'Keep the secret',
    headers: { 'Cache-Control': 'no-store' },
    main: html`<h1>Keep the secret of ${name}</h1>
${notice(html`<p>It is shown once. A secret before this one stays valid for a day.</p>`, 'good')}
<section class="sheet slim" aria-label="Client id and secret">
<p>Client id</p><p class="secret">${id}</p><p>Client secret</p><p class="secret">${client_secret}</p>
<div class="acts">${linkButton('I have kept it', `${at}/${id}`, 'main')}</div></section>`,
  });
