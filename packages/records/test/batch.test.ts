import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBatcher } from '../storage/batch.ts';
import { createQueues } from '../storage/queue.ts';

const limits = { concurrency: 1, size: 4 };

test('what is asked in one turn shares a run; what comes meanwhile shares the next', async () => {
  const runs: number[][] = [];
  const double = createBatcher<number, number>(async (items) => {
    runs.push([...items]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return items.map((item) => item * 2);
  }, limits);
  const first = [1, 2].map(double);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const second = [3, 4, 5, 6, 7].map(double);
  assert.deepEqual(await Promise.all([...first, ...second]), [2, 4, 6, 8, 10, 12, 14]);
  assert.deepEqual(runs, [[1, 2], [3, 4, 5, 6], [7]]);
});

test('a run that fails fails its own, and the next goes on', async () => {
  let turn = 0;
  const work = createBatcher<number, number>(async (items) => {
    turn += 1;
    if (turn === 1) throw new Error('first');
    return [...items];
  }, limits);
  await assert.rejects(work(1), /first/);
  assert.equal(await work(2), 2);
});

test('a run that throws before it awaits does not hang the batcher', async () => {
  const work = createBatcher<number, number>(() => {
    throw new Error('at once');
  }, limits);
  await assert.rejects(work(1), /at once/);
  await assert.rejects(work(2), /at once/);
});

test('one name is worked on in order; another does not wait; a failure frees the next', async () => {
  const inOrder = createQueues();
  const seen: string[] = [];
  const work = (name: string, ms: number): Promise<void> =>
    inOrder(name[0] as string, async () => {
      seen.push(`${name}+`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      seen.push(`${name}-`);
      if (name === 'a2') throw new Error('a2');
    });
  const all = await Promise.allSettled([work('a1', 20), work('a2', 1), work('b1', 1), work('a3', 1)]);
  assert.deepEqual(
    all.map((one) => one.status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.deepEqual(
    seen.filter((mark) => mark.startsWith('a')),
    ['a1+', 'a1-', 'a2+', 'a2-', 'a3+', 'a3-'],
  );
  assert.ok(seen.indexOf('b1-') < seen.indexOf('a1-'));
});
