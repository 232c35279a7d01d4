import type { Answer, RequestContext } from '@safeguard/http';
import { pathOf } from '../../pages/flow.ts';
import type { Arrival } from '../arrival.ts';
import type { Flow } from '../flows.ts';
import { linkAccount } from '../identities/identities.ts';
import { inDomains, resolve } from '../identities/resolve.ts';
import { levelOf } from '../level.ts';
import type { Provider } from '../providers/rows.ts';
import { must, Refusal } from '../refusal.ts';
import type { RouteDeps } from './deps.ts';
import { flowBrowser, flowSecretOf, headerOf, seeOther, sessionBrowser, targetOf } from './request.ts';

/** Who is signed in at this browser now, when a flow could be theirs. */
export async function sessionOf({ sessions }: RouteDeps, context: RequestContext) {
  return sessions?.signedIn(headerOf(context, 'cookie'), headerOf(context, 'user-agent'));
}

/** What this browser could have begun a flow as. */
export async function browsersOf(deps: RouteDeps, context: RequestContext): Promise<Buffer[]> {
  const secret = flowSecretOf(context);
  const signedIn = await sessionOf(deps, context);
  return [
    ...(secret === undefined ? [] : [flowBrowser(secret)]),
    ...(signedIn === undefined ? [] : [sessionBrowser(signedIn.session)]),
  ];
}

/**
 * The browser that began the flow ends it, or nobody: an attacker's own answer, brought to somebody else's browser,
 * would sign them in as the attacker (login CSRF).
 */
export async function checkBrowser(deps: RouteDeps, context: RequestContext, flow: Flow): Promise<void> {
  must(
    (await browsersOf(deps, context)).some((browser) => browser.equals(flow.browser)),
    'another browser',
  );
}

async function signIn(deps: RouteDeps, context: RequestContext, provider: Provider, arrival: Arrival) {
  const secret = flowSecretOf(context);
  const view = await deps.signIn.view(secret);
  if (secret === undefined || view === undefined || view.tenant !== provider.tenant)
    throw new Refusal('flow not known');
  // The ledger tells that somebody was joined to an account by its own name, also where the sign-in fails after it.
  const joined = (): void => context.found?.({ action: 'federation-join' });
  const account = await resolve({ ...deps, providers: deps.rows, joined }, provider, arrival);
  context.found?.({ targets: [targetOf(provider), { type: 'Account', id: account.id }] });
  must(view.account === undefined || view.account.id === account.id, 'another person');
  const level = levelOf(provider.settings, arrival);
  const next = await deps.signIn.external(secret, {
    account: account.id,
    level,
    methods: level === 2 ? ['sso', 'mfa'] : ['sso'],
    provider: provider.id,
  });
  return seeOther(pathOf(next));
}

async function link(deps: RouteDeps, context: RequestContext, provider: Provider, flow: Flow, arrival: Arrival) {
  const signedIn = await sessionOf(deps, context);
  must(signedIn !== undefined && signedIn.account === flow.account, 'another browser');
  must(inDomains(arrival.address, provider.settings.domains), 'address not allowed');
  context.found?.({
    principal: signedIn.principal,
    targets: [targetOf(provider), { type: 'Account', id: signedIn.account }],
  });
  const own = { account: signedIn.account, subject: arrival.subject, by: signedIn.principal };
  must((await linkAccount(deps, provider, own)) !== undefined, 'account has another link');
  return seeOther('/account');
}

/** The end of every way back: the sign-in goes on with its next step, or the account is linked. */
export const arrive = (
  deps: RouteDeps,
  context: RequestContext,
  provider: Provider,
  flow: Flow,
  arrival: Arrival,
): Promise<Answer> =>
  flow.purpose === 'link' ? link(deps, context, provider, flow, arrival) : signIn(deps, context, provider, arrival);
