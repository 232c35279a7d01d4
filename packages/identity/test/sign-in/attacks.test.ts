import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Authenticators } from '../../authenticators/types.ts';
import {
  atSecond,
  chrome,
  code,
  cookie,
  firefox,
  from,
  kindOf,
  openHouse,
  type Process,
  password,
  person,
  signInWith,
} from './house.ts';

const house = await openHouse();
after(() => house.close());
const { accounts, authenticators, sessions, signIn } = house;

test('session fixation: the cookie from before is never the one after, and ends', async () => {
  const attacker = await person(house);
  const victim = await person(house);
  const planted = await signInWith(house, attacker);
  const done = await signInWith(house, victim, { session: planted.session_secret });
  assert.notEqual(done.session_secret, planted.session_secret);
  assert.equal(await sessions.signedIn(cookie(planted.session_secret), firefox), undefined);
  assert.deepEqual(
    done.ended.map(({ session, account }) => [session, account]),
    [[planted.session, attacker.id]],
  );
  const invented = `sgn_${'A'.repeat(43)}`;
  const next = await signInWith(house, victim, { session: invented });
  assert.notEqual(next.session_secret, invented);
  assert.equal(await sessions.signedIn(cookie(invented), firefox), undefined);
  const kept = await signInWith(house, attacker);
  await signInWith(house, victim);
  assert.ok(await sessions.signedIn(cookie(kept.session_secret), firefox), 'negative control: not brought, not ended');
});

test('a flow belongs to one browser: its cookie in another one ends it', async () => {
  const who = await person(house);
  const { secret } = await atSecond(house, who);
  house.clock.at += 30_000;
  assert.equal(await kindOf(signIn.code(secret, code(house, who.secret), from({ agent: chrome }))), 'gone');
  assert.equal(await kindOf(signIn.code(secret, code(house, who.secret), from())), 'gone');
  const { secret: own } = await atSecond(house, who);
  house.clock.at += 30_000;
  const newer = firefox.replaceAll('146.0', '147.0');
  assert.equal(await kindOf(signIn.code(own, code(house, who.secret), from({ agent: newer }))), 'ok', 'an update');
});

test('a code works once, over all flows and processes', async () => {
  const who = await person(house);
  const first = await atSecond(house, who);
  const second = await atSecond(house, who);
  const typed = code(house, who.secret);
  const replica = house.process();
  const kinds = await Promise.all([
    kindOf(signIn.code(first.secret, typed, from())),
    kindOf(replica.signIn.code(second.secret, typed, from())),
  ]);
  assert.deepEqual(kinds.sort(), ['ok', 'unauthenticated']);

  const forgetful = (real: Authenticators): Authenticators => ({
    ...real,
    totp: { ...real.totp, verify: async (_tenant, _account, text) => text === code(house, who.secret) },
  });
  const broken = house.process({ authenticators: forgetful });
  const third = await atSecond(house, who);
  const fourth = await atSecond(house, who);
  assert.equal(await kindOf(broken.signIn.code(third.secret, typed, from())), 'ok');
  assert.equal(await kindOf(broken.signIn.code(fourth.secret, typed, from())), 'ok', 'negative control');
});

test('a recovery code works once, also at the same time, and for its own account alone', async () => {
  const who = await person(house);
  const other = await person(house);
  const typed = who.codes[0] ?? '';
  const flows = await Promise.all([1, 2, 3].map(() => atSecond(house, who)));
  const kinds = await Promise.all(flows.map(({ secret }) => kindOf(signIn.recoveryCode(secret, typed, from()))));
  assert.deepEqual(kinds.sort(), ['ok', 'unauthenticated', 'unauthenticated']);
  const foreign = await atSecond(house, other);
  assert.equal(await kindOf(signIn.recoveryCode(foreign.secret, who.codes[1] ?? '', from())), 'unauthenticated');
  assert.equal(await kindOf(signIn.recoveryCode(foreign.secret, other.codes[1] ?? '', from())), 'ok');
});

/** Through a link as far as the last step but one. */
async function upToDone({ signIn: own }: Process, link: string, login: string): Promise<string> {
  const { secret, view } = (await own.open(link)) ?? assert.fail('no link');
  if (view.step === 'account') await own.account(secret, { login, name: login });
  await own.choosePassword(secret, password);
  const { totp } = await own.beginTotp(secret);
  await own.confirmTotp(secret, code(house, totp?.secret ?? ''));
  await own.codesKept(secret);
  return secret;
}

