import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFault } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Row, type Segment, type Statement, testStore } from '@safeguard/store';
import { generateSync } from 'otplib';
import { createAccounts } from '../../accounts/accounts.ts';
import type { NewAccount } from '../../accounts/types.ts';
import { createAuthenticators } from '../../authenticators/authenticators.ts';
import type { Authenticators } from '../../authenticators/types.ts';
import { migrations } from '../../index.ts';
import { createSessions } from '../../sessions/sessions.ts';
import type { SignInDeps } from '../../sign-in/deps.ts';
import type { Gate } from '../../sign-in/gate.ts';
import { createSignIn } from '../../sign-in/sign-in.ts';
import type { From } from '../../sign-in/types.ts';
import type { ScopeRules } from '../../types.ts';

export const scopes: ScopeRules = {
  isScope: (text) => /^(user|patient)\//.test(text),
  normalScope: (text) => text,
  narrows: (asked, granted) => granted.includes(asked),
  intersect: (asked, granted) => asked.filter((scope) => granted.includes(scope)),
  describe: (scope) => scope,
  permissions: new Set(),
};

export const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0';
export const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36';

export const origin = 'https://localhost:8443';
export const password = 'quite-a-long-passphrase-4711';

export const from = (more: Partial<From> = {}): From => ({
  remote: '192.0.2.1',
  agent: firefox,
  origin,
  device: undefined,
  session: undefined,
  ...more,
});

/** A gate that lets everybody through at once, so that a test of something else does not wait. */
export const openGate: Gate = { run: (_, work) => work(), isFull: () => false, wait_s: () => 1 };

export interface ProcessOptions {
  readonly segment?: Segment;
  readonly gate?: Gate;
  /** Told of each slow hash. */
  readonly hashes?: () => void;
  /** A broken variant: stands in for what the flow is given. */
  readonly authenticators?: (real: Authenticators) => Authenticators;
  readonly change?: Partial<SignInDeps>;
}

/** The real packages on a real PostgreSQL; each `process()` stands for a server process of its own. */
export async function openHouse() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-sign-in-'));
  const clock = { at: Date.parse('2026-11-22T12:00:00Z'), now: () => clock.at };
  const segment = store.segment('identity');
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const seal = createSeal({
    provider: await fileProvider({ directory: join(folder, 'keys') }),
    segments,
    clock,
  });
  const lines: string[] = [];
  const log = {
    warn: (event: string, fields?: { error?: unknown }) => void lines.push(`${event} ${fields?.error ?? ''}`),
  };
  const settings = { idle_s: 900, absolute_s: 43_200 };
  const process = ({
    segment: own = segment,
    gate = openGate,
    authenticators: broken,
    hashes,
    change,
  }: ProcessOptions = {}) => {
    const base = { segment: own, clock, log, vault: (tenant: number) => seal.vault('identity', tenant) };
    const counting = {
      run<T>(work: () => Promise<T>): Promise<T> {
        hashes?.();
        return work();
      },
    };
    const real = createAuthenticators({ ...base, gate: counting, argon2: { memory_kib: 64, passes: 2, lanes: 1 } });
    const authenticators = broken?.(real) ?? real;
    const accounts = createAccounts({ ...base, scopes });
    const sessions = createSessions({ ...base, settings });
    const signIn = createSignIn({ ...base, accounts, authenticators, sessions, gate, ...change });
    return { accounts, authenticators, sessions, signIn };
  };
  const main = process();
  const sql = (text: string, values: unknown[] = []) => store.sql('identity', text, values);
  await sql(`insert into identity.tenant (id, name, created_at) values (1, 'default', now()), (2, 'other', now())`);
  return {
    ...(await main),
    store,
    segment,
    seal,
    clock,
    lines,
    sql,
    process,
    vault: (tenant: number) => seal.vault('identity', tenant),
    async close() {
      seal.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type House = Awaited<ReturnType<typeof openHouse>>;
export type Process = ReturnType<House['process']>;

let made = 0;

/** An account that is active, with a password and, unless `factor` is false, an authenticator app. */
export async function person(house: House, more: Partial<NewAccount> & { factor?: boolean } = {}) {
  const { factor = true, ...wanted } = more;
  made += 1;
  const login = `person${made}@example.org`;
  const { accounts, authenticators } = house;
  const account = await accounts.create({ tenant: 1, kind: 'workforce', login, name: `Person ${made}`, ...wanted });
  const { id, tenant } = account;
  await authenticators.passwords.set(tenant, id, password);
  if (account.state === 'invited') await accounts.activate(tenant, id);
  if (!factor) return { id, tenant, login, secret: '', codes: [] as readonly string[] };
  const { id: begun, secret } = await authenticators.totp.begin(tenant, id, login);
  await authenticators.totp.confirm(tenant, id, begun, code(house, secret), 'app');
  const codes = await authenticators.recovery.make(tenant, id);
  house.clock.at += 60_000;
  return { id, tenant, login, secret, codes };
}
export type Person = Awaited<ReturnType<typeof person>>;

/** By a library that is not the product's: RFC 6238 at the test's time. */
export const code = ({ clock }: Pick<House, 'clock'>, secret: string): string =>
  generateSync({ secret, epoch: Math.floor(clock.now() / 1000) });

/** What came of it: the value, or the kind and the text of the fault. */
export async function outcome<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (!isFault(error)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}
export const kindOf = async (work: Promise<unknown>): Promise<string> => {
  const found = await outcome(work);
  return typeof found === 'string' ? (found.split(':')[0] ?? '') : 'ok';
};

/** A whole sign-in with password and app. */
export async function signInWith(house: House, who: Person, more: Partial<From> = {}, { signIn }: Process = house) {
  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: who.tenant, return_to: '/account' });
  await signIn.password(secret, { login: who.login, password }, from(more));
  house.clock.at += 30_000;
  await signIn.code(secret, code(house, who.secret), from(more));
  return signIn.complete(secret, from(more));
}

/** A flow at `second`. */
export async function atSecond(house: House, who: Person, more: Partial<From> = {}, { signIn }: Process = house) {
  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: who.tenant, return_to: '/account' });
  const view = await signIn.password(secret, { login: who.login, password }, from(more));
  return { secret, view };
}

export const cookie = (secret: string): string => `theme=dark; __Host-safeguard=${secret}`;

/** A broken segment: one statement is not asked but answered. */
export function answering(segment: Segment, name: string, answer: Row[]): Segment {
  return {
    ...segment,
    query: <R extends Row>(tenant: number, statement: Statement, values?: readonly unknown[]) =>
      statement.name === name ? Promise.resolve(answer as R[]) : segment.query<R>(tenant, statement, values),
  };
}

/** A segment that tells the name of each statement before it is asked. */
export function watched(segment: Segment, watch: (name: string) => unknown): Segment {
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
