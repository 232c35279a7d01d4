import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { createGate, plainGate } from '../../sign-in/gate.ts';

/** Time that only the gate's own work and pauses move. */
function testTime() {
  const time = { at: 0, paused: 0, worked: 0 };
  return {
    time,
    now: () => time.at,
    async pause(duration_ms: number) {
      time.at += duration_ms;
      time.paused += duration_ms;
      await Promise.resolve();
    },
    hash: async (duration_ms = 30) => {
      time.at += duration_ms;
      time.worked += duration_ms;
      await Promise.resolve();
    },
  };
}

test('one at a time, known devices first, each lane in order', async () => {
  const { now, pause, hash } = testTime();
  const gate = createGate({ now, pause });
  const order: string[] = [];
  let inside = 0;
  const turn = (name: string) => async () => {
    inside += 1;
    assert.equal(inside, 1);
    order.push(name);
    await hash();
    inside -= 1;
  };
  const lanes = ['other', 'other', 'known', 'other', 'known'] as const;
  await Promise.all(lanes.map((lane, index) => gate.run(lane, turn(`${lane}${index}`))));
  assert.deepEqual(order, ['other0', 'known2', 'known4', 'other1', 'other3']);
});

test('whoever comes, hashing takes a quarter of one core at most', async () => {
  const { time, now, pause, hash } = testTime();
  const gate = createGate({ now, pause, most_waiting: 1000 });
  await Promise.all(Array.from({ length: 200 }, () => gate.run('other', () => hash())));
  await gate.run('known', () => hash());
  assert.ok(time.worked / time.at <= 0.2526, `${time.worked / time.at}`);

  const open = testTime();
  const broken = createGate({ now: open.now, pause: async () => undefined, most_waiting: 1000 });
  await Promise.all(Array.from({ length: 200 }, () => broken.run('other', () => open.hash())));
  assert.ok(open.time.worked / open.time.at > 0.99, 'negative control: without the pause it takes all of it');
});

test('what does not fit is sent away at once, and those who wait are served', async () => {
  const { now, pause, hash } = testTime();
  const gate = createGate({ now, pause, most_waiting: 4 });
  const turns = Array.from({ length: 50 }, () => gate.run('other', () => hash()));
  assert.equal(turns.filter((turn) => turn === undefined).length, 45, 'one inside, four waiting');
  assert.notEqual(
    gate.run('known', () => hash()),
    undefined,
    'a known device still has a place',
  );
  await Promise.all(turns);
  assert.equal(gate.wait_s(), 1);
});

test('a turn that fails is told to its caller alone', async () => {
  const { now, pause } = testTime();
  const gate = createGate({ now, pause });
  const bad = gate.run('other', () => Promise.reject(new Error('broken')));
  const good = gate.run('other', async () => 'fine');
  await assert.rejects(bad ?? Promise.resolve(), /broken/);
  const worse = gate.run('other', () => {
    throw new Error('at once');
  });
  await assert.rejects(worse ?? Promise.resolve(), /at once/);
  assert.equal(await good, 'fine');
  assert.equal(await gate.run('known', async () => 'still there'), 'still there');
});

test('a turn inside of a turn is the same turn: one gate may stand at two doors', async () => {
  const { now, pause } = testTime();
  const gate = createGate({ now, pause, most_waiting: 1 });
  const inner = plainGate(gate);
  assert.equal(await gate.run('other', () => inner.run(async () => 'through')), 'through');
  assert.equal(await inner.run(async () => 'alone'), 'alone');
  await new Promise(setImmediate);
  void inner.run(() => new Promise(() => undefined));
  void inner.run(async () => undefined);
  await assert.rejects(
    async () => inner.run(async () => undefined),
    (error: unknown) => isFault(error) && error.kind === 'tooMany',
  );
});
