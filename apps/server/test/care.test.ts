import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { startCare } from '../care.ts';
import type { House } from '../server.ts';

const hour_ms = 3_600_000;

beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
afterEach(() => mock.timers.reset());

/** Of the house only what is looked after; two tenants. */
function houseOf(settle: (tenant: number) => Promise<number>) {
  const warned: [string, unknown][] = [];
  const nothing = async (): Promise<void> => undefined;
  const house = {
    settings: { database: {}, tokens: { lifetime_s: 300 } },
    log: { warn: (text: string, more: unknown) => void warned.push([text, more]) },
    ledger: { checkpoint: nothing },
    records: { recover: async () => 0, sweep: async () => 0, reindexing: { resume: () => undefined } },
    identity: {
      tenants: { list: async () => [{ id: 1 }, { id: 2 }] },
      clients: { list: async () => [] },
      sessions: { sweep: nothing },
      sweep: nothing,
    },
    governance: { grants: { settle }, reviews: { due: async () => 0 } },
    rights: { remind: async () => 0 },
    programme: { remind: async () => undefined },
    reporting: { requests: { deliver: async () => 0 } },
  };
  return { house: house as unknown as House, warned };
}

/** Everything that was set off has come to its end. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(() => setImmediate(done)));

test('grants of every tenant are settled at start and every hour', async () => {
  const asked: number[] = [];
  const { house, warned } = houseOf(async (tenant) => {
    asked.push(tenant);
    return tenant - 1;
  });
  const care = await startCare(house);
  await settled();
  assert.deepEqual(asked, [1, 2]);
  assert.deepEqual(warned, [['grants of the role administrator wait to be carried out', { count: 1 }]]);
  mock.timers.tick(hour_ms - 1);
  await settled();
  assert.deepEqual(asked, [1, 2]);
  mock.timers.tick(1);
  await settled();
  assert.deepEqual(asked, [1, 2, 1, 2]);
  await care.stop();
  mock.timers.tick(2 * hour_ms);
  await settled();
  assert.deepEqual(asked, [1, 2, 1, 2], 'and not after the stop');
});

test('what cannot be settled is logged, keeps the server from nothing, and is tried in an hour', async () => {
  let times = 0;
  const error = new Error('the database is away');
  const { house, warned } = houseOf(async () => {
    times += 1;
    throw error;
  });
  const care = await startCare(house);
  await settled();
  assert.equal(times, 1);
  assert.deepEqual(warned, [['a periodic task failed; it will be tried again', { error }]]);
  mock.timers.tick(hour_ms);
  await settled();
  assert.equal(times, 2);
  await care.stop();
});
