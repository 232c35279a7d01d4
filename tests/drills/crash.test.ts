import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { crash, summary } from './crash.ts';
import { mutated, notDurable, notRecovered } from './mutate.ts';

/** `node tests/drills/crash.ts --points 60` is the same drill with more points. */
const points = 6;

test('killed under load: nothing acknowledged is lost, nothing is half, every answer has its entry', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const result = await crash({ points, seed, say: (line) => t.diagnostic(line) });
  t.diagnostic(summary(result));
  assert.deepEqual(result.breaches, []);
  assert.ok(result.acknowledged > 100, 'enough was written to lose some of it');
});

test('negative control: without synchronous commits the same drill sees acknowledged writes lost', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const say = (line: string): void => t.diagnostic(line.slice(0, 200));
  const { breaches } = await crash({
    points: 1,
    seed,
    victims: ['postgres'],
    env: mutated(notDurable),
    patience_ms: 10_000,
    say,
  });
  const kinds = new Set(breaches.map(({ kind }) => kind));
  assert.ok(kinds.has('acknowledged write lost'), `seen instead: ${[...kinds].join(', ') || 'nothing'}`);
});

test('negative control: without recovery at the start the same drill sees writes without their entry', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const say = (line: string): void => t.diagnostic(line.slice(0, 200));
  const { breaches } = await crash({ points: 3, seed, victims: ['server'], env: mutated(notRecovered), say });
  const kinds = new Set(breaches.map(({ kind }) => kind));
  assert.ok(kinds.has('write without entry'), `seen instead: ${[...kinds].join(', ') || 'nothing'}`);
});
