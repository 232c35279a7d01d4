import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Segment } from '@safeguard/store';
import type { Ledger } from '../index.ts';
import { openFixture, requestEvent } from './fixture.ts';

const fixture = await openFixture();

interface Outcome {
  readonly id: string;
  readonly ok: boolean;
  readonly took_ms: number;
}

/** Appends one event; how it ended. */
async function attempt(ledger: Ledger, tenant: number): Promise<Outcome> {
  const event = requestEvent({ tenant });
  const begun = performance.now();
  const ok = await ledger.append(tenant, [event]).then(
    () => true,
    (error: { kind?: string }) => {
      assert.equal(error.kind, 'unavailable');
      return false;
    },
  );
  return { id: event.id, ok, took_ms: performance.now() - begun };
}

/** Every acknowledged event is there exactly once, none twice, and the log verifies. */
async function audit(ledger: Ledger, tenant: number, outcomes: readonly Outcome[]): Promise<void> {
  const ids: string[] = [];
  for await (const event of ledger.recent(tenant, 0)) ids.push((event as { id: string }).id);
  assert.equal(new Set(ids).size, ids.length, 'an entry stands twice');
  const there = new Set(ids);
  assert.deepEqual(
    outcomes.filter(({ id, ok }) => ok && !there.has(id)),
    [],
    'an acknowledged entry was lost',
  );
  await ledger.checkpoint(tenant);
  const verdict = await fixture.verify();
  assert.equal(verdict.ok, true, JSON.stringify(verdict.logs.map(({ bad }) => bad)));
}

async function recovered(ledger: Ledger, tenant: number): Promise<Outcome> {
  for (let tries = 0; tries < 100; tries += 1) {
    const outcome = await attempt(ledger, tenant);
    if (outcome.ok) return outcome;
    await sleep(100);
  }
  return assert.fail('the ledger did not recover by itself');
}

const deadline_ms = 600;
const slack_ms = 400;

/** Breaks the database while 8 workers append, mends it, and looks at what became of every append. */
async function outage(tenant: number, broken: () => Promise<void>, mended: () => Promise<void>): Promise<void> {
  const ledger = await fixture.open({ append_deadline_ms: deadline_ms });
  const outcomes: Outcome[] = [await attempt(ledger, tenant)];
  let stop = false;
  const worker = async (): Promise<void> => {
    while (!stop) {
      const outcome = await attempt(ledger, tenant);
      outcomes.push(outcome);
      if (!outcome.ok) await sleep(20);
    }
  };
  const workers = Array.from({ length: 8 }, worker);
  try {
    await sleep(100);
    await broken();
    await sleep(1500);
    assert.equal(ledger.state(tenant).serving, false);
  } finally {
    await mended();
    outcomes.push(await recovered(ledger, tenant));
    stop = true;
    await Promise.all(workers);
  }
  assert.ok(
    outcomes.some(({ ok }) => !ok),
    'nothing was refused',
  );
  assert.deepEqual(
    outcomes.filter(({ took_ms }) => took_ms > deadline_ms + slack_ms),
    [],
    'answered too late',
  );
  assert.equal(ledger.state(tenant).serving, true);
  await audit(ledger, tenant, outcomes);
  await ledger.close();
}

test('a table lock held: refused within the deadline, nothing lost or doubled afterwards', async () => {
  let locker: Promise<unknown> = Promise.resolve();
  const { store } = fixture;
  await outage(
    20,
    async () => {
      locker = store.sql(
        'ledger',
        'begin; lock table ledger.entries in access exclusive mode; select pg_sleep(2.2); commit',
      );
      await sleep(50);
    },
    async () => {
      await locker;
    },
  );
});

test('a read-only database: refused, then recovered', async () => {
  const { store } = fixture;
  const set = async (value: string): Promise<void> => {
    await store.sql('ledger', `alter system set default_transaction_read_only = ${value}`);
    await store.sql('ledger', 'select pg_reload_conf()');
  };
  await outage(
    21,
    () => set('on'),
    () => set('off'),
  );
});

