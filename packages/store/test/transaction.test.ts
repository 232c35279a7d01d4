import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, fault, isFault } from '@safeguard/kernel';
import { isCommitUnknown, testStore } from '../index.ts';
import { allThings, insertThing, setOf, thingTable } from './fixtures/sets.ts';

const constraint = 'alter table demo.thing add constraint late unique (tenant, body) deferrable initially deferred;';
const things = setOf('clinical', { '0001-thing.sql': `${thingTable('safeguard_clinical')} ${constraint}` });
const store = await testStore([things], { clinical: 2 });
const clinical = store.segment('clinical');

const backend = { name: 'test.backend', text: 'select pg_backend_pid() as pid' };
const backendStart = {
  name: 'test.backend-start',
  text: 'select backend_start as at from pg_stat_activity where pid = pg_backend_pid()',
};
const kindIs = (kind: Fault['kind']) => (error: unknown) => isFault(error) && error.kind === kind;

async function count(tenant: number): Promise<number> {
  return (await clinical.query(tenant, allThings)).length;
}

test('a pool of 2 serves 64 transactions and 64 reads at once', async () => {
  const writes = Array.from({ length: 64 }, (_, id) =>
    clinical.transaction(100 + (id % 5), async (connection) => {
      await connection.query(insertThing, [100 + (id % 5), id, null]);
      return (await connection.query(allThings)).every((row) => row.tenant === 100 + (id % 5));
    }),
  );
  const reads = Array.from({ length: 64 }, (_, id) => clinical.query(100 + (id % 5), allThings));
  assert.ok((await Promise.all(writes)).every(Boolean));
  await Promise.all(reads);
  const { clinical: pool } = store.status().pools;
  assert.deepEqual(
    { idle: pool.idle === pool.total, most: pool.total <= 2, waiting: pool.waiting },
    { idle: true, most: true, waiting: 0 },
  );
});

test('all or nothing: an error takes everything back and gives the connection back', async () => {
  for (let round = 0; round < 10; round++) {
    const failing = clinical.transaction(1, async (connection) => {
      await connection.query(insertThing, [1, 1, 'a']);
      throw new Error('on purpose');
    });
    await assert.rejects(failing, /on purpose/);
  }
  assert.equal(await count(1), 0);
});

test('statements that are not awaited one by one share the trip and the transaction', async () => {
  await clinical.transaction(2, async (connection) => {
    await Promise.all(Array.from({ length: 50 }, (_, id) => connection.query(insertThing, [2, id, `b${id}`])));
  });
  assert.equal(await count(2), 50);
  const oneFails = clinical.transaction(2, async (connection) => {
    await Promise.all([99, 0, 98].map((id) => connection.query(insertThing, [2, id, null])));
  });
  await assert.rejects(oneFails, kindIs('conflict'));
  assert.equal(await count(2), 50);
});

test('a failure of the work itself keeps the connection', async () => {
  const pidOf = () => clinical.transaction(3, (connection) => connection.query<{ pid: number }>(backend));
  const [before] = await pidOf();
  const refusing = clinical.transaction(3, async () => {
    throw fault('stale', 'on purpose');
  });
  await assert.rejects(refusing, kindIs('stale'));
  assert.deepEqual(await pidOf(), [before]);
});

test('an error that the work swallowed is not a commit', async () => {
  const swallowing = clinical.transaction(3, async (connection) => {
    await connection.query(insertThing, [3, 1, null]);
    await Promise.allSettled([connection.query(insertThing, [3, 1, null])]);
  });
  await assert.rejects(swallowing, /was rolled back/);
  assert.equal(await count(3), 0);
});

test('a statement after the end is refused', async () => {
  let late: (() => Promise<unknown>) | undefined;
  await clinical.transaction(4, async (connection) => {
    late = async () => connection.query(allThings);
  });
  await assert.rejects(async () => late?.(), /after the end/);
});

test('a commit that PostgreSQL refused is a sure no', async () => {
  const refused = clinical.transaction(5, async (connection) => {
    await connection.query(insertThing, [5, 1, 'same']);
    await connection.query(insertThing, [5, 2, 'same']);
  });
  await assert.rejects(refused, (error) => kindIs('conflict')(error) && !isCommitUnknown(error));
  assert.equal(await count(5), 0);
});

