import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Gate } from '../../sign-in/gate.ts';
import {
  code,
  cookie,
  firefox,
  from,
  openGate,
  openHouse,
  origin,
  outcome,
  password,
  person,
  signInWith,
} from './house.ts';
import { softPasskey } from './soft-passkey.ts';

const house = await openHouse();
after(() => house.close());
const { accounts, authenticators, sessions, signIn } = house;

test('password and app: two steps, a session at level 2, on to where the person wanted to go', async () => {
  const who = await person(house);
  const { secret, view } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/interaction/abc' });
  assert.deepEqual(view, { purpose: 'sign-in', step: 'identify', tenant: 1, return_to: '/interaction/abc' });
  const second = await signIn.password(secret, { login: ` ${who.login.toUpperCase()}`.trim(), password }, from());
  assert.equal(second.step, 'second');
  assert.deepEqual(second.factors, ['totp', 'recovery-codes']);
  assert.equal(second.account?.login, who.login);
  assert.equal((await signIn.code(secret, code(house, who.secret), from())).step, 'done');
  const done = await signIn.complete(secret, from());
  assert.equal(done.return_to, '/interaction/abc');
  assert.deepEqual(done.methods, ['pwd', 'otp', 'mfa']);
  assert.match(done.device_secret ?? '', /^sgd_/);
  const found = await sessions.signedIn(cookie(done.session_secret), firefox);
  assert.equal(found?.account, who.id);
  assert.equal(found?.level, 2);
  assert.equal(await signIn.view(secret), undefined, 'the flow is over');
});

test('the password of a new account is not made of what the tenant calls itself', async () => {
  const tenantName = async () => 'Vandermolen Clinic';
  const named = house.process({ change: { tenantName } });
  const { id } = await accounts.create({ tenant: 1, kind: 'workforce', login: 'vander@example.org', name: 'Van' });
  const { secret: link } = await accounts.links.make('invitation', 1, id);
  const { secret = '' } = (await signIn.open(link)) ?? {};
  assert.match(String(await outcome(named.signIn.choosePassword(secret, 'vandermolen22'))), /^invalid/);
  assert.equal(
    (await signIn.choosePassword(secret, 'vandermolen22')).step,
    'enrol',
    'negative control: not told of it',
  );
});

test('a passkey is both factors at once, and what is asked of the browser tells nothing', async () => {
  const who = await person(house);
  const key = softPasskey(origin);
  const options = await authenticators.passkeys.registrationOptions(1, { ...who, name: 'P' }, origin);
  const expected = { challenge: options.challenge, origin };
  assert.equal(await authenticators.passkeys.register(1, who.id, expected, key.register(options), 'key'), true);

  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  const asked = await signIn.passkeyOptions(secret, from());
  const other = await signIn.begin({ purpose: 'sign-in', tenant: 2, return_to: '/account' });
  const inEmptyTenant = await signIn.passkeyOptions(other.secret, from());
  assert.deepEqual({ ...asked, challenge: '' }, { ...inEmptyTenant, challenge: '' });
  const view = await signIn.passkey(secret, key.answer(asked), from());
  assert.equal(view.step, 'done');
  const done = await signIn.complete(secret, from());
  assert.equal(done.account, who.id);
  assert.deepEqual(done.methods, ['swk', 'user', 'mfa']);

  const again = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  await signIn.passkeyOptions(again.secret, from());
  assert.match(String(await outcome(signIn.passkey(again.secret, key.answer(asked), from()))), /^unauthenticated/);
  const options2 = await signIn.passkeyOptions(again.secret, from());
  const answer = key.answer(options2);
  assert.match(String(await outcome(signIn.passkey(other.secret, answer, from()))), /^unauthenticated/, 'cross-tenant');
  assert.equal((await signIn.passkey(again.secret, answer, from())).step, 'done');
});

test('a recovery code waits at the gate as a password does; whoever is sent away loses no try', async () => {
  const who = await person(house);
  const lanes: string[] = [];
  const closed: Gate = { run: (lane) => void lanes.push(lane), isFull: () => true, wait_s: () => 4 };
  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  await signIn.password(secret, { login: who.login, password }, from());
  const full = house.process({ gate: closed });
  for (let tries = 0; tries < 6; tries += 1) {
    const sent = await outcome(full.signIn.recoveryCode(secret, who.codes[0] ?? '', from()));
    assert.match(String(sent), /^tooMany/);
  }
  assert.deepEqual([...new Set(lanes)], ['other']);
  assert.equal((await signIn.recoveryCode(secret, who.codes[0] ?? '', from())).step, 'done');
});

