import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Segment, testStore } from '@safeguard/store';
import { createAccounts } from '../../accounts/accounts.ts';
import type { NewAccount } from '../../accounts/types.ts';
import { createAuthenticators } from '../../authenticators/authenticators.ts';
import type { Argon2Cost, Gate } from '../../authenticators/deps.ts';
import { migrations } from '../../index.ts';
import { createTenants } from '../../tenants.ts';
import type { ScopeRules } from '../../types.ts';

/** What `access` does, in small: enough for accounts, which ask for no more than the form. */
const form = /^(system|user|patient)\/([A-Z][A-Za-z]+|\*)\.(?=.)(c?r?u?d?s?)$/;
export const scopeRules: ScopeRules = {
  isScope: (text) => form.test(text) || text.endsWith('.read'),
  normalScope: (text) => text.replace(/\.read$/, '.rs'),
  narrows: () => true,
  intersect: (asked) => [...asked],
  describe: (scope) => scope,
  permissions: new Set(),
};

/** Cheap hashes: what they cost is not what these tests are about. */
export const cheap: Argon2Cost = { memory_kib: 64, passes: 1, lanes: 1 };

export interface ProcessOptions {
  readonly argon2?: Argon2Cost;
  readonly gate?: Gate;
  readonly segment?: Segment;
}

/** Accounts and authenticators on a real PostgreSQL under real keys; `another` is one more process on the same data. */
export async function openHouse() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-identity-'));
  const clock = { at: Date.parse('2026-11-22T12:00:00Z'), now: () => clock.at };
  const segments = {
    identity: store.segment('identity'),
    clinical: store.segment('clinical'),
    ledger: store.segment('ledger'),
  };
  const lines: string[] = [];
  const log = { warn: (event: string, fields?: { error?: unknown }) => void lines.push(event + String(fields?.error)) };
  const seals: { close(): void }[] = [];
  const another = async ({ segment = segments.identity, argon2 = cheap, gate }: ProcessOptions = {}) => {
    const seal = createSeal({ provider: await fileProvider({ directory: join(folder, 'keys') }), segments, clock });
    seals.push(seal);
    const vault = (tenant: number) => seal.vault('identity', tenant);
    const accounts = createAccounts({ segment, vault, clock, scopes: scopeRules });
    const gated = gate === undefined ? {} : { gate };
    const authenticators = createAuthenticators({ segment, vault, clock, log, argon2, ...gated });
    return { accounts, authenticators, vault };
  };
  const tenants = createTenants({ segment: segments.identity, clock });
  await tenants.ensureDefault();
  const other = (await tenants.create('other')).id;
  return {
    ...(await another()),
    another,
    other,
    clock,
    lines,
    segment: segments.identity,
    files: dirname(store.embedded.cluster),
    sql: (text: string, values: readonly unknown[] = []) => store.sql('identity', text, values),
    close: async () => {
      for (const seal of seals) seal.close();
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

/** An account that may sign in. */
export async function activeAccount(house: House, more: Partial<NewAccount> = {}) {
  const { id, tenant } = await house.accounts.create(somebody(more));
  return house.accounts.activate(tenant, id);
}

export const administrator = (house: House, tenant = 1) => activeAccount(house, { tenant, roles: ['administrator'] });

/** What a verb came to: its answer, or the kind of its fault. */
export async function outcome<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    return String((error as { kind?: string }).kind ?? error);
  }
}
