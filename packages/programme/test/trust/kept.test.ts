import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKept } from '../../trust/kept.ts';

const clockAt = (at: number) => ({ at, now: () => clock.at });
let clock = { at: 0, now: () => 0 };

test('what takes longer than it is kept is still made once at a time', async () => {
  clock = clockAt(0);
  const kept = createKept<number>({ clock: { now: () => clock.at }, keep_ms: 10 });
  let made = 0;
  const release: (() => void)[] = [];
  const work = () => new Promise<number>((resolve) => release.push(() => resolve(++made)));
  const first = kept('a', work);
  clock.at = 1_000;
  const second = kept('a', work);
  assert.equal(release.length, 1);
  release[0]?.();
  assert.deepEqual(await Promise.all([first, second]), [1, 1]);
  const third = kept('a', work);
  assert.equal(release.length, 2, 'it was old when it was done');
  release[1]?.();
  assert.equal(await third, 2);
});

test('a failure is told to all who waited and not kept, and the number of kept ones is bounded', async () => {
  clock = clockAt(0);
  const kept = createKept<string>({ clock: { now: () => clock.at }, keep_ms: 10, most: 2 });
  const failing = () => Promise.reject(new Error('no'));
  const both = await Promise.allSettled([kept('a', failing), kept('a', failing)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await kept('a', async () => 'now'), 'now');
  let again = 0;
  for (const key of ['b', 'c', 'a']) await kept(key, async () => `${key}${++again}`);
  assert.equal(again, 3, 'the oldest had gone');
});
