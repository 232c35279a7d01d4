import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Segment, testStore } from '@safeguard/store';
import { generateSync } from 'otplib';
import { createAccounts } from '../../accounts/accounts.ts';
import type { NewAccount } from '../../accounts/types.ts';
import { createAuthenticators } from '../../authenticators/authenticators.ts';
import { createFederation } from '../../federation/federation.ts';
import type { FederationDeps, SafeFetch } from '../../federation/types.ts';
import { migrations } from '../../index.ts';
import { createSessions } from '../../sessions/sessions.ts';
import { createSignIn } from '../../sign-in/sign-in.ts';
import { createTenants } from '../../tenants.ts';
import type { ScopeRules } from '../../types.ts';

export const base = 'https://localhost:8443';
export const password = 'quite-a-long-passphrase-4711';

const form = /^(user|patient)\/([A-Z][A-Za-z]+|\*)\.(?=.)(c?r?u?d?s?)$/;
export const scopes: ScopeRules = {
  isScope: (text) => form.test(text),
  normalScope(text) {
    if (!form.test(text)) throw Object.assign(new Error('not a scope'), { kind: 'invalid' });
    return text;
  },
  narrows: (asked, granted) => granted.includes(asked),
  intersect: (asked, granted) => asked.filter((scope) => granted.includes(scope)),
  describe: (scope) => scope,
  permissions: new Set(),
};

const nobody: SafeFetch = () => Promise.reject(new Error('no network in this test'));

/** The real packages on a real PostgreSQL under real keys. Time goes on by itself; `clock.ahead` moves it. */
export async function openHouse(fetch: SafeFetch = nobody) {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-federation-'));
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
  const segment = store.segment('identity');
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const provider = await fileProvider({ directory: join(folder, 'keys') });
  const seal = createSeal({ provider, segments, clock });
  const lines: string[] = [];
  const log = { warn: (event: string, fields?: { error?: unknown }) => void lines.push(`${event} ${fields?.error}`) };
  const shared = { segment, clock, log, vault: (tenant: number) => seal.vault('identity', tenant) };
  const authenticators = createAuthenticators({ ...shared, argon2: { memory_kib: 64, passes: 1, lanes: 1 } });
  const accounts = createAccounts({ ...shared, scopes });
  const sessions = createSessions({ ...shared, settings: { idle_s: 900, absolute_s: 43_200 } });
  const signIn = createSignIn({ ...shared, accounts, authenticators, sessions });
  const tenants = createTenants({ segment, clock });
  await tenants.ensureDefault();
  const other = (await tenants.create('other')).id;
  const deps: FederationDeps = { ...shared, scopes, accounts, signIn, sessions, fetch };
  return {
    accounts,
    authenticators,
    sessions,
    signIn,
    clock,
    lines,
    other,
    segment,
    deps,
    federation: createFederation(deps),
    files: dirname(store.embedded.cluster),
    /** Another process, or a broken one. */
    process: (change: Partial<FederationDeps> = {}) => createFederation({ ...deps, ...change }),
    sql: (text: string, values: readonly unknown[] = []) => store.sql('identity', text, values),
    async close() {
      seal.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type House = Awaited<ReturnType<typeof openHouse>>;

let made = 0;

/** An active account with a password and an authenticator app. */
export async function person(house: House, more: Partial<NewAccount> = {}) {
  made += 1;
  const login = more.login ?? `person${made}@clinic.example`;
  const account = await house.accounts.create({
    tenant: 1,
    kind: 'workforce',
    name: `Person ${made}`,
    ...more,
    login,
  });
  const { id, tenant } = account;
  await house.authenticators.passwords.set(tenant, id, password);
  if (account.state === 'invited') await house.accounts.activate(tenant, id);
  const { id: begun, secret } = await house.authenticators.totp.begin(tenant, id, login);
  await house.authenticators.totp.confirm(tenant, id, begun, code(house, secret), 'app');
  return { id, tenant, login, secret };
}

/** A code of the step after the one that was used: the clock goes on with it. */
export function code({ clock }: Pick<House, 'clock'>, secret: string): string {
  clock.ahead += 30_000;
  return generateSync({ secret, epoch: Math.floor(clock.now() / 1000) });
}

export const administrator = (house: House) => person(house, { roles: ['administrator'] });

/** A segment that fails, or tells, before each statement: by its name. */
export function watched(segment: Segment, watch: (name: string) => void): Segment {
  return {
    name: segment.name,
    query: (tenant, statement, values) => {
      watch(statement.name);
      return segment.query(tenant, statement, values);
    },
    transaction: (tenant, work) =>
      segment.transaction(tenant, (connection) =>
        work({
          query: (statement, values) => {
            watch(statement.name);
            return connection.query(statement, values);
          },
        }),
      ),
  };
}

/** What came of it: the value, or the kind and the text of the fault. */
export async function outcome<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    const { kind, message } = error as { kind?: string; message: string };
    if (kind === undefined) throw error;
    return `${kind}: ${message}`;
  }
}
