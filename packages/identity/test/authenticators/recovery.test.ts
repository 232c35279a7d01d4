import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { generateSync } from 'otplib';
import type { Gate } from '../../authenticators/deps.ts';
import { activeAccount, type House, openHouse, outcome } from '../accounts/house.ts';
import { createSoftwareAuthenticator } from './software-authenticator.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('ten codes, each good once, however it is typed; new ones end the old', async () => {
  const { id } = await activeAccount(house);
  const { recovery, list } = house.authenticators;
  const codes = await recovery.make(1, id);
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
  const [one = '', two = '', three = ''] = codes;
  assert.equal(await recovery.use(1, id, one), true);
  assert.equal(await recovery.use(1, id, one), false);
  assert.equal(await recovery.use(1, id, ` ${two.toUpperCase().replace('-', ' ').replaceAll('0', 'O')} `), true);
  assert.equal(await recovery.use(house.other, id, three), false);
  assert.equal(await recovery.use(1, (await activeAccount(house)).id, three), false);
  for (const bad of ['', 'x', `${three}x`, '00000-00000', undefined, {}]) {
    assert.equal(await recovery.use(1, id, bad as string), false);
  }
  assert.equal(await recovery.left(1, id), 8);
  const [factor] = await list(1, id);
  assert.deepEqual([factor?.kind, factor?.label, factor?.last_used_at], ['recovery-codes', '8', house.clock.at]);
  await house.accounts.suspend(1, id);
  assert.equal(await recovery.use(1, id, three), false);
  await house.accounts.resume(1, id);
  await recovery.make(1, id);
  assert.equal(await recovery.use(1, id, three), false);
  assert.equal(await recovery.left(1, id), 10);
});

interface Kept {
  readonly set: string;
  readonly position: number;
  readonly key_id: number;
  readonly sealed: Buffer;
}

const rowsOf = async (account: string): Promise<Kept[]> =>
  (await house.sql(
    `select set_id as set, position, key_id, sealed from identity.recovery_code
      where account = $1 order by position`,
    [account],
  )) as unknown as Kept[];

/** What is sealed in the rows: hashes, as they are compared. */
async function hashesOf(account: string): Promise<string[]> {
  const vault = await house.vault(1);
  const key = (await vault.keysFor([account])).get(account) ?? assert.fail();
  return (await rowsOf(account)).map(({ set, position, sealed }) =>
    JSON.parse(vault.open(key, { resource: set, version: position, purpose: 'recovery-code' }, sealed).toString()),
  );
}

test('kept as argon2id at the cost of passwords, one random salt for each set, sealed in their places', async () => {
  const { id } = await activeAccount(house);
  const real = (await house.another({ argon2: { memory_kib: 19_456, passes: 2, lanes: 1 } })).authenticators.recovery;
  const sets: string[][] = [];
  for (const _ of [1, 2]) {
    const codes = await real.make(1, id);
    const hashes = await hashesOf(id);
    sets.push(hashes);
    const form = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]{22})\$[A-Za-z0-9+/]{43}$/;
    assert.equal(new Set(hashes.map((hash) => form.exec(hash)?.[1] ?? assert.fail(hash))).size, 1);
    assert.equal(new Set(hashes).size, 10);
    assert.equal(await real.use(1, id, codes[9] ?? ''), true);
  }
  const [one, two] = sets.map(([hash = '']) => hash.split('$')[4]);
  assert.notEqual(one, two, 'another salt for another set');
  const all = JSON.stringify(await house.sql('select r::text from identity.recovery_code r'));
  assert.doesNotMatch(all, /argon2/);
  const [first, second] = await rowsOf(id);
  const move = 'update identity.recovery_code set sealed = $3 where account = $1 and position = $2';
  await house.sql(move, [id, 0, second?.sealed]);
  assert.equal(await outcome(real.use(1, id, '00000-00000')), 'internal', 'a hash in another place does not open');
  await house.sql(move, [id, 0, first?.sealed]);
});

type Use = House['authenticators']['recovery']['use'];

