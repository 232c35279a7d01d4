import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { argon2Cost, type Gate } from '../../authenticators/deps.ts';
import { activeAccount, cheap, type House, openHouse, outcome, somebody } from '../accounts/house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const countingGate = (count: () => void): Gate => ({
  run(work) {
    count();
    return work();
  },
});

const context = { login: 'alice.smith@clinic.example', name: 'Alice Smith', withSecondFactor: true };
const said = (text: string, withSecondFactor = true): string => {
  try {
    house.authenticators.passwords.check(text, { ...context, withSecondFactor });
    return 'good';
  } catch (error) {
    assert.equal((error as { kind: string }).kind, 'invalid');
    return (error as Error).message;
  }
};

test('length is counted in characters after NFKC: 8 beside a second factor, 15 alone, 256 at most', () => {
  assert.equal(said('w7q!zk2'), 'The password needs at least 8 characters.');
  assert.equal(said('w7q!zk2e'), 'good');
  assert.equal(said('w7q!zk2e', false), 'The password needs at least 15 characters.');
  assert.equal(said('w7q!zk2e mo9#vb', false), 'good');
  assert.equal(said('🐢🌊🎻🧭🪐🍋🔭'), 'The password needs at least 8 characters.');
  assert.equal(said('🐢🌊🎻🧭🪐🍋🔭🧵'), 'good');
  assert.equal(said('é'.normalize('NFD').repeat(7)), 'The password needs at least 8 characters.');
  const long = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(0x4e00 + index * 7)).join('');
  assert.equal(said(long), 'good');
  assert.equal(said(`${long}x`), 'The password has more than 256 characters.');
  assert.equal(said('x'.repeat(100_000)), 'The password has more than 256 characters.');
  assert.equal(said('\ud800 lonely surrogate'), 'The password has characters that are no text.');
});

test('no rule about kinds of characters, blanks included', () => {
  for (const text of ['lantern voyage plum', 'ÄÖÜäöüßéèê', '    w7qzk2e    ', 'zebra-otter-lamp', '73920184657']) {
    assert.equal(said(text), 'good', text);
  }
});

test('what is tried first is refused, in any case and dress', () => {
  const common = 'The password is one of those that are tried first: a common one, a repetition, a row.';
  const texts = [
    'password',
    'PassWord1',
    'ｐａｓｓｗｏｒｄ',
    'iloveyou',
    'passwordpassword',
    'dragon2026!',
    'aaaaaaaaaaaa',
  ];
  const rows = ['abcabcabcabc', '1234567890123', '0987654321098', 'qwertyuiopasdf', 'zyxwvutsrq', 'aaaaaaaaaaa1'];
  for (const text of [...texts, ...rows]) assert.equal(said(text), common, text);
});

const own = 'The password is made of your name, your e-mail address or the name of this service or organization.';

test('made of the name, the login or the service: refused; containing them: not', () => {
  const bad = [
    'alicesmith',
    'Smith.Alice',
    'ALICE.SMITH@clinic.example',
    'alice.smith2026',
    'safeguard',
    'Safeguard-2026',
  ];
  for (const text of [...bad, 'clinicexample']) assert.equal(said(text), own, text);
  assert.equal(said('alice walked the long pier'), 'good');
});

test('made of what the tenant calls itself: refused; without being told of it, not (negative control)', () => {
  const at = (text: string, tenantName?: string): string => {
    const called = tenantName === undefined ? {} : { tenantName };
    try {
      house.authenticators.passwords.check(text, { ...context, ...called, withSecondFactor: true });
      return 'good';
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const text of ['vandermolen clinic', 'Vandermolen-2026', 'VANDERMOLENCLINIC!', 'alice@vandermolen']) {
    assert.equal(at(text, 'Vandermolen Clinic'), own, text);
    assert.equal(at(text), 'good', text);
  }
  assert.equal(at('vandermolen walks at dawn', 'Vandermolen Clinic'), 'good');
});

test('no message holds the password', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, unit: 'grapheme' }), (text) => assert.ok(!said(text, false).includes(text))),
    { numRuns: 200 },
  );
});

test('a password is right in every Unicode form of it, and nothing else is', async () => {
  const { id } = await activeAccount(house);
  const { passwords } = house.authenticators;
  assert.equal(await passwords.has(1, id), false);
  await passwords.set(1, id, 'Crème brûlée ﬁne');
  assert.equal(await passwords.has(1, id), true);
  const right = ['Crème brûlée ﬁne', 'Crème brûlée ﬁne'.normalize('NFD'), 'Crème brûlée fine'];
  for (const text of right) assert.equal(await passwords.verify(1, id, text), true);
  const wrong = ['crème brûlée fine', 'Crème brûlée fine ', 'Creme brulee fine', '', '\ud800', 'x'.repeat(5000)];
  for (const text of wrong) assert.equal(await passwords.verify(1, id, text), false);
  await passwords.set(1, id, 'another sentence');
  assert.equal(await passwords.verify(1, id, 'Crème brûlée ﬁne'), false);
  assert.equal(await passwords.verify(1, id, 'another sentence'), true);
});

test('who is not there, not active, external or elsewhere has no password, and costs one hash as well', async () => {
  const hashes: number[] = [];
  const gate = countingGate(() => void hashes.push(1));
  const { passwords } = (await house.another({ gate })).authenticators;
  const text = 'a long enough sentence';
  const [active, suspended, external] = await Promise.all([0, 1, 2].map(() => activeAccount(house)));
  const invited = await house.accounts.create(somebody());
  const ids = [active, suspended, external, invited].map((account) => account?.id ?? '');
  for (const id of ids) await passwords.set(1, id, text);
  await house.accounts.suspend(1, suspended?.id ?? '');
  await house.accounts.change(1, external?.id ?? '', { external: true });
  hashes.length = 0;
  const asked = ids.map((id) => passwords.verify(1, id, text));
  assert.deepEqual(await Promise.all(asked), [true, false, false, false]);
  assert.equal(await passwords.verify(house.other, ids[0], text), false);
  assert.equal(await passwords.verify(1, undefined, text), false);
  assert.equal(await passwords.verify(1, (await activeAccount(house)).id, text), false);
  assert.equal(hashes.length, 7, 'one hash each, whoever it was');
  assert.equal(await outcome(passwords.set(house.other, ids[0] ?? '', text)), 'missing');
});

test('a hash is argon2id of 19 MiB, 2 passes; a cheaper one is made anew at the next right password', async () => {
  const { id } = await activeAccount(house);
  const hashes: number[] = [];
  const gate = countingGate(() => void hashes.push(1));
  assert.deepEqual(argon2Cost, { memory_kib: 19_456, passes: 2, lanes: 1 });
  const today = (await house.another({ argon2: argon2Cost, gate })).authenticators.passwords;
  await house.authenticators.passwords.set(1, id, 'a long enough sentence');
  const stored = async () =>
    (await house.sql(`select version, sealed from identity.password where account = $1`, [id]))[0];
  const before = await stored();
  assert.equal(await today.verify(1, id, 'wrong'), false);
  assert.deepEqual(await stored(), before);
  assert.equal(await today.verify(1, id, 'a long enough sentence'), true);
  assert.notDeepEqual(await stored(), before);
  hashes.length = 0;
  assert.equal(await today.verify(1, id, 'a long enough sentence'), true);
  assert.equal(hashes.length, 1, 'once is enough');
  const less = (await house.another({ argon2: cheap, gate })).authenticators.passwords;
  assert.equal(await less.verify(1, id, 'a long enough sentence'), true);
  assert.equal(hashes.length, 2, 'never made cheaper');
});
