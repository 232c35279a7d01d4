import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '@safeguard/access';
import { assetRoute, createHttp, type HttpDeps, type Principal, type RequestEvent, routeOf } from '@safeguard/http';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { createAccounts } from '../../accounts/accounts.ts';
import type { Account, NewAccount } from '../../accounts/types.ts';
import { identityOperations } from '../../api/api.ts';
import type { ApiDeps } from '../../api/ports.ts';
import { attemptLimits, createAttempts } from '../../attempts.ts';
import { migrations } from '../../migrations.ts';
import { createOAuth } from '../../oauth/oauth.ts';
import { errorPage } from '../../pages/errors.ts';
import type { PageDeps } from '../../pages/ports.ts';
import { createRegistration } from '../../registration/registration.ts';
import type { RegistrationDeps } from '../../registration/types.ts';
import type { UdapDeps } from '../../registration/udap/register.ts';
import { createUsed } from '../../registration/used.ts';
import { createSessions } from '../../sessions/sessions.ts';
import { createTenantSettings } from '../../tenant-settings.ts';
import { createTenants } from '../../tenants.ts';
import { standIn } from '../oauth/stand-in.ts';

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
  /** Who asks, by a token or (a person at our pages) by a cookie; undefined: nobody. */
  readonly as?: Principal | undefined;
}