/** Queries and slow hashes that a try costs: one who has codes, one who has none, a stranger, and what is no code. */
async function costs(broken: (use: Use) => Use): Promise<string[]> {
  const has = await activeAccount(house);
  const [code = '', spent = ''] = await house.authenticators.recovery.make(1, has.id);
  await house.authenticators.recovery.use(1, has.id, spent);
  const none = await activeAccount(house);
  const suspended = await activeAccount(house);
  await house.authenticators.recovery.make(1, suspended.id);
  await house.accounts.suspend(1, suspended.id);
  const work: string[] = [];
  const gate: Gate = {
    run(hash) {
      work.push('hash');
      return hash();
    },
  };
  const segment: Segment = {
    ...house.segment,
    query: (tenant, statement, values) => {
      work.push(statement.name);
      return house.segment.query(tenant, statement, values);
    },
  };
  const { recovery } = (await house.another({ segment, gate })).authenticators;
  const use = broken(recovery.use);
  // Keys are in memory, as they are in a server that runs.
  await recovery.use(1, has.id, '');
  await recovery.use(1, suspended.id, '');
  const tries: [string, string][] = [
    [has.id, '00000-00000'],
    [none.id, '00000-00000'],
    [none.id, code],
    [newId(), code],
    [suspended.id, code],
    [has.id, 'nothing'],
    [none.id, ''],
  ];
  const seen: string[] = [];
  for (const [account, text] of tries) {
    work.length = 0;
    assert.equal(await use(1, account, text), false);
    seen.push(work.join(' '));
  }
  return seen;
}

test('a wrong try costs one query and one hash, whoever it is about and whatever was typed', async () => {
  assert.deepEqual(new Set(await costs((use) => use)), new Set(['identity.recovery_code.find hash']));
});

test('negative control: a variant that looks first whether there are codes tells who has some', async () => {
  const hasty = (use: Use): Use => {
    return async (tenant, account, code) =>
      (await house.authenticators.recovery.left(tenant, account)) > 0 && (await use(tenant, account, code));
  };
  assert.ok(new Set(await costs(hasty)).size > 1);
});

async function usedTimes(segment: Segment): Promise<number[]> {
  const { id } = await activeAccount(house);
  const processes = [await house.another({ segment }), await house.another({ segment })];
  const times: number[] = [];
  for (const code of await house.authenticators.recovery.make(1, id)) {
    const tries = [...processes, ...processes].map(({ authenticators }) => authenticators.recovery.use(1, id, code));
    times.push((await Promise.all(tries)).filter(Boolean).length);
  }
  return times;
}

test('one code at several processes at once is used once', async () => {
  assert.deepEqual(await usedTimes(house.segment), new Array(10).fill(1));
});

test('negative control: a code that is looked at first and struck out later works several times', async () => {
  const hasty: Segment = {
    ...house.segment,
    transaction: (tenant, work) => house.segment.transaction(tenant, work),
    query: (tenant, statement, values) => {
      if (statement.name !== 'identity.recovery_code.use') return house.segment.query(tenant, statement, values);
      const text = statement.text.replace('and used_at is null', '');
      return house.segment.query(tenant, { name: 'test.hasty-code', text }, values);
    },
  };
  assert.ok((await usedTimes(hasty)).some((times) => times > 1));
});

async function withTotp(account: string): Promise<void> {
  const { totp } = house.authenticators;
  const { id, secret } = await totp.begin(1, account, 'a@clinic.example');
  const code = generateSync({ secret, epoch: Math.floor(house.clock.at / 1000) });
  assert.equal(await totp.confirm(1, account, id, code, 'x'), true);
}

test('the last second factor stays; recovery codes may go; at two removals at once one factor stays', async () => {
  const { id } = await activeAccount(house);
  const { list, remove, recovery } = house.authenticators;
  await recovery.make(1, id);
  await withTotp(id);
  const [totp, codes] = await list(1, id);
  assert.equal(await outcome(remove(1, id, totp?.id ?? '')), 'conflict');
  await remove(1, id, codes?.id ?? '');
  await withTotp(id);
  const both = await list(1, id);
  assert.deepEqual(
    both.map(({ kind }) => kind),
    ['totp', 'totp'],
  );
  const another = (await house.another()).authenticators;
  const removed = await Promise.all([
    outcome(remove(1, id, both[0]?.id ?? '')),
    outcome(another.remove(1, id, both[1]?.id ?? '')),
  ]);
  assert.deepEqual(removed.map(String).sort(), ['conflict', 'undefined']);
  assert.equal((await list(1, id)).length, 1);
  for (const unknown of [newId(), 'x', totp?.id === both[0]?.id ? (codes?.id ?? '') : newId()]) {
    assert.equal(await outcome(remove(1, id, unknown)), 'missing');
  }
  assert.equal(await outcome(remove(house.other, id, both[0]?.id ?? '')), 'missing');
});

