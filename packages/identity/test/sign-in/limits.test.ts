import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { createGate } from '../../sign-in/gate.ts';
import { waitAfter_s } from '../../sign-in/limits.ts';
import type { From } from '../../sign-in/types.ts';
import {
  answering,
  atSecond,
  code,
  from,
  kindOf,
  openHouse,
  origin,
  type Person,
  type Process,
  password,
  person,
  signInWith,
} from './house.ts';
import { softPasskey } from './soft-passkey.ts';

const house = await openHouse();
after(() => house.close());

let networks = 0;
/** Every try from another network: an attacker with many machines. */
const elsewhere = (): Partial<From> => {
  networks += 1;
  return { remote: `203.0.${Math.floor(networks / 250)}.${networks % 250}` };
};
/** Without any limit in the database: the broken variant of every negative control here. */
const unlimited = () =>
  house.process({ segment: answering(house.segment, 'identity.sign_in_failure.take', [{ failures: 1 }]) });

async function tryPassword(process: Process, who: Pick<Person, 'login'>, text: string, more: Partial<From>) {
  const { secret } = await process.signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  return kindOf(process.signIn.password(secret, { login: who.login, password: text }, from(more)));
}

async function failMany(process: Process, who: Person, times: number): Promise<string[]> {
  const found: string[] = [];
  for (let turn = 0; turn < times; turn += 1) found.push(await tryPassword(process, who, 'wrong', elsewhere()));
  return found;
}

test('who fails on purpose from many networks locks out strangers, and nobody else', async () => {
  const victim = await person(house);
  const other = await person(house);
  const key = softPasskey(origin);
  const options = await house.authenticators.passkeys.registrationOptions(1, { ...victim, name: 'V' }, origin);
  const expected = { challenge: options.challenge, origin };
  await house.authenticators.passkeys.register(1, victim.id, expected, key.register(options), 'key');
  const { device_secret: device } = await signInWith(house, victim);

  const replica = house.process();
  const kinds = [...(await failMany(house, victim, 6)), ...(await failMany(replica, victim, 8))];
  assert.deepEqual(kinds, [...new Array(10).fill('unauthenticated'), ...new Array(4).fill('tooMany')]);
  assert.equal(await tryPassword(house, victim, password, elsewhere()), 'tooMany', 'not even the right one');
  assert.equal(await tryPassword(house, victim, password, { device, remote: '203.0.113.250' }), 'ok', 'known device');
  assert.equal(await tryPassword(house, other, password, elsewhere()), 'ok', 'another account');

  const { secret } = await house.signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  const asked = await house.signIn.passkeyOptions(secret, from(elsewhere()));
  assert.equal((await house.signIn.passkey(secret, key.answer(asked), from())).step, 'done', 'the passkey');
  await house.signIn.complete(secret, from());
  assert.equal(
    await tryPassword(house, victim, password, elsewhere()),
    'ok',
    'a whole sign-in ends the row of failures',
  );

  const all = await failMany(unlimited(), other, 20);
  assert.ok(!all.includes('tooMany'), 'negative control: without the count nobody is held up');
});

test('the wait grows: 30 s, then double, an hour at most; after 100 failures nothing more is tried', async () => {
  assert.deepEqual(
    [0, 9, 10, 11, 12, 16, 17, 50, 99].map((n) => waitAfter_s(n)),
    [0, 0, 30, 60, 120, 1920, 3600, 3600, 3600],
  );
  const victim = await person(house);
  const { device_secret: device } = await signInWith(house, victim);
  let hashes = 0;
  const process = house.process({ hashes: () => hashes++ });
  await failMany(process, victim, 10);
  const { secret } = await process.signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  const told = process.signIn.password(secret, { login: victim.login, password }, from(elsewhere()));
  await assert.rejects(told, (error: unknown) => isFault(error) && error.retry_after_s === 30);
  house.clock.at += 29_000;
  assert.equal(await tryPassword(process, victim, 'wrong', elsewhere()), 'tooMany');
  house.clock.at += 1_000;
  assert.equal(await tryPassword(process, victim, 'wrong', elsewhere()), 'unauthenticated');
  house.clock.at += 59_000;
  assert.equal(await tryPassword(process, victim, 'wrong', elsewhere()), 'tooMany');
  for (let turn = 0; turn < 150; turn += 1) {
    house.clock.at += 3_600_000;
    await tryPassword(process, victim, 'wrong', elsewhere());
  }
  assert.equal(hashes, 100, 'NIST SP 800-63B-4 3.2.2');
  house.clock.at += 3_600_000;
  assert.equal(await tryPassword(process, victim, password, elsewhere()), 'tooMany');
  await signInWith(house, victim, { device });
  assert.equal(
    await tryPassword(process, victim, password, elsewhere()),
    'ok',
    'the owner opened it from a known device',
  );
});

