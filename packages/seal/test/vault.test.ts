import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { frame } from '../frame.ts';
import { noOwner, type SealDatabase, type SealSegment } from '../index.ts';
import { framed } from '../token.ts';
import { kind } from './faults.ts';
import { openFixture } from './fixture.ts';

const { store, clock, segments, process } = await openFixture();
const binding = { resource: randomUUID(), version: 1, purpose: 'body' };

/** A database that counts its round trips. */
function counted(database: SealDatabase): SealDatabase & { trips: number } {
  return {
    trips: 0,
    query(tenant, statement, values) {
      this.trips += 1;
      return database.query(tenant, statement, values);
    },
    transaction(tenant, work) {
      this.trips += 1;
      return database.transaction(tenant, work);
    },
  };
}

test('twenty processes that meet a new tenant at once end with the same keys', async () => {
  const vaults = await Promise.all(Array.from({ length: 20 }, () => process().vault('identity', 11)));
  assert.equal(new Set(vaults.map((vault) => vault.token('name', 'x'))).size, 1);
  assert.equal(new Set(vaults.map((vault) => vault.pseudonym(noOwner))).size, 1);
  const owners = Array.from({ length: 30 }, () => randomUUID());
  const shuffled = vaults.map((_, index) => (index % 2 === 0 ? owners : [...owners].reverse()));
  const maps = await Promise.all(vaults.map((vault, index) => vault.keysFor(shuffled[index] ?? [])));
  const [first] = vaults;
  const one = maps[0]?.get(owners[3] ?? '');
  assert.ok(first !== undefined && one !== undefined);
  const sealed = first.seal(one, binding, Buffer.from('same key everywhere'));
  for (const [index, vault] of vaults.entries()) {
    const key = maps[index]?.get(owners[3] ?? '');
    assert.ok(key !== undefined);
    assert.equal(vault.open(key, binding, sealed).toString(), 'same key everywhere');
  }
  assert.equal((await store.sql('identity', 'select 1 from seal.data_key where tenant = 11')).length, 30);
});

test('keys are durable on return, cost no round trip when cached and one when they exist', async () => {
  const owners = [randomUUID(), randomUUID(), noOwner];
  const made = await (await process().vault('clinical', 12)).keysFor(owners);
  const database = counted(segments.clinical);
  const other = await process({ segments: { ...segments, clinical: database } }).vault('clinical', 12);
  database.trips = 0;
  const found = await other.keysFor(owners);
  assert.equal(found.size, 3);
  for (const [owner, key] of found) assert.deepEqual(key, made.get(owner));
  assert.equal(database.trips, 1);
  await other.keysFor(owners);
  const ids = owners.map((owner) => made.get(owner)?.id ?? 0);
  assert.equal((await other.keysById(ids)).size, 3);
  assert.equal(other.cached(ids[0] ?? 0)?.owner, owners[0]);
  assert.equal(database.trips, 1);
});

test('what one tenant or segment sealed no other opens, and they see no rows of one another', async () => {
  const seal = process();
  const owner = randomUUID();
  const places: [SealSegment, number][] = [
    ['identity', 13],
    ['clinical', 13],
    ['identity', 14],
  ];
  const vaults = await Promise.all(places.map(([segment, tenant]) => seal.vault(segment, tenant)));
  const keys = await Promise.all(vaults.map(async (vault) => (await vault.keysFor([owner])).get(owner)));
  const [mine, mineKey] = [vaults[0], keys[0]];
  assert.ok(mine !== undefined && mineKey !== undefined);
  const sealed = mine.seal(mineKey, binding, Buffer.from('PHI'));
  assert.equal(mine.open(mineKey, binding, sealed).toString(), 'PHI');
  for (const index of [1, 2]) {
    const [vault, key] = [vaults[index], keys[index]];
    assert.ok(vault !== undefined && key !== undefined);
    assert.throws(() => vault.open(key, binding, sealed), kind('internal'));
    assert.throws(() => vault.open(mineKey, binding, sealed), kind('internal'));
    assert.throws(() => vault.seal(mineKey, binding, sealed), kind('internal'));
  }
  assert.equal((await vaults[2]?.keysById([mineKey.id]))?.size, 0);
});

