import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { type Segment, type TestStore, testStore } from '../index.ts';
import { allThings, insertThing, setOf, thingTable } from './fixtures/sets.ts';

const things = setOf('clinical', { '0001-thing.sql': thingTable('safeguard_clinical') });

/** One connection only, so that every tenant uses the one that another used just before. */
async function fresh(): Promise<{ store: TestStore; clinical: Segment }> {
  const store = await testStore([things], { clinical: 1 });
  return { store, clinical: store.segment('clinical') };
}

/** What must hold: a tenant sees its own rows, whatever the connection did before. */
async function seesOnlyItsOwn(clinical: Segment): Promise<void> {
  for (const tenant of [1, 2, 1, 2, 2, 1]) {
    const rows = await clinical.query(tenant, allThings);
    assert.deepEqual(
      rows.map((row) => row.tenant),
      [tenant],
    );
    const inside = await clinical.transaction(3 - tenant, (connection) => connection.query(allThings));
    assert.deepEqual(
      inside.map((row) => row.tenant),
      [3 - tenant],
    );
  }
}

test('a connection that another tenant used never shows its rows; without the policy it would', async () => {
  const { store, clinical } = await fresh();
  for (const tenant of [1, 2]) await clinical.query(tenant, insertThing, [tenant, tenant, `of ${tenant}`]);
  await seesOnlyItsOwn(clinical);
  // Negative control: the same assertion fails on a database whose policy is gone.
  await store.sql('clinical', 'alter table demo.thing no force row level security, disable row level security');
  await assert.rejects(seesOnlyItsOwn(clinical), assert.AssertionError);
});

test('a tenant set inside a rolled back transaction is set again', async () => {
  const { clinical } = await fresh();
  for (const tenant of [1, 2]) await clinical.query(tenant, insertThing, [tenant, tenant, null]);
  await clinical.query(1, allThings);
  const failed = clinical.transaction(2, async (connection) => {
    await connection.query(allThings);
    throw new Error('on purpose');
  });
  await assert.rejects(failed, /on purpose/);
  await seesOnlyItsOwn(clinical);
});

test('a failed statement leaves the tenant as it was', async () => {
  const { clinical } = await fresh();
  for (const tenant of [1, 2]) await clinical.query(tenant, insertThing, [tenant, tenant, null]);
  await assert.rejects(
    clinical.query(2, insertThing, [2, 2, null]),
    (error) => isFault(error) && error.kind === 'conflict',
  );
  await seesOnlyItsOwn(clinical);
});

test('a row of another tenant can be neither written, changed nor deleted', async () => {
  const { clinical } = await fresh();
  await clinical.query(1, insertThing, [1, 1, 'mine']);
  await assert.rejects(clinical.query(2, insertThing, [1, 9, 'forged']));
  const change = { name: 'demo.change', text: "update demo.thing set body = 'x' where id = $1 returning id" };
  const remove = { name: 'demo.remove', text: 'delete from demo.thing where id = $1 returning id' };
  assert.deepEqual(await clinical.query(2, change, [1]), []);
  assert.deepEqual(await clinical.query(2, remove, [1]), []);
  assert.deepEqual(await clinical.query(1, remove, [1]), [{ id: 1 }]);
});

test('without a tenant nothing is answered', async () => {
  const { store } = await fresh();
  const text = 'set role safeguard_clinical; select * from demo.thing; reset role';
  await assert.rejects(store.sql('clinical', text), /safeguard\.tenant/);
});

test('what is no tenant number is refused before it reaches the database', async () => {
  const { clinical } = await fresh();
  for (const tenant of [-1, 1.5, Number.NaN, 2 ** 31, '1' as unknown as number]) {
    await assert.rejects(clinical.query(tenant, allThings), isFault);
    await assert.rejects(
      clinical.transaction(tenant, async () => 1),
      isFault,
    );
  }
});

test('a start is refused while a table with a tenant column is not behind forced row-level security', async () => {
  const good = thingTable('safeguard_clinical');
  const breaks = {
    'not enabled': good.replace('alter table demo.thing enable row level security;', ''),
    'not forced': good.replace('alter table demo.thing force row level security;', ''),
    'no policy': good.replace(/create policy .*;/, ''),
    'a policy that says nothing of the tenant': good.replace(/using \(tenant .*\)/, 'using (true)'),
    'a second policy that opens it': `${good} create policy open on demo.thing using (true);`,
    'a policy open to writes': good.replace(/(using \(.*\));/, '$1 with check (true);'),
  };
  for (const [what, text] of Object.entries(breaks)) {
    assert.notEqual(text, good, what);
    await assert.rejects(testStore([setOf('clinical', { '0001-thing.sql': text })]), /demo\.thing/, what);
  }
  await testStore([setOf('clinical', { '0001-thing.sql': good })]);
});