test('guesses at the same time, in many processes, get no more tries than one after the other', async () => {
  const victim = await person(house);
  const storm = async (processes: readonly Process[]) =>
    Promise.all(Array.from({ length: 40 }, (_, at) => failMany(processes[at % 2] ?? house, victim, 1)));
  let hashes = 0;
  const counting = { hashes: () => hashes++ };
  await storm([house.process(counting), house.process(counting)]);
  assert.equal(hashes, 10);

  hashes = 0;
  const segment = answering(house.segment, 'identity.sign_in_failure.take', [{ failures: 1 }]);
  await storm([house.process({ ...counting, segment }), house.process({ ...counting, segment })]);
  assert.equal(hashes, 40, 'negative control');
});

test('five wrong in one flow, and the flow is over', async () => {
  const victim = await person(house);
  const { secret } = await house.signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  let hashes = 0;
  const process = house.process({ hashes: () => hashes++ });
  const wrong = () => kindOf(process.signIn.password(secret, { login: victim.login, password: 'wrong' }, from()));
  const kinds = await Promise.all(Array.from({ length: 12 }, wrong));
  assert.deepEqual(kinds.sort(), [...new Array(7).fill('gone'), ...new Array(5).fill('unauthenticated')]);
  assert.equal(hashes, 5);
  assert.equal(await process.signIn.view(secret), undefined);
});

test('the second factor: five a flow, ten over all flows, though the password is known', async () => {
  const victim = await person(house);
  const { device_secret: device } = await signInWith(house, victim);
  const guess = async (process: Process): Promise<string[]> => {
    const { secret } = await atSecond(house, victim, elsewhere(), process);
    const found: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) found.push(await kindOf(process.signIn.code(secret, '000000', from())));
    await house.sql(`delete from identity.sign_in_failure where failures < 4`);
    return found;
  };
  const five = new Array(5).fill('unauthenticated');
  assert.deepEqual(await guess(house), [...five, 'gone']);
  assert.deepEqual(await guess(house.process()), [...five, 'gone']);
  const third = await guess(house);
  assert.deepEqual(third.slice(0, 5), new Array(5).fill('tooMany'));
  const { secret } = await atSecond(house, victim, { device });
  house.clock.at += 30_000;
  const known = house.signIn.code(secret, code(house, victim.secret), from({ device }));
  assert.equal(await kindOf(known), 'ok', 'the known device is not held up');
  assert.deepEqual(await guess(unlimited()), [...five, 'gone'], 'negative control: the flow alone limits');
});

test('one network that fails a hundred times waits; others, and known devices in it, do not', async () => {
  const victim = await person(house);
  const { device_secret: device } = await signInWith(house, victim);
  const process = house.process();
  const remote = '198.51.100.7';
  const kinds: string[] = [];
  for (let turn = 0; turn < 104; turn += 1) {
    kinds.push(await tryPassword(process, { login: `nobody${turn}@example.org` }, 'wrong', { remote }));
  }
  assert.deepEqual(kinds.slice(99), ['unauthenticated', 'tooMany', 'tooMany', 'tooMany', 'tooMany']);
  assert.equal(await tryPassword(process, victim, password, { remote }), 'tooMany');
  assert.equal(await tryPassword(process, victim, password, { remote, device }), 'ok');
  assert.equal(await tryPassword(process, victim, password, { remote: '198.51.100.8' }), 'ok');
  const unaware = house.process();
  assert.equal(await tryPassword(unaware, victim, password, { remote }), 'ok', 'negative control: nothing was counted');
});

test('a device is known for who signed in there; a ward keeps one for all; a planted one is not taken', async () => {
  const nurse = await person(house);
  const doctor = await person(house);
  const planted = `sgd_${'A'.repeat(43)}`;
  const first = await signInWith(house, nurse, { device: planted });
  assert.notEqual(first.device_secret, planted);
  const second = await signInWith(house, doctor, { device: first.device_secret });
  assert.equal(second.device_secret, first.device_secret);
  await failMany(house, nurse, 12);
  assert.equal(await tryPassword(house, nurse, password, { device: first.device_secret }), 'ok');
  const stranger = await person(house);
  await failMany(house, stranger, 12);
  assert.equal(await tryPassword(house, stranger, password, { device: first.device_secret }), 'tooMany');
});

test('more than fit through the gate are sent away, before any hash', async () => {
  let hashes = 0;
  const gate = createGate({ most_waiting: 3, pause: async () => undefined });
  const process = house.process({ gate, hashes: () => hashes++ });
  const logins = Array.from({ length: 20 }, (_, at) => ({ login: `crowd${at}@example.org` }));
  const kinds = await Promise.all(logins.map((who) => tryPassword(process, who, 'wrong', elsewhere())));
  assert.equal(hashes, kinds.filter((kind) => kind === 'unauthenticated').length);
  assert.ok(kinds.includes('tooMany'));
});

test('the house may let fewer failures be free', () => {
  assert.deepEqual(
    [2, 3, 4].map((n) => waitAfter_s(n, 3)),
    [0, 30, 60],
  );
});
