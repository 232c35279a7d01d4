import { createHttp, type Principal, type RequestEvent, type Route } from '@safeguard/http';
import { type CheckContext, type CheckResult, newId, type Probe } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { createAuthenticators } from '../../authenticators/authenticators.ts';
import { identityChecks } from '../../checks/checks.ts';
import type { IdentityCheckDeps } from '../../checks/deps.ts';
import { createIdentity, type Identity } from '../../index.ts';
import { startPostgres } from '../postgres.ts';
import { scopeRules } from '../world.ts';

export const parameters: Readonly<Record<string, number>> = {
  'sessions.idle_minutes': 15,
  'sessions.absolute_hours': 12,
  'passwords.shortest_characters': 8,
  'signin.attempts': 10,
  'signin.inactive_days': 90,
  'access.leaver_minutes': 60,
};

const settings = {
  token_lifetime_s: 300,
  sessions: { idle_s: 900, absolute_s: 43_200 },
  fetch_allow: [],
};

const scopes: typeof scopeRules = { ...scopeRules, isScope: () => true, normalScope: (text) => text };

const http = {
  host: '127.0.0.1',
  port: 0,
  limits: { body_bytes: 65_536, header_bytes: 16_384, url_bytes: 8_192, connections: 100, inflight_bytes: 1 << 26 },
  deadlines: {
    request_ms: 10_000,
    ledger_ms: 5_000,
    headers_ms: 5_000,
    idle_ms: 5_000,
    keep_alive_ms: 1_000,
    stop_ms: 1_000,
  },
};

/** Health data, as far as the checks of identity look: routes that want a token. */
const records = (auth: Route['auth']): Route[] =>
  (
    [
      ['GET', '/fhir/R4/Patient'],
      ['GET', '/fhir/R4/Patient/:id'],
      ['POST', '/fhir/R4/Observation/_search'],
    ] as const
  ).map(([method, path]) => ({
    ...{ method, path, action: 'read', auth, errors: 'fhir' },
    handle: () => ({ status: 200, body: '{}' }),
  }));

/** What of the house a test breaks on purpose. */
export interface Broken {
  /** The log takes nothing. */
  readonly silent?: boolean;
  readonly records?: Route['auth'];
  readonly idle_s?: number;
  readonly segment?: (real: Segment) => Segment;
  readonly authenticate?: (real: Identity['authenticate']) => Identity['authenticate'];
  readonly deps?: Partial<IdentityCheckDeps>;
}

/** The real identity behind the real HTTP, on a real PostgreSQL; each `platform` is a server process of its own. */
export async function openHouse() {
  const postgres = await startPostgres();
  const clock = { at: Date.parse('2026-11-22T12:00:00Z'), now: () => clock.at };
  const log = { warn: () => undefined };
  const closing: (() => Promise<void>)[] = [];

  const platform = async (broken: Broken = {}) => {
    const segment = broken.segment?.(postgres.segment) ?? postgres.segment;
    const identity = createIdentity({
      ...{ segment, vault: postgres.vault, clock, log, scopes, guard: () => undefined },
      patients: { search: async () => [], byIds: async () => [] },
      settings: { ...settings, sessions: { ...settings.sessions, idle_s: broken.idle_s ?? 900 } },
    });
    await identity.tenants.ensureDefault();
    const authenticate = broken.authenticate?.(identity.authenticate) ?? identity.authenticate;
    const events: RequestEvent[] = [];
    const routes = [...records(broken.records ?? 'token'), ...identity.routes()];
    const quiet = (): void => undefined;
    const served = createHttp({
      routes,
      ports: {
        authenticate,
        signedIn: identity.signedIn,
        page: identity.page,
        record: async (event) => void (broken.silent || events.push(event)),
      },
      settings: http,
      tls: 'off',
      log: { info: quiet, warn: quiet, error: quiet, request: quiet } as never,
      health: { ready: async () => undefined },
    });
    const { url } = await served.listen();
    closing.push(served.close, identity.close);
    const tenants = await testTenants(identity);
    const probe: Probe = {
      url,
      tenants: async () => tenants,
      async ask({ method = 'GET', path, headers = {}, body }) {
        const answer = await fetch(`${url}${path}`, {
          ...{ method, headers, redirect: 'manual' },
          ...(body === undefined ? {} : { body }),
        });
        const told = Object.fromEntries(answer.headers);
        return { status: answer.status, headers: told, text: await answer.text(), id: told['x-request-id'] ?? '' };
      },
      entryOf: async (tenant, id) =>
        events.find((one) => one.id === id && one.tenant === tenant) as unknown as Record<string, unknown>,
      canary: () => newId(),
    };
    const deps: IdentityCheckDeps = {
      ...{ probe, segment: postgres.segment, vault: postgres.vault, clock, log },
      identity: { ...identity, authenticate },
      routes: () => routes,
      newestActors: async (tenant, count) => events.filter((one) => one.tenant === tenant).slice(-count),
      holdersAmong: async () => [],
      ...broken.deps,
    };
    const checks = new Map(identityChecks(deps).map((one) => [one.id, one]));
    const run = async (id: string, more: Partial<CheckContext> = {}): Promise<CheckResult> => {
      const check = checks.get(id);
      if (check === undefined) throw new Error(`no check ${id}`);
      const { signal } = new AbortController();
      const number = (name: string): number => parameters[name] ?? Number.NaN;
      return check.run({ at: clock.now(), number, signal, ...more });
    };
    return { identity, run, events, checks, probe, deps };
  };

  const authenticators = createAuthenticators({ ...postgres, clock, log });
  let made = 0;
  /** Somebody with a password and an authenticator app, as the sign-in leaves them. */
  const person = async (identity: Identity, roles: readonly 'administrator'[] = []) => {
    made += 1;
    const login = `person${made}@example.org`;
    const { id } = await identity.accounts.create({ tenant: 1, kind: 'workforce', login, name: 'N', roles });
    await identity.accounts.activate(1, id);
    await authenticators.passwords.set(1, id, 'quite-a-long-passphrase-4711');
    await postgres.asOwner(`insert into identity.factor (id, account, tenant, kind, key_id, sealed, last_step,
      created_at, confirmed_at) values ('${newId()}', '${id}', 1, 'totp', 1, '\\x00', 0, now(), now())`);
    return id;
  };
  return {
    ...{ clock, postgres, authenticators, platform, person },
    /** SQL past every policy and trigger of the runtime role. */
    sql: (text: string) => postgres.asOwner(text),
    async close() {
      for (const close of closing.toReversed()) await close();
      await postgres.close();
    },
  };
}

async function testTenants({ tenants }: Identity): Promise<readonly [number, number]> {
  const numbers: number[] = [];
  for (const name of ['checks-a', 'checks-b']) {
    const found = (await tenants.byName(name)) ?? (await tenants.create(name));
    await tenants.configure(found.id, { test: true });
    numbers.push(found.id);
  }
  return [numbers[0] ?? 0, numbers[1] ?? 0];
}

/** Whom a broken `authenticate` takes anybody for. */
export const anybody: Principal = { tenant: 1, kind: 'client', id: newId(), scopes: ['system/*.cruds'], view: 'full' };

/** A segment of which one statement says something else: how the product's own code is broken here. */
export const reworded = (real: Segment, name: string, change: (text: string) => string): Segment => ({
  ...real,
  name: real.name,
  transaction: (tenant, work) => real.transaction(tenant, work),
  query: (tenant, statement, values) =>
    real.query(tenant, statement.name === name ? { name: newId(), text: change(statement.text) } : statement, values),
});