test('connections refused and cut, again and again: refused, then recovered', async () => {
  const { store } = fixture;
  const name = store.login('ledger').database;
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = '${name}' and usename = 'safeguard_ledger'`;
  let broken = true;
  let cutting: Promise<void> = Promise.resolve();
  await outage(
    22,
    async () => {
      await store.sql('identity', `alter database "${name}" connection limit 0`);
      cutting = (async () => {
        while (broken) {
          await store.sql('identity', cut);
          await sleep(30);
        }
      })();
    },
    async () => {
      broken = false;
      await cutting;
      await store.sql('identity', `alter database "${name}" connection limit -1`);
    },
  );
});

test('PostgreSQL killed: refused, then recovered', async () => {
  const { embedded } = fixture.store;
  const ledger = await fixture.open({ append_deadline_ms: 2000 });
  const outcomes: Outcome[] = [];
  for (let round = 0; round < 3; round += 1) {
    const work = Array.from({ length: 40 }, () => attempt(ledger, 23));
    const restarts = embedded.restarts();
    const pid = embedded.pid();
    if (pid !== undefined) process.kill(pid, 'SIGQUIT');
    outcomes.push(...(await Promise.all(work)));
    while (embedded.restarts() === restarts || embedded.pid() === undefined) await sleep(20);
    outcomes.push(await recovered(ledger, 23));
  }
  await audit(ledger, 23, outcomes);
  await ledger.close();
});

/** A segment that, at random, loses a statement before it is sent, or its answer after it was committed. */
function losing(segment: Segment, share: number): Segment {
  const lost = (): boolean => Math.random() < share;
  return {
    ...segment,
    query: async (tenant, statement, values) => {
      const risky = statement.name.startsWith('ledger.append');
      if (risky && lost()) throw new Error('lost before');
      const rows = await segment.query(tenant, statement, values);
      if (risky && lost()) throw new Error('lost after');
      return rows as never;
    },
  };
}

test('answers lost at random: every append is chained once at most, and once when acknowledged', async () => {
  const ledger = await fixture.open({ segment: losing(fixture.segment, 0.15), append_deadline_ms: 3000 });
  const outcomes: Outcome[] = [];
  for (let round = 0; round < 40; round += 1) {
    outcomes.push(...(await Promise.all(Array.from({ length: 12 }, () => attempt(ledger, 24)))));
    if (!ledger.state(24).serving) await sleep(60);
  }
  assert.ok(outcomes.filter(({ ok }) => ok).length > 100);
  await audit(ledger, 24, outcomes);
  await ledger.close();
});

test('two writers on one shard keep one another out by the primary key, and both go on', async () => {
  // The claim is taken from the second so that both believe in shard 0: what a network partition can do.
  const pretending: Segment = {
    ...fixture.segment,
    transaction: (tenant, work) =>
      fixture.segment.transaction(tenant, (connection) =>
        work({
          query: (statement, values) =>
            statement.name === 'ledger.claim'
              ? Promise.resolve([{ held: true }] as never)
              : connection.query(statement, values),
        }),
      ),
  };
  const one = await fixture.open();
  const two = await fixture.open({ segment: pretending });
  assert.deepEqual([one.shard(), two.shard()], [0, 0]);
  const outcomes: Outcome[] = [];
  for (let round = 0; round < 15; round += 1) {
    outcomes.push(...(await Promise.all([one, two].flatMap((ledger) => [attempt(ledger, 25), attempt(ledger, 25)]))));
    await sleep(30);
  }
  assert.ok(outcomes.filter(({ ok }) => ok).length > 20);
  await audit(one, 25, outcomes);
  await Promise.all([one.close(), two.close()]);
});

test('a full queue refuses at once', async () => {
  const ledger = await fixture.open({ queue_limit: 10 });
  const outcomes = await Promise.all(Array.from({ length: 60 }, () => attempt(ledger, 26)));
  assert.ok(outcomes.some(({ ok }) => !ok) && outcomes.some(({ ok }) => ok));
  await audit(ledger, 26, outcomes);
  await ledger.close();
});

test('negative control: the audit of these tests sees a doubled and a lost entry', async () => {
  const ledger = await fixture.open();
  const event = requestEvent({ tenant: 27 });
  await ledger.append(27, [event]);
  await assert.rejects(audit(ledger, 27, [{ id: 'lost', ok: true, took_ms: 0 }]), /was lost/);
  await ledger.append(27, [event]);
  await assert.rejects(audit(ledger, 27, []), /stands twice/);
  await ledger.close();
});
