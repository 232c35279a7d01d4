import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { activeAccount, type House, openHouse, outcome } from '../accounts/house.ts';
import { createSoftwareAuthenticator, type SoftwareAuthenticator, type Tampering } from './software-authenticator.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const origin = 'https://care.example';

async function registration(account: string, device: SoftwareAuthenticator, tampering: Tampering = {}, at = origin) {
  const { passkeys } = house.authenticators;
  const who = { id: account, login: 'a@clinic.example', name: 'A' };
  const options = await passkeys.registrationOptions(1, who, at);
  const asked = { challenge: options.challenge, origin: at, rpId: options.rp.id ?? '', userId: options.user.id };
  const expected = { challenge: options.challenge, origin: at };
  return { options, done: await passkeys.register(1, account, expected, device.register(asked, tampering), 'Phone') };
}

async function signIn(device: SoftwareAuthenticator, tampering: Tampering = {}, account?: string, at = origin) {
  const { passkeys } = house.authenticators;
  const options = await passkeys.authenticationOptions(1, account, at);
  const asked = { challenge: options.challenge, origin: at, rpId: options.rpId ?? '' };
  const expected = { challenge: options.challenge, origin: at, ...(account === undefined ? {} : { account }) };
  return passkeys.authenticate(1, expected, device.answer(asked, tampering));
}

test('a passkey is registered, listed, and signs its account in without naming it', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  const { options, done } = await registration(id, device);
  assert.equal(done, true);
  assert.deepEqual(
    [options.rp, options.attestation, options.authenticatorSelection?.userVerification],
    [{ id: 'care.example', name: 'Safeguard' }, 'none', 'required'],
  );
  assert.equal(options.authenticatorSelection?.residentKey, 'required');
  assert.equal(Buffer.from(options.user.id, 'base64url').toString('hex'), id.replaceAll('-', ''));
  assert.equal(await signIn(device), id);
  assert.equal(await signIn(device, {}, id), id);
  const [factor] = await house.authenticators.list(1, id);
  const { kind, label, last_used_at } = factor ?? {};
  assert.deepEqual([kind, label, last_used_at], ['passkey', 'Phone', house.clock.at]);
  const again = await house.authenticators.passkeys.registrationOptions(1, { id, login: 'x', name: 'x' }, origin);
  assert.deepEqual(
    again.excludeCredentials?.map((known) => known.id),
    [device.id],
  );
});

test('it works on localhost over http as well', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  const local = 'http://localhost:8080';
  assert.equal((await registration(id, device, {}, local)).done, true);
  assert.equal(await signIn(device, {}, undefined, local), id);
});

const elsewhere = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const attacks: Record<string, Tampering> = {
  'another challenge': { challenge: 'AAAA' },
  'another origin': { origin: 'https://care.example.evil.example' },
  'another port': { origin: 'https://care.example:444' },
  'another relying party': { rpId: 'example' },
  'the other ceremony': { type: 'webauthn.other' },
  'a frame of another site': { crossOrigin: true },
  'no user verification': { userVerified: false },
};

const certified: Tampering = {
  fmt: 'packed',
  attStmt: [
    ['alg', -7],
    ['sig', Buffer.alloc(8)],
    ['x5c', []],
  ],
};

test('attacks on a registration are refused; the same without the attack is not', async () => {
  const { id } = await activeAccount(house);
  const all = { ...attacks, 'an attestation with certificates': certified, 'a made-up format': { fmt: 'tpm' } };
  for (const [name, tampering] of Object.entries(all)) {
    assert.equal((await registration(id, createSoftwareAuthenticator(), tampering)).done, false, name);
  }
  assert.deepEqual(await house.authenticators.list(1, id), []);
  assert.equal((await registration(id, createSoftwareAuthenticator())).done, true, 'negative control');
});

test('an attestation that nobody asked for is put away unread, where the data are given apart', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  assert.equal((await registration(id, device, { ...certified, apart: true })).done, true);
  assert.equal(await signIn(device), id);
  const tampered = { ...certified, apart: true, userVerified: false };
  assert.equal((await registration(id, createSoftwareAuthenticator(), tampered)).done, false);
});

test('attacks on a sign-in are refused; the same without the attack is not', async () => {
  const [one, two] = [await activeAccount(house), await activeAccount(house)];
  const device = createSoftwareAuthenticator();
  await registration(one.id, device);
  await registration(two.id, createSoftwareAuthenticator());
  const handle = Buffer.from(two.id.replaceAll('-', ''), 'hex').toString('base64url');
  const all = { ...attacks, "another's key": { signWith: elsewhere }, "another's handle": { userHandle: handle } };
  for (const [name, tampering] of Object.entries(all)) assert.equal(await signIn(device, tampering), undefined, name);
  assert.equal(await signIn(device, {}, two.id), undefined, 'somebody else was asked for');
  assert.equal(await signIn(createSoftwareAuthenticator()), undefined, 'never registered');
  assert.equal(await signIn(device), one.id, 'negative control');
  assert.doesNotMatch(house.lines.join('\n'), new RegExp(one.id));
});

