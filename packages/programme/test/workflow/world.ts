import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations as accessMigrations, type NewNotice, type PersonFacts } from '@safeguard/access';
import { isFault, newId, systemClock } from '@safeguard/kernel';
import { createSeal, fileProvider, migrations as sealMigrations } from '@safeguard/seal';
import { type Connection, testStore } from '@safeguard/store';
import { migrations } from '../../migrations.ts';
import type { ServiceStep, WorkflowDeps } from '../../workflow/deps.ts';
import type { Actor, Definition, Task } from '../../workflow/types.ts';
import { createWorkflow } from '../../workflow/workflow.ts';

export const day_ms = 86_400_000;
/** A Tuesday. */
export const start = Date.UTC(2026, 10, 24, 10);
export const base = 'https://clinic.example';

export const kind = (wanted: string) => (error: unknown) => {
  assert.ok(isFault(error), String(error));
  assert.equal(error.kind, wanted, `${error.message}: ${String(error.cause)}`);
  return true;
};

/** People in memory, with the roles that they hold. */
export function createPeople() {
  const all = new Map<string, PersonFacts & { tenant: number; held: string[] }>();
  const add = (held: string[] = [], tenant = 1, more: Partial<PersonFacts> = {}): Actor => {
    const id = newId();
    const facts = { name: 'N', login: 'n@x', scopes: [], roles: [], patients: [], fhir_user: null };
    all.set(id, { id, tenant, held, kind: 'workforce', state: 'active', ...facts, ...more });
    return { tenant, id, roles: held };
  };
  const of = (tenant: number) => [...all.values()].filter((one) => one.tenant === tenant && one.state === 'active');
  return {
    all,
    add,
    leave: (id: string) => all.delete(id),
    port: {
      byId: async (tenant: number, id: string) =>
        [...all.values()].find((one) => one.tenant === tenant && one.id === id),
      tenants: async () => [...new Set([...all.values()].map(({ tenant }) => tenant))],
    },
    holders: async (tenant: number, role: string) =>
      of(tenant)
        .filter(({ held }) => held.includes(role))
        .map(({ id }) => id),
    workforce: async (tenant: number) => of(tenant).map(({ id }) => ({ account: id, since: start - 100 * day_ms })),
  };
}

export const operator = (tenant = 1): Actor => ({ tenant, id: 'operator', roles: ['operator'] });

export const asRecord = (value: unknown): Readonly<Record<string, unknown>> => value as Record<string, unknown>;

export const definition = (more: Partial<Definition> = {}): Definition => ({
  kind: 'log-review',
  title: 'Review of a log',
  open: ['administrator', 'security-officer'],
  work: ['everyone'],
  approve: ['administrator', 'security-officer'],
  quorum: 1,
  due_days: 14,
  remind_days: [7, 1],
  escalate_days: 7,
  escalate_to: ['privacy-officer'],
  immediate: false,
  subject: asRecord,
  ...more,
});

export async function startWorld() {
  const store = await testStore([...sealMigrations, ...accessMigrations, ...migrations]);
  const segment = store.segment('identity');
  const keys = await mkdtemp(join(tmpdir(), 'safeguard-keys-'));
  const segments = { identity: segment, clinical: store.segment('clinical'), ledger: store.segment('ledger') };
  const provider = await fileProvider({ directory: join(keys, 'root') });
  const seal = createSeal({ provider, segments, clock: systemClock });
  const time = { now: start };
  const people = createPeople();
  const told: NewNotice[] = [];
  const recorded: ServiceStep[] = [];
  const effects: Task[] = [];
  const breaks = { effect: false, record: false };
  const deps: WorkflowDeps = {
    segment,
    vault: (tenant) => seal.vault('identity', tenant),
    clock: { now: () => time.now },
    people: people.port,
    holders: people.holders,
    tell: { tell: async (_connection, notice) => void told.push(notice) },
    base,
    async record(_tenant, step) {
      if (breaks.record) throw new Error('the log takes nothing');
      recorded.push(step);
    },
  };
  const effect = async (connection: Connection, task: Task): Promise<void> => {
    await connection.query({ name: 'test.ping', text: 'select 1' });
    if (breaks.effect) throw new Error('the effect fails');
    effects.push(task);
  };
  const engine = (more: Partial<WorkflowDeps> = {}) => {
    const workflow = createWorkflow({ ...deps, ...more });
    workflow.define(definition(), effect);
    workflow.define(definition({ kind: 'two', quorum: 2 }), effect);
    workflow.define(definition({ kind: 'at-once', immediate: true, about: ({ of }) => String(of) }), effect);
    workflow.define(
      definition({
        kind: 'apart',
        immediate: true,
        quorum: 2,
        apart: ({ author }) => [String(author)],
        approvers: ({ roles }) => roles as string[],
      }),
      effect,
    );
    return workflow;
  };
  return {
    ...{ store, segment, seal, deps, time, people, told, recorded, effects, breaks, engine },
    sql: (text: string, values: readonly unknown[] = []) => store.sql('identity', text, values),
    /** As the runtime role, which is what somebody has who took over the service's login. */
    runtime: (tenant: number, text: string, values: readonly unknown[] = []) =>
      segment.query(tenant, { name: `attack ${newId()}`, text }, values),
    async close() {
      seal.close();
      await store.close();
      await rm(keys, { recursive: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;
