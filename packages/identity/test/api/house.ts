import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '@safeguard/access';
import { createHttp, type HttpDeps, type Principal, type RequestEvent, type Route, routeOf } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { createAccounts } from '../../accounts/accounts.ts';
import type { Account, NewAccount } from '../../accounts/types.ts';
import { identityOperations } from '../../api/api.ts';
import type { ApiDeps } from '../../api/ports.ts';
import { createKnownTokens } from '../../authenticate/known.ts';
import { createAuthenticators } from '../../authenticators/authenticators.ts';
import { createClient } from '../../clients/create.ts';
import { findClient, listClients } from '../../clients/list.ts';
import { revokeClient } from '../../clients/revoke.ts';
import { rotateSecret } from '../../clients/rotate.ts';
import { migrations } from '../../migrations.ts';
import { createScim } from '../../scim/scim.ts';
import { createSessions } from '../../sessions/sessions.ts';
import { createTenantSettings } from '../../tenant-settings.ts';
import { createTenants } from '../../tenants.ts';
import type { IdentityDeps } from '../../types.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape, as a client sees it
  readonly json: any;
}

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks, by a token or (`session`) by a cookie; undefined: nobody. */
  readonly as?: Principal | undefined;
}

const settings: HttpDeps['settings'] = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 65_536, url_bytes: 16_384, connections: 200, inflight_bytes: 1 << 27 },
  deadlines: {
    request_ms: 30_000,
    ledger_ms: 10_000,
    headers_ms: 10_000,
    idle_ms: 10_000,
    keep_alive_ms: 5_000,
    stop_ms: 2_000,
  },
};

const types = new Set(['Patient', 'Observation', 'Condition', 'Practitioner']);
export const access = createAccess({ types, policies: 'off' });

const encoded = (principal: Principal): string => Buffer.from(JSON.stringify(principal)).toString('base64url');
const decoded = (text: string): Principal => JSON.parse(Buffer.from(text, 'base64url').toString());

/** What of the house a test replaces, to show that it is this that protects. */
export interface Broken {
  readonly api?: Partial<ApiDeps>;
  readonly singleSignOn?: (tenant: number) => Promise<boolean>;
  /** In front of SCIM, and of the API where `api` names no other. */
  readonly guard?: ApiDeps['guard'];
  readonly routes?: (real: Route[]) => Route[];
}

/** The API and SCIM behind the real HTTP, on a real PostgreSQL under real keys. */
export async function openHouse() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-api-'));
  const clock = { at: Date.parse('2026-11-22T12:00:00Z'), now: () => clock.at };
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const segment = segments.identity;
  const seal = createSeal({ provider: await fileProvider({ directory: join(folder, 'keys') }), segments, clock });
  const vault = (tenant: number) => seal.vault('identity', tenant);
  const log = { warn: () => undefined };
  const scopes = access;
  const deps = { segment, vault, clock, log, scopes };
  const tenants = { ...createTenants(deps), ...createTenantSettings(deps) };
  const accounts = createAccounts(deps);
  const sessions = createSessions({ ...deps, settings: { idle_s: 900, absolute_s: 43_200 } });
  const authenticators = createAuthenticators({ ...deps, argon2: { memory_kib: 64, passes: 1, lanes: 1 } });
  const known = createKnownTokens(100);
  const registry = { ...deps, settings: { token_lifetime_s: 300 } } as unknown as IdentityDeps;
  const clients: ApiDeps['clients'] = {
    create: (client) => createClient(registry, client),
    byId: (id) => findClient(segment, id),
    list: (tenant) => listClients(segment, tenant),
    revoke: (id) => revokeClient(registry, known, id),
    rotateSecret: (id, { overlap_s } = {}) => rotateSecret(registry, known, id, overlap_s),
  };
  await tenants.ensureDefault();
  const other = (await tenants.create('other')).id;
  const events: RequestEvent[] = [];
  const opened: { close(): Promise<void> }[] = [];

  const serve = async (broken: Broken = {}) => {
    const { singleSignOn, guard = access.guard, routes = (real: Route[]) => real } = broken;
    const scim = createScim({ ...deps, accounts, guard, ...(singleSignOn === undefined ? {} : { singleSignOn }) });
    const { groups, directory } = scim;
    const ports = {
      accounts,
      authenticators,
      sessions,
      clients,
      tenants,
      scopes,
      guard,
      clock,
      groups,
      directory,
      ...broken.api,
    };
    const quiet = (): void => undefined;
    const http = createHttp({
      routes: routes([...identityOperations(ports).map((one) => routeOf(ports, one)), ...scim.routes()]),
      ports: {
        authenticate: ({ authorization = '' }) => decoded(authorization.slice(7)),
        signedIn: ({ cookie }) => (cookie === undefined ? undefined : decoded(cookie.slice(2))),
        record: async (event) => void events.push(event),
      },
      settings,
      tls: 'off',
      log: { info: quiet, warn: quiet, error: quiet, request: quiet } as never,
      health: { ready: async () => undefined },
    });
    const { url } = await http.listen();
    opened.push(http);
    const send = async (method: string, path: string, { body, headers = {}, as }: Sent = {}): Promise<Reply> => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const type = path.startsWith('/scim') ? 'application/scim+json' : 'application/json';
      const byCookie = as?.kind === 'user' && as.client === undefined;
      const how = byCookie
        ? { cookie: `s=${encoded(as)}`, origin: url }
        : as && { authorization: `Bearer ${encoded(as)}` };
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { ...how, ...(body === undefined ? {} : { 'content-type': type }), ...headers },
        ...(body === undefined ? {} : { body: text }),
      });
      const received = await answer.text();
      const json = received.startsWith('{') ? JSON.parse(received) : undefined;
      return { status: answer.status, headers: answer.headers, text: received, json };
    };
    return { send, scim, url };
  };

  return {
    ...(await serve()),
    serve,
    accounts,
    sessions,
    authenticators,
    clients,
    tenants,
    clock,
    segment,
    vault,
    other,
    events,
    sql: (text: string) => store.sql('identity', text),
    close: async () => {
      for (const http of opened) await http.close();
      seal.close();
      await store.close();
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

let count = 0;
/** A new account's data, each with its own login. */
export const somebody = (more: Partial<NewAccount> = {}): NewAccount => {
  count += 1;
  return { tenant: 1, kind: 'workforce', login: `person${count}@clinic.example`, name: `Person ${count}`, ...more };
};

export async function activeAccount(house: House, more: Partial<NewAccount> = {}): Promise<Account> {
  const { id, tenant } = await house.accounts.create(somebody(more));
  return house.accounts.activate(tenant, id);
}

/** An administrator who signed in at our pages a minute ago. */
export const administrator = (house: House, more: Partial<Principal> = {}): Principal => ({
  tenant: 1,
  kind: 'user',
  id: newId(),
  scopes: [],
  view: 'full',
  roles: ['administrator'],
  session: newId(),
  assurance: { level: 2, at: house.clock.at - 60_000, methods: ['pwd', 'otp', 'mfa'] },
  ...more,
});

export const person = (house: House, account: Account, more: Partial<Principal> = {}): Principal =>
  administrator(house, { tenant: account.tenant, id: account.id, roles: account.roles, ...more });

export const program = (...scopes: string[]): Principal => ({
  tenant: 1,
  kind: 'client',
  id: newId(),
  scopes,
  view: 'full',
});
