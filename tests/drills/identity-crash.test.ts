/**
 * kill -9 of the real process in the middle of everything that identity does. A kill at every word of one flow to the
 * database, with a control that finds halves, is packages/identity/test/sign-in/crash.test.ts.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { identityCrash } from './identity-crash.ts';
import { type Mutation, mutated, notRecorded } from './mutate.ts';

/** `node tests/drills/identity-crash.ts --points 20` is the same drill with more points. */
const points = 6;

test('killed under load: nothing works twice, nobody is half set up, every answer has its entry', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const { breaches, counts } = await identityCrash({ points, seed, say: (line) => t.diagnostic(line) });
  t.diagnostic(JSON.stringify(Object.fromEntries(counts)));
  assert.deepEqual(breaches, []);
  for (const kind of ['throughAnApp', 'newService', 'throughTheDoor']) {
    assert.ok((counts.get(`${kind} done`) ?? 0) > 0, kind);
  }
  assert.ok((counts.get('newPerson cut') ?? 0) > points, 'enrolments were cut short');
});

/** Codes and refresh tokens that are never used up. */
const notConsumed: Mutation = {
  file: '/packages/identity/oauth/adapter/records.ts',
  from: 'set consumed_at = $3 where kind = $1 and hash = $2 and consumed_at is null',
  to: 'set consumed_at = case when $3::timestamptz is null then now() end where kind = $1 and hash = $2',
};

test('negative control: codes that are not used up and answers without an entry are seen', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const env = mutated(notConsumed, notRecorded);
  const { breaches } = await identityCrash({ points: 1, seed, env, say: () => undefined });
  const seen = new Set(breaches.map(({ kind }) => kind));
  for (const kind of ['worked twice', 'answer without entry'] as const) {
    assert.ok(seen.has(kind), `seen instead: ${[...seen].join(', ')}`);
  }
});
