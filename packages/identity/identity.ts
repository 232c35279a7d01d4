import { routeOf } from '@safeguard/http';
import { createAccounts } from './accounts/accounts.ts';
import { identityOperations } from './api/api.ts';
import { launchDescription } from './api/launch-description.ts';
import type { Apps } from './api/ports.ts';
import { createAuthenticators } from './authenticators/authenticators.ts';
import { createOrigins } from './clients/origins.ts';
import { createFederation } from './federation/federation.ts';
import { createSafeFetch } from './oauth/fetch.ts';
import { createOAuth } from './oauth/oauth.ts';
import { createSmart } from './oauth/smart/smart.ts';
import type { OAuth } from './oauth/types.ts';
import { brandOf, logoRoute } from './pages/logo.ts';
import { createPages } from './pages/pages.ts';
import type { PageDeps } from './pages/ports.ts';
import { createPeople } from './people/people.ts';
import { createRegistration } from './registration/registration.ts';
import { createUsed } from './registration/used.ts';
import { createScim } from './scim/scim.ts';
import { createSessions } from './sessions/sessions.ts';
import { createGate, plainGate } from './sign-in/gate.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { createTenantSettings } from './tenant-settings.ts';
import { createTenants } from './tenants.ts';
import type { Identity, IdentityDeps, Tenants } from './types.ts';

/** The tenant of the first administrator: tenant 1, `default`. */
const firstTenant = 1;

/** People: accounts, what they sign in with, their sessions. One gate for every slow hash of the process. */
function peopleOf(deps: IdentityDeps, tenants: Tenants) {
  const { settings } = deps;
  const gate = createGate();
  const authenticators = createAuthenticators({
    ...deps,
    gate: plainGate(gate),
    ...(settings.passwords && { passwords: settings.passwords }),
  });
  const accounts = createAccounts(deps);
  const sessions = createSessions({ ...deps, settings: settings.sessions });
  accounts.onChange(sessions.forget);
  const tenantName = async (tenant: number): Promise<string> => (await tenants.brand(tenant)).name;
  const signIn = createSignIn({
    ...deps,
    ...{ accounts, authenticators, sessions, gate, tenantName },
    settings: settings.sign_in ?? {},
  });
  return { authenticators, accounts, sessions, signIn };
}

type People = ReturnType<typeof peopleOf>;

/** Apps: the authorization server, with SMART App Launch in it. */
function appsOf(deps: IdentityDeps, people: People, tenants: Tenants): OAuth {
  const { settings, patients } = deps;
  const { fetch_allow, mtls } = settings;
  return createOAuth({
    ...deps,
    ...people,
    used: createUsed(deps),
    brand: brandOf(tenants),
    settings: {
      get token_lifetime_s() {
        return settings.token_lifetime_s;
      },
      get session_absolute_s() {
        return settings.sessions.absolute_s;
      },
      fetch_allow,
      ...(mtls ? { mtls } : {}),
    },
    smart: (interactions) =>
      createSmart({
        ...deps,
        ...people,
        interactions,
        patients,
        brand: brandOf(tenants),
        tenantName: tenants.nameOf,
        features: { mtls: mtls !== undefined, encounters: patients.encounters !== undefined },
      }),
  });
}

/** The list on an account's page, as `/api/v1` shows it. */
const listOf = ({ apps }: OAuth): Apps => ({
  list: async (tenant, account) =>
    (await apps.list(tenant, account)).map(({ grant, since, client_id, name, scopes }) => ({
      id: grant,
      client_id,
      name,
      scopes,
      created_at: since,
    })),
  end: (tenant, account, grant) => apps.end(tenant, account, grant),
});

/** Once there was an administrator there always is one: the last cannot be taken away. */
function readiness({ accounts }: People): () => Promise<boolean> {
  let ready = false;
  return async () => {
    ready ||= await accounts.hasAdministrator(firstTenant);
    return ready;
  };
}

/** What the pages, `/api/v1`, SCIM and single sign-on serve. */
function surfacesOf(deps: IdentityDeps, people: People, oauth: OAuth, tenants: Tenants) {
  const { settings, scopes } = deps;
  const fetch = createSafeFetch({ allow: settings.fetch_allow, answers: true });
  const federation = createFederation({
    ...deps,
    ...people,
    fetch,
    brand: brandOf(tenants),
    directory: (tenant, externalId) => scim.byExternalId(tenant, externalId),
    settings: {},
  });
  const singleSignOn = async (tenant: number) => (await federation.buttons(tenant)).length > 0;
  const scim = createScim({ ...deps, ...people, singleSignOn });
  const apps = listOf(oauth);
  const { providers, identities } = federation;
  const shown: PageDeps = {
    ...deps,
    ...people,
    tenants,
    brand: brandOf(tenants),
    providers: federation.buttons,
    linked: identities.list,
    apps: oauth.apps,
    describe: scopes.describe,
    ready: readiness(people),
    registers: true,
    governs: true,
  };
  const registration = createRegistration({ ...deps, clients: oauth.clients, tenants, pages: shown });
  const operations = identityOperations({
    ...deps,
    ...people,
    clients: oauth.clients,
    tenants,
    apps,
    groups: scim.groups,
    directory: scim.directory,
    providers,
    identities,
    registration,
  });
  return { federation, scim, operations, pages: createPages(shown), registration };
}

/** Who asks: people and apps, how they prove it, and the endpoints and pages by which they do. */
export function createIdentity(deps: IdentityDeps): Identity {
  const tenants: Tenants = { ...createTenants(deps), ...createTenantSettings(deps) };
  const people = peopleOf(deps, tenants);
  const oauth = appsOf(deps, people, tenants);
  const { federation, scim, operations, pages, registration } = surfacesOf(deps, people, oauth, tenants);
  const { sessions, signIn, accounts, authenticators } = people;
  const tenantIds = async () => (await tenants.list()).map(({ id }) => id);
  return {
    tenants,
    accounts,
    authenticators,
    sessions,
    directory: scim.directory,
    providers: federation.providers,
    applications: registration.applications,
    clients: oauth.clients,
    people: createPeople({ ...deps, accounts, clients: oauth.clients, tenants }),
    tokens: oauth.tokens,
    keys: oauth.keys,
    authenticate: oauth.authenticate,
    origins: createOrigins(deps),
    signedIn: async ({ cookie, agent }) => (await sessions.signedIn(cookie, agent))?.principal,
    page: pages.page,
    frame: pages.frame,
    operations: () => [...operations, launchDescription],
    routes: () => [
      ...oauth.routes(),
      ...pages.routes,
      logoRoute(tenants),
      ...federation.routes(),
      ...operations.map((one) => routeOf(deps, one)),
      ...registration.routes(),
      ...scim.routes(),
    ],
    async sweep() {
      const swept = [
        oauth.sweep(),
        sessions.sweep(),
        signIn.sweep(),
        accounts.sweep(),
        federation.sweep(),
        registration.sweep(),
      ];
      const counts = await Promise.all([...swept, scim.sweep(await tenantIds())]);
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await sessions.close();
      await oauth.close();
    },
  };
}
