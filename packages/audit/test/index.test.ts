import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestEvent, Target } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import fc from 'fast-check';
import { partOf } from '../event.ts';
import { answers } from '../search/matches.ts';
import { readAuditQuery } from '../search/query.ts';
import { ask, officer, type Resource, resourcesOf, searchAll, tenant } from './callers.ts';
import { eventOf, openHouse } from './house.ts';

const house = await openHouse();

const base = 'https://house.example/fhir/R4';
const pool = { patients: [newId(), newId(), newId()], actors: [newId(), newId()], apps: [newId(), newId()] };
const start = Date.UTC(2026, 0, 1);

const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ type: fc.constantFrom('Observation', 'Encounter', 'Grant'), id: fc.constantFrom('a', 'b', newId()) }),
  fc.record({ type: fc.constant('Patient'), id: fc.constantFrom(...pool.patients) }),
);
const actions = [
  'read',
  'create',
  'search-type',
  'delete',
  'sign-in',
  'grant-end',
  'session-end',
  'vread',
  'client-read',
];

/** Random events out of few values, so that searches find some; some of them large enough for several parts. */
const event: fc.Arbitrary<RequestEvent> = fc
  .record({
    at: fc.integer({ min: 0, max: 40 }).map((day) => start + day * 86_400_000),
    actor: fc.constantFrom(...pool.actors),
    action: fc.constantFrom(...actions),
    end: fc.constantFrom(['permit', 200], ['deny', 403], ['fail', 500], ['fail', 404]),
    targets: fc.oneof(
      fc.array(target, { maxLength: 3 }),
      fc
        .integer({ min: 30, max: 80 })
        .map((count) =>
          Array.from({ length: count }, (_, at): Target => ({ type: 'Observation', id: at === 17 ? 'a' : newId() })),
        ),
    ),
    patients: fc.subarray(pool.patients),
    app: fc.option(fc.constantFrom(...pool.apps)),
  })
  .map(({ end: [outcome, status], targets, patients, app, ...rest }) =>
    eventOf({
      ...rest,
      outcome: outcome as RequestEvent['outcome'],
      status: status as number,
      targets: app === null ? targets : [...targets, { type: 'Client', id: app }],
      ...(patients.length === 0 ? {} : { patients }),
    }),
  );

const day = (at: number): string => new Date(start + at * 86_400_000).toISOString().slice(0, 10);
const either = (...values: readonly string[]) => fc.constantFrom(undefined, undefined, ...values);
const query = fc
  .record({
    patient: either(
      ...pool.patients,
      `${pool.patients[0]},${pool.patients[1]}`,
      `Patient/${pool.patients[2]}`,
      newId(),
    ),
    agent: either(...pool.actors, ...pool.apps, newId()),
    entity: either(
      'Observation/a',
      'Grant/b',
      `Observation/a,Patient/${pool.patients[1]}`,
      `Patient/${pool.patients[0]}`,
      `Client/${pool.apps[0]}`,
    ),
    action: either('R', 'C', 'E,D'),
    outcome: either('0', '4', '8', '4,8'),
    type: either('rest', '110114', '110100'),
    subtype: either('read', 'search', 'login', '110122', 'grant-end', 'vread,create'),
    date: either(`ge${day(20)}`, `lt${day(10)}`, day(5), `gt${day(39)}`),
    _count: either('1', '3', '200'),
  })
  .map((wanted) => {
    const given = Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
    return new URLSearchParams(given as [string, string][]).toString();
  });

/** Every event of the tenant's logs that answers, read without the index: the ids of their requests. */
async function scanned(text: string): Promise<string[]> {
  const wanted = readAuditQuery(new URLSearchParams(text), base);
  const whole = new Map<string, RequestEvent>();
  for (const { shard, size } of await house.ledger.sizes(tenant)) {
    for (let from = 0; from < size; from += 1000) {
      for (const { event: entry } of await house.ledger.read(tenant, from, 1000, shard)) {
        const part = partOf(entry);
        if (part === undefined) continue;
        const known = whole.get(part.id);
        const targets = [...(known?.targets ?? []), ...part.targets];
        const patients = [...new Set([...(known?.patients ?? []), ...(part.patients ?? [])])];
        whole.set(part.id, { ...part, targets, patients });
      }
    }
  }
  const found = [...whole.values()].filter((one) => answers(one, wanted));
  return found.sort((one, other) => other.at - one.at).map(({ id }) => id);
}

