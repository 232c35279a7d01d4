import { button, dayOf, form, type Html, html } from '@safeguard/http';
import type { LinkedButton, PageDeps, ProviderButton } from '../ports.ts';
import type { Me } from './frame.ts';

const linkedRow = ({ label, created_at }: LinkedButton): Html => html`<li class="row"><div>
<h3>${label}</h3><p class="hint">Linked ${dayOf(created_at)}</p></div></li>`;

/** The form leads away to the provider; what comes back links the account (`federation/routes/start.ts`). */
const offeredRow = ({ id, label }: ProviderButton): Html => html`<li class="row"><div>
<h3>${label}</h3><p class="hint">Not linked</p></div>
${form(`/federation/${id}/link`, button(html`Link<span class="unseen"> ${label}</span>`, 'quiet'))}</li>`;

/** Where the person signs in by single sign-on, and where they could. Nothing where the tenant has none. */
export async function singleSignOn(deps: PageDeps, { principal: { tenant, id } }: Me): Promise<Html | undefined> {
  if (deps.linked === undefined || deps.providers === undefined) return undefined;
  const [linked, offered] = await Promise.all([deps.linked(tenant, id), deps.providers(tenant)]);
  const open = offered.filter((each) => linked.every(({ provider }) => provider !== each.id));
  if (linked.length + open.length === 0) return undefined;
  return html`<section class="sheet" aria-labelledby="sso"><h2 id="sso">Single sign-on</h2>
<p class="hint">Once linked, you can sign in with your account there. To undo it, ask whoever manages accounts.</p>
<ul class="rows">${linked.map(linkedRow)}${open.map(offeredRow)}</ul></section>`;
}
