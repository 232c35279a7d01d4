import {
  type Answer,
  dayOf,
  html,
  linkButton,
  notice,
  type RequestContext,
  type Route,
  shown,
  timeOf,
} from '@safeguard/http';
import type { Factor } from '../../authenticators/types.ts';
import type { PageDeps } from '../ports.ts';
import { accountPage, type Me, meOf, places } from './frame.ts';
import { singleSignOn } from './linked.ts';

const names = { totp: 'authenticator app', passkey: 'passkey' } as const;
const fewCodes = 3;

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

function summary(factors: readonly Factor[]): string {
  const kinds = (['passkey', 'totp'] as const)
    .map((kind) => ({ kind, count: factors.filter((factor) => factor.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => counted(count, names[kind]));
  return kinds.length === 0 ? 'None' : kinds.join(', ');
}

const codesLeft = (left: number) =>
  left < fewCodes &&
  notice(html`<p>You have ${counted(left, 'recovery code')} left. <a href="${places.codes}">Make new ones</a>
so that you can still get in if you lose your phone or passkey.</p>`);

async function show(deps: PageDeps, me: Me): Promise<Answer> {
  const { tenant, id } = me.principal;
  const [factors, left, sessions, hasPassword, linked] = await Promise.all([
    deps.authenticators.list(tenant, id),
    deps.authenticators.recovery.left(tenant, id),
    deps.sessions.list(tenant, id),
    deps.authenticators.passwords.has(tenant, id),
    singleSignOn(deps, me),
  ]);
  const { account } = me;
  const since = me.principal.assurance?.at;
  return accountPage(deps, me, {
    here: places.overview,
    title: 'Your account',
    main: html`<h1>Your account</h1>
${codesLeft(left)}
<section class="sheet" aria-labelledby="who"><h2 id="who">About you</h2><dl class="facts">
<dt>Name</dt><dd>${account.name}</dd>
<dt>E-mail address</dt><dd>${account.login}</dd>
<dt>Organization</dt><dd>${me.brand.name}</dd>
${account.roles.includes('administrator') && html`<dt>Role</dt><dd>Administrator</dd>`}
<dt>Account since</dt><dd>${dayOf(account.created_at)}</dd>
${since !== undefined && html`<dt>You last confirmed it is you</dt><dd>${timeOf(since)}</dd>`}
</dl><p class="hint">To change your name or address, ask whoever manages accounts at ${me.brand.name}.</p></section>
<section class="sheet" aria-labelledby="safe"><h2 id="safe">How you sign in</h2><ul class="rows">
${
  !account.external &&
  html`<li class="row"><div><h3>Password</h3><p class="hint">${hasPassword ? 'Set' : 'Not set'}</p></div>
${linkButton(html`Change<span class="unseen"> password</span>`, places.password)}</li>`
}
<li class="row"><div><h3>Second steps</h3><p class="hint">${summary(factors)}</p></div>
${linkButton(html`Manage<span class="unseen"> second steps</span>`, places.factors)}</li>
<li class="row"><div><h3>Devices</h3><p class="hint">Signed in on ${counted(sessions.length, 'device')}</p></div>
${linkButton(html`Review<span class="unseen"> devices</span>`, places.sessions)}</li>
</ul></section>
${linked}`,
  });
}

export const overviewRoutes = (deps: PageDeps): Route[] => [
  shown({ path: places.overview, action: 'self-read', auth: 'session' }, async (context: RequestContext) =>
    show(deps, await meOf(deps, context, 'self-read')),
  ),
];