/** All that the flow of an invitation sets up, made before anything is written, and through JSON as a flow keeps it. */
async function preparedFor(account: string) {
  const { prepare } = house.authenticators;
  const begun = prepare.totp('a@clinic.example');
  const code = generateSync({ secret: begun.secret, epoch: Math.floor(house.clock.at / 1000) });
  const totp = await prepare.confirmTotp(1, account, begun, code, 'Phone');
  assert.ok(totp);
  assert.equal(await prepare.confirmTotp(1, account, begun, '12345', 'Phone'), undefined);
  const origin = 'https://care.example';
  const userId = Buffer.from(account.replaceAll('-', ''), 'hex').toString('base64url');
  const asked = { challenge: 'challenge', origin, rpId: 'care.example', userId };
  const device = createSoftwareAuthenticator();
  const passkey = await prepare.passkey(1, account, asked, device.register(asked), 'Key');
  assert.ok(passkey);
  const { codes, prepared } = await prepare.codes(1, account);
  const password = await prepare.password(1, account, 'a long enough sentence');
  const enrolment = JSON.parse(JSON.stringify({ password, factors: [totp, passkey], codes: prepared, anew: true }));
  const signsIn = () =>
    house.authenticators.passkeys.authenticate(
      1,
      { challenge: 'c', origin },
      device.answer({ ...asked, challenge: 'c' }),
    );
  return { enrolment, codes, begun, signsIn };
}

async function standing(account: string): Promise<unknown[]> {
  const { authenticators } = house;
  const kinds = (await authenticators.list(1, account)).map(({ kind }) => kind).sort();
  return [...kinds, await authenticators.passwords.has(1, account)];
}

test('what was prepared becomes valid in one transaction, or none of it does', async () => {
  const { id } = await house.accounts.create({ tenant: 1, kind: 'workforce', login: 'new@clinic.example', name: 'N' });
  const link = await house.accounts.links.make('invitation', 1, id);
  const { enrolment, codes, begun, signsIn } = await preparedFor(id);
  const finish = (fails: boolean) =>
    house.segment.transaction(0, async (connection) => {
      await house.authenticators.within(connection).enrol(1, id, enrolment);
      const accounts = house.accounts.within(connection);
      await accounts.activate(1, id);
      await accounts.endAccess(1, id);
      if (!(await accounts.useLink(link.id)) || fails) throw new Error('no');
    });
  await assert.rejects(finish(true), /no/);
  assert.deepEqual(await standing(id), [false]);
  assert.equal((await house.accounts.byId(1, id))?.state, 'invited');
  assert.ok(await house.accounts.links.find(link.secret));
  await finish(false);
  assert.deepEqual(await standing(id), ['passkey', 'recovery-codes', 'totp', true]);
  assert.equal(await house.authenticators.passwords.verify(1, id, 'a long enough sentence'), true);
  assert.equal(await house.authenticators.recovery.use(1, id, codes[0] ?? ''), true);
  assert.equal(await signsIn(), id);
  house.clock.at += 60_000;
  const code = generateSync({ secret: begun.secret, epoch: Math.floor(house.clock.at / 1000) });
  assert.equal(await house.authenticators.totp.verify(1, id, code), true);
  assert.equal(await house.accounts.links.find(link.secret), undefined);
});

test('what was prepared for one account is written to no other, and to none that ended', async () => {
  const [one, two] = [await activeAccount(house), await activeAccount(house)];
  const { enrolment } = await preparedFor(one.id);
  const enrol = (account: string) =>
    house.segment.transaction(0, (connection) => house.authenticators.within(connection).enrol(1, account, enrolment));
  assert.equal(await outcome(enrol(two.id)), 'internal');
  await enrol(one.id);
  assert.equal(await outcome(enrol(one.id)), undefined, 'anew: what was there is replaced');
  await house.accounts.terminate(1, one.id);
  assert.equal(await outcome(enrol(one.id)), 'missing');
  assert.deepEqual(await standing(one.id), [false]);
  const { enrolment: other } = await preparedFor(two.id);
  await enrol2(two.id, other);
  await house.authenticators.removeAll(1, two.id);
  assert.deepEqual(await standing(two.id), [false]);
});

const enrol2 = (account: string, enrolment: Parameters<ReturnType<House['authenticators']['within']>['enrol']>[2]) =>
  house.segment.transaction(0, (connection) => house.authenticators.within(connection).enrol(1, account, enrolment));
