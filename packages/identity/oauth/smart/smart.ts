import { createSmartClients } from './clients.ts';
import { type SmartFeatures, smartConfigurationRoute } from './configuration.ts';
import { type Consents, createConsents } from './consents.ts';
import { createContexts, type GrantContexts } from './contexts.ts';
import { extrasOf, fhirUser } from './extras.ts';
import { interactionRoutes } from './interaction-routes.ts';
import { launchRoute } from './launch-route.ts';
import { createLaunches, type Launches } from './launches.ts';
import { createParameters } from './parameters.ts';
import { createPolicy } from './policy.ts';
import { createReadRequest } from './request.ts';
import { sweepSmart } from './sweep.ts';
import type { Smart, SmartDeps } from './types.ts';

export interface SmartParts {
  readonly launches: Launches;
  readonly consents: Consents;
  readonly contexts: GrantContexts;
}

export type CreateSmartDeps = Omit<SmartDeps, 'clients'> & {
  readonly clients?: SmartDeps['clients'];
  readonly features?: SmartFeatures;
};

function partsOf(deps: SmartDeps): SmartParts {
  const launches = createLaunches(deps);
  return { launches, consents: createConsents(deps), contexts: createContexts({ ...deps, launches }) };
}

/**
 * SMART App Launch 2.2 for people: what `oauth` puts into its provider, and the pages between a request and its answer.
 */
export function createSmart(given: CreateSmartDeps): Smart {
  const deps: SmartDeps = { ...given, clients: given.clients ?? createSmartClients(given) };
  const parts = partsOf(deps);
  const { launches, consents, contexts } = parts;
  const read = createReadRequest({ ...deps, launches });
  const encounters = deps.patients.encounters !== undefined;
  return {
    policy: createPolicy({ ...deps, ...parts, read }),
    extraParams: createParameters({ ...deps, launches }),
    extras: async (tenant, grant_id) => extrasOf(await contexts.find(tenant, grant_id), tenant, deps.tenantName),
    context: async (tenant, grant_id) => contexts.find(tenant, grant_id),
    fhirUser,
    apps: consents.list,
    endApp: consents.end,
    routes: () => [
      smartConfigurationRoute({ encounters, ...given.features }),
      ...interactionRoutes({ ...deps, read, consents }),
      launchRoute({ ...deps, launches }),
    ],
    sweep: () => sweepSmart(deps),
  };
}
