import type { Answer, RequestContext, Route } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { OidcProvider } from '../oidc/connect.ts';
import { redeem } from '../oidc/redeem.ts';
import { must, Refusal } from '../refusal.ts';
import { arrive, checkBrowser } from './arrive.ts';
import type { RouteDeps } from './deps.ts';
import { guarded } from './refused.ts';
import { oneOf, providerOf } from './request.ts';
import { isOidc } from './start.ts';

async function callback(deps: RouteDeps, context: RequestContext, provider: OidcProvider): Promise<Answer> {
  const state = oneOf(context.query, 'state');
  const flow = state === undefined ? undefined : await deps.flows.find(provider.id, state);
  if (state === undefined || flow === undefined) throw new Refusal('flow not known');
  await checkBrowser(deps, context, flow);
  // Used up before the code is: of two requests with one answer, one goes on.
  must(await deps.flows.use(flow), 'flow not known');
  const came = { query: context.query, state, secrets: flow.secrets };
  const arrival = await redeem(deps.connections, provider, context.base, came);
  return arrive(deps, context, provider, flow, arrival);
}

/** Back from an OpenID Connect provider. */
export const callbackRoute = (deps: RouteDeps): Route => ({
  method: 'GET',
  path: '/federation/:provider/callback',
  action: 'federation-return',
  auth: 'none',
  errors: 'page',
  async handle(context) {
    const provider = await providerOf(deps, context);
    if (!isOidc(provider)) throw fault('missing', 'There is nothing at this address');
    return guarded(deps, context, provider, () => callback(deps, context, provider));
  },
});
