import {
  type Answer,
  button,
  form,
  html,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
  timeOf,
} from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { cookies } from '../../sessions/cookies.ts';
import type { SessionSummary } from '../../sessions/types.ts';
import type { PageDeps } from '../ports.ts';
import { accountPage, isFresh, type Me, meOf, places, stepUp } from './frame.ts';

const endForm = ({ id, device, network }: SessionSummary) =>
  form(
    `${places.sessions}/${id}/end`,
    button(html`Sign out<span class="unseen"> ${device}, ${network}</span>`, 'quiet'),
  );

const row = (each: SessionSummary, here: boolean) => html`<li class="row">
<div><h2>${each.device} ${here && html`<span class="tag">this device</span>`}</h2>
<p class="hint">Network ${each.network}. Signed in ${timeOf(each.created_at)},
last used ${timeOf(each.last_used_at)}.</p></div>
${endForm(each)}
</li>`;

async function show(deps: PageDeps, me: Me): Promise<Answer> {
  const { tenant, id, session } = me.principal;
  const sessions = await deps.sessions.list(tenant, id);
  const ended = me.context.query.get('ended') === 'one';
  return accountPage(deps, me, {
    here: places.sessions,
    title: 'Devices',
    main: html`<h1>Devices</h1>
<p class="lead">Where you are signed in now. If you do not recognize one, sign it out and change your password.</p>
${ended && notice(html`<p>That device is signed out.</p>`, 'good')}
<section class="sheet" aria-label="Signed-in devices"><ul class="rows">
${sessions.map((each) => row(each, each.id === session))}
</ul></section>
<section class="sheet" aria-labelledby="everywhere"><h2 id="everywhere">Sign out everywhere</h2>
<p>Ends every session on every device, this one too, and disconnects apps at once.</p>
<div class="acts">${form(`${places.sessions}/end-all`, button('Sign out everywhere', 'danger'))}</div></section>`,
  });
}

/** Signing oneself out needs no factor; ending other sessions does (OWASP ASVS 5.0 7.5.2). */
async function end(deps: PageDeps, context: RequestContext): Promise<Answer> {
  const me = await meOf(deps, context, 'self-session-end');
  const { principal } = me;
  const session = context.params['session'] ?? '';
  // Only what is an id stands in the ledger: an address may hold anything.
  if (isUuid(session)) context.about?.([{ type: 'Session', id: session }]);
  const own = session === principal.session;
  if (!own && !isFresh(deps, principal)) return stepUp(deps, me, places.sessions);
  const reason = own ? 'sign-out' : 'ended by the person';
  if (!(await deps.sessions.end(principal.tenant, principal.id, session, reason)))
    throw fault('missing', 'There is no such session');
  return own ? seeOther('/sign-out', [cookies.clear]) : seeOther(`${places.sessions}?ended=one`);
}

async function endAll(deps: PageDeps, context: RequestContext): Promise<Answer> {
  const me = await meOf(deps, context, 'self-session-end');
  const { principal } = me;
  if (!isFresh(deps, principal)) return stepUp(deps, me, places.sessions);
  await deps.sessions.endAll(principal.tenant, principal.id);
  return seeOther('/sign-out', [cookies.clear]);
}

const auth = 'session';

/** Where somebody is signed in, and the end of it. */
export const sessionRoutes = (deps: PageDeps): Route[] => [
  shown({ path: places.sessions, action: 'self-session-list', auth }, async (context) =>
    show(deps, await meOf(deps, context, 'self-session-list')),
  ),
  sent({ path: `${places.sessions}/:session/end`, action: 'session-end', auth }, (context) => end(deps, context)),
  sent({ path: `${places.sessions}/end-all`, action: 'session-end', auth }, (context) => endAll(deps, context)),
];
