import assert from 'node:assert/strict';
import { test } from 'node:test';
import { first, openChecks } from './checks-fixture.ts';
import { requestEvent } from './fixture.ts';

// A process that signs far too seldom.
const { ledger, run } = await openChecks({ checkpoint_interval_ms: 60_000 });

test('signed: a log that nobody signs in time is found; signed, it is met again', async () => {
  await ledger.append(0, [requestEvent({ tenant: 0 })]);
  await ledger.append(first, [requestEvent({ tenant: first })]);
  const late = await run('checkpoints-signed');
  assert.equal(late.result, 'unmet', JSON.stringify(late));
  assert.deepEqual(late.exceptions?.map((one) => one.replace(/\d+ entries/, 'n entries')).slice(0, 1), [
    "the platform's log (shard 0): n entries are signed by nobody yet",
  ]);
  await ledger.checkpoint(0);
  const signed = await run('checkpoints-signed');
  assert.equal(signed.result, 'met', JSON.stringify(signed));
  assert.equal(signed.examined, 2);
});