test('two browsers with one link: exactly one wins, and nothing of the other is there', async () => {
  const count = async () => (await house.sql('select 1 from identity.account')).length;
  const before = await count();
  const { secret: link } = await accounts.links.make('administrator', 1, null);
  const replica = house.process();
  const one = await upToDone(house, link, 'one@example.org');
  const two = await upToDone(replica, link, 'two@example.org');
  const kinds = await Promise.all([
    kindOf(signIn.complete(one, from())),
    kindOf(replica.signIn.complete(two, from({ agent: chrome }))),
  ]);
  assert.deepEqual(kinds.sort(), ['gone', 'ok']);
  assert.equal((await count()) - before, 1);

  const invited = await accounts.create({ tenant: 1, kind: 'workforce', login: 'inv@example.org', name: 'Inv' });
  const { secret: invitation } = await accounts.links.make('invitation', 1, invited.id);
  const flows = [await upToDone(house, invitation, ''), await upToDone(replica, invitation, '')];
  const ends = await Promise.all(flows.map((secret) => kindOf(signIn.complete(secret, from()))));
  assert.deepEqual(ends.sort(), ['gone', 'ok']);
  assert.equal((await authenticators.list(1, invited.id)).filter(({ kind }) => kind === 'totp').length, 1);
});

test('negative control: with a link that is not used up in that transaction, both win', async () => {
  await house.sql(`update identity.account set roles = '{}'`);
  const { secret: link } = await accounts.links.make('administrator', 1, null);
  const broken = house.process({
    change: {
      accounts: {
        ...accounts,
        within: (connection) => ({ ...accounts.within(connection), useLink: async () => true }),
      },
    },
  });
  const one = await upToDone(broken, link, 'three@example.org');
  const two = await upToDone(broken, link, 'four@example.org');
  assert.equal(await kindOf(broken.signIn.complete(one, from())), 'ok');
  assert.equal(await kindOf(broken.signIn.complete(two, from())), 'ok');
});

test('who only knows the password sets up a factor while the owner does: the first one stands', async () => {
  const who = await person(house, { factor: false });
  const start = async () => {
    const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
    await signIn.password(secret, { login: who.login, password }, from());
    const { totp } = await signIn.beginTotp(secret);
    await signIn.confirmTotp(secret, code(house, totp?.secret ?? ''));
    await signIn.codesKept(secret);
    return secret;
  };
  const flows = [await start(), await start()];
  const kinds = await Promise.all(flows.map((secret) => kindOf(signIn.complete(secret, from()))));
  assert.deepEqual(kinds.sort(), ['gone', 'ok']);
  assert.equal((await authenticators.list(1, who.id)).filter(({ kind }) => kind === 'totp').length, 1);
});

test('what changed while the flow was under way counts: suspended, password changed, link ended', async () => {
  const through = async (who: Awaited<ReturnType<typeof person>>) => {
    const { secret } = await atSecond(house, who);
    house.clock.at += 30_000;
    await signIn.code(secret, code(house, who.secret), from());
    return secret;
  };
  const suspended = await person(house);
  const first = await through(suspended);
  await accounts.suspend(1, suspended.id);
  assert.equal(await kindOf(signIn.complete(first, from())), 'unauthenticated');

  const changed = await person(house);
  const second = await through(changed);
  await authenticators.passwords.set(1, changed.id, `${password}-new`);
  assert.equal(await kindOf(signIn.complete(second, from())), 'gone');

  const invited = await accounts.create({ tenant: 1, kind: 'workforce', login: 'late@example.org', name: 'Late' });
  const third = await upToDone(house, (await accounts.links.make('invitation', 1, invited.id)).secret, '');
  await accounts.links.make('invitation', 1, invited.id);
  assert.equal(await kindOf(signIn.complete(third, from())), 'gone', 'a newer link took its place');
  assert.equal((await accounts.byId(1, invited.id))?.state, 'invited');
  assert.equal(await authenticators.hasSecond(1, invited.id), false);
});

