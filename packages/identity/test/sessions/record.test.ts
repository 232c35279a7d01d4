import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { createSessions } from '../../sessions/sessions.ts';
import type { EndedSession } from '../../sessions/types.ts';
import { chrome, cookie, firefox, openHouse, person } from '../sign-in/house.ts';

const house = await openHouse();
after(() => house.close());
const minute = 60_000;
const settings = { idle_s: 900, absolute_s: 43_200 };

const ledger: (EndedSession & { at: number })[] = [];
let down = false;
beforeEach(() => {
  ledger.length = 0;
  down = false;
});

/** A process on the same data, with the ledger or without one. */
function processOf(told = true) {
  const { segment, clock, vault } = house;
  const log = { warn: (event: string) => void house.lines.push(event) };
  const record = async (ended: EndedSession & { at: number }) => {
    if (down) throw new Error('down');
    ledger.push(ended);
  };
  return createSessions({ segment, clock, vault, log, settings, ...(told ? { record } : {}) });
}
type Process = ReturnType<typeof processOf>;

async function open(sessions: Process, previous?: string) {
  const { id: account } = await person(house);
  const opening = {
    tenant: 1,
    account,
    level: 2,
    methods: ['pwd', 'otp'],
    remote: '192.0.2.1',
    agent: firefox,
  } as const;
  const { id, secret } = await sessions.open({ ...opening, previous });
  return { account, id, secret };
}

/** One session for each end that nobody asks for; then those that a request's own entry tells of. */
async function endsOfEverySort(sessions: Process) {
  const [old, replaced, stolen, idle, gone] = [
    await open(sessions),
    await open(sessions),
    await open(sessions),
    await open(sessions),
    await open(sessions),
  ];
  await open(sessions, replaced.secret);
  assert.equal(await sessions.signedIn(cookie(stolen.secret), chrome), undefined);
  await sessions.end(1, gone.account, gone.id, 'sign-out');
  await house.sql(`update identity.session set created_at = $2 where id = $1`, [
    old.id,
    new Date(house.clock.at - 12 * 60 * minute),
  ]);
  assert.equal(await sessions.signedIn(cookie(old.secret), firefox), undefined);
  house.clock.at += 15 * minute;
  await sessions.sweep();
  await sessions.close();
  const wanted = { 'too old': old, replaced, 'another browser': stolen, idle } as const;
  return Object.entries(wanted).map(([reason, { account, id }]) => ({ tenant: 1, account, session: id, reason }));
}

const entryOf = (session: string) => ledger.filter((entry) => entry.session === session);

test('a session that ends by itself, or makes room for another, stands in the ledger once, with why', async () => {
  const wanted = await endsOfEverySort(processOf());
  for (const one of wanted) {
    const [{ at = 0, ...entry } = {}, ...more] = entryOf(one.session);
    assert.deepEqual(entry, one);
    assert.ok(at > 0);
    assert.deepEqual(more, []);
  }
  assert.ok(!ledger.some(({ reason }) => reason === 'sign-out'), 'its request tells it');
  house.clock.at += minute;
  const before = ledger.length;
  await processOf().sweep();
  assert.equal(ledger.length, before, 'nothing twice');
});

test('negative control: without the port nothing of it is told', async () => {
  await endsOfEverySort(processOf(false));
  assert.deepEqual(ledger, []);
  // Another process, which has it, finds them.
  house.clock.at += minute;
  await processOf().sweep();
});

test('what a ledger that is down did not take, any process writes later; it is not removed before', async () => {
  down = true;
  const first = processOf();
  const wanted = await endsOfEverySort(first);
  assert.deepEqual(ledger, []);
  assert.ok(house.lines.includes('the end of a session was not recorded; it will be tried again'));
  house.clock.at += 25 * 60 * minute;
  await first.sweep();
  assert.deepEqual(ledger, [], 'still down');
  down = false;
  const second = processOf();
  await second.sweep();
  assert.deepEqual(
    wanted.map(({ session }) => entryOf(session).length),
    [1, 1, 1, 1],
  );
  await second.sweep();
  assert.deepEqual(await house.sql('select 1 from identity.session'), [], 'recorded ones are removed after a day');
});
