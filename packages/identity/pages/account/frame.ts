import {
  type Answer,
  attributes,
  type Brand,
  type Frame,
  type FramedParts,
  type Html,
  html,
  type Principal,
  page,
  type RequestContext,
  seeOther,
} from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Account } from '../../accounts/types.ts';
import { returnPath } from '../../sign-in/return-path.ts';
import { setFlow } from '../cookies.ts';
import { pathOf } from '../flow.ts';
import type { PageDeps } from '../ports.ts';

/** A signed-in person at their own pages. */
export interface Me {
  readonly context: RequestContext;
  readonly principal: Principal;
  readonly account: Account;
  readonly brand: Brand;
}

export const places = {
  overview: '/account',
  factors: '/account/factors',
  password: '/account/password',
  codes: '/account/recovery-codes',
  sessions: '/account/sessions',
  apps: '/account/apps',
  applications: '/applications',
  access: '/access',
  programme: '/programme',
  record: '/account/record',
} as const;

/** Who asks, permitted to do this with their own account. */
export async function meOf(deps: PageDeps, context: RequestContext, action: string): Promise<Me> {
  const { principal } = context;
  deps.guard(principal, action, { type: 'Account', id: principal.id });
  context.about?.([{ type: 'Account', id: principal.id }]);
  const account = await deps.accounts.byId(principal.tenant, principal.id);
  if (account === undefined) throw fault('unauthenticated', 'Please sign in.');
  return { context, principal, account, brand: await deps.brand(principal.tenant) };
}

const fresh_ms = 5 * 60_000;

/**
 * True when a second factor was shown within the last 5 minutes: asked before what protects the account is changed
 * (OWASP ASVS 5.0 7.5.1).
 */
export const isFresh = (deps: PageDeps, { assurance }: Principal): boolean =>
  assurance?.level === 2 && deps.clock.now() - assurance.at <= fresh_ms;

/** To show a factor again, and back to this page. What was asked was not done: the ledger says so. */
export async function stepUp(
  deps: PageDeps,
  { principal, context }: Pick<Me, 'principal' | 'context'>,
  return_to: string,
): Promise<Answer> {
  const { tenant, id } = principal;
  context.found?.({ outcome: 'deny', reason: 'a factor has to be shown first' });
  const { secret, view } = await deps.signIn.begin({ purpose: 'step-up', tenant, account: id, return_to });
  return seeOther(pathOf(view), [setFlow(secret)]);
}

const entries = [
  [places.overview, 'Account'],
  [places.factors, 'Sign-in methods'],
  [places.sessions, 'Devices'],
  [places.apps, 'Apps'],
  [places.applications, 'App registration'],
  [places.access, 'Access'],
  [places.programme, 'Programme'],
  [places.record, 'My record'],
] as const;

/** Apps are registered, and access is asked for, by staff; whoever has only their own data here is not led there. */
function isThere(deps: PageDeps, path: string, account: Account | undefined): boolean {
  const isStaff = account?.kind === 'workforce';
  if (path === places.apps) return deps.apps !== undefined;
  if (path === places.applications) return deps.registers === true && isStaff;
  if (path === places.access || path === places.programme) return deps.governs === true && isStaff;
  return path !== places.record || (deps.governs === true && account !== undefined && !isStaff);
}

const nav = (
  deps: PageDeps,
  here: string,
  account: Account | undefined,
): Html => html`<nav class="nav" aria-label="Account"><ul>
${entries
  .filter(([path]) => isThere(deps, path, account))
  .map(
    ([path, text]) =>
      html`<li><a href="${path}"${attributes({ 'aria-current': path === here ? 'page' : undefined })}>${text}</a></li>`,
  )}
<li class="last"><form method="post" action="/sign-out"><button type="submit">Sign out</button></form></li>
</ul></nav>`;

/** A page of the account. `here`: the entry of the way around that it belongs to. */
export const accountPage = (
  deps: PageDeps,
  { brand, account }: Pick<Me, 'brand'> & Partial<Pick<Me, 'account'>>,
  { here, around, ...parts }: FramedParts,
): Answer => page({ ...parts, brand, nav: html`${nav(deps, here, account)}${around}` });

/** The account's page for what other packages show to somebody who is signed in; their guard was asked before. */
export const createFrame = (deps: PageDeps): Frame => ({
  async page(context, parts) {
    const { tenant, id } = context.principal;
    const [account, brand] = await Promise.all([deps.accounts.byId(tenant, id), deps.brand(tenant)]);
    if (account === undefined) throw fault('unauthenticated', 'Please sign in.');
    return accountPage(deps, { brand, account }, parts);
  },
  stepUp: (context, return_to) => stepUp(deps, { principal: context.principal, context }, returnPath(return_to)),
});
