import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Segment } from '@safeguard/store';
import fc from 'fast-check';
import { generateSync } from 'otplib';
import { newTotpSecret, stepOfCode } from '../../authenticators/totp-code.ts';
import { activeAccount, type House, openHouse, outcome } from '../accounts/house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** The code that an authenticator app shows, by a library that is not the product's. */
const codeOf = (secret: string, at_ms: number): string => generateSync({ secret, epoch: Math.floor(at_ms / 1000) });

const step_ms = 30_000;

async function enrolled() {
  const { id } = await activeAccount(house);
  const begun = await house.authenticators.totp.begin(1, id, 'a@clinic.example');
  const code = codeOf(begun.secret, house.clock.at);
  assert.equal(await house.authenticators.totp.confirm(1, id, begun.id, code, 'My phone'), true);
  return { account: id, ...begun, code };
}

test('RFC 6238, appendix B: the codes of its SHA-1 secret, in six digits', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const vectors = { 59: '287082', 1111111109: '081804', 1234567890: '005924', 2000000000: '279037' };
  for (const [time_s, code] of Object.entries(vectors)) {
    assert.equal(stepOfCode(secret, code, Number(time_s) * 1000), Math.floor(Number(time_s) / 30));
  }
});

test('a secret is a factor once a code of it was typed, and not before', async () => {
  const { id } = await activeAccount(house);
  const { totp } = house.authenticators;
  const begun = await totp.begin(1, id, 'a@clinic.example');
  assert.match(begun.uri, /^otpauth:\/\/totp\/Safeguard:a%40clinic\.example\?issuer=Safeguard&secret=[A-Z2-7]{32}&/);
  const code = codeOf(begun.secret, house.clock.at);
  assert.equal(await totp.verify(1, id, code), false);
  const wrong = code === '000000' ? '000001' : '000000';
  assert.equal(await totp.confirm(1, id, begun.id, wrong, 'x'), false);
  assert.deepEqual(await house.authenticators.list(1, id), []);
  assert.equal(await house.authenticators.hasSecond(1, id), false);
  const newer = await totp.begin(1, id, 'a@clinic.example');
  assert.equal(await totp.confirm(1, id, begun.id, code, 'x'), false, 'one is pending at a time');
  assert.equal(await totp.confirm(1, id, newer.id, codeOf(newer.secret, house.clock.at), ''), true);
  assert.equal(await totp.confirm(1, id, newer.id, codeOf(newer.secret, house.clock.at), ''), false);
  const [factor] = await house.authenticators.list(1, id);
  assert.deepEqual([factor?.kind, factor?.label], ['totp', 'Authenticator app']);
  assert.equal(await house.authenticators.hasSecond(1, id), true);
});

test('a pending secret lives 15 minutes', async () => {
  const { id } = await activeAccount(house);
  const { totp } = house.authenticators;
  const begun = await totp.begin(1, id, 'a@clinic.example');
  const began = house.clock.at;
  house.clock.at = began + 15 * 60_000;
  assert.equal(await totp.confirm(1, id, begun.id, codeOf(begun.secret, house.clock.at), 'x'), false);
  house.clock.at -= 1;
  assert.equal(await totp.confirm(1, id, begun.id, codeOf(begun.secret, house.clock.at), 'x'), true);
  house.clock.at = began;
});

test('one step of clock drift is let through, two are not; no step works twice, nor one before it', async () => {
  const { account, secret, code } = await enrolled();
  const { totp } = house.authenticators;
  const began = house.clock.at;
  const at = (steps: number): string => codeOf(secret, house.clock.at + steps * step_ms);
  assert.equal(await totp.verify(1, account, code), false, 'the code that enrolled it is used up');
  house.clock.at += 10 * step_ms;
  assert.equal(await totp.verify(1, account, at(-2)), false);
  assert.equal(await totp.verify(1, account, at(2)), false);
  assert.equal(await totp.verify(1, account, at(-1)), true);
  assert.equal(await totp.verify(1, account, at(-1)), false);
  assert.equal(await totp.verify(1, account, ` ${at(1).slice(0, 3)} ${at(1).slice(3)}`), true);
  assert.equal(await totp.verify(1, account, at(0)), false, 'before the one that was used');
  house.clock.at += 2 * step_ms;
  assert.equal(await totp.verify(1, account, at(0)), true);
  house.clock.at = began;
});

