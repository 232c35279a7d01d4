import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyBundle } from '@safeguard/verifier';
import { actor, fill, openWorld } from './world.ts';

const world = await openWorld();
const span = await fill(world, Date.now() - 1_000);

test('a bundle verifies with nothing but its bytes', async () => {
  const t = performance.now();
  const report = await world.reports.make(actor, { kind: 'bundle', ...span });
  console.log(performance.now() - t, report);
  const { bytes } = await world.reports.read(report.id);
  const verdict = verifyBundle(bytes, { publicKey: world.signer.publicKey });
  console.log(verdict);
  assert.equal(verdict.ok, true);
});