test('what is no response at all is refused and throws nothing', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  await registration(id, device);
  const { passkeys } = house.authenticators;
  const expected = { challenge: 'x', origin };
  const whole = device.answer({ challenge: 'x', origin, rpId: 'care.example' });
  const broken: unknown[] = [
    {},
    undefined,
    null,
    'text',
    { id: device.id },
    { ...whole, response: {} },
    { ...whole, rawId: 'other' },
    { ...whole, response: { ...whole.response, clientDataJSON: 'bm90IGpzb24' } },
    { ...whole, response: { ...whole.response, authenticatorData: 'AA' } },
    { ...whole, id: { toString: 'x' } },
  ];
  for (const response of broken) {
    assert.equal(await passkeys.authenticate(1, expected, response as AuthenticationResponseJSON), undefined);
    assert.equal(await passkeys.register(1, id, expected, response as never, 'x'), false);
  }
});

test('a counter that went back ends the passkey; the same answer twice only fails', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  await registration(id, device);
  assert.equal(await signIn(device, { counter: 10 }), id);
  assert.equal(await signIn(device, { counter: 10 }), undefined);
  assert.equal(await signIn(device, { counter: 11 }), id);
  assert.equal(await signIn(device, { counter: 5 }), undefined);
  assert.equal(await signIn(device, { counter: 12 }), undefined, 'ended for the copy and for the original');
  assert.deepEqual(await house.authenticators.list(1, id), []);
  assert.equal(await house.authenticators.hasSecond(1, id), true, 'a password alone enrols nothing now');
  assert.equal((await registration(id, device)).done, false, 'nor comes the copy back');
});

test('a synced passkey counts nothing and works again and again', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator({ counts: false });
  await registration(id, device);
  assert.equal(await signIn(device), id);
  assert.equal(await signIn(device), id);
});

test('one answer that comes to two processes at once signs in once', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  await registration(id, device);
  const processes = [house, await house.another()];
  for (let round = 0; round < 5; round += 1) {
    const expected = { challenge: `challenge${round}`, origin };
    const response = device.answer({ ...expected, rpId: 'care.example' });
    const asked = processes.map(({ authenticators }) => authenticators.passkeys.authenticate(1, expected, response));
    const answers = await Promise.all(asked);
    assert.deepEqual(answers.filter(Boolean), [id]);
  }
});

test('negative control: without the condition on the counter it signs in each time', async () => {
  const { segment } = house;
  const query: typeof segment.query = (tenant, statement, values) => {
    if (statement.name !== 'identity.factor.count-up') return segment.query(tenant, statement, values);
    const text = statement.text.replace('counter < $3', '$3::bigint is not null');
    return segment.query(tenant, { name: 'test.hasty-counter', text }, values);
  };
  const hasty = await house.another({ segment: { ...segment, query } });
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  await registration(id, device);
  const expected = { challenge: 'challenge', origin };
  const response = device.answer({ ...expected, rpId: 'care.example' });
  const asked = [1, 2].map(() => hasty.authenticators.passkeys.authenticate(1, expected, response));
  assert.deepEqual(await Promise.all(asked), [id, id]);
});

test('a suspended account has no passkey, nor has another tenant; a credential is registered once', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  await registration(id, device);
  const other = await activeAccount(house);
  assert.equal((await registration(other.id, device)).done, false);
  const response = device.answer({ challenge: 'x', origin, rpId: 'care.example' });
  const { passkeys } = house.authenticators;
  assert.equal(await passkeys.authenticate(house.other, { challenge: 'x', origin }, response), undefined);
  await house.accounts.suspend(1, id);
  assert.equal(await signIn(device), undefined);
  await house.accounts.resume(1, id);
  assert.equal(await signIn(device), id, 'negative control');
});

test('options tell nothing of an account that is not named, and of a named one its own', async () => {
  const { id } = await activeAccount(house);
  const device = createSoftwareAuthenticator();
  await registration(id, device);
  const { passkeys } = house.authenticators;
  const open = await passkeys.authenticationOptions(1, undefined, origin);
  assert.deepEqual([open.allowCredentials, open.userVerification], [[], 'required']);
  const named = await passkeys.authenticationOptions(1, id, origin);
  assert.deepEqual(
    named.allowCredentials?.map((known) => known.id),
    [device.id],
  );
  assert.deepEqual((await passkeys.authenticationOptions(house.other, id, origin)).allowCredentials, []);
  assert.equal(await outcome(passkeys.authenticationOptions(1, id, 'no origin')), 'TypeError: Invalid URL');
});