const settings: HttpDeps['settings'] = {
  host: 'localhost',
  port: 0,
  limits: { body_bytes: 131_072, header_bytes: 65_536, url_bytes: 16_384, connections: 200, inflight_bytes: 1 << 27 },
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
export const access = createAccess({ types, parameters: () => 'served', policies: 'off' });

const encoded = (principal: Principal): string => Buffer.from(JSON.stringify(principal)).toString('base64url');
const decoded = (text: string): Principal => JSON.parse(Buffer.from(text, 'base64url').toString());

/** What of the house a test replaces, to show that it is this that protects. */
export interface Broken {
  readonly registration?: Partial<RegistrationDeps> & Pick<UdapDeps, 'leafOf'>;
  readonly wrap?: (real: ReturnType<typeof createRegistration>) => ReturnType<typeof createRegistration>;
}

function asBody(body: unknown): { readonly type?: string; readonly text?: string } {
  if (body === undefined) return {};
  if (body instanceof URLSearchParams) return { type: 'application/x-www-form-urlencoded', text: body.toString() };
  return { type: 'application/json', text: typeof body === 'string' ? body : JSON.stringify(body) };
}

function proofOf(url: string, as: Principal | undefined): Record<string, string> {
  if (as === undefined) return {};
  const byCookie = as.kind === 'user' && as.client === undefined;
  return byCookie ? { cookie: `s=${encoded(as)}`, origin: url } : { authorization: `Bearer ${encoded(as)}` };
}

async function ask(url: string, method: string, path: string, { body, headers, as }: Sent): Promise<Reply> {
  const { type, text } = asBody(body);
  const answer = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...proofOf(url, as), ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  const received = await answer.text();
  const json = received.startsWith('{') ? JSON.parse(received) : undefined;
  return { status: answer.status, headers: answer.headers, text: received, json };
}

/** Registration, the API and the authorization server behind the real HTTP, on a real PostgreSQL under real keys. */
export async function openHouse() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-registration-'));
  const clock = { offset_ms: 0, now: () => Date.now() + clock.offset_ms };
  const segment = store.segment('identity');
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const seal = createSeal({ provider: await fileProvider({ directory: join(folder, 'keys') }), segments, clock });
  const vault = (tenant: number) => seal.vault('identity', tenant);
  const lines: string[] = [];
  const log = { warn: (event: string, more?: { error?: unknown }) => void lines.push(`${event} ${more?.error}`) };
  const deps = { segment, vault, clock, log, scopes: access };
  const tenants = { ...createTenants(deps), ...createTenantSettings(deps) };
  const accounts = createAccounts(deps);
  const sessions = createSessions({ ...deps, settings: { idle_s: 900, absolute_s: 43_200 } });
  const used = createUsed(deps);
  const oauth = createOAuth({
    ...deps,
    accounts,
    sessions,
    used,
    settings: { token_lifetime_s: 300 },
    attempts: createAttempts(clock, { ...attemptLimits, perClient: 100_000, perRemote: 100_000 }),
    smart: standIn({ rules: access, sessions }),
  } as Parameters<typeof createOAuth>[0]);
  await tenants.ensureDefault();
  const other = (await tenants.create('other')).id;
  const events: RequestEvent[] = [];
  const opened: { close(): Promise<void> }[] = [];
  const pages = {
    accounts,
    clock,
    guard: access.guard,
    registers: true,
    brand: async () => ({ name: 'Harbor Clinic' }),
    signIn: {
      begin: async () => ({ secret: 'sgf_x', view: { step: 'second' } }),
    },
  } as unknown as PageDeps;

  const serve = async ({ registration: change, wrap = (real) => real }: Broken = {}) => {
    const own = { ...deps, tenants, clients: oauth.clients, guard: access.guard, pages, ...change };
    const registration = wrap(createRegistration(own));
    const guard = change?.guard ?? access.guard;
    const ports = { ...{ accounts, sessions, tenants, clock, registration }, guard, scopes: access };
    const served = { ...ports, clients: oauth.clients } as unknown as ApiDeps;
    const api = identityOperations(served).map((one) => routeOf(served, one));
    const quiet = (): void => undefined;
    const http = createHttp({
      routes: [...api, ...registration.routes(), ...oauth.routes(), assetRoute()],
      ports: {
        authenticate: ({ authorization = '' }) => decoded(authorization.slice(7)),
        signedIn: ({ cookie }) => (cookie === undefined ? undefined : decoded(cookie.slice(2))),
        page: errorPage,
        record: async (event) => void events.push(event),
      },
      settings,
      tls: 'off',
      log: { info: quiet, warn: quiet, error: quiet, request: quiet } as never,
      health: { ready: async () => undefined },
      clock,
    });
    const { url } = await http.listen();
    opened.push(http);
    const send = (method: string, path: string, sent: Sent = {}) => ask(url, method, path, sent);
    return {
      send,
      url,
      registration,
      api: (method: string, path: string, sent?: Sent) => send(method, `/api/v1${path}`, sent),
    };
  };

  return {
    ...(await serve()),
    serve,
    ...{ accounts, tenants, clock, segment, vault, other, events, oauth, lines },
    sql: (text: string) => store.sql('identity', text),
    async close() {
      for (const http of opened) await http.close();
      await oauth.close();
      seal.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;
export type Served = Awaited<ReturnType<House['serve']>>;

let count = 0;
export async function activeAccount(house: House, more: Partial<NewAccount> = {}): Promise<Account> {
  count += 1;
  const login = `person${count}@clinic.example`;
  const { id, tenant } = await house.accounts.create({
    ...{ tenant: 1, kind: 'workforce', login, name: `Person ${count}` },
    ...more,
  } as NewAccount);
  return house.accounts.activate(tenant, id);
}

/** At our pages, a factor shown a minute ago. */
export const principalOf = (
  house: House,
  { id, tenant, roles, kind }: Account,
  more: Partial<Principal> = {},
): Principal => ({
  tenant,
  kind: 'user',
  id,
  scopes: [],
  view: 'full',
  roles,
  session: id,
  assurance: { level: 2, at: house.clock.now() - 60_000, methods: ['pwd', 'otp', 'mfa'] },
  ...(kind === 'workforce' ? {} : { within: [] }),
  ...more,
});

export const person = async (house: House, more: Partial<NewAccount> = {}, of: Partial<Principal> = {}) =>
  principalOf(house, await activeAccount(house, more), of);
export const administrator = (house: House, more: Partial<NewAccount> = {}) =>
  person(house, { roles: ['administrator'], ...more });

export const backend = (more: object = {}) => ({
  name: 'Lab importer',
  publisher: 'Northern Labs',
  description: 'Reads results.',
  contact: 'dev@labs.example',
  purpose: 'Quality control of laboratory results.',
  scopes: ['system/Observation.rs', 'system/Patient.r'],
  auth_method: 'client_secret_basic',
  grant_types: ['client_credentials'],
  ...more,
});

export const browserApp = (more: object = {}) => ({
  ...backend(),
  name: 'Growth chart',
  scopes: ['patient/Observation.rs', 'patient/Patient.r'],
  auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://app.example/callback', 'https://app.example/second'],
  client_uri: 'https://app.example',
  ...more,
});

/** Drafted and asked for, over the API. */
export async function asked(served: Pick<Served, 'api'>, as: Principal, body: object = backend()) {
  const made = await served.api('POST', '/applications', { as, body });
  const sent = await served.api('POST', `/applications/${made.json?.client_id}/submit`, { as, body: undefined });
  return { id: String(made.json?.client_id), made, sent };
}

export const approve = (served: Pick<Served, 'api'>, as: Principal, id: string, version = 1, more: object = {}) =>
  served.api('POST', `/applications/${id}/decision`, { as, body: { decision: 'approve', version, ...more } });

/** A client-credentials token. */
export const token = (served: Pick<Served, 'send'>, client_id: string, client_secret: string, scope?: string) =>
  served.send('POST', '/oauth2/token', {
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
  });

export function newKey(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES384' } };
}