test('what is no code is refused', async () => {
  const { account } = await enrolled();
  const { totp } = house.authenticators;
  for (const code of ['', '1', '1234567', 'abcdef', '１２３４５６', ' '.repeat(1000), "1' or '1"]) {
    assert.equal(await totp.verify(1, account, code), false);
  }
  for (const code of [undefined, null, 123456, {}]) assert.equal(await totp.verify(1, account, code as string), false);
});

/** How many of several processes took one code that came to all of them at once. */
async function takenTimes(segment: Segment, rounds: number): Promise<number[]> {
  const processes = [await house.another({ segment }), await house.another({ segment })];
  const { account, secret } = await enrolled();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    house.clock.at += 2 * step_ms;
    const code = codeOf(secret, house.clock.at);
    const tries = [...processes, ...processes].map(({ authenticators }) =>
      authenticators.totp.verify(1, account, code),
    );
    times.push((await Promise.all(tries)).filter(Boolean).length);
  }
  return times;
}

test('one code at several processes at once is taken once', async () => {
  assert.deepEqual(await takenTimes(house.segment, 5), [1, 1, 1, 1, 1]);
});

test('negative control: without the condition on the last step it is taken several times', async () => {
  const hasty: Segment = {
    ...house.segment,
    transaction: (tenant, work) => house.segment.transaction(tenant, work),
    query: (tenant, statement, values) => {
      if (statement.name !== 'identity.factor.take-step') return house.segment.query(tenant, statement, values);
      const text = statement.text.replace('and last_step < $3', 'and $3::bigint is not null');
      return house.segment.query(tenant, { name: 'test.hasty-step', text }, values);
    },
  };
  assert.ok((await takenTimes(hasty, 5)).some((times) => times > 1));
});

test('a suspended account and another tenant have no codes', async () => {
  const { account, secret } = await enrolled();
  const { totp } = house.authenticators;
  house.clock.at += 2 * step_ms;
  const code = codeOf(secret, house.clock.at);
  assert.equal(await totp.verify(house.other, account, code), false);
  await house.accounts.suspend(1, account);
  assert.equal(await totp.verify(1, account, code), false);
  await house.accounts.resume(1, account);
  assert.equal(await totp.verify(1, account, code), true, 'negative control');
});

test('an account has 20 factors at most', async () => {
  const { id } = await activeAccount(house);
  const { totp } = house.authenticators;
  for (let count = 0; count < 20; count += 1) {
    const begun = await totp.begin(1, id, 'a@clinic.example');
    assert.equal(await totp.confirm(1, id, begun.id, codeOf(begun.secret, house.clock.at), `${count}`), true);
  }
  assert.equal(await outcome(totp.begin(1, id, 'a@clinic.example')), 'conflict');
});

test('any secret, any time: the other library’s code is right in its step and its neighbours alone', () => {
  const times = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }).map((time_s) => time_s * 1000);
  fc.assert(
    fc.property(times, fc.integer({ min: -3, max: 3 }), (now, offset) => {
      const secret = newTotpSecret();
      const step = Math.floor(now / step_ms);
      const code = codeOf(secret, (step + offset) * step_ms);
      const near = [-1, 0, 1]
        .filter((each) => codeOf(secret, (step + each) * step_ms) === code)
        .map((each) => step + each);
      assert.equal(stepOfCode(secret, code, now), near[0]);
      assert.equal(stepOfCode(secret, code, now, near.at(-1) ?? step), undefined);
    }),
    { numRuns: 100 },
  );
});
