import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurns } from '../storage/seal-write.ts';

/** How often others had their turn while so many items were mapped, each of which takes so long. */
async function turnsOf(items: number, each_ms: number): Promise<number> {
  let [turns, over] = [0, false];
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const mapped = await inTurns(
    Array.from({ length: items }, (_, at) => at),
    (item) => {
      for (const began = performance.now(); performance.now() - began < each_ms; );
      return item * 2;
    },
  );
  over = true;
  assert.deepEqual(
    mapped,
    Array.from({ length: items }, (_, at) => at * 2),
  );
  return turns;
}

test('others have their turn every so many items, and after every item that takes long', async () => {
  assert.ok((await turnsOf(100, 0)) >= 4, 'by number');
  assert.ok((await turnsOf(10, 12)) >= 9, 'by time');
  assert.equal(await turnsOf(1, 12), 0, 'negative control: the turns are between the items, and told apart');
});
