import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createAccess } from '@safeguard/access';
import { createHttp, createLog, type RequestEvent, type Route } from '@safeguard/http';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Segment, testStore } from '@safeguard/store';
import { createAccounts } from '../../accounts/accounts.ts';
import type { NewAccount } from '../../accounts/types.ts';
import { attemptLimits, createAttempts } from '../../attempts.ts';
import { migrations } from '../../index.ts';
import { createOAuth } from '../../oauth/oauth.ts';
import type { OAuthDeps, OAuthSettings } from '../../oauth/types.ts';
import { createSessions } from '../../sessions/sessions.ts';
import { createTenants } from '../../tenants.ts';
import type { NewApp, ScopeRules } from '../../types.ts';
import { standIn } from './stand-in.ts';

const types = new Set(['Patient', 'Observation', 'Condition', 'Encounter']);
export const rules: ScopeRules = createAccess({ types, parameters: () => 'served', policies: 'off' });

/** What callers use; requests are led to the plain server behind it, as a proxy would lead them. */
export const base = 'https://health.example';
export const fhir = `${base}/fhir/R4`;
export const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';
export const callback = 'https://app.example/callback';

export interface ProcessOptions {
  readonly settings?: Partial<OAuthSettings>;
  readonly segment?: Segment;
  readonly change?: Partial<OAuthDeps>;
  readonly patient?: string;
}

export const httpSettings = {
  host: '127.0.0.1',
  port: 0,
  public_url: base,
  limits: { body_bytes: 65_536, header_bytes: 32_768, url_bytes: 16_384, connections: 500, inflight_bytes: 50_000_000 },
  deadlines: {
    request_ms: 20_000,
    ledger_ms: 5_000,
    headers_ms: 5_000,
    idle_ms: 5_000,
    keep_alive_ms: 60_000,
    stop_ms: 500,
  },
};

/** The real packages on a real PostgreSQL behind a real server; each `process()` is a server process of its own. */
export async function openHouse() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-oauth-'));
  const clock = { offset_ms: 0, now: () => Date.now() + clock.offset_ms };
  const segment = store.segment('identity');
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const seal = createSeal({ provider: await fileProvider({ directory: join(folder, 'keys') }), segments, clock });
  const vault = (tenant: number) => seal.vault('identity', tenant);
  const lines: string[] = [];
  const log = {
    warn: (event: string, fields?: { error?: unknown }) => void lines.push(`${event} ${fields?.error ?? ''}`),
  };
  const closing: (() => Promise<unknown>)[] = [];

  const process = async ({ settings, segment: own = segment, change, patient }: ProcessOptions = {}) => {
    const accounts = createAccounts({ segment: own, vault, clock, scopes: rules });
    const sessions = createSessions({
      segment: own,
      vault,
      clock,
      log,
      settings: { idle_s: 900, absolute_s: 43_200 },
    });
    const oauth = createOAuth({
      ...{ segment: own, vault, clock, log, scopes: rules, accounts, sessions },
      settings: { token_lifetime_s: 300, ...settings },
      attempts: createAttempts(clock, { ...attemptLimits, perClient: 100_000, perRemote: 100_000 }),
      smart: standIn({ rules, sessions, ...(patient === undefined ? {} : { patient }) }),
      ...change,
    });
    const events: RequestEvent[] = [];
    /** A resource, to see what a token is worth. */
    const resource: Route = {
      method: 'GET',
      path: '/fhir/R4/Patient/:id',
      action: 'read',
      auth: 'token',
      errors: 'fhir',
      handle: ({ principal }) => ({ status: 200, type: 'application/json', body: JSON.stringify(principal) }),
    };
    const routes = [...oauth.routes(), resource];
    const http = createHttp({
      routes,
      ports: { authenticate: oauth.authenticate, record: async (event) => void events.push(event) },
      settings: httpSettings,
      tls: 'off',
      log: createLog({ level: 'fatal' as 'error' }),
      health: { ready: async () => undefined },
      clock,
    });
    const { port } = await http.listen();
    closing.unshift(async () => {
      await http.close();
      await oauth.close();
      await sessions.close();
    });
    return { accounts, sessions, oauth, events, routes, port, fetch: fetchTo(port) };
  };

  const tenants = createTenants({ segment, clock });
  await tenants.ensureDefault();
  const first = await process();
  let count = 0;
  /** An account that may sign in, and the cookie of its session. */
  const person = async (more: Partial<NewAccount> = {}) => {
    count += 1;
    const made = await first.accounts.create({
      ...{ tenant: 1, kind: 'workforce', login: `p${count}@clinic.example`, name: `Person ${count}` },
      ...{ scopes: ['user/*.cruds'], fhir_user: 'Practitioner/p1' },
      ...more,
    } as NewAccount);
    await first.accounts.activate(made.tenant, made.id);
    return { ...made, ...(await signIn(made.tenant, made.id)) };
  };
  const signIn = async (tenant: number, account: string) => {
    const opening = { tenant, account, level: 2, methods: ['pwd', 'otp', 'mfa'], remote: '192.0.2.1', agent } as const;
    const { secret, id } = await first.sessions.open(opening);
    return { session: id, cookie: `__Host-safeguard=${secret}` };
  };
  const app = (more: Partial<NewApp> = {}) =>
    first.oauth.clients.register({
      name: 'Growth chart',
      tenant: 1,
      scopes: ['user/*.rs', 'patient/*.rs'],
      view: 'full',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [callback],
      ...more,
    });
  return {
    ...first,
    process,
    person,
    signIn,
    app,
    clock,
    lines,
    segment,
    vault,
    tenants,
    other: (await tenants.create('other')).id,
    files: dirname(store.embedded.cluster),
    sql: (text: string) => store.sql('identity', text),
    async close() {
      for (const close of closing) await close();
      seal.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;
export type Process = Awaited<ReturnType<House['process']>>;

/** `fetch` that reaches our public address at a process. */
export const fetchTo =
  (port: number) =>
  (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    const to = url.replace(base, `http://127.0.0.1:${port}`);
    const { duplex: _duplex, ...rest } = (init ?? {}) as RequestInit & { duplex?: string };
    return fetch(to, { redirect: 'manual', ...rest });
  };