test('a connection lost under COMMIT is told apart, and replaced', async () => {
  const lost = clinical.transaction(6, async (connection) => {
    await connection.query(insertThing, [6, 1, null]);
    const [row] = await connection.query<{ pid: number }>(backend);
    // Stopped, so that COMMIT is sent and not answered; then killed.
    process.kill(Number(row?.pid), 'SIGSTOP');
    setTimeout(() => process.kill(Number(row?.pid), 'SIGKILL'), 50);
  });
  await assert.rejects(lost, (error) => kindIs('unavailable')(error) && isCommitUnknown(error));
  // A killed backend takes the others with it, a moment later: what comes next is to find new ones.
  const killed = Date.now();
  await eventually(async () => {
    const [row] = await clinical.query<{ at: Date }>(6, backendStart);
    assert.ok((row?.at.getTime() ?? 0) >= killed - 100);
  });
  assert.equal(await count(6), 0);
});

test('a connection lost before COMMIT is a sure no', async () => {
  const lost = clinical.transaction(7, async (connection) => {
    const [row] = await connection.query<{ pid: number }>(backend);
    await store.sql('clinical', 'select pg_terminate_backend($1)', [row?.pid]);
    await sleep(200);
    await connection.query(insertThing, [7, 1, null]);
  });
  await assert.rejects(lost, (error) => kindIs('unavailable')(error) && !isCommitUnknown(error));
  assert.equal(await count(7), 0);
});

test('idle connections that died are replaced without an error', async () => {
  await count(1);
  await store.sql(
    'clinical',
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'safeguard_clinical'",
  );
  await sleep(500);
  assert.equal(await count(1), 0);
});

test('callers beyond the pool get `unavailable` after the wait, and the pool goes on', async () => {
  const gate = Promise.withResolvers<void>();
  const holders = [1, 2].map(() => clinical.transaction(8, () => gate.promise));
  const started = Date.now();
  await assert.rejects(clinical.query(8, allThings), kindIs('unavailable'));
  const waited_ms = Date.now() - started;
  assert.ok(waited_ms >= 4_900 && waited_ms < 8_000, `${waited_ms} ms`);
  gate.resolve();
  await Promise.all(holders);
  assert.equal(await count(8), 0);
});

test('PostgreSQL killed with -9: callers are told, then served again by themselves', async () => {
  const before = store.embedded.pid();
  process.kill(Number(before), 'SIGKILL');
  await sleep(20);
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => count(1)));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.ok(kindIs('unavailable')(outcome.reason), String(outcome.reason));
  }
  await eventually(() => store.ready());
  assert.equal(await count(2), 50);
  assert.notEqual(store.embedded.pid(), before);
});

test('a server that became read-only is `unavailable`, and a connection to it is not kept', async () => {
  const { database } = store.login('clinical');
  const pids = async () => (await clinical.query<{ pid: number }>(3, backend)).map(({ pid }) => pid);
  await store.sql('clinical', `alter database ${database} set default_transaction_read_only = on`);
  await store.sql(
    'clinical',
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'safeguard_clinical'",
  );
  await sleep(50);
  const before = await pids();
  await assert.rejects(clinical.query(3, insertThing, [3, 7, null]), kindIs('unavailable'));
  const inside = clinical.transaction(3, (connection) => connection.query(insertThing, [3, 7, null]));
  await assert.rejects(inside, kindIs('unavailable'));
  assert.notDeepEqual(await pids(), before);
  await store.sql(
    'clinical',
    `begin read write; alter database ${database} reset default_transaction_read_only; commit`,
  );
  await assert.rejects(clinical.query(3, insertThing, [3, 7, null]), kindIs('unavailable'));
  await clinical.query(3, insertThing, [3, 7, null]);
});

test('values come back as the types say', async () => {
  const text = `select 7::int8 i8, array[1, null]::int8[] i8s, '\\x00ff'::bytea b, gen_random_uuid() u, now() t,
    null::int8 n, '{"a":1}'::jsonb j`;
  const [row] = await clinical.query(1, { name: 'test.types', text });
  assert.equal(row?.i8, 7);
  assert.deepEqual(row?.i8s, [1, null]);
  assert.deepEqual(row?.b, Buffer.from([0, 255]));
  assert.equal(typeof row?.u, 'string');
  assert.ok(row?.t instanceof Date);
  assert.equal(row?.n, null);
  assert.deepEqual(row?.j, { a: 1 });
  const huge = clinical.query(1, { name: 'test.huge', text: 'select 9007199254740993::int8' });
  await assert.rejects(huge, kindIs('internal'));
});

async function eventually(holds: () => Promise<unknown>): Promise<void> {
  for (let tried = 0; tried < 200; tried++) {
    const [outcome] = await Promise.allSettled([holds()]);
    if (outcome?.status === 'fulfilled') return;
    await sleep(50);
  }
  await holds();
}
