import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyConsistency, verifyInclusion, verifyOfflineProof } from '@safeguard/verifier';
import { openFixture, requestEvent, signerName } from './fixture.ts';

const fixture = await openFixture();

test('what is appended is read back, in order, and the log verifies', async () => {
  const ledger = await fixture.open();
  const events = Array.from({ length: 700 }, () => requestEvent());
  const answers = await Promise.all(events.map((event) => ledger.append(7, [event])));
  assert.deepEqual(answers[0], { log: `${signerName}/7/0`, first: 0, count: 1 });
  assert.deepEqual(
    answers.map(({ first }) => first),
    events.map((_, at) => at),
  );
  assert.deepEqual(
    (await ledger.read(7, 0, 700)).map(({ event }) => event),
    events,
  );
  assert.equal((await ledger.read(7, 698, 10)).length, 2);
  const checkpoint = await ledger.checkpoint(7);
  assert.equal(checkpoint?.size, 700);
  const verdict = await fixture.verify();
  assert.equal(verdict.ok, true, JSON.stringify(verdict));
  assert.equal(verdict.logs.find(({ origin }) => origin.endsWith('/7/0'))?.checkpoint?.size, 700);
  await ledger.close();
});

test('a reopened ledger goes on where it stopped', async () => {
  const first = await fixture.open();
  const { first: at } = await first.append(7, [requestEvent()]);
  await first.close();
  const second = await fixture.open();
  assert.equal((await second.append(7, [requestEvent()])).first, at + 1);
  await second.close();
  assert.equal((await fixture.verify()).ok, true);
});

test('inclusion, consistency and offline proofs hold for the verifier', async () => {
  const ledger = await fixture.open();
  await ledger.append(
    7,
    Array.from({ length: 90 }, () => requestEvent()),
  );
  for (const index of [0, 1, 255, 256, 511, 512, 700]) {
    const proof = await ledger.proveInclusion(7, index);
    assert.equal(verifyInclusion(proof), true, `index ${index}`);
    assert.equal(verifyInclusion({ ...proof, index: index + 1 }), false);
    const text = await ledger.offlineProof(7, index);
    const verdict = verifyOfflineProof(text, { publicKeys: [fixture.signer.publicKey], origin: `${signerName}/7/0` });
    assert.equal(verdict.ok && verdict.index, index);
    const altered = text.replace(/extra (.)/, (_, first) => `extra ${first === 'A' ? 'B' : 'A'}`);
    assert.equal(verifyOfflineProof(altered, { publicKeys: [fixture.signer.publicKey] }).ok, false);
    assert.equal(verifyOfflineProof(text, { publicKeys: [Buffer.alloc(32, 9)] }).ok, false);
  }
  for (const from of [1, 255, 256, 257, 512, 700]) {
    const proof = await ledger.proveConsistency(7, from, 760);
    assert.equal(verifyConsistency(proof), true, `from ${from}`);
    assert.equal(verifyConsistency({ ...proof, fromRoot: proof.toRoot }), from === 760);
  }
  await assert.rejects(ledger.proveInclusion(7, 100_000), { kind: 'missing' });
  await ledger.close();
});

test('tenants have logs of their own', async () => {
  const ledger = await fixture.open();
  await ledger.append(8, [requestEvent({ tenant: 8 })]);
  assert.equal((await ledger.read(8, 0, 10)).length, 1);
  const rows = await fixture.segment.query(8, {
    name: 'test.all',
    text: 'select tenant, index from ledger.entries where tenant <> 8',
  });
  assert.deepEqual(rows, []);
  await ledger.close();
});

test('an event with many targets becomes several entries, and none is large', async () => {
  const ledger = await fixture.open();
  const ids = Array.from({ length: 100 }, () => requestEvent().id);
  const targets = ids.map((id, at) => ({ type: at % 3 === 0 ? 'Observation' : 'Condition', id, version: 1 }));
  const event = requestEvent({ tenant: 9, action: 'transaction', targets });
  const { first, count } = await ledger.append(9, [event]);
  assert.ok(count > 1 && count < 8, `${count} parts`);
  const parts = (await ledger.read(9, first, count)).map(
    (entry) => entry.event as typeof event & { part: number; parts: number },
  );
  assert.deepEqual(
    parts.map(({ part, parts: of }) => [part, of]),
    parts.map((_, at) => [at + 1, count]),
  );
  assert.ok(parts.every(({ id, action }) => id === event.id && action === 'transaction'));
  const got = parts.flatMap((part) => part.targets.map(({ type, id }) => `${type}/${id}`)).sort();
  assert.deepEqual(got, targets.map(({ type, id }) => `${type}/${id}`).sort());
  const [row] = await fixture.store.sql('ledger', 'select max(octet_length(body)) as largest from ledger.entries');
  assert.ok(Number(row?.largest) <= 460, `largest body ${row?.largest}`);
  await ledger.close();
});

