import { createAttempts } from './attempts.ts';
import { createAuthenticate } from './authenticate/authenticate.ts';
import { createKnownTokens, type KnownTokens } from './authenticate/known.ts';
import { startRechecking } from './authenticate/recheck.ts';
import { createClient } from './clients/create.ts';
import { listClients } from './clients/list.ts';
import { revokeClient } from './clients/revoke.ts';
import { rotateSecret } from './clients/rotate.ts';
import type { OAuthPorts } from './oauth/ports.ts';
import { revokeRoute } from './oauth/revoke-route.ts';
import { smartRoute } from './oauth/smart-route.ts';
import { tokenRoute } from './oauth/token-route.ts';
import { createTenantSettings } from './tenant-settings.ts';
import { createTenants } from './tenants.ts';
import { issueToken } from './tokens/issue.ts';
import { revokeToken } from './tokens/revoke.ts';
import { sweepTokens } from './tokens/sweep.ts';
import type { Clients, Identity, IdentityDeps, Tokens } from './types.ts';
import { verifyClient } from './verify-client.ts';

/** About 400 bytes each: 8 MB at most. */
const mostKnownTokens = 20_000;
/** Twice within the oldest age of a check, so that one slow answer does not send every token to the database. */
const recheckEvery_ms = 400;

function oauthPorts(deps: IdentityDeps, known: KnownTokens): OAuthPorts {
  const { segment, clock } = deps;
  const attempts = createAttempts(clock);
  return {
    verify: (credentials, remote, tell) =>
      verifyClient({ segment, clock, attempts, ...(tell === undefined ? {} : { known: tell }) }, credentials, remote),
    issue: (client, scope) => issueToken(deps, client, scope),
    revoke: (client, token) => revokeToken(deps, known, client, token),
  };
}

const clientsOf = (deps: IdentityDeps, known: KnownTokens): Clients => ({
  create: (client) => createClient(deps, client),
  list: (tenant) => listClients(deps.segment, tenant),
  revoke: (client_id) => revokeClient(deps, known, client_id),
  rotateSecret: (client_id, { overlap_s } = {}) => rotateSecret(deps, known, client_id, overlap_s),
});

const tokensOf = (deps: IdentityDeps, ports: OAuthPorts): Tokens => ({
  issue: async (credentials, remote, scope) => ports.issue(await ports.verify(credentials, remote), scope),
  revoke: async (credentials, remote, token) => ports.revoke(await ports.verify(credentials, remote), token),
  sweep: () => sweepTokens(deps),
});

/** Who asks: the registry of tenants, clients and tokens, and the endpoints by which a client gets a token. */
export function createIdentity(deps: IdentityDeps): Identity {
  const { segment, clock, log } = deps;
  const known = createKnownTokens(mostKnownTokens);
  const ports = oauthPorts(deps, known);
  const rechecking = startRechecking(segment, known, log, recheckEvery_ms);
  const authenticate = createAuthenticate(segment, clock, known);
  return {
    tenants: { ...createTenants({ segment, clock }), ...createTenantSettings({ segment, clock }) },
    clients: clientsOf(deps, known),
    tokens: tokensOf(deps, ports),
    authenticate: ({ authorization }) => authenticate(authorization),
    routes: () => [tokenRoute(ports), revokeRoute(ports), smartRoute()],
    async close() {
      await rechecking.stop();
      known.clear();
    },
  };
}