test('identity holds no owner in clear, clinical does', async () => {
  const seal = process();
  const owner = randomUUID();
  for (const segment of ['identity', 'clinical'] as const) await (await seal.vault(segment, 15)).keysFor([owner]);
  const seen = async (segment: SealSegment) =>
    (await store.sql(segment, 'select 1 from seal.data_key where owner = $1', [owner])).length;
  assert.deepEqual([await seen('identity'), await seen('clinical')], [0, 1]);
});

test('wrapped keys that are swapped between rows are refused; moved back they open', async () => {
  const [a, b] = [randomUUID(), randomUUID()];
  const ids = [...(await (await process().vault('clinical', 16)).keysFor([a, b])).values()].map(({ id }) => id);
  const swap = `update seal.data_key as k set wrapped = o.wrapped from seal.data_key as o
    where k.tenant = 16 and o.tenant = 16 and k.id = any($1) and o.id = any($1) and k.id <> o.id`;
  const reads = async () => (await process().vault('clinical', 16)).keysById(ids);
  await store.sql('clinical', swap, [ids]);
  await assert.rejects(reads(), kind('internal'));
  await store.sql('clinical', swap, [ids]);
  assert.equal((await reads()).size, 2, 'negative control: the refusal came from the swap');
});

test('a tenant key under another tenant’s number is refused', async () => {
  await process().vault('clinical', 22);
  await process().vault('clinical', 23);
  await store.sql('clinical', 'create table public.kept as select * from seal.tenant_key where tenant = 22');
  const text = `update seal.tenant_key set wrapped = o.wrapped from public.kept as o
    where tenant_key.tenant = 22 and o.tenant = $1`;
  const put = (from: number) => store.sql('clinical', text, [from]);
  await store.sql('clinical', 'insert into public.kept select * from seal.tenant_key where tenant = 23');
  await put(23);
  await assert.rejects(process().vault('clinical', 22), kind('unavailable'));
  await put(22);
  await process().vault('clinical', 22);
});

test('the index key and the pseudonym key cannot change places', async () => {
  await process().vault('clinical', 17);
  const swap = `update seal.search_key as k set wrapped = o.wrapped from seal.search_key as o
    where k.tenant = 17 and o.tenant = 17 and k.purpose <> o.purpose`;
  await store.sql('clinical', swap);
  await assert.rejects(process().vault('clinical', 17), kind('internal'));
  await store.sql('clinical', swap);
  await process().vault('clinical', 17);
});

test('the cache is bounded, and its keys expire', async () => {
  const database = counted(segments.clinical);
  const seal = process({ segments: { ...segments, clinical: database }, cache: { keys: 10, ttl_ms: 60_000 } });
  const vault = await seal.vault('clinical', 18);
  const owners = Array.from({ length: 25 }, () => randomUUID());
  const ids = [...(await vault.keysFor(owners)).values()].map(({ id }) => id);
  const held = () => ids.filter((id) => vault.cached(id) !== undefined);
  assert.equal(held().length, 10);
  // The least recently used goes first.
  const [oldest = 0, second = 0] = held();
  for (const id of held().filter((each) => each !== second)) vault.cached(id);
  vault.cached(oldest);
  await vault.keysFor([randomUUID()]);
  assert.equal(vault.cached(second), undefined);
  assert.ok(vault.cached(oldest) !== undefined);
  clock.turn(59_999);
  assert.ok(vault.cached(oldest) !== undefined);
  clock.turn(1);
  assert.equal(vault.cached(oldest), undefined);
  database.trips = 0;
  assert.equal((await vault.keysById([oldest])).size, 1);
  assert.equal(database.trips, 1);
  await seal.vault('clinical', 18);
  assert.ok(database.trips > 1, 'the tenant keys are read anew too');
});

