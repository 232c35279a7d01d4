import { fault } from '@safeguard/kernel';
import { createFlows } from './flows.ts';
import { createEnding } from './identities/ending.ts';
import { createIdentities } from './identities/identities.ts';
import { createIdentityRows } from './identities/rows.ts';
import { type Connections, createConnections } from './oidc/connect.ts';
import { createProviders } from './providers/providers.ts';
import { createProviderRows, type Provider } from './providers/rows.ts';
import { Refusal } from './refusal.ts';
import { samlRoutes } from './routes/acs.ts';
import { callbackRoute } from './routes/callback.ts';
import type { RouteDeps } from './routes/deps.ts';
import { logoutRoutes } from './routes/logout.ts';
import { isOidc, startRoutes } from './routes/start.ts';
import { sweepFederation } from './sweep.ts';
import type { Federation, FederationDeps } from './types.ts';

/** Asks the provider for its configuration before people are sent there. SAML has nothing to ask. */
const prober = (connections: Connections) => async (provider: Provider) => {
  if (!isOidc(provider)) return;
  try {
    await connections.to(provider);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const texts = {
      issuer: 'The provider calls itself by another issuer than the configured one.',
      'token refused': 'The provider signs ID tokens with no algorithm that is accepted here.',
    };
    const text = texts[error.reason as keyof typeof texts] ?? 'The provider did not answer with its configuration.';
    throw fault('invalid', text, {
      cause: error,
      issues: [{ severity: 'error', code: 'invalid', text, at: 'issuer' }],
    });
  }
};

/** Single sign-on per tenant: providers, who is who there, and the way there and back. */
export function createFederation(deps: FederationDeps): Federation {
  const rows = createProviderRows(deps.segment, deps.vault);
  const identities = createIdentityRows(deps);
  const connections = createConnections(deps.fetch, deps.clock);
  const ending = createEnding(deps.sessions?.steps);
  const wired: RouteDeps = { ...deps, rows, identities, connections, flows: createFlows(deps) };
  return {
    providers: createProviders({ ...deps, rows, ending, probe: prober(connections) }),
    identities: createIdentities({ ...deps, ending, identities, providers: rows }),
    routes: () => [...startRoutes(wired), callbackRoute(wired), ...samlRoutes(wired), ...logoutRoutes(wired)],
    async buttons(tenant) {
      const enabled = (await rows.list(tenant)).filter((provider) => provider.enabled);
      return enabled.map(({ id, settings }) => ({ id, label: settings.label }));
    },
    sweep: () => sweepFederation(deps),
  };
}
