import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Seal, SealSegment, Vault } from '../index.ts';
import { kind } from './faults.ts';
import { openFixture } from './fixture.ts';
import { memoryProvider } from './memory-provider.ts';

const { store, process, provider, segments } = await openFixture();
const binding = { resource: randomUUID(), version: 1, purpose: 'body' };
const every: readonly SealSegment[] = ['identity', 'clinical', 'ledger'];
const owners = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

const versions = async (segment: SealSegment, tenant: number): Promise<unknown[]> =>
  (await store.sql(segment, 'select version from seal.tenant_key where tenant = $1 order by 1', [tenant])).map(
    ({ version }) => version,
  );

async function sealOne(vault: Vault, owner: string): Promise<{ owner: string; id: number; sealed: Buffer }> {
  const key = (await vault.keysFor([owner])).get(owner);
  assert.ok(key !== undefined);
  return { owner, id: key.id, sealed: vault.seal(key, binding, Buffer.from(owner)) };
}

async function readAll(seal: Seal, tenant: number, rows: readonly { owner: string; id: number; sealed: Buffer }[]) {
  const vault = await seal.vault('clinical', tenant);
  const keys = await vault.keysById(rows.map(({ id }) => id));
  for (const { owner, id, sealed } of rows) {
    const key = keys.get(id);
    assert.ok(key !== undefined, 'a key was lost');
    assert.equal(vault.open(key, binding, sealed).toString(), owner);
  }
}

test('rotation under readers and writers in other processes: nothing fails, and the old version goes', async () => {
  const tenant = 41;
  const writer = process();
  const rows = await Promise.all(
    owners(450).map(async (owner) => sealOne(await writer.vault('clinical', tenant), owner)),
  );
  const tokens = await Promise.all(every.map(async (segment) => (await writer.vault(segment, tenant)).token('a', 'b')));
  // A small cache, so that reads go to the rows again and again; vaults kept over the rotation, so that rings go stale.
  const readers = [process({ cache: { keys: 5 } }), process({ cache: { keys: 5 } })];
  const stale = await Promise.all(readers.map((seal) => seal.vault('clinical', tenant)));
  let rotating = true;
  let reads = 0;
  const load = stale.map(async (vault, index) => {
    while (rotating) {
      const added = await sealOne(vault, randomUUID());
      rows.push(added);
      const some = rows.filter((_, at) => (at + reads) % 37 === index);
      const keys = await vault.keysById(some.map(({ id }) => id));
      for (const { id, owner, sealed } of some) {
        const key = keys.get(id);
        assert.ok(key !== undefined);
        assert.equal(vault.open(key, binding, sealed).toString(), owner);
        reads += 1;
      }
    }
  });
  const steps: number[] = [];
  for (const expected of [2, 3, 4]) {
    const { version, rewrapped } = await process().rotateTenant(tenant, (step) => steps.push(step.rewrapped));
    assert.equal(version, expected);
    assert.ok(rewrapped >= 450 + 6);
  }
  rotating = false;
  await Promise.all(load);
  assert.ok(reads > 50 && steps.length > 9, `${reads} reads, ${steps.length} steps`);
  for (const segment of every) assert.deepEqual(await versions(segment, tenant), [4]);
  await readAll(process(), tenant, rows);
  const after = process();
  assert.deepEqual(
    await Promise.all(every.map(async (segment) => (await after.vault(segment, tenant)).token('a', 'b'))),
    tokens,
  );
});