test('an intent opens for its tenant only, and recent finds what was chained', async () => {
  const ledger = await fixture.open();
  const event = requestEvent();
  const sealed = await ledger.sealIntent(7, event);
  assert.deepEqual(await ledger.openIntent(7, sealed), event);
  await assert.rejects(ledger.openIntent(8, sealed));
  assert.equal(sealed.includes(Buffer.from(event.id.slice(0, 8))), false);
  await ledger.append(7, [event]);
  const seen: string[] = [];
  for await (const found of ledger.recent(7, Date.now() - 1000)) seen.push((found as { id: string }).id);
  assert.equal(seen[0], event.id);
  await ledger.close();
});

test('a second process writes a shard of its own, and reads the other', async () => {
  const one = await fixture.open();
  const two = await fixture.open();
  assert.deepEqual([one.shard(), two.shard()], [0, 1]);
  const event = requestEvent();
  await Promise.all([one.append(7, [requestEvent()]), two.append(7, [event])]);
  assert.deepEqual((await one.read(7, 0, 1, 1))[0]?.event, event);
  await two.checkpoint(7);
  assert.equal(verifyInclusion(await one.proveInclusion(7, 0, 1)), true);
  await Promise.all([one.close(), two.close()]);
  const three = await fixture.open();
  assert.equal(three.shard(), 0);
  const ids: string[] = [];
  for await (const found of three.recent(7, 0)) ids.push((found as { id: string }).id);
  assert.ok(ids.includes(event.id));
  await three.probe();
  await three.close();
  assert.equal((await fixture.verify()).ok, true);
});

test('a log that grew is signed by itself; one that did not is not signed again', async () => {
  const ledger = await fixture.open({ checkpoint_interval_ms: 30 });
  await ledger.append(12, [requestEvent({ tenant: 12 })]);
  await sleep(150);
  await ledger.append(12, [requestEvent({ tenant: 12 })]);
  await sleep(150);
  const rows = await fixture.store.sql('ledger', 'select size from ledger.checkpoints where tenant = 12 order by size');
  assert.deepEqual(
    rows.map(({ size }) => Number(size)),
    [1, 2],
  );
  await ledger.close();
});

test('every process start and every day begin a fresh data key', async () => {
  let now = Date.now();
  const clock = { now: () => now };
  const keyIds = async () => {
    const rows = await fixture.store.sql(
      'ledger',
      "select encode(substr(body, 2, 4), 'hex') as key from ledger.entries where tenant = 13 order by index",
    );
    return rows.map(({ key }) => key);
  };
  const first = await fixture.open({ clock });
  await first.append(13, [requestEvent(), requestEvent()]);
  now += 25 * 3600 * 1000;
  await first.append(13, [requestEvent()]);
  await sleep(100);
  await first.append(13, [requestEvent()]);
  await first.close();
  const second = await fixture.open();
  await second.append(13, [requestEvent()]);
  const [a, b, , c, d] = await keyIds();
  assert.equal(a, b);
  assert.equal(new Set([a, c, d]).size, 3);
  assert.equal((await second.read(13, 0, 10)).length, 5);
  await second.close();
});

test('an entry opens at its own place only', async () => {
  const ledger = await fixture.open();
  await ledger.append(14, [requestEvent(), requestEvent()]);
  const body = '(select body from ledger.entries where tenant = 14 and index = 0)';
  await fixture.store.sql('ledger', `update ledger.entries set body = ${body} where tenant = 14 and index = 1`);
  assert.equal((await ledger.read(14, 0, 1)).length, 1);
  await assert.rejects(ledger.read(14, 1, 1), { kind: 'internal' });
  await ledger.close();
});
