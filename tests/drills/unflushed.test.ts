import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../harness/instance.ts';
import { withDatabase } from './database.ts';
import { type House, house, served } from './instance.ts';
import { freezeWalWriter, killAll } from './kill.ts';
import { outages } from './outages.ts';

/** Longer than the interval of checkpoints, whose commits flush whatever was committed before. */
const quiet_ms = 2_500;
const back_ms = 30_000;
const ledger_ms = 20_000;

let place: House;
let token: string;
before(async () => {
  place = await house({ SAFEGUARD_DEADLINES_LEDGER_MS: String(ledger_ms) });
  token = await place.instance.token();
});
after(() => place?.remove());

const subject = { reference: `Patient/${crypto.randomUUID()}` };

const create = (valueString: string): Promise<Answer> => {
  const body = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject, valueString };
  return place.instance.request({ method: 'POST', path: '/fhir/R4/Observation', token, body });
};

const count = (from: string): Promise<number> =>
  withDatabase(place.data, 'clinical', async (client) => {
    const { rows } = await client.query<{ n: number }>(`select count(*) as n from ${from}`);
    return rows[0]?.n ?? 0;
  });

/**
 * A write that is committed and waits for its entry, when PostgreSQL dies and takes with it what was not flushed. The
 * server lives on, and its ledger can chain the entry as soon as PostgreSQL is back. Answers what the caller was told.
 */
async function crashBetweenCommits(valueString: string): Promise<Answer> {
  const before = await count('records.resource');
  await sleep(quiet_ms);
  freezeWalWriter(place.data);
  const locked = outages.find(({ name }) => name === 'locked');
  assert.ok(locked);
  const release = await locked.begin(place.data);
  const answer = create(valueString);
  while ((await count('records.resource')) === before) await sleep(5);
  killAll(place.data);
  // The lock may have gone with its connection already.
  const released = release().catch((error: Error) => error);
  const told = await answer;
  await released;
  await served(place.instance, token, back_ms);
  return told;
}

test('a write that a crash took away before its entry was chained is not acknowledged', {
  timeout: 90_000,
}, async (t) => {
  assert.equal((await place.instance.request({ path: '/fhir/R4/Observation', token })).status, 200);
  const told = await crashBetweenCommits('first');
  t.diagnostic(`the caller was told ${told.status}`);
  if (told.status !== 201) return assert.equal(told.status, 503);
  const read = await place.instance.request({ path: `/fhir/R4/Observation/${told.json.id}`, token });
  assert.equal(read.status, 200, 'what was acknowledged is there');
});

test('a key that a crash took away is not used again', { timeout: 90_000 }, async () => {
  await crashBetweenCommits('second');
  const made = await create('kept');
  assert.equal(made.status, 201);
  const keys = await count(`seal.data_key where owner = '${subject.reference.slice('Patient/'.length)}'`);
  assert.equal(keys, 1, 'the key of what was acknowledged stands in the database');
  await place.instance.stop();
  await place.start();
  const read = await place.instance.request({ path: `/fhir/R4/Observation/${made.json.id}`, token });
  assert.equal(read.status, 200);
  assert.equal(read.json.valueString, 'kept');
});
