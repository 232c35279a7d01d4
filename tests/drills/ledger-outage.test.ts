import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkVerifies, checkVersions } from './check.ts';
import { withDatabase } from './database.ts';
import { readEntries } from './entries.ts';
import { canary, expose, type World, world } from './exposure.ts';
import { type House, house, served } from './instance.ts';
import { type Mutation, mutated, notRecorded } from './mutate.ts';
import { outages, stopped } from './outages.ts';
import { raw } from './raw.ts';

const ledger_ms = 1_500;
/** A busy machine of two cores, which a whole test suite shares. */
const margin_ms = 2_500;
const back_ms = 10_000;

/** Writes whose answer was lost are chained each minute when they are 30 s old: too long for a test suite. */
const soon: readonly Mutation[] = [
  { file: '/apps/server/care.ts', from: 'const minute_ms = 60_000;', to: 'const minute_ms = 2_000;' },
  { file: '/apps/server/care.ts', from: 'const settled_ms = 30_000;', to: 'const settled_ms = 8_000;' },
];
const settings = { SAFEGUARD_DEADLINES_LEDGER_MS: String(ledger_ms) };

let place: House;
let asked: World;
before(async () => {
  place = await house({ ...settings, ...mutated(...soon) });
  asked = await world(place.instance);
});
after(() => place?.remove());

const status = async (path: string): Promise<number> => (await raw(asked.url, { name: path, path })).status;

for (const outage of outages) {
  test(`ledger database ${outage.name}: nothing is answered, and it comes back by itself`, {
    timeout: 60_000,
  }, async (t) => {
    const end = await outage.begin(place.data);
    let ended = false;
    try {
      const first = await expose(asked, ledger_ms + margin_ms);
      assert.equal(await status('/readyz'), 503);
      assert.equal(await status('/healthz'), 200);
      const second = await expose(asked, ledger_ms + margin_ms);
      assert.deepEqual([...first.wrong, ...second.wrong], []);
      const slowest = [...first.answers, ...second.answers].toSorted((a, b) => b.took_ms - a.took_ms)[0];
      await end();
      ended = true;
      const took_ms = await served(place.instance, asked.token, back_ms);
      t.diagnostic(`slowest refusal: ${slowest?.name} ${slowest?.took_ms} ms; served again after ${took_ms} ms`);
    } finally {
      if (!ended) await end();
    }
    const read = await place.instance.request({ path: `/fhir/R4/Patient/${asked.patient}`, token: asked.token });
    assert.equal(read.status, 200);
    assert.ok(read.text.includes(canary), 'the canary is what a read answers otherwise');
  });
}

test('writes that were stored but answered 503 are chained later, each once', { timeout: 60_000 }, async (t) => {
  const waiting = (): Promise<number> =>
    withDatabase(place.data, 'clinical', async (client) => {
      const { rows } = await client.query<{ n: number }>('select count(*) as n from records.intent');
      return rows[0]?.n ?? 0;
    });
  t.diagnostic(`${await waiting()} writes wait to be chained`);
  for (const until = Date.now() + 40_000; (await waiting()) > 0 && Date.now() < until; ) await sleep(500);
  assert.equal(await waiting(), 0, 'none waits any more');
  const entries = await readEntries(place.data);
  assert.deepEqual(await checkVersions(place.data, entries), []);
  const names = entries.map(({ id, status: told, part = 1 }) => `${id} ${told} ${part}`);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
    'no entry stands twice',
  );
  assert.deepEqual(await checkVerifies(place.instance), []);
});

test('negative control: a server that records nothing answers with canaries', { timeout: 60_000 }, async () => {
  const careless = await house({ ...settings, ...mutated(notRecorded) });
  try {
    const open = await world(careless.instance);
    const end = await stopped.begin(careless.data);
    const { wrong } = await expose(open, ledger_ms + margin_ms);
    await end();
    assert.ok(wrong.includes(`read Patient: the answer holds ${canary}`), wrong.join('\n'));
    assert.ok(wrong.includes(`search by identifier: the answer holds ${canary}`), wrong.join('\n'));
    assert.ok(wrong.includes('token: the answer holds sgt_'), wrong.join('\n'));
  } finally {
    await careless.remove();
  }
});
