import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { openFixture, requestEvent } from './fixture.ts';

const { open } = await openFixture();

test('entries at any indexes, in the order of the log; what is not there is left out', async () => {
  const ledger = await open();
  const events = Array.from({ length: 5 }, () => requestEvent());
  await ledger.append(7, events);
  const ids = async (indexes: readonly number[]) =>
    (await ledger.readAt(7, indexes, ledger.shard())).map(({ index, event }) => [index, (event as { id: string }).id]);
  assert.deepEqual(await ids([3, 1, 99]), [
    [1, events[1]?.id],
    [3, events[3]?.id],
  ]);
  assert.deepEqual(await ids([]), []);
  assert.deepEqual(await ledger.readAt(8, [0, 1], ledger.shard()), []);
});

test('the sizes of a tenant’s logs, each writer’s', async () => {
  const [one, two] = [await open(), await open()];
  const tenant = 31;
  assert.deepEqual(await one.sizes(tenant), []);
  await one.append(tenant, [requestEvent(), requestEvent()]);
  await two.append(tenant, [requestEvent()]);
  const sizes = new Map((await one.sizes(tenant)).map(({ shard, size }) => [shard, size]));
  assert.equal(sizes.get(one.shard()), 2);
  assert.equal(sizes.get(two.shard()), 1);
});

test('patients come back, of a large event from all its parts together', async () => {
  const ledger = await open();
  const patients = Array.from({ length: 70 }, () => randomUUID());
  const targets = patients.map((id) => ({ type: 'Observation', id }));
  const { first, count } = await ledger.append(9, [requestEvent({ tenant: 9, patients, targets })]);
  assert.ok(count > 1);
  const parts = (await ledger.read(9, first, count)).map(({ event }) => event as { patients?: string[] });
  assert.deepEqual(new Set(parts.flatMap((part) => part.patients ?? [])), new Set(patients));
});
