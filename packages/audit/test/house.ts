import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { ClientFacts, PeoplePort, PersonFacts } from '@safeguard/access';
import type { RequestEvent } from '@safeguard/http';
import { newId, systemClock } from '@safeguard/kernel';
import { createLedger, ed25519Signer, type Ledger, migrations as ledgerMigrations } from '@safeguard/ledger';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { type Audit, type AuditDeps, createAudit, migrations } from '../index.ts';
import { fakeAccess, tenant } from './callers.ts';

/** An event as `http` makes them. */
export const eventOf = (change: Partial<RequestEvent> = {}): RequestEvent => ({
  id: newId(),
  at: Date.now(),
  kind: 'request',
  tenant,
  actor: newId(),
  view: 'full',
  action: 'read',
  outcome: 'permit',
  status: 200,
  from: '203.0.113.7',
  targets: [],
  ...change,
});

export const person = (change: Partial<PersonFacts> = {}): PersonFacts => ({
  id: newId(),
  name: 'Dr. Ada Berg',
  login: 'ada',
  kind: 'workforce',
  state: 'active',
  scopes: [],
  roles: [],
  patients: [],
  fhir_user: null,
  ...change,
});

export const client = (change: Partial<ClientFacts> = {}): ClientFacts => ({
  id: newId(),
  name: 'Chart viewer',
  scopes: [],
  view: 'full',
  patient: null,
  permissions: [],
  ...change,
});

/** People and apps that a test can add to. */
export function fakePeople() {
  const persons: PersonFacts[] = [];
  const clients: ClientFacts[] = [];
  const port: Pick<PeoplePort, 'byIds' | 'clients' | 'tenants'> = {
    byIds: async (_tenant, ids) => persons.filter(({ id }) => ids.includes(id)),
    clients: async () => clients,
    tenants: async () => [tenant],
  };
  return { persons, clients, port };
}

/** A real PostgreSQL, a real seal, a real ledger; each `audit()` stands for a server process of its own. */
export async function openHouse(change: Partial<AuditDeps> = {}) {
  const store = await testStore([...sealMigrations, ...ledgerMigrations, ...migrations], { ledger: 24 });
  const home = mkdtempSync(join(tmpdir(), 'safeguard-audit-'));
  const segment = (name: 'identity' | 'clinical' | 'ledger') => store.segment(name);
  const segments = { identity: segment('identity'), clinical: segment('clinical'), ledger: segment('ledger') };
  const provider = await fileProvider({ directory: join(home, 'root') });
  const seal = createSeal({ provider, segments, clock: systemClock });
  const signer = ed25519Signer('ledger.example', generateKeyPairSync('ed25519').privateKey);
  const log = {
    lines: [] as string[],
    info() {},
    error() {},
    warn: (text: unknown) => void log.lines.push(String(text)),
  };
  const ledgers: Ledger[] = [];
  const audits: Audit[] = [];
  const openLedger = async (): Promise<Ledger> => {
    const ledger = await createLedger({
      segment: segments.ledger,
      vault: (of) => seal.vault('ledger', of),
      clock: systemClock,
      signer,
      anchors: join(home, 'anchors'),
      checkpoint_interval_ms: 60_000,
      log,
    });
    ledgers.push(ledger);
    return ledger;
  };
  const ledger = await openLedger();
  const people = fakePeople();
  const audit = (more: Partial<AuditDeps> = {}): Audit => {
    const made = createAudit({
      segment: segments.ledger,
      ledger,
      vault: (of) => seal.vault('ledger', of),
      clock: systemClock,
      log,
      access: fakeAccess,
      people: people.port,
      name: 'test-house',
      ...change,
      ...more,
    });
    audits.push(made);
    return made;
  };
  after(async () => {
    await Promise.all(audits.map((one) => one.close()));
    await Promise.allSettled(ledgers.map((one) => one.close()));
    seal.close();
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });
  const append = async (...events: readonly RequestEvent[]): Promise<void> => {
    for (let at = 0; at < events.length; at += 500) {
      const some = events.slice(at, at + 500);
      await ledger.append(some[0]?.tenant ?? tenant, some);
    }
  };
  return { store, segments, seal, ledger, openLedger, people, audit, append, log };
}

export type House = Awaited<ReturnType<typeof openHouse>>;
