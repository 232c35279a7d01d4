import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Authenticators } from '../../authenticators/types.ts';
import { refusalOf } from '../../sign-in/refusal.ts';
import type { From } from '../../sign-in/types.ts';
import { from, openHouse, outcome, type ProcessOptions, password, person, signInWith, watched } from './house.ts';

const house = await openHouse();
after(() => house.close());

const right = await person(house);
const { device_secret } = await signInWith(house, right);
const suspended = await person(house);
const terminated = await person(house);
await house.accounts.suspend(1, suspended.id);
await house.accounts.terminate(1, terminated.id);
const invited = await house.accounts.create({ tenant: 1, kind: 'workforce', login: 'invited@example.org', name: 'I' });
const external = await person(house, { external: true });
const bare = await house.accounts.create({ tenant: 1, kind: 'workforce', login: 'bare@example.org', name: 'B' });
await house.accounts.activate(1, bare.id);
const elsewhere = await person(house, { tenant: 2 });

const tries = {
  'unknown login': { login: 'nobody@example.org', password },
  'wrong password': { login: right.login, password: 'not the password' },
  suspended: { login: suspended.login, password },
  terminated: { login: terminated.login, password },
  invited: { login: invited.login, password },
  'external only': { login: external.login, password },
  'no password': { login: bare.login, password },
  'of another tenant': { login: elsewhere.login, password },
};

/** What an attacker could tell them apart by: the answer, the work, what the database was asked. */
async function probe(
  given: { login: string; password: string },
  options: ProcessOptions = {},
  more: Partial<From> = {},
) {
  let hashes = 0;
  const asked: string[] = [];
  const segment = watched(house.segment, (name) => void asked.push(name));
  const { signIn } = house.process({ ...options, segment, hashes: () => hashes++ });
  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  asked.length = 0;
  const answer = await outcome(signIn.password(secret, given, from(more)));
  const view = await signIn.view(secret);
  await house.sql('delete from identity.sign_in_failure');
  return { answer, hashes, asked: asked.sort(), view };
}

for (const device of [undefined, device_secret]) {
  test(`nothing tells which part was wrong (${device === undefined ? 'unknown' : 'known'} device)`, async () => {
    const expected = await probe(tries['unknown login'], {}, { device });
    assert.match(String(expected.answer), /^unauthenticated: That did not match/);
    assert.equal(expected.hashes, 1);
    for (const [name, given] of Object.entries(tries)) {
      const found = await probe(given, {}, { device });
      if (device !== undefined && given.login === right.login) continue;
      assert.deepEqual(found, expected, name);
    }
  });
}

test('negative control: without the decoy the work tells who has an account', async () => {
  const withoutDecoy = (real: Authenticators): Authenticators => ({
    ...real,
    passwords: {
      ...real.passwords,
      verify: async (tenant, account, text) =>
        account !== undefined && (await real.passwords.verify(tenant, account, text)),
    },
  });
  const unknown = await probe(tries['unknown login'], { authenticators: withoutDecoy });
  const known = await probe(tries['wrong password'], { authenticators: withoutDecoy });
  assert.equal(unknown.answer, known.answer);
  assert.notDeepEqual(unknown.hashes, known.hashes);
});

test('the ledger is told more than the page: reason and account, where there is one', async () => {
  const { signIn } = house;
  const told = async (given: { login: string; password: string }) => {
    const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
    return signIn.password(secret, given, from()).catch((error: unknown) => refusalOf(error));
  };
  const reason = 'wrong password or login';
  assert.deepEqual(await told(tries.suspended), { reason, tenant: 1, account: suspended.id });
  assert.deepEqual(await told(tries['unknown login']), { reason, tenant: 1 });
  assert.equal(refusalOf(new Error('another')), undefined);
  assert.equal(house.lines.join('\n').includes(right.login), false, 'and no log');
});

test('an unknown login is locked out as a known one is', async () => {
  const sequence = async (login: string): Promise<string[]> => {
    const found: string[] = [];
    for (let turn = 0; turn < 14; turn += 1) {
      const { signIn } = house.process();
      const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
      const remote = `203.0.113.${turn}`;
      found.push(String(await outcome(signIn.password(secret, { login, password: 'wrong' }, from({ remote })))));
    }
    return found;
  };
  const known = await sequence(right.login);
  assert.deepEqual(await sequence('nobody.else@example.org'), known);
  assert.deepEqual([...new Set(known.map((text) => text.split(':')[0]))], ['unauthenticated', 'tooMany']);
});
