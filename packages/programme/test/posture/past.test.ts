import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { createPosture } from '../../index.ts';
import { evidenceWith, openHouse } from '../postgres.ts';
import { byKey, controlWith, every_s } from './world.ts';

const house = await openHouse();
const evidence = house.evidence();
const checks = byKey([{ id: 'http.tls', title: 'TLS', every_s }], ({ id }) => id);
const control = controlWith({ id: '164.312-b', checks: ['http.tls'] });
const posture = createPosture({
  content: {
    controls: byKey([control], ({ id }) => id),
    organization: { name: 'X', contact: 'x', conditions: [], lines: ['api'] },
  },
  ...{ checks, evidence },
  decisionsAt: async () => new Map(),
  waiversAt: async () => new Map(),
  publishedAt: async () => new Set(),
});
const start = Date.now() - 10 * 86_400_000;
const stateAt = async (at: number) => (await posture.at(at)).controls[0]?.state;

test('the state at any moment of the past is what was known then', async () => {
  assert.equal(await stateAt(start), 'unknown');
  await evidence.add(evidenceWith({ at: start }));
  await evidence.add(evidenceWith({ at: start + 3_600_000, result: 'unmet', saw: 'A listener is plain.' }));
  await evidence.add(evidenceWith({ at: start + 7_200_000 }));
  assert.equal(await stateAt(start - 1), 'unknown');
  assert.equal(await stateAt(start), 'met');
  assert.equal(await stateAt(start + 3_600_000), 'unmet');
  assert.equal(await stateAt(start + 7_200_000), 'met');
  assert.equal(await stateAt(Date.now()), 'unknown');
});

test('attack: a row that says met where the log does not is not believed, and the posture says so', async () => {
  await evidence.add(evidenceWith({ at: Date.now(), result: 'unmet' }));
  assert.equal(await stateAt(Date.now()), 'unmet');
  const id = newId();
  const row = `insert into programme.evidence (id, check_id, at, shard, index)`;
  await house.asRuntime(0, `${row} values ('${id}', 'http.tls', ${Date.now()}, 0, 123456)`);
  const after = await posture.at(Date.now());
  assert.deepEqual([after.controls[0]?.state, after.forged], ['unmet', [id]]);
});
