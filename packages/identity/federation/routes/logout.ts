import type { Answer, RequestContext, Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { oauthFault } from '../../oauth/form.ts';
import type { Sessions } from '../../sessions/types.ts';
import type { OidcProvider } from '../oidc/connect.ts';
import { readLogoutToken } from '../oidc/logout-token.ts';
import { Refusal } from '../refusal.ts';
import type { RouteDeps } from './deps.ts';
import { formType, oneOf, providerOf, targetOf } from './request.ts';
import { isOidc } from './start.ts';

type LogoutDeps = RouteDeps & { readonly sessions: Pick<Sessions, 'signedIn' | 'endAll'> };

async function end(deps: LogoutDeps, context: RequestContext, provider: OidcProvider, token: string): Promise<void> {
  const { subject, once } = await readLogoutToken(deps.connections, deps.clock, provider, token);
  if (await deps.flows.seen(provider.id, once.id)) throw new Refusal('token refused');
  const { id, tenant } = provider;
  const account = await deps.identities.find({ tenant, provider: id, subject });
  if (account !== undefined) {
    context.found?.({ targets: [targetOf(provider), { type: 'Account', id: account }] });
    await deps.sessions.endAll(tenant, account);
  }
  // Last: should we die before, the provider's second try still ends the sessions.
  await deps.flows.remember(id, tenant, once);
}

async function logout(deps: LogoutDeps, context: RequestContext): Promise<Answer> {
  const provider = await providerOf(deps, context);
  if (!isOidc(provider)) throw fault('missing', 'There is nothing at this address');
  const token = oneOf(new URLSearchParams(context.body.toString('utf8')), 'logout_token');
  try {
    if (token === undefined) throw new Refusal('token refused');
    await end(deps, context, provider, token);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.found?.({ outcome: 'deny', reason: error.reason });
    throw oauthFault('invalid_request', 'The logout token is not accepted.');
  }
  return { status: 200, headers: { 'Cache-Control': 'no-store' } };
}

/** The provider says that somebody is out (OpenID Connect Back-Channel Logout 1.0): all their sessions here end. */
export const logoutRoutes = (deps: RouteDeps): Route[] => {
  const { sessions } = deps;
  if (sessions === undefined) return [];
  return [
    {
      method: 'POST',
      path: '/federation/:provider/logout',
      action: 'federation-logout',
      auth: 'none',
      errors: 'oauth',
      crossSite: true,
      accepts: [formType],
      limit_bytes: 16_384,
      handle: (context) => logout({ ...deps, sessions }, context),
    },
  ];
};