test('a pseudonym is a bijection, and another one in every tenant and segment', async () => {
  const seal = process();
  const [one, two, three] = await Promise.all([
    seal.vault('identity', 19),
    seal.vault('identity', 20),
    seal.vault('clinical', 19),
  ]);
  fc.assert(
    fc.property(fc.uuid({ version: 4 }), fc.uuid(), (a, b) => {
      assert.equal(one.resource(one.pseudonym(a)), a);
      assert.equal(one.pseudonym(one.resource(b)), b);
      assert.equal(one.pseudonym(a) === one.pseudonym(b), a === b);
      assert.equal(new Set([a, one.pseudonym(a), two.pseudonym(a), three.pseudonym(a)]).size, 4);
    }),
  );
  assert.throws(() => one.pseudonym('not-a-uuid'), kind('internal'));
});

test('the pseudonyms of a recipient are a bijection of its own, and the same in every process', async () => {
  const [one, other] = [await process().vault('clinical', 21), await process().vault('clinical', 21)];
  const far = await process().vault('clinical', 22);
  fc.assert(
    fc.property(fc.uuid(), fc.string(), fc.string(), (id, name, another) => {
      const own = one.recipient(name);
      assert.equal(own.resource(own.pseudonym(id)), id);
      assert.equal(own.pseudonym(own.resource(id)), id);
      assert.equal(other.recipient(name).pseudonym(id), own.pseudonym(id));
      assert.equal(one.recipient(another).pseudonym(id) === own.pseudonym(id), name === another);
      assert.notEqual(far.recipient(name).pseudonym(id), own.pseudonym(id));
      assert.notEqual(one.pseudonym(id), own.pseudonym(id));
    }),
  );
});

test('the fast encoding of a token is the framed one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (label, value) => {
      assert.deepEqual(framed(label, value), frame([label, value]));
    }),
  );
});

test('tokens are 64 bits, separated by label, tenant and segment, and have no seams', async () => {
  const seal = process();
  const [one, two, three] = await Promise.all([
    seal.vault('identity', 19),
    seal.vault('identity', 20),
    seal.vault('clinical', 19),
  ]);
  assert.equal(one.token('family', 'muller'), one.token('family', 'muller'));
  const tokens = [
    one.token('family', 'muller'),
    two.token('family', 'muller'),
    three.token('family', 'muller'),
    one.token('given', 'muller'),
    one.token('familym', 'uller'),
    one.token('famil', 'ymuller'),
    one.token('', 'familymuller'),
    one.token('familymuller', ''),
  ];
  assert.equal(new Set(tokens).size, tokens.length);
  for (const token of tokens) assert.equal(BigInt.asIntN(64, token), token);
  const naive = (label: string, value: string): string => label + value;
  assert.equal(naive('familym', 'uller'), naive('family', 'muller'), 'negative control: without lengths they collide');
});

test('a row that was tampered with is refused, whatever the bit', async () => {
  const owner = randomUUID();
  const id = (await (await process().vault('clinical', 21)).keysFor([owner])).get(owner)?.id ?? 0;
  const vault = await process({ cache: { keys: 0 } }).vault('clinical', 21);
  const [row] = await store.sql('clinical', 'select wrapped from seal.data_key where tenant = 21 and id = $1', [id]);
  const good = row?.wrapped;
  assert.ok(Buffer.isBuffer(good) && good.length === 92);
  const put = (wrapped: Buffer) =>
    segments.clinical.query(21, { name: 'test-put', text: 'update seal.data_key set wrapped = $2 where id = $1' }, [
      id,
      wrapped,
    ]);
  for (let byte = 0; byte < 92; byte += 1) {
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(byte) ^ (1 << (byte % 8)), byte);
    await put(bad);
    await assert.rejects(vault.keysById([id]), kind('internal'), `byte ${byte}`);
  }
  await put(good);
  assert.equal((await vault.keysById([id])).size, 1);
  await assert.rejects(put(randomBytes(91)), 'the table takes no other length');
});