test('a rotation that is cut off anywhere is finished by the next call', async () => {
  const tenant = 42;
  const first = process();
  const rows = await Promise.all(
    owners(420).map(async (owner) => sealOne(await first.vault('clinical', tenant), owner)),
  );
  let deaths = 0;
  for (let cut = 1; cut === deaths + 1; cut += 1) {
    let calls = 0;
    const breakable = Object.fromEntries(
      every.map((segment) => {
        const database = segments[segment];
        const step = <T>(act: () => Promise<T>): Promise<T> => {
          calls += 1;
          return calls > cut + 5 ? Promise.reject(new Error('the process died')) : act();
        };
        return [
          segment,
          {
            query: (t: number, s: { name: string; text: string }, v?: readonly unknown[]) =>
              step(() => database.query(t, s, v)),
            transaction: (t: number, w: Parameters<typeof database.transaction>[1]) =>
              step(() => database.transaction(t, w)),
          },
        ];
      }),
    );
    try {
      await process({ segments: breakable as typeof segments }).rotateTenant(tenant);
    } catch (error) {
      assert.match(String(error), /the process died/);
      deaths += 1;
    }
    await readAll(process(), tenant, rows);
  }
  assert.ok(deaths >= 8, `died ${deaths} times`);
  for (const segment of every) assert.equal((await versions(segment, tenant)).length, 1);
});

test('a tenant key cannot be retired while anything stands under it', async () => {
  await sealOne(await process().vault('clinical', 43), randomUUID());
  const text = 'delete from seal.tenant_key where tenant = $1';
  await assert.rejects(segments.clinical.query(43, { name: 'test-retire', text }, [43]));
});

test('two processes that rotate at once bring it to one end', async () => {
  const rows = await Promise.all(
    owners(420).map(async (owner) => sealOne(await process().vault('clinical', 48), owner)),
  );
  await Promise.all([process().rotateTenant(48), process().rotateTenant(48)]);
  for (const segment of every) assert.equal((await versions(segment, 48)).length, 1);
  await readAll(process(), 48, rows);
});

test('a destroyed owner stays destroyed through a rotation', async () => {
  const seal = process();
  const kept = await sealOne(await seal.vault('clinical', 44), randomUUID());
  const lost = await sealOne(await seal.vault('clinical', 44), randomUUID());
  const [rotation] = await Promise.all([seal.rotateTenant(44), seal.destroy(44, lost.owner)]);
  assert.equal(rotation.version, 2);
  await readAll(process(), 44, [kept]);
  assert.equal((await (await process().vault('clinical', 44)).keysById([lost.id])).size, 0);
});

test('another root key is refused at start, and makes no tenant key', async () => {
  await process().vault('clinical', 45);
  const stranger = process({ provider: memoryProvider('memory:stranger') });
  const impostor = process({ provider: memoryProvider(provider.id) });
  for (const seal of [stranger, impostor]) {
    await assert.rejects(seal.check(), /these data were sealed under another root key/);
    await assert.rejects(seal.vault('clinical', 45), kind('unavailable'));
    await assert.rejects(seal.vault('clinical', 46), kind('unavailable'));
    await assert.rejects(seal.rotateTenant(45), kind('unavailable'));
  }
  assert.deepEqual(await versions('clinical', 46), []);
  await process().check();
});

test('the root key rotates, resumes, and forgets no tenant', async () => {
  const tenants = [41, 42, 43, 44, 45, 48, 11];
  const row = await sealOne(await process().vault('clinical', 11), randomUUID());
  const next = memoryProvider('memory:next');
  const cut = process();
  const early = process();
  await early.check();
  const dies = (): never => {
    throw new Error('the process died');
  };
  await assert.rejects(
    cut.rotateRoot(next, tenants, ({ tenant }) => tenant === 43 && dies()),
    /died/,
  );
  await readAll(process({ others: [next] }), 11, [row]);
  await assert.rejects(
    process().rotateRoot(
      next,
      tenants.filter((each) => each !== 44),
    ),
    kind('conflict'),
    'a tenant was left out',
  );
  const done = await process().rotateRoot(next, tenants);
  assert.equal(done.root, next.id);
  await readAll(process({ provider: next }), 11, [row]);
  await assert.rejects(process().check(), /another root key/);
  // A process that had checked the old root key before it was retired: the foreign key keeps its tenant key out.
  await assert.rejects(early.vault('clinical', 47), kind('unavailable'));
  assert.deepEqual(await versions('clinical', 47), []);
});
