import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Instance, start } from '../harness/instance.ts';
import type { Oracle } from './judge.ts';
import { compareWithOracle, loadWorld, type Sent } from './run.ts';

/** The whole 100,000: `node tests/oracle/main.ts --queries 100000 --seed …`. */
const queries = 500;
const seed = Date.now() % 1_000_000_000;

let instance: Instance;
let sent: Sent;
let oracle: Oracle;

before(async () => {
  instance = await start({ tls: 'off' });
  sent = { instance, token: await instance.token('system/*.cruds') };
  oracle = await loadWorld(sent, 'oracle', 400);
});
after(() => instance?.stop());

test('random searches over random resources agree with a plain evaluation in memory', async (t) => {
  t.diagnostic(`seed ${seed}`);
  const figures = await compareWithOracle(sent, oracle, { queries, seed });
  t.diagnostic(`${figures.queries} queries, ${figures.matches} matches, ${figures.empty} of them empty`);
  assert.ok(figures.empty < figures.queries * 0.7, 'most random queries find nothing: they would prove little');
});

test('negative control: an oracle over other resources disagrees', async () => {
  const other = await loadWorld(sent, 'another world', 60);
  await assert.rejects(compareWithOracle(sent, other, { queries: 200, seed: 1 }));
});