const requestOf = ({ entity }: Resource): string =>
  (entity as readonly { what: { identifier: { value: string } } }[])[0]?.what.identifier.value ?? '';
const recordedOf = ({ recorded }: Resource): string => String(recorded);

test('a search by the index finds what a full scan of the ledger finds, newest first, on any pages', async () => {
  await house.append(...fc.sample(event, { numRuns: 150, seed: 11 }));
  const routes = house.audit().routes();
  await fc.assert(
    fc.asyncProperty(query, async (text) => {
      const found = await searchAll(routes, officer(), text);
      assert.deepEqual(found.map(requestOf).sort(), (await scanned(text)).sort(), text);
      const times = found.map(recordedOf);
      assert.deepEqual(times, times.toSorted().reverse(), text);
      assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
    }),
    { numRuns: 120, seed: 5 },
  );
});

test('control: an index that lacks a row is found out by the same comparison', async () => {
  const one = eventOf({ patients: [newId()] });
  await house.append(one);
  const routes = house.audit().routes();
  const text = `patient=${one.patients?.[0]}`;
  assert.equal((await searchAll(routes, officer(), text)).length, 1);
  await house.store.sql('ledger', `delete from audit.about where at = ${one.at}`);
  assert.notDeepEqual((await searchAll(routes, officer(), text)).map(requestOf), await scanned(text));
  await house.audit().rebuild(tenant);
  assert.deepEqual((await searchAll(routes, officer(), text)).map(requestOf), await scanned(text));
});

test('an answer is complete as of its start; what happens to be indexed meanwhile by others counts once', async () => {
  const patient = newId();
  const [one, two] = [house.audit().routes(), house.audit().routes()];
  for (let round = 0; round < 5; round += 1) {
    await house.append(...Array.from({ length: 40 }, () => eventOf({ patients: [patient] })));
    const asked = [one, two, one, two].map((routes) => searchAll(routes, officer(), `patient=${patient}&_count=200`));
    for (const found of await Promise.all(asked)) assert.equal(found.length, 40 * (round + 1));
  }
  const [row] = await house.store.sql(
    'ledger',
    'select count(*)::int as rows, count(distinct (tenant, place))::int as places from audit.entry',
  );
  assert.equal(row?.rows, row?.places);
});

test('several shards are one log to who asks', async () => {
  const other = await house.openLedger();
  const patient = newId();
  await house.append(eventOf({ patients: [patient], at: start + 1 }));
  await other.append(tenant, [eventOf({ patients: [patient], at: start + 2 })]);
  await house.append(eventOf({ patients: [patient], at: start + 3 }));
  const found = await searchAll(house.audit().routes(), officer(), `patient=${patient}&_count=1`);
  assert.deepEqual(
    found.map(recordedOf),
    [3, 2, 1].map((ms) => new Date(start + ms).toISOString()),
  );
});

test('the index follows in the background, shared by processes', async () => {
  const slow = { interval_ms: 20, share: 1 };
  const [one, two] = [house.audit({ follow: slow }), house.audit({ follow: slow })];
  const patient = newId();
  one.start();
  two.start();
  await house.append(...Array.from({ length: 1200 }, () => eventOf({ patients: [patient] })));
  const size = (await house.ledger.sizes(tenant))[0]?.size;
  const stands = async () =>
    (await house.store.sql('ledger', `select next::int from audit.mark where tenant = ${tenant} and shard = 0`))[0]
      ?.next;
  for (let tries = 0; (await stands()) !== size && tries < 200; tries += 1)
    await new Promise((done) => setTimeout(done, 20));
  assert.equal(await stands(), size);
  await Promise.all([one.close(), two.close()]);
  assert.deepEqual(house.log.lines, []);
});

test('what is too far behind is said, and the next question finds less to do', async () => {
  const patient = newId();
  await house.append(...Array.from({ length: 1500 }, () => eventOf({ patients: [patient] })));
  const routes = house.audit({ wait_ms: 1 }).routes();
  const query_ = { query: `patient=${patient}&_count=200` };
  await assert.rejects(ask(routes, officer(), query_), { kind: 'unavailable', message: /still being indexed/ });
  let done: number | undefined;
  for (let tries = 0; done === undefined && tries < 50; tries += 1) {
    try {
      done = resourcesOf((await ask(routes, officer(), query_)).body).length;
    } catch {
      done = undefined;
    }
  }
  assert.equal(done, 200);
});
