import {
  type Answer,
  button,
  form,
  type Html,
  html,
  linkButton,
  page,
  type RequestContext,
  type Route,
  seeOther,
  sent,
  shown,
} from '@safeguard/http';
import { cookies } from '../sessions/cookies.ts';
import type { SignedIn } from '../sessions/types.ts';
import { tenantCookie } from './cookies.ts';
import type { PageDeps } from './ports.ts';
import { cookieIn } from './request.ts';

const path = '/sign-out';

interface SignOutDeps {
  readonly sessions: Pick<PageDeps['sessions'], 'signedIn' | 'end'>;
  readonly tenants: Pick<PageDeps['tenants'], 'byName'>;
  readonly brand: PageDeps['brand'];
}

const isFromApp = ({ query }: RequestContext): boolean => query.get('from') === 'app';

const here = async (deps: SignOutDeps, { headers }: RequestContext): Promise<SignedIn | undefined> => {
  const { cookie, 'user-agent': agent } = headers as Record<string, string | undefined>;
  return deps.sessions.signedIn(cookie, agent);
};

/**
 * For a page on which an app waits for somebody: a way out for whoever else sits there (OWASP ASVS 5.0 7.4.4). Not back
 * to the same request: what one person began, another one never finishes.
 */
export const notYou = (name: string): Html =>
  form(
    `${path}?from=app`,
    html`<p class="hint">You are signed in as ${name}.</p>${button('Not you? Sign out', 'quiet')}`,
  );

/** Ending a session is a form, never a link: no image of another site signs anybody out. */
async function show(deps: SignOutDeps, context: RequestContext): Promise<Answer> {
  const who = await here(deps, context);
  const named = await deps.tenants.byName(cookieIn(context, tenantCookie) ?? '');
  const brand = await deps.brand(who?.tenant ?? named?.id ?? 0);
  if (who !== undefined)
    return page({
      title: 'Sign out',
      brand,
      main: html`<h1>Sign out?</h1>
<p class="lead">You can sign in again at any time.</p>
${form(path, button('Sign out'))}
${linkButton('Stay signed in', '/account')}`,
    });
  return page({
    title: 'You are signed out',
    brand,
    main: html`<h1>You are signed out</h1>
<p class="lead">On a shared computer, close the browser window as well.</p>
${isFromApp(context) && html`<p>To let an app in, go back to it and start again.</p>`}
${linkButton('Sign in again', '/sign-in', 'main')}`,
  });
}

/** Ends the session and lets the browser forget what it kept of these pages. Without a session it is done already. */
async function signOut(deps: SignOutDeps, context: RequestContext): Promise<Answer> {
  const who = await here(deps, context);
  if (who !== undefined) {
    context.found?.({ principal: who.principal, targets: [{ type: 'Session', id: who.session }] });
    await deps.sessions.end(who.tenant, who.account, who.session, 'sign-out');
  }
  const fromApp = isFromApp(context);
  const answer = seeOther(fromApp ? `${path}?from=app` : path, [cookies.clear]);
  return { ...answer, headers: { ...answer.headers, 'Clear-Site-Data': '"cache", "storage"' } };
}

export const signOutRoutes = (deps: SignOutDeps): Route[] => [
  shown({ path, action: 'sign-out-page' }, (context) => show(deps, context)),
  sent({ path, action: 'sign-out' }, (context) => signOut(deps, context)),
];
