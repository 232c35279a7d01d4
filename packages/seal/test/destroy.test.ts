import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { forgetChannel, noOwner, type SealSegment } from '../index.ts';
import { kind } from './faults.ts';
import { openFixture } from './fixture.ts';

const { store, clock, segments, process } = await openFixture();
const binding = { resource: randomUUID(), version: 1, purpose: 'body' };
const both: readonly SealSegment[] = ['identity', 'clinical'];

test('a destroyed owner is unreadable at once and for ever, and leaves a tombstone', async () => {
  const seal = process();
  const [owner, neighbour] = [randomUUID(), randomUUID()];
  const held = await Promise.all(
    both.map(async (segment) => {
      const vault = await seal.vault(segment, 31);
      const keys = await vault.keysFor([owner, neighbour]);
      const key = keys.get(owner);
      const other = keys.get(neighbour);
      assert.ok(key !== undefined && other !== undefined);
      return { segment, vault, key, other, sealed: vault.seal(key, binding, Buffer.from('PHI')) };
    }),
  );
  assert.equal((await seal.destroy(31, owner)).keys, 2);
  for (const { segment, vault, key, other, sealed } of held) {
    assert.equal(vault.cached(key.id), undefined);
    assert.throws(() => vault.open(key, binding, sealed), kind('gone'), 'a handle that is still held');
    assert.equal((await vault.keysById([key.id, other.id])).size, 1);
    await assert.rejects(vault.keysFor([owner]), kind('gone'));
    assert.equal((await vault.keysFor([neighbour])).size, 1);
    const fresh = await process().vault(segment, 31);
    assert.equal((await fresh.keysById([key.id])).size, 0);
    await assert.rejects(fresh.keysFor([neighbour, owner]), kind('gone'));
    const rows = await store.sql(
      segment,
      'select wrapped, key_version, destroyed_at from seal.data_key where id = $1',
      [key.id],
    );
    assert.deepEqual(rows, [{ wrapped: null, key_version: null, destroyed_at: new Date(clock.now()) }]);
  }
  assert.equal((await seal.destroy(31, owner)).keys, 0, 'again is no error');
});

test('an owner without keys cannot get any after its destruction', async () => {
  const owner = randomUUID();
  assert.equal((await process().destroy(32, owner)).keys, 0);
  for (const segment of both) await assert.rejects((await process().vault(segment, 32)).keysFor([owner]), kind('gone'));
});

test('the database itself refuses to give a destroyed owner a key again', async () => {
  const owner = randomUUID();
  const seal = process();
  const key = (await (await seal.vault('clinical', 33)).keysFor([owner])).get(owner);
  const [before] = await store.sql('clinical', 'select wrapped from seal.data_key where id = $1', [key?.id]);
  await seal.destroy(33, owner);
  const revive = {
    name: 'test-revive',
    text: 'update seal.data_key set wrapped = $2, key_version = 1, destroyed_at = null where id = $1',
  };
  await assert.rejects(segments.clinical.query(33, revive, [key?.id, before?.wrapped]));
  await assert.rejects(
    segments.clinical.query(33, { name: 'test-delete', text: 'delete from seal.data_key where id = $1' }, [key?.id]),
  );
  await store.sql('clinical', 'alter table seal.data_key disable trigger keep_tombstone');
  await segments.clinical.query(33, revive, [key?.id, before?.wrapped]);
  assert.equal(
    (await (await process().vault('clinical', 33)).keysFor([owner])).size,
    1,
    'negative control: without the trigger it lives',
  );
  await store.sql('clinical', 'alter table seal.data_key enable trigger keep_tombstone');
});

test('a key that is being read or made while it is destroyed is not left in the cache', async () => {
  for (let round = 0; round < 25; round += 1) {
    const seal = process();
    const owner = randomUUID();
    const vaults = await Promise.all(both.map((segment) => seal.vault(segment, 34)));
    const use = Promise.allSettled(vaults.flatMap((vault) => [vault.keysFor([owner]), vault.keysFor([owner])]));
    await seal.destroy(34, owner);
    await use;
    for (const vault of vaults) await assert.rejects(vault.keysFor([owner]), kind('gone'));
    seal.close();
  }
});

test('a destruction is told on the channel of the clinical segment', async () => {
  const client = new pg.Client(store.login('clinical'));
  await client.connect();
  await client.query(`listen ${forgetChannel}`);
  const heard = new Promise<string | undefined>((resolve) => {
    client.once('notification', ({ payload }) => resolve(payload));
  });
  const owner = randomUUID();
  await process().destroy(37, owner);
  assert.deepEqual(JSON.parse((await heard) ?? ''), { tenant: 37, owner });
  await client.end();
});

test('another process that hears of it forgets', async () => {
  const [seal, other] = [process(), process()];
  const owner = randomUUID();
  const vault = await other.vault('clinical', 35);
  const key = (await vault.keysFor([owner])).get(owner);
  await seal.destroy(35, owner);
  assert.ok(vault.cached(key?.id ?? 0) !== undefined, 'before it hears of it');
  other.forget(35, owner);
  assert.equal(vault.cached(key?.id ?? 0), undefined);
  await assert.rejects(vault.keysFor([owner]), kind('gone'));
});

test('what belongs to no patient cannot be destroyed', async () => {
  await assert.rejects(process().destroy(36, noOwner), kind('invalid'));
  await assert.rejects(process().destroy(36, 'x'), kind('invalid'));
});