test('an account without a second factor sets one up before it gets in, and all of it counts at once', async () => {
  const who = await person(house, { factor: false });
  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  assert.equal((await signIn.password(secret, { login: who.login, password }, from())).step, 'enrol');
  const begun = await signIn.beginTotp(secret);
  assert.match(begun.totp?.uri ?? '', /^otpauth:\/\/totp\//);
  assert.match(String(await outcome(signIn.confirmTotp(secret, '000000'))), /^unauthenticated/);
  const shown = await signIn.confirmTotp(secret, code(house, begun.totp?.secret ?? ''));
  assert.equal(shown.step, 'codes');
  assert.equal(shown.codes?.length, 10);
  assert.equal(shown.totp, undefined);
  assert.deepEqual((await signIn.view(secret))?.codes, shown.codes, 'a reload shows them again');
  const kept = await signIn.codesKept(secret);
  assert.deepEqual([kept.step, kept.codes], ['done', undefined]);
  assert.equal(await authenticators.hasSecond(1, who.id), false, 'nothing counts before the end');
  const done = await signIn.complete(secret, from());
  assert.deepEqual(done.enrolled, ['totp', 'recovery-codes']);
  assert.equal(await authenticators.hasSecond(1, who.id), true);
  assert.equal(await authenticators.recovery.left(1, who.id), 10);

  const next = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  await signIn.password(next.secret, { login: who.login, password }, from());
  const used = await signIn.recoveryCode(next.secret, shown.codes?.[3]?.toUpperCase() ?? '', from());
  assert.equal(used.step, 'done');
  assert.equal((await signIn.complete(next.secret, from())).recovery_code, true);
});

test('the administrator link: who, password, passkey, codes; then the account is there, the link is not', async () => {
  const { secret: link, id: linkId } = await accounts.links.make('administrator', 1, null);
  const opened = await signIn.open(link);
  assert.equal(opened?.view.step, 'account');
  const secret = opened?.secret ?? '';
  assert.match(String(await outcome(signIn.account(secret, { login: 'nobody', name: '' }))), /^invalid/);
  const named = await signIn.account(secret, { login: 'First@example.org', name: 'First' });
  assert.equal(named.step, 'password');
  assert.match(String(await outcome(signIn.choosePassword(secret, 'password'))), /^invalid/);
  assert.equal((await signIn.choosePassword(secret, password)).step, 'enrol');
  const key = softPasskey(origin);
  const options = await signIn.beginPasskey(secret, from());
  const shown = await signIn.confirmPasskey(secret, key.register(options), 'My key', from());
  assert.equal(shown.codes?.length, 10);
  await signIn.codesKept(secret);
  assert.equal(await accounts.hasAdministrator(1), false);
  assert.equal(await accounts.byLogin(1, 'first@example.org'), undefined);
  const done = await signIn.complete(secret, from());
  assert.deepEqual(
    [done.purpose, done.account_made, done.password_set, done.link],
    ['administrator', true, true, linkId],
  );
  const account = await accounts.byLogin(1, 'first@example.org');
  assert.deepEqual([account?.id, account?.state, account?.kind], [done.account, 'active', 'workforce']);
  assert.deepEqual(account?.roles, ['administrator']);
  assert.equal(await accounts.hasAdministrator(1), true);
  assert.equal(await signIn.open(link), undefined);
  const found = await sessions.signedIn(cookie(done.session_secret), firefox);
  assert.deepEqual(found?.principal.roles, ['administrator']);
  assert.equal('within' in (found?.principal ?? {}), false);
});

test('an invitation sets up an account; a recovery link sets all of it anew and ends what was open', async () => {
  const invited = await accounts.create({ tenant: 1, kind: 'workforce', login: 'new@example.org', name: 'New' });
  const setUp = async (link: string, text: string) => {
    const { secret, view } = (await signIn.open(link)) ?? assert.fail('no link');
    assert.deepEqual([view.step, view.account?.id], ['password', invited.id]);
    await signIn.choosePassword(secret, text);
    const { totp } = await signIn.beginTotp(secret);
    const { codes } = await signIn.confirmTotp(secret, code(house, totp?.secret ?? ''));
    await signIn.codesKept(secret);
    return { done: await signIn.complete(secret, from()), totp: totp?.secret ?? '', codes };
  };
  const first = await setUp((await accounts.links.make('invitation', 1, invited.id)).secret, password);
  assert.equal((await accounts.byId(1, invited.id))?.state, 'active');
  assert.equal(await authenticators.passwords.verify(1, invited.id, password), true);

  const second = await setUp((await accounts.links.make('recovery', 1, invited.id)).secret, `${password}-new`);
  assert.deepEqual(
    second.done.ended.map(({ session, reason }) => [session, reason]),
    [[first.done.session, 'ended by the service']],
  );
  assert.equal(await sessions.signedIn(cookie(first.done.session_secret), firefox), undefined);
  assert.equal(await authenticators.passwords.verify(1, invited.id, password), false);
  house.clock.at += 60_000;
  assert.equal(await authenticators.totp.verify(1, invited.id, code(house, first.totp)), false, 'the old app is out');
  assert.equal(await authenticators.totp.verify(1, invited.id, code(house, second.totp)), true);
  assert.equal((await authenticators.list(1, invited.id)).filter(({ kind }) => kind === 'totp').length, 1);
});

test('a step-up shows factors again: the same session, a new secret, a new time', async () => {
  const who = await person(house);
  const done = await signInWith(house, who);
  house.clock.at += 600_000;
  const more = { session: done.session_secret, device: done.device_secret };
  const { secret, view } = await signIn.begin({
    purpose: 'step-up',
    tenant: 1,
    return_to: '/account/factors',
    account: who.id,
  });
  assert.deepEqual([view.step, view.account?.id], ['identify', who.id]);
  await signIn.password(secret, { login: 'somebody.else@example.org', password }, from(more));
  await signIn.code(secret, code(house, who.secret), from(more));
  const renewed = await signIn.complete(secret, from(more));
  assert.equal(renewed.session, done.session);
  assert.notEqual(renewed.session_secret, done.session_secret);
  assert.equal(await sessions.signedIn(cookie(done.session_secret), firefox), undefined, 'the old secret is dead');
  const found = await sessions.signedIn(cookie(renewed.session_secret), firefox);
  assert.equal(found?.authenticated_at, house.clock.at);
  assert.equal(found?.principal.assurance?.at, house.clock.at);
});

test('a provider that is trusted for two factors leads in; another one to ours', async () => {
  const who = await person(house, { external: true });
  const level2 = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  const whole = await signIn.external(level2.secret, { account: who.id, level: 2, methods: ['pwd', 'otp'] });
  assert.equal(whole.step, 'done');
  assert.deepEqual((await signIn.complete(level2.secret, from())).methods, ['pwd', 'otp', 'sso']);
  const level1 = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  assert.equal((await signIn.external(level1.secret, { account: who.id, level: 1, methods: ['pwd'] })).step, 'second');
  const other = await signIn.begin({ purpose: 'sign-in', tenant: 2, return_to: '/account' });
  const foreign = signIn.external(other.secret, { account: who.id, level: 2, methods: [] });
  assert.match(String(await outcome(foreign)), /^unauthenticated/, 'cross-tenant');
});

test('old flows and counts are swept, what is in use stays', async () => {
  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
  await outcome(signIn.password(secret, { login: 'x@example.org', password: 'wrong' }, from()));
  await signIn.sweep();
  assert.equal((await signIn.view(secret))?.step, 'identify');
  assert.notEqual((await house.sql('select 1 from identity.sign_in_failure')).length, 0);
  house.clock.at += 900_000;
  assert.equal(await signIn.view(secret), undefined, 'it lives 15 minutes');
  house.clock.at += 86_400_000;
  assert.ok((await signIn.sweep()) > 0);
  assert.equal((await house.sql('select 1 from identity.sign_in_flow')).length, 0);
  assert.equal((await house.sql('select 1 from identity.sign_in_failure')).length, 0);
});

test('in a storm a stranger is sent away before a flow is made, a browser that was here before is not', async () => {
  const full: Gate = { run: () => undefined, isFull: (lane) => lane === 'other', wait_s: () => 4 };
  const stormed = house.process({ gate: full });
  assert.throws(() => stormed.signIn.admit(1, from()), { kind: 'tooMany', retry_after_s: 4 });
  stormed.signIn.admit(1, from({ device: 'sgd_x' }));
  house.process({ gate: openGate }).signIn.admit(1, from());
});
