import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type JsonObject, newId } from '@safeguard/kernel';
import { openIndexHouse } from './index-house.ts';

const tenant = 1;
let house: Awaited<ReturnType<typeof openIndexHouse>>;
before(async () => {
  house = await openIndexHouse();
});
after(() => house.close());

const patient = (family: string): JsonObject => ({ resourceType: 'Patient', name: [{ family }] });
const event = () => ({ id: newId() }) as never;

async function versions(count: number): Promise<string> {
  const id = await house.write(patient('v1'));
  for (let version = 1; version < count; version++) await house.write(patient(`v${version + 1}`), id, version);
  await house.stale.flush();
  return id;
}

/** How many rows each table has of a resource. */
async function counts(id: string): Promise<Record<string, number>> {
  const row = (await house.vaults()).identity.pseudonym(id);
  const found: Record<string, number> = {};
  const count = async (
    segment: 'identity' | 'clinical',
    table: string,
    where: string,
    value: string,
  ): Promise<void> => {
    const [answer] = await house.sql(segment, `select count(*)::int as n from records.${table} where ${where}`, [
      value,
    ]);
    found[table] = Number(answer?.['n']);
  };
  const known = 'seq in (select seq from records.resource where id = $1)';
  await count('clinical', 'resource', 'id = $1', id);
  await count('clinical', 'history', 'id = $1', id);
  await count('clinical', 'search', known, id);
  await count('identity', 'part', 'row = $1', row);
  await count('identity', 'token', 'row = $1', row);
  await count('identity', 'stale', 'row = $1', row);
  return found;
}

test('the history of a resource goes in both segments; the current version stays, and is still found', async () => {
  const id = await versions(3);
  const before = await counts(id);
  assert.equal(before['part'], 3);
  assert.equal(await house.eraser.history(tenant, id, event()), 2);
  const now = await counts(id);
  assert.deepEqual(now, { ...before, history: 0, part: 1, stale: 1 });
  const row = await house.reader.current(tenant, 'Patient', id);
  assert.ok(row);
  assert.match((await house.opener.text(tenant, row, 'full')) ?? '', /"v3"/);
  house.clock.at += 3 * 3_600_000;
  assert.equal(await house.sweep(), 0);
  assert.deepEqual(await counts(id), { ...now, stale: 0 });
});

test('some versions go, others stay readable', async () => {
  const id = await versions(3);
  const rows = await house.reader.history(tenant, 'Patient', id, 1 << 30, 10);
  assert.equal(
    await house.eraser.versions(
      tenant,
      rows.filter((row) => row.version === 1),
      event(),
    ),
    1,
  );
  const left = await house.reader.history(tenant, 'Patient', id, 1 << 30, 10);
  assert.deepEqual(
    left.map((row) => row.version),
    [3, 2],
  );
  for (const text of await house.opener.texts(tenant, left, 'full')) assert.match(text ?? '', /"v[23]"/);
});

test('the event of an erasure is parked with it, or neither is there', async () => {
  const id = await versions(2);
  const asked = newId();
  await house.eraser.history(tenant, id, { id: asked } as never);
  const parked = 'select id from records.intent where id = $1';
  assert.equal((await house.sql('clinical', parked, [asked])).length, 1);
  const other = await versions(2);
  await assert.rejects(house.eraser.history(tenant, other, { id: asked } as never), 'the same event twice');
  assert.equal((await counts(other))['history'], 1);
});

test('a purged resource leaves no row anywhere, and no other loses one', async () => {
  const id = await versions(2);
  const other = await versions(2);
  const before = await counts(other);
  assert.equal(await house.eraser.purge(tenant, id, event()), true);
  assert.deepEqual(await counts(id), { resource: 0, history: 0, search: 0, part: 0, token: 0, stale: 0 });
  assert.deepEqual(await counts(other), before);
  const [orphans] = await house.sql(
    'clinical',
    `select count(*)::int as n from records.search
      where not exists (select from records.resource r where r.seq = search.seq)`,
  );
  assert.deepEqual(orphans, { n: 0 });
  assert.equal(await house.eraser.purge(tenant, id, event()), false);
});

test('another tenant’s versions are out of reach', async () => {
  const id = await versions(2);
  assert.equal(await house.eraser.history(2, id), 0);
  assert.equal(await house.eraser.purge(2, id), false);
  assert.equal((await counts(id))['history'], 1);
});
