import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '@safeguard/http';
import { newId, systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations, type Vault } from '@safeguard/seal';
import { testStore } from '@safeguard/store';
import { createBreakGlass } from '../../break-glass/break-glass.ts';
import type { GrantDeps } from '../../grants/deps.ts';
import { createGrants } from '../../grants/grants.ts';
import { migrations } from '../../migrations.ts';
import type { NewNotice } from '../../notices/types.ts';
import type { PeoplePort, PersonFacts } from '../../people-port.ts';
import { compilePolicy } from '../../policy/compile.ts';
import type { Policy, RoleDefinition } from '../../policy/types.ts';
import { createRequests } from '../../requests/requests.ts';

export const minute_ms = 60_000;
export const hour_ms = 60 * minute_ms;
export const day_ms = 24 * hour_ms;
/** A Tuesday. */
export const start = Date.UTC(2026, 10, 24, 10);
export const why = 'For the ward, as agreed.';

const role = (more: Partial<RoleDefinition> = {}): RoleDefinition => ({
  title: 'A role',
  description: 'A role.',
  approvers: ['security-officer', 'administrator'],
  approvals: 1,
  longest_days: 90,
  apart: [],
  purpose: 'TREAT',
  ...more,
});

/** A small policy of the tests' own, so that they hold whatever the house's says. */
export const policy: Policy = {
  format: 1,
  roles: {
    patient: role({ approvals: 0, approvers: [] }),
    service: role({ approvals: 0, approvers: [] }),
    clinician: role({ apart: ['operator'], emergency: true }),
    billing: role({ purpose: 'HPAYMT' }),
    auditor: role({ apart: ['administrator'], purpose: 'HCOMPL' }),
    'case-worker': role({ patients: true }),
    'security-officer': role({ purpose: 'HCOMPL' }),
    'privacy-officer': role({ purpose: 'HCOMPL' }),
    administrator: role({ approvals: 2, purpose: 'HSYSADMIN' }),
    operator: role({ purpose: 'HSYSADMIN' }),
    debugger: role({ elevated: true, longest_days: 1 }),
    'break-glass': role({ patients: true, longest_days: 1, purpose: 'ETREAT' }),
  },
  categories: {
    demographics: { title: 'Who', types: ['Patient'] },
    results: { title: 'Results', types: ['Observation'] },
  },
  sensitive: { hiv: { title: 'HIV', labels: ['http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV'] } },
  matrix: { clinician: { demographics: 'rs', results: 'rs' }, service: { demographics: 'cruds' } },
  rules: [
    {
      id: 'clinicians-read',
      reason: 'Treatment.',
      effect: 'permit',
      who: { roles: ['clinician'] },
      interactions: ['read', 'search'],
      types: ['*'],
    },
  ],
};

export const types = new Set(['Patient', 'Observation']);
export const compiled = compilePolicy(policy, 1, { types });

interface Person extends PersonFacts {
  readonly tenant: number;
}

/** People in memory, as `identity` would tell of them. */
export function createPeople() {
  const all = new Map<string, Person>();
  const failing = { setAdministrator: false };
  const of = (tenant: number): Person[] => [...all.values()].filter((one) => one.tenant === tenant);
  const change = (id: string, changes: Partial<Person>): void => {
    const before = all.get(id);
    if (before !== undefined) all.set(id, { ...before, ...changes });
  };
  const none = async () => [];
  const port: PeoplePort = {
    byId: async (tenant, id) => of(tenant).find((one) => one.id === id),
    byIds: async (tenant, ids) => of(tenant).filter(({ id }) => ids.includes(id)),
    administrators: async (tenant) =>
      of(tenant).filter(({ roles, state }) => roles.includes('administrator') && state === 'active'),
    async setAdministrator(_tenant, id, yes) {
      if (failing.setAdministrator) throw new Error('identity is away');
      change(id, { roles: yes ? ['administrator'] : [] });
    },
    withPatient: none,
    byFhirUser: none,
    groups: none,
    isTest: async () => false,
    clients: none,
    tenants: async () => [1, 2],
  };
  const add = (more: Partial<Person> = {}): string => {
    const id = newId();
    const facts = { name: 'N', login: 'n@x', scopes: [], roles: [], patients: [], fhir_user: null };
    all.set(id, { id, tenant: 1, kind: 'workforce', state: 'active', ...facts, ...more });
    return id;
  };
  return { port, add, change, failing };
}

export async function startWorld() {
  const store = await testStore([...sealMigrations, ...migrations]);
  const segment = store.segment('identity');
  const keys = await mkdtemp(join(tmpdir(), 'safeguard-keys-'));
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const seal = createSeal({
    provider: await fileProvider({ directory: join(keys, 'root') }),
    segments,
    clock: systemClock,
  });
  const time = { now: start };
  const people = createPeople();
  const told: NewNotice[] = [];
  const warned: string[] = [];
  const deps: GrantDeps = {
    segment,
    vault: (tenant): Promise<Vault> => seal.vault('identity', tenant),
    clock: { now: () => time.now },
    people: people.port,
    policies: { active: () => compiled },
    notices: { tell: async (_connection, notice) => void told.push(notice) },
    log: { warn: (event) => void warned.push(event) },
  };
  const person = (id: string, more: Partial<Principal> = {}): Principal => ({
    tenant: 1,
    kind: 'user',
    id,
    scopes: [],
    view: 'full',
    account: 'workforce',
    assurance: { level: 2, at: time.now, methods: ['pwd', 'otp'] },
    ...more,
  });
  const requests = createRequests(deps);
  return {
    ...{ store, segment, deps, time, people, told, warned, person, requests },
    grants: createGrants(deps),
    breakGlass: createBreakGlass(deps),
    sql: (text: string, values: readonly unknown[] = []) => store.sql('identity', text, values),
    /** A new account that holds a role, by a request that somebody approved. */
    async holder(wanted: string, by: string, more: Partial<{ until: number; patients: string[] }> = {}) {
      const account = people.add();
      const until = time.now + 30 * day_ms;
      const asked = await requests.ask(person(account), { account, role: wanted, reason: why, until, ...more });
      const { grant } = await requests.decide(person(by), asked.id, 'approve');
      if (grant === undefined) throw new Error('not granted');
      return { account, grant, request: asked.id };
    },
    async close() {
      seal.close();
      await store.close();
      await rm(keys, { recursive: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
