import {
  type Answer,
  button,
  dayOf,
  form,
  html,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { GrantedApp, GrantedApps, PageDeps } from '../ports.ts';
import { accountPage, type Me, meOf, places } from './frame.ts';

const mayDo = (deps: PageDeps, scopes: readonly string[]) => html`<details><summary>What it may do</summary>
<ul class="plain">${scopes.map((scope) => html`<li>${deps.describe?.(scope) ?? scope}</li>`)}</ul></details>`;

const endOf = ({ grant, name }: GrantedApp) =>
  form(
    `${places.apps}/${encodeURIComponent(grant)}/end`,
    button(html`Remove access<span class="unseen"> of ${name}</span>`, 'quiet'),
  );

const row = (deps: PageDeps, app: GrantedApp) => html`<li class="row">
<div><h2>${app.name}</h2><p class="hint">Since ${dayOf(app.since)}</p>${mayDo(deps, app.scopes)}</div>
${endOf(app)}
</li>`;

async function show(deps: PageDeps, apps: GrantedApps, me: Me): Promise<Answer> {
  const granted = await apps.list(me.principal.tenant, me.principal.id);
  return accountPage(deps, me, {
    here: places.apps,
    title: 'Apps',
    main: html`<h1>Apps</h1>
<p class="lead">Apps that you allowed to act for you. Without access an app can read and change nothing more.</p>
${me.context.query.get('ended') === 'one' && notice(html`<p>That app has no access any more.</p>`, 'good')}
<section class="sheet" aria-label="Apps with access">${
      granted.length === 0
        ? html`<p>No app has access to your account.</p>`
        : html`<ul class="rows">${granted.map((each) => row(deps, each))}</ul>`
    }</section>`,
  });
}

async function end(deps: PageDeps, apps: GrantedApps, context: RequestContext): Promise<Answer> {
  const { principal } = await meOf(deps, context, 'self-app-end');
  const grant = context.params['grant'] ?? '';
  if (!(await apps.end(principal.tenant, principal.id, grant))) throw fault('missing', 'There is no such app');
  context.about?.([{ type: 'Grant', id: grant }]);
  return seeOther(`${places.apps}?ended=one`);
}

/** What an account granted to apps; no page where nothing grants. */
export const appRoutes = (deps: PageDeps): Route[] => {
  const { apps } = deps;
  if (apps === undefined) return [];
  return [
    shown({ path: places.apps, action: 'self-app-list', auth: 'session' }, async (context) =>
      show(deps, apps, await meOf(deps, context, 'self-app-list')),
    ),
    sent({ path: `${places.apps}/:grant/end`, action: 'self-app-end', auth: 'session' }, (context) =>
      end(deps, apps, context),
    ),
  ];
};
