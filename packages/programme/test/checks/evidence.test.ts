import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault, newId } from '@safeguard/kernel';
import { createEvidence, type Evidence } from '../../index.ts';
import { evidenceWith, openHouse, signerName } from '../postgres.ts';

const house = await openHouse();
const store = house.evidence();
const start = Date.now() - 10_000_000;

/** A check of its own for each test: they share a log. */
let made = 0;
const checkOf = (): string => {
  made += 1;
  return `test.one-${made}`;
};
const add = async (check: string, at: number, change: Partial<Evidence> = {}) =>
  store.add(evidenceWith({ check, at, ...change }));
const forge = (row: { id?: string; check: string; at: number; shard: number; index: number }) =>
  house.asRuntime(0, 'insert into programme.evidence (id, check_id, at, shard, index) values ($1, $2, $3, $4, $5)', [
    ...[row.id ?? newId(), row.check, row.at, row.shard, row.index],
  ]);

test('what is added is found: newest at any moment, by check, by period, by id', async () => {
  const check = checkOf();
  const [one, two, three] = [await add(check, start), await add(check, start + 1000), await add(check, start + 2000)];
  assert.equal((await store.newest(start - 1)).found.get(check), undefined);
  assert.deepEqual((await store.newest(start)).found.get(check), one);
  assert.deepEqual((await store.newest(start + 1999)).found.get(check), two);
  assert.deepEqual((await store.newest(Date.now())).found.get(check), three);
  assert.deepEqual(await store.list(check, { count: 2 }), [three, two]);
  assert.deepEqual(await store.list(check, { before: start + 2000, count: 9 }), [two, one]);
  const period = await Array.fromAsync(store.period(start, start + 2000));
  assert.deepEqual(period, [one, two]);
  assert.deepEqual(await store.byId(two.evidence.id), two);
  assert.equal(await store.byId(newId()), undefined);
  assert.equal(one.place.log, `${signerName}/0/${one.place.shard}`);
});

test('evidence of another server, in a log of its own, counts the same', async () => {
  const other = house.evidence(await house.openLedger());
  const check = checkOf();
  const [here, there] = [await add(check, start), await other.add(evidenceWith({ check, at: start + 1 }))];
  assert.notEqual(here.place.shard, there.place.shard);
  for (const seen of [store, other]) {
    assert.deepEqual((await seen.newest(Date.now())).found.get(check), there);
    assert.deepEqual(await seen.list(check, { count: 5 }), [there, here]);
  }
});

test('attack: a row written by hand is not believed, and named; the genuine one before it counts', async () => {
  const check = checkOf();
  const unmet = await add(check, start, { result: 'unmet' });
  const other = await add(checkOf(), start + 5, { result: 'met' });
  const { shard, index } = unmet.place;
  const ids = [newId(), newId(), newId()];
  await forge({ id: ids[0] ?? '', check, at: start + 100, shard, index: index + 500_000 });
  // Pointing at a genuine entry of another check, or of another time, is no better.
  await house.sql('alter table programme.evidence drop constraint evidence_shard_index_key');
  await forge({ id: ids[1] ?? '', check, at: start + 200, shard: other.place.shard, index: other.place.index });
  await forge({ id: ids[2] ?? '', check, at: start + 300, shard, index });
  const { found, forged } = await store.newest(Date.now());
  assert.deepEqual(found.get(check), unmet);
  assert.deepEqual(forged.toSorted(), ids.toSorted());
  assert.deepEqual(await store.list(check, { count: 9 }), [unmet]);
  assert.equal(await store.byId(ids[0] ?? ''), undefined);
  // Before they were written they are not seen, and nothing is wrong.
  assert.deepEqual((await store.newest(start + 50)).forged, []);
  await house.sql('delete from programme.evidence where id = any ($1::uuid[])', [ids]);
});

test('control: who believes rows is deceived by the same', async () => {
  const check = checkOf();
  const unmet = await add(check, start, { result: 'unmet' });
  const id = newId();
  await forge({ id, check, at: start + 100, shard: 0, index: 777_777 });
  // Broken on purpose: it makes up the entry that the row wants.
  const gullible = createEvidence({
    segment: house.segments.identity,
    signer: signerName,
    clock: { now: Date.now },
    ledger: {
      ...house.ledger,
      readAt: async (_tenant, indexes) =>
        indexes.map((index) => ({ index, at: 0, event: evidenceWith({ id, check, at: start + 100 }) })),
    },
  });
  assert.equal((await gullible.newest(Date.now())).found.get(check)?.evidence.result, 'met');
  assert.deepEqual((await store.newest(Date.now())).found.get(check), unmet);
  await house.sql('delete from programme.evidence where id = $1', [id]);
});

