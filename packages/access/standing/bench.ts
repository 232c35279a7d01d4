import type { Occasion, Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { type Store, testStore } from '@safeguard/store';
import { migrations } from '../migrations.ts';
import type { PeoplePort } from '../people-port.ts';
import { housePolicy } from '../policies/house.ts';
import { compilePolicy } from '../policy/compile.ts';
import { createStanding } from './standing.ts';
import type { ConsentSnapshot } from './types.ts';

/**
 * What it costs to know what somebody holds, at 100,000 grants of 50,000 people. Run: `node
 * packages/access/standing/bench.ts`.
 */
const grants = 100_000;
const people = 50_000;
const policy = compilePolicy(housePolicy, 0, { types: new Set(['Patient', 'Observation']) });
const now = Date.now();
const snapshot: ConsentSnapshot = { version: 0, consents: [] };

async function fill(store: Awaited<ReturnType<typeof testStore>>): Promise<string[]> {
  const accounts = Array.from({ length: people }, newId);
  await store.sql('identity', 'alter table access.grant disable trigger grant_was_approved');
  await store.sql(
    'identity',
    `with a as (select ($1::uuid[])[1 + i % ${people}] as account, i, gen_random_uuid() as id
      from generate_series(1, ${grants}) i),
    r as (insert into access.request (id, tenant, kind, account, role, asked_by, asked_at, until_at, lapses_at, state,
        needed, key_id, sealed)
      select id, 1, 'standing', account, case when i <= ${people} then 'clinician' else 'billing' end, account, now(),
        now() + '90 days', now() + '30 days', 'approved', 1, 1, '' from a returning *),
    c as (insert into access.change (tenant, n) values (1, 1))
    insert into access.grant (id, tenant, request, kind, account, role, from_at, until_at, changed)
    select gen_random_uuid(), 1, id, kind, account, role, now() - interval '1 day', until_at, 1 from r`,
    [accounts],
  );
  return accounts;
}

async function measure(name: string, times: number, act: (index: number) => unknown): Promise<void> {
  const took: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const start = performance.now();
    for (let index = 0; index < times; index += 1) {
      const answer = act(index);
      if (answer instanceof Promise) await answer;
    }
    took.push(((performance.now() - start) * 1000) / times);
  }
  process.stdout.write(
    `${name.padEnd(64)}${Math.min(...took)
      .toFixed(2)
      .padStart(10)} µs\n`,
  );
}

const none = async () => [];
const port = { groups: none, isTest: async () => false } as unknown as PeoplePort;
const occasion = (more: Partial<Occasion> = {}): Occasion => ({
  ...{ at: Date.now(), remote: '10.0.0.1', purpose: undefined, view: undefined },
  ...more,
});
const person = (id: string): Principal => ({
  ...{ tenant: 1, kind: 'user', id, scopes: [], view: 'full', account: 'workforce' },
  assurance: { level: 2, at: now, methods: [] },
  fhir_user: 'Practitioner/1',
});

function replica(store: Store, isSync: boolean) {
  const later = <T>(value: T): Promise<T> => (isSync ? value : Promise.resolve(value)) as Promise<T>;
  return createStanding({
    segment: store.segment('identity'),
    clock: { now: () => Date.now() },
    people: port,
    policies: { active: () => later(policy) },
    clinical: { careTeam: none, organizations: none, consents: () => later(snapshot) },
    log: { warn: (event) => process.stdout.write(`${event}\n`) },
  });
}

async function run(store: Awaited<ReturnType<typeof testStore>>): Promise<void> {
  const accounts = await fill(store);
  const of = (index: number): Principal => person(accounts[index % 1_000] ?? '');
  const [one, other] = [replica(store, true), replica(store, false)];
  const start = performance.now();
  await one.entitle(of(0), occasion());
  process.stdout.write(`first look at ${grants} grants: ${(performance.now() - start).toFixed(0)} ms\n`);
  await measure('entitle, all known (1,000 people in turn)', 20_000, (index) => one.entitle(of(index), occasion()));
  await other.entitle(of(0), occasion());
  await measure('entitle, policy and consents by promises', 20_000, (index) => other.entitle(of(index), occasion()));
  const client: Principal = { tenant: 1, kind: 'client', id: newId(), scopes: [], view: 'full' };
  await measure('entitle, a client', 20_000, () => one.entitle(client, occasion()));
  await measure('a look that finds nothing new (a query)', 200, async (index) => {
    one.forget(1);
    await one.entitle(of(index), occasion());
  });
  await measure('who holds what: all of them', 3, async () => {
    for (const [, held] of (await one.holdersOf(1)).each()) if (held.length > 9) throw new Error('too many');
  });
  await Promise.all([one.close(), other.close()]);
}

const store = await testStore(migrations);
try {
  await run(store);
} finally {
  await store.close();
}
