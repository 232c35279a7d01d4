import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogRow, type Reached, sqlLogs, verifyOnward } from '@safeguard/verifier';
import { openFixture, requestEvent } from './fixture.ts';

const { open, store, signer } = await openFixture();
const ledger = await open();
const reader = store.reader();
const query = (text: string, values: readonly unknown[]) => reader.query(0, { name: '', text }, values);
const publicKeys = [signer.publicKey];
const length = 1_000;
await ledger.append(
  7,
  Array.from({ length }, () => requestEvent()),
);
await ledger.checkpoint(7);
const log = (await sqlLogs(query)).find(({ tenant }) => tenant === 7) as LogRow;

const flip = (index: number) =>
  store.sql(
    'ledger',
    `update ledger.entries set body = set_byte(body, 40, get_byte(body, 40) # 1) where tenant = 7 and index = ${index}`,
  );

/** In portions of at least `page` entries; where it ended, and how many calls it took. */
async function portions(page: number) {
  let from: Reached | undefined;
  for (let calls = 1; ; calls += 1) {
    const found = await verifyOnward(query, log, { publicKeys, from, page, enough: () => true });
    if (found.ended) return { ...found, calls };
    from = found.reached;
  }
}

test('in portions of any size a log verifies as in one', async () => {
  for (const page of [1_000, 300, 256, 255, 97]) {
    const { verdict, reached, calls } = await portions(page);
    assert.equal(verdict.ok, true, `${page}: ${JSON.stringify(verdict)}`);
    assert.equal(verdict.entries, length);
    assert.equal(verdict.uncovered, 0);
    assert.equal(reached.range.size, length);
    assert.ok(calls >= Math.floor(length / page), String(calls));
  }
});

test('an altered entry is found in whatever portion it stands, by its index', async () => {
  for (const index of [0, 255, 256, 511, 700, 999]) {
    await flip(index);
    const { verdict } = await portions(300);
    await flip(index);
    assert.equal(verdict.ok, false);
    assert.equal(verdict.bad?.index, index, JSON.stringify(verdict.bad));
  }
});

test('new entries alone are read; a log that was cut off before them is found', async () => {
  const { reached } = await portions(300);
  await ledger.append(7, [requestEvent(), requestEvent()]);
  await ledger.checkpoint(7);
  const news = await verifyOnward(query, log, { publicKeys, from: reached });
  assert.deepEqual([news.verdict.ok, news.read, news.verdict.uncovered], [true, 2, 0]);
  await store.sql(
    'ledger',
    'create table public.cut as select * from ledger.entries where tenant = 7 and index >= 990',
  );
  await store.sql('ledger', 'delete from ledger.entries where tenant = 7 and index >= 990');
  const cut = await verifyOnward(query, log, { publicKeys, from: news.reached });
  assert.equal(cut.verdict.bad?.reason, 'it is missing: it was there before');
  await store.sql('ledger', 'insert into ledger.entries select * from public.cut');
  assert.equal((await verifyOnward(query, log, { publicKeys, from: news.reached })).verdict.ok, true);
});
