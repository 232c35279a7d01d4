import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import fc from 'fast-check';
import { createAttempts } from '../../attempts.ts';
import { findFlow, saveFlow } from '../../sign-in/flows.ts';
import type { SignIn, Step } from '../../sign-in/types.ts';
import { atSecond, code, from, kindOf, openGate, openHouse, origin, password, person } from './house.ts';
import { softPasskey } from './soft-passkey.ts';

const house = await openHouse();
after(() => house.close());
const { accounts, signIn } = house;

const key = softPasskey(origin);
const registration = (challenge: string): RegistrationResponseJSON =>
  key.register({ challenge, user: { id: 'dXNlcg', name: '', displayName: '' } } as never);
const assertion: AuthenticationResponseJSON = key.answer({ challenge: 'AAAA' });

/** A flow that stands at the step. */
const at: Readonly<Record<Step, () => Promise<string>>> = {
  identify: async () => (await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' })).secret,
  second: async () => (await atSecond(house, await person(house))).secret,
  account: async () => {
    const { secret } = await accounts.links.make('administrator', 1, null);
    return (await signIn.open(secret))?.secret ?? '';
  },
  password: async () => {
    const login = `${newId()}@example.org`;
    const { id } = await accounts.create({ tenant: 1, kind: 'workforce', login, name: 'X' });
    const { secret } = await accounts.links.make('invitation', 1, id);
    return (await signIn.open(secret))?.secret ?? '';
  },
  enrol: async () => {
    const secret = await at.password();
    await signIn.choosePassword(secret, password);
    return secret;
  },
  codes: async () => {
    const secret = await at.enrol();
    const { totp } = await signIn.beginTotp(secret);
    await signIn.confirmTotp(secret, code(house, totp?.secret ?? ''));
    return secret;
  },
  done: async () => {
    const secret = await at.codes();
    await signIn.codesKept(secret);
    return secret;
  },
};

const account = newId();
const verbs: Readonly<Record<string, { at: readonly Step[]; run: (secret: string) => Promise<unknown> }>> = {
  account: { at: ['account'], run: (secret) => signIn.account(secret, { login: 'a@example.org', name: 'A' }) },
  choosePassword: { at: ['password'], run: (secret) => signIn.choosePassword(secret, password) },
  password: {
    at: ['identify'],
    run: (secret) => signIn.password(secret, { login: 'x@example.org', password }, from()),
  },
  passkeyOptions: { at: ['identify', 'second'], run: (secret) => signIn.passkeyOptions(secret, from()) },
  passkey: { at: ['identify', 'second'], run: (secret) => signIn.passkey(secret, assertion, from()) },
  code: { at: ['second'], run: (secret) => signIn.code(secret, '000000', from()) },
  recoveryCode: { at: ['second'], run: (secret) => signIn.recoveryCode(secret, '00000-00000', from()) },
  beginTotp: { at: ['enrol'], run: (secret) => signIn.beginTotp(secret) },
  confirmTotp: { at: ['enrol'], run: (secret) => signIn.confirmTotp(secret, '000000') },
  beginPasskey: { at: ['enrol'], run: (secret) => signIn.beginPasskey(secret, from()) },
  confirmPasskey: {
    at: ['enrol'],
    run: (secret) => signIn.confirmPasskey(secret, registration('AAAA'), 'key', from()),
  },
  codesKept: { at: ['codes'], run: (secret) => signIn.codesKept(secret) },
  external: { at: ['identify'], run: (secret) => signIn.external(secret, { account, level: 2, methods: [] }) },
  complete: { at: ['done'], run: (secret) => signIn.complete(secret, from()) },
};
const steps = Object.keys(at) as Step[];

test('every verb at every step: what is not next is a conflict and changes nothing', async () => {
  const known: Record<keyof Omit<SignIn, 'begin' | 'open' | 'view' | 'sweep'>, unknown> = verbs as never;
  assert.equal(Object.keys(known).length, 14);
  for (const step of steps) {
    const secret = await at[step]();
    const before = await signIn.view(secret);
    assert.equal(before?.step, step);
    for (const [name, verb] of Object.entries(verbs)) {
      if (verb.at.includes(step)) continue;
      assert.equal(await kindOf(verb.run(secret)), 'conflict', `${name} at ${step}`);
    }
    assert.deepEqual(await signIn.view(secret), before, step);
  }
});

test('at its own step no verb is a conflict', async () => {
  for (const [name, verb] of Object.entries(verbs)) {
    for (const step of verb.at) {
      const kind = await kindOf(verb.run(await at[step]()));
      assert.ok(['ok', 'unauthenticated'].includes(kind), `${name} at ${step}: ${kind}`);
    }
  }
});

test('negative control: it is the step in the sealed row that holds a skipped second factor back', async () => {
  const secret = await at.second();
  const broken = { ...house, attempts: createAttempts(house.clock), gate: openGate, flow_ms: 900_000 };
  const log = { warn: () => undefined };
  assert.equal(await kindOf(signIn.complete(secret, from())), 'conflict');
  const flow = (await findFlow({ ...broken, log }, secret)) ?? assert.fail('no flow');
  await saveFlow({ ...broken, log }, flow, { step: 'done' });
  assert.equal(await kindOf(signIn.complete(secret, from())), 'ok');
});

test('no flow, a malformed one, one that is over: gone, for every verb', async () => {
  const over = await at.done();
  await signIn.complete(over, from());
  for (const secret of [over, `sgf_${'A'.repeat(43)}`, '', 'x'.repeat(10_000), "sgf_' or 1=1"]) {
    assert.equal(await signIn.view(secret), undefined);
    for (const [name, verb] of Object.entries(verbs)) assert.equal(await kindOf(verb.run(secret)), 'gone', name);
  }
});

test('the same step sent twice at once counts once', async () => {
  const secret = await at.codes();
  const kinds = await Promise.all([1, 2, 3].map(() => kindOf(signIn.codesKept(secret))));
  assert.deepEqual(kinds.sort(), ['conflict', 'conflict', 'ok']);
  const ends = await Promise.all([1, 2, 3].map(() => kindOf(signIn.complete(secret, from()))));
  assert.equal(ends.filter((kind) => kind === 'ok').length, 1);
});

test('whatever is tried in whatever order: no session without password and second factor', async () => {
  const who = await person(house);
  const right = { login: who.login, password };
  const moves: Readonly<Record<string, (secret: string) => Promise<unknown>>> = {
    password: (secret) => signIn.password(secret, right, from()),
    'wrong password': (secret) => signIn.password(secret, { ...right, password: 'wrong' }, from()),
    code: (secret) => signIn.code(secret, code(house, who.secret), from()),
    'wrong code': (secret) => signIn.code(secret, '000000', from()),
    ...Object.fromEntries(Object.entries(verbs).map(([name, { run }]) => [`junk ${name}`, run])),
  };
  const plans = fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      await house.sql('delete from identity.sign_in_failure');
      const secret = await at.identify();
      const right: string[] = [];
      for (const name of [...plan, 'junk complete']) {
        house.clock.at += 30_000;
        const isFine = (await kindOf(moves[name]?.(secret) ?? Promise.resolve())) === 'ok';
        if (isFine && (name === 'password' || name === 'code')) right.push(name);
        if (isFine && name === 'junk complete') assert.deepEqual(right, ['password', 'code']);
      }
    }),
    { numRuns: 60, examples: [[['password', 'code']], [['password', 'wrong code', 'code']]] },
  );
});
