import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assetRoute,
  createHttp,
  createLog,
  html,
  type Principal,
  page,
  type RequestEvent,
  type Route,
} from '@safeguard/http';
import { type Clock, systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { createAccounts } from '../../accounts/accounts.ts';
import type { NewAccount } from '../../accounts/types.ts';
import { migrations } from '../../index.ts';
import { createOAuth } from '../../oauth/oauth.ts';
import { type CreateSmartDeps, createSmart } from '../../oauth/smart/smart.ts';
import type { EncounterEntry, Interactions, PatientEntry, Smart, SmartDeps } from '../../oauth/smart/types.ts';
import { signOutRoutes } from '../../pages/sign-out.ts';
import { sha256 } from '../../secrets.ts';
import { createSessions } from '../../sessions/sessions.ts';
import { sessionCookie } from '../../sessions/types.ts';
import { guard, rules } from './rules.ts';

export const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';
export const redirect_uri = 'https://app.example/callback';

/** Patients that exist, by tenant; what the picker asked, and as whom. */
export interface TestPatients {
  readonly all: (PatientEntry & { readonly tenant: number })[];
  readonly looks: { principal: Principal; text?: string; ids?: readonly string[] }[];
}

const portOf = ({ all, looks }: TestPatients): SmartDeps['patients'] => {
  const may = (principal: Principal, id: string): boolean =>
    principal.scopes.length > 0 && (principal.within === undefined || principal.within.includes(id));
  const of = (principal: Principal) =>
    all
      .filter(({ tenant, id }) => tenant === principal.tenant && may(principal, id))
      .map(({ tenant, ...entry }) => entry);
  return {
    async search(principal, text) {
      looks.push({ principal, text });
      return of(principal).filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
    },
    async byIds(principal, ids) {
      looks.push({ principal, ids });
      return of(principal).filter(({ id }) => ids.includes(id));
    },
  };
};

async function answered(encounters: readonly EncounterEntry[] | Error): Promise<readonly EncounterEntry[]> {
  if (encounters instanceof Error) throw encounters;
  return encounters;
}

export interface WorldOptions {
  /** A broken variant of the interactions: for negative controls. */
  readonly interactions?: (real: Interactions) => Interactions;
  readonly change?: (deps: CreateSmartDeps) => Partial<SmartDeps>;
  /** What the port answers; a Fault is thrown. */
  readonly encounters?: readonly EncounterEntry[] | Error;
  readonly clock?: Clock;
  /** A broken variant of the routes. */
  readonly routes?: (real: Route[]) => Route[];
}

const limits = {
  body_bytes: 65_536,
  header_bytes: 16_384,
  url_bytes: 8_192,
  connections: 64,
  inflight_bytes: 1_000_000,
};
const deadlines = {
  request_ms: 10_000,
  ledger_ms: 1_000,
  headers_ms: 5_000,
  idle_ms: 5_000,
  keep_alive_ms: 2_000,
  stop_ms: 1_000,
};

/** The real packages on a real PostgreSQL behind the real request lifecycle; only the FHIR search is of paper. */
export async function openWorld() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-smart-'));
  const segment = store.segment('identity');
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const seal = createSeal({
    provider: await fileProvider({ directory: join(folder, 'keys') }),
    segments,
    clock: systemClock,
  });
  const vault = (tenant: number) => seal.vault('identity', tenant);
  const sql = (text: string, values: unknown[] = []) => store.sql('identity', text, values);
  await sql(`insert into identity.tenant (id, name, created_at) values (1, 'default', now()), (2, 'other', now())`);
  const patients: TestPatients = { all: [], looks: [] };
  const log = { warn: () => undefined };
  const base = { segment, vault, clock: systemClock, log, scopes: rules };
  const accounts = createAccounts(base);
  const sessions = createSessions({ ...base, settings: { idle_s: 900, absolute_s: 43_200 } });
  accounts.onChange((tenant, account) => void sessions.endAll(tenant, account));
  const tenants = { byName: async () => undefined };
  const brand = async () => ({ name: 'Riverside Hospital' });
  const closing: (() => Promise<unknown>)[] = [];

  /** A server process; several may run at once on the one database. */
  async function serve(options: WorldOptions = {}) {
    const { interactions: broken, change, encounters, clock = systemClock, routes = (real: Route[]) => real } = options;
    const events: RequestEvent[] = [];
    let smart: Smart | undefined;
    const oauth = await createOAuth({
      ...base,
      accounts,
      sessions,
      settings: { token_lifetime_s: 300 },
      smart: (interactions) => {
        const deps: CreateSmartDeps = {
          ...base,
          clock,
          guard,
          accounts,
          sessions,
          tenantName: async (tenant) => (tenant === 1 ? 'default' : 'other'),
          brand,
          interactions: broken?.(interactions) ?? interactions,
          patients: {
            ...portOf(patients),
            ...(encounters === undefined ? {} : { encounters: () => answered(encounters) }),
          },
        };
        smart = createSmart({ ...deps, ...change?.(deps) });
        return smart;
      },
    });
    const http = createHttp({
      routes: routes([...oauth.routes(), assetRoute(), ...signOutRoutes({ sessions, tenants, brand })]),
      ports: {
        authenticate: (credential) => oauth.authenticate(credential),
        signedIn: async ({ cookie, agent: browser }) => (await sessions.signedIn(cookie, browser))?.principal,
        page: (told, { status }) =>
          page({ title: 'Error', brand: { name: 'Riverside' }, status, main: html`<h1>${told.message}</h1>` }),
        record: async (event) => void events.push(event),
      },
      settings: { host: '127.0.0.1', port: 0, limits, deadlines },
      tls: 'off',
      log: createLog({ level: 'error' }),
      health: { ready: async () => undefined },
    });
    const { url } = await http.listen();
    closing.push(async () => {
      await http.close();
      await oauth.close();
    });
    return { url, fhir: `${url}/fhir/R4`, events, oauth, smart: smart as Smart };
  }

  return {
    ...{ sql, segment, vault, accounts, sessions, patients, serve },
    async close() {
      for (const each of closing) await each();
      seal.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;
export type Served = Awaited<ReturnType<World['serve']>>;

let made = 0;

export async function makeAccount(world: World, more: Partial<NewAccount> = {}) {
  made += 1;
  const account = await world.accounts.create({
    tenant: 1,
    kind: 'workforce',
    login: `person${made}@example.org`,
    name: `Person ${made}`,
    scopes: ['user/*.cruds'],
    ...more,
  });
  return world.accounts.activate(account.tenant, account.id);
}

export function makePatient({ patients }: World, name: string, tenant = 1): PatientEntry {
  const entry = { id: randomUUID(), name, birthDate: '1985-12-09' };
  patients.all.push({ ...entry, tenant });
  return entry;
}

export interface TestApp {
  readonly client_id: string;
  readonly secret: string | undefined;
}

export interface AppOptions {
  readonly tenant?: number;
  readonly scopes?: readonly string[];
  readonly state?: string;
  readonly public?: boolean;
  readonly redirect_uri?: string;
  readonly name?: string;
}

/** An app as the registry keeps it. */
export async function makeApp({ sql }: World, options: AppOptions = {}): Promise<TestApp> {
  const {
    tenant = 1,
    state = 'approved',
    name = 'Growth chart',
    scopes = ['patient/*.cruds', 'user/*.cruds'],
  } = options;
  const client_id = randomUUID();
  const secret = options.public === true ? undefined : `sgs_${randomBytes(32).toString('base64url')}`;
  await sql(
    `insert into identity.client (id, tenant, name, scopes, view, created_at, revoked_at, type, state, auth_method,
      grant_types, redirect_uris, launch_uri) values ($1, $2, $3, $4, 'full', now(),
      case when $5 = 'revoked' then now() end, $6, $5, $7, '{authorization_code,refresh_token}', $8,
      'https://app.example/launch')`,
    [
      client_id,
      tenant,
      name,
      scopes,
      state,
      secret === undefined ? 'public' : 'confidential',
      secret === undefined ? 'none' : 'client_secret_basic',
      [options.redirect_uri ?? redirect_uri],
    ],
  );
  if (secret !== undefined) {
    await sql(
      `insert into identity.client_secret (id, client, tenant, number, hash, created_at)
        values (gen_random_uuid(), $1, $2, 1, $3, now())`,
      [client_id, tenant, sha256(secret)],
    );
  }
  return { client_id, secret };
}

/** The session cookie of a person who signed in, by two factors unless the level says otherwise. */
export async function signIn({ sessions }: World, account: { id: string; tenant: number }, level: 1 | 2 = 2) {
  const { secret } = await sessions.open({
    tenant: account.tenant,
    account: account.id,
    level,
    methods: level === 2 ? ['pwd', 'otp', 'mfa'] : ['pwd'],
    remote: '192.0.2.1',
    agent,
  });
  return `${sessionCookie}=${secret}`;
}