test('a step-up is for the session it was begun in, and for its own account', async () => {
  const who = await person(house);
  const other = await person(house);
  const own = await signInWith(house, who);
  const foreign = await signInWith(house, other);
  const stepUp = async (session: string | undefined) => {
    const { secret } = await signIn.begin({ purpose: 'step-up', tenant: 1, return_to: '/account', account: who.id });
    house.clock.at += 30_000;
    await signIn.password(secret, { login: who.login, password }, from());
    await signIn.code(secret, code(house, who.secret), from());
    return kindOf(signIn.complete(secret, from({ session })));
  };
  assert.equal(await stepUp(undefined), 'unauthenticated');
  assert.equal(await stepUp(foreign.session_secret), 'unauthenticated');
  assert.equal(await stepUp(own.session_secret), 'ok');
  assert.equal(await stepUp(own.session_secret), 'unauthenticated', 'the old secret is dead');
  const { secret } = await signIn.begin({ purpose: 'step-up', tenant: 1, return_to: '/account', account: who.id });
  const claims = { login: other.login, password: 'wrong' };
  assert.equal(await kindOf(signIn.password(secret, claims, from())), 'unauthenticated');
  const vouched = signIn.external(secret, { account: other.id, level: 2, methods: [] });
  assert.equal(await kindOf(vouched), 'gone', 'a provider vouched for somebody else');
});

test('negative control: where the session is not asked whose it is, another one’s is stepped up', async () => {
  const [who, other] = [await person(house), await person(house)];
  const foreign = await signInWith(house, other);
  const { steps } = sessions;
  const lock: typeof steps.lock = (connection, { tenant }, session) =>
    steps.lock(connection, { tenant, account: other.id }, session);
  const broken = house.process({ change: { sessions: { ...sessions, steps: { ...steps, lock } } } });
  const begun = { purpose: 'step-up', tenant: 1, return_to: '/account', account: who.id } as const;
  const { secret } = await broken.signIn.begin(begun);
  house.clock.at += 30_000;
  await broken.signIn.password(secret, { login: who.login, password }, from());
  await broken.signIn.code(secret, code(house, who.secret), from());
  const done = await broken.signIn.complete(secret, from({ session: foreign.session_secret }));
  assert.equal(done.session, foreign.session);
});

test('negative control: where accounts are looked up in one tenant for all, they open another one’s flow', async () => {
  const here = await person(house);
  const broken = house.process({
    change: {
      accounts: {
        ...accounts,
        byId: (_, id) => accounts.byId(1, id),
        byLogin: (_, login) => accounts.byLogin(1, login),
      },
    },
    authenticators: (real) => ({
      ...real,
      passwords: { ...real.passwords, verify: (_, ...rest) => real.passwords.verify(1, ...rest) },
    }),
  });
  const { secret } = await broken.signIn.begin({ purpose: 'sign-in', tenant: 2, return_to: '/account' });
  await broken.signIn.password(secret, { login: here.login, password }, from());
  assert.equal((await broken.signIn.view(secret))?.account?.id, here.id);
  const foreign = { purpose: 'step-up', tenant: 2, return_to: '/account', account: here.id } as const;
  assert.equal(await kindOf(broken.signIn.begin(foreign)), 'ok');
});

test('tenants: a login, a code, a link of one opens nothing in another', async () => {
  const here = await person(house);
  const there = await person(house, { tenant: 2 });
  const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 2, return_to: '/account' });
  assert.equal(await kindOf(signIn.password(secret, { login: here.login, password }, from())), 'unauthenticated');
  assert.equal((await signIn.password(secret, { login: there.login, password }, from())).step, 'second');
  assert.equal(await kindOf(signIn.recoveryCode(secret, here.codes[0] ?? '', from())), 'unauthenticated');
  await signIn.recoveryCode(secret, there.codes[0] ?? '', from());
  assert.equal((await signIn.complete(secret, from())).tenant, 2);
  assert.equal(await kindOf(signIn.begin({ purpose: 'sign-in', tenant: 77, return_to: '/account' })), 'missing');
  const foreign = signIn.begin({ purpose: 'step-up', tenant: 2, return_to: '/account', account: here.id });
  assert.equal(await kindOf(foreign), 'unauthenticated');
});

test('nothing secret or personal stands in the rows of a flow, whatever it knows', async () => {
  const { secret: link } = await accounts.links.make('administrator', 2, null);
  const { secret } = (await signIn.open(link)) ?? assert.fail('no link');
  await signIn.account(secret, { login: 'visible@example.org', name: 'Visible Name' });
  await signIn.choosePassword(secret, password);
  const { totp } = await signIn.beginTotp(secret);
  const { codes } = await signIn.confirmTotp(secret, code(house, totp?.secret ?? ''));
  const rows = await house.sql(
    'select sealed::text, encode(sealed, $1) as raw, hash::text from identity.sign_in_flow',
    ['escape'],
  );
  const text = JSON.stringify(rows);
  for (const hidden of ['visible', 'Visible', totp?.secret ?? '-', codes?.[0] ?? '-', secret, password, 'otpauth']) {
    assert.equal(text.includes(hidden), false);
  }
});