test('attack: the role of the service changes and deletes nothing, and no tenant sees it', async () => {
  const check = checkOf();
  const { evidence } = await add(check, start);
  for (const text of [
    'update programme.evidence set at = 1',
    'delete from programme.evidence',
    'truncate programme.evidence',
    'delete from programme.schedule',
  ]) {
    await assert.rejects(house.asRuntime(0, text), { code: '42501' }, text);
  }
  assert.deepEqual(await house.asRuntime(1, 'select * from programme.evidence'), []);
  await assert.rejects(
    house.asRuntime(1, `insert into programme.evidence values ('${newId()}', 'a.b', 1, 0, 999999)`),
    { code: '42501' },
  );
  // Control: the superuser could.
  assert.equal((await house.sql('delete from programme.evidence where id = $1 returning id', [evidence.id])).length, 1);
});

test('a row that vanished is found by the log, and mended', async () => {
  const check = checkOf();
  const placed = await add(check, Date.now());
  await house.sql('delete from programme.evidence where id = $1', [placed.evidence.id]);
  assert.equal((await store.newest(Date.now())).found.get(check), undefined);
  const since = Date.now() - 60_000;
  const { entries, missing } = await store.unfound(since);
  assert.deepEqual(missing, [placed]);
  assert.ok(entries >= 1);
  assert.equal(await store.mend(since), 1);
  assert.deepEqual((await store.newest(Date.now())).found.get(check), placed);
  assert.deepEqual((await store.unfound(since)).missing, []);
});

test('attack: an altered entry is not believed, and does not hide the others', async () => {
  const [check, others] = [checkOf(), [checkOf(), checkOf(), checkOf()]];
  const before = await add(check, start);
  const placed = await add(check, start + 10);
  for (const one of others) await add(one, start + 10);
  const { shard, index } = placed.place;
  const where = `where tenant = 0 and shard = ${shard} and index = ${index}`;
  const flip = () =>
    house.store.sql('ledger', `update ledger.entries set body = set_byte(body, 40, get_byte(body, 40) # 1) ${where}`);
  await flip();
  const { found, forged } = await store.newest(Date.now());
  assert.deepEqual(found.get(check), before);
  assert.deepEqual(forged, [placed.evidence.id]);
  for (const one of others) assert.ok(found.has(one));
  // Control: put back, it counts again.
  await flip();
  assert.deepEqual((await store.newest(Date.now())).found.get(check), placed);
});

test('an entry of another kind is no evidence, whatever it says', async () => {
  const check = checkOf();
  const { kind: _, ...rest } = evidenceWith({ check, at: start });
  const { log, first } = await house.ledger.append(0, [{ ...rest, kind: 'request' }]);
  await forge({ id: rest.id, check, at: start, shard: Number(log.split('/').at(-1)), index: first });
  const { found, forged } = await store.newest(Date.now());
  assert.equal(found.get(check), undefined);
  assert.deepEqual(forged, [rest.id]);
  await house.sql('delete from programme.evidence where id = $1', [rest.id]);
});

test('where the log takes nothing there is no evidence; where nothing answers, nobody calls it forged', async () => {
  const down = async (): Promise<never> => {
    throw fault('unavailable', 'The log does not answer.');
  };
  const deps = { segment: house.segments.identity, signer: signerName, clock: { now: Date.now } };
  const lost = createEvidence({ ...deps, ledger: { ...house.ledger, append: down, readAt: down } });
  const check = checkOf();
  await assert.rejects(lost.add(evidenceWith({ check })), { kind: 'unavailable' });
  assert.equal((await house.sql('select from programme.evidence where check_id = $1', [check])).length, 0);
  await assert.rejects(lost.newest(Date.now()), { kind: 'unavailable' });
});

test('what is no evidence is not kept', async () => {
  for (const change of [{ saw: '' }, { saw: 'x'.repeat(501) }, { result: 'fine' }, { examined: -1 }, { check: 'X' }]) {
    await assert.rejects(store.add(evidenceWith(change as Partial<Evidence>)), { kind: 'internal' });
  }
});
