import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { createSessions } from '../../sessions/sessions.ts';
import type { EndedSession, Opening } from '../../sessions/types.ts';
import { chrome, cookie, firefox, kindOf, openHouse, person, watched } from '../sign-in/house.ts';

const house = await openHouse();
after(() => house.close());
const { accounts, sessions } = house;

const ended: EndedSession[] = [];
sessions.onEnd((one) => void ended.push(one));

const opening = (account: string, more: Partial<Opening> = {}): Opening => ({
  tenant: 1,
  account,
  level: 2,
  methods: ['pwd', 'otp', 'mfa'],
  remote: '2001:db8:1:2::3',
  agent: firefox,
  ...more,
});
const open = async (account: string, more: Partial<Opening> = {}) => {
  const { secret, id } = await sessions.open(opening(account, more));
  return { cookie: cookie(secret), secret, id };
};
/** Another process: nothing of it is in memory there. */
const elsewhere = () => house.process().sessions;
const minute = 60_000;

test('who is signed in: a frozen principal with assurance, roles and, of patients, what it is within', async () => {
  const who = await person(house, { roles: ['administrator'] });
  const { cookie: header, id } = await open(who.id);
  const found = (await sessions.signedIn(header, firefox)) ?? assert.fail();
  const at = house.clock.at;
  assert.deepEqual(found.principal, {
    tenant: 1,
    kind: 'user',
    id: who.id,
    scopes: [],
    view: 'full',
    session: id,
    assurance: { level: 2, at, methods: ['pwd', 'otp', 'mfa'] },
    roles: ['administrator'],
    account: 'workforce',
  });
  for (const part of [
    found,
    found.principal,
    found.principal.assurance,
    found.principal.scopes,
    found.principal.roles,
  ]) {
    assert.ok(Object.isFrozen(part));
  }
  const patients = [newId(), newId()].sort();
  const proxy = await person(house, { kind: 'proxy', patients });
  const second = await open(proxy.id);
  assert.deepEqual((await sessions.signedIn(second.cookie, firefox))?.principal.within, patients);
});

test('within a second the answer comes from memory, at once; then the database is asked', async (t) => {
  const who = await person(house);
  let asked = 0;
  const segment = watched(house.segment, () => asked++);
  const own = house.process({ segment }).sessions;
  const { secret } = await own.open(opening(who.id));
  asked = 0;
  await own.signedIn(cookie(secret), firefox);
  const again = own.signedIn(cookie(secret), firefox);
  assert.equal(again instanceof Promise, false);
  assert.equal(asked, 1);
  const real = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => real() + 1_100);
  assert.ok(own.signedIn(cookie(secret), firefox) instanceof Promise);
  assert.equal(asked, 2);
});

test('idle for 15 minutes it ends, also while others use theirs; in use it lives 12 hours', async () => {
  const who = await person(house);
  const idle = await open(who.id);
  const used = await open(who.id);
  for (let turn = 0; turn < 15; turn += 1) {
    house.clock.at += minute;
    if (turn === 13) assert.ok(await elsewhere().signedIn(used.cookie, firefox), 'in use');
    else await sessions.signedIn(used.cookie, firefox);
  }
  assert.equal(await sessions.signedIn(idle.cookie, firefox), undefined);
  assert.deepEqual(ended.at(-1), { tenant: 1, account: who.id, session: idle.id, reason: 'idle' });
  const opened_at = house.clock.at - 15 * minute;
  while (house.clock.at - opened_at < 43_200_000 - minute) {
    assert.ok(await sessions.signedIn(used.cookie, firefox));
    house.clock.at += 10 * minute;
  }
  house.clock.at = opened_at + 43_200_000;
  assert.equal(await sessions.signedIn(used.cookie, firefox), undefined);
  assert.equal(ended.at(-1)?.reason, 'too old');
});

test('the last use is written at most once a minute', async () => {
  const who = await person(house);
  const names: string[] = [];
  const own = house.process({ segment: watched(house.segment, (name) => void names.push(name)) }).sessions;
  const { secret } = await own.open(opening(who.id));
  names.length = 0;
  for (let second = 0; second < 180; second += 10) {
    await own.signedIn(cookie(secret), firefox);
    house.clock.at += 10_000;
  }
  assert.equal(names.filter((name) => name === 'identity.session.touch').length, 2);
});

test('a stolen cookie in another browser opens nothing, and ends the session for both', async () => {
  const who = await person(house);
  const one = await open(who.id);
  assert.ok(await sessions.signedIn(one.cookie, firefox.replaceAll('146.0', '150.0')), 'an update of the browser');
  assert.equal(await sessions.signedIn(one.cookie, chrome), undefined);
  assert.equal(await sessions.signedIn(one.cookie, firefox), undefined);
  assert.deepEqual(ended.at(-1), { tenant: 1, account: who.id, session: one.id, reason: 'another browser' });
  const unnamed = await open(who.id);
  assert.equal(await sessions.signedIn(unnamed.cookie, undefined), undefined, 'a browser that says nothing is another');
  const control = await open(who.id, { agent: chrome });
  assert.ok(await sessions.signedIn(control.cookie, chrome), 'negative control: its own browser');
});

test('every ending holds here at once, and elsewhere by the next question', async () => {
  const who = await person(house);
  const suspended = await open(who.id);
  assert.ok(await sessions.signedIn(suspended.cookie, firefox));
  await accounts.suspend(1, who.id);
  assert.equal(await elsewhere().signedIn(suspended.cookie, firefox), undefined);
  sessions.forget(1, who.id);
  assert.equal(await sessions.signedIn(suspended.cookie, firefox), undefined);
  assert.equal(await kindOf(sessions.open(opening(who.id))), 'unauthenticated', 'no new one either');
  await accounts.resume(1, who.id);
  assert.equal(await sessions.signedIn(suspended.cookie, firefox), undefined, 'it does not come back');

  const kept = await open(who.id);
  const gone = await open(who.id);
  assert.equal(await sessions.end(1, who.id, gone.id), true);
  assert.equal(await sessions.signedIn(gone.cookie, firefox), undefined);
  assert.equal(await sessions.end(1, who.id, gone.id), false);
  const other = await person(house);
  assert.equal(await sessions.end(1, other.id, kept.id), false, "another account's");
  assert.equal(await sessions.end(2, who.id, kept.id), false, "another tenant's");
  assert.equal(await sessions.end(1, who.id, 'nonsense'), false);
  assert.ok(await sessions.signedIn(kept.cookie, firefox));
});

test('an end that comes while the database is asked is not overtaken by the answer', async () => {
  const who = await person(house);
  const { secret } = await sessions.open(opening(who.id));
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = {
    ...house.segment,
    query: async (...asked: Parameters<typeof house.segment.query>) => {
      const rows = await house.segment.query(...asked);
      if (asked[1].name === 'identity.session.lookup') await held;
      return rows;
    },
  } as typeof house.segment;
  const own = house.process({ segment: slow }).sessions;
  const answer = own.signedIn(cookie(secret), firefox);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const all = own.endAll(1, who.id);
  assert.equal(await all, 1);
  release();
  assert.equal(await answer, undefined);
});

test('a rise in privilege gives a new secret; the one before is dead at once', async () => {
  const who = await person(house);
  const before = await open(who.id, { level: 1, methods: ['pwd'] });
  assert.ok(await sessions.signedIn(before.cookie, firefox));
  house.clock.at += 5_000;
  const { secret } = await sessions.renew(before.id, { level: 2, methods: ['pwd', 'otp', 'mfa'] });
  assert.equal(await sessions.signedIn(before.cookie, firefox), undefined);
  const found = await sessions.signedIn(cookie(secret), firefox);
  assert.deepEqual([found?.session, found?.level, found?.authenticated_at], [before.id, 2, house.clock.at]);
  await sessions.end(1, who.id, before.id);
  assert.equal(await kindOf(sessions.renew(before.id, { level: 2, methods: ['pwd'] })), 'unauthenticated');
});

test('log-out everywhere, but here: sessions, tokens, grants', async () => {
  const who = await person(house);
  const other = await person(house);
  const here = await open(who.id);
  await open(who.id);
  await open(other.id);
  const [client] = await house.sql(`insert into identity.client (id, tenant, name, scopes, view, created_at)
    values (gen_random_uuid(), 1, 'app', '{a}', 'full', now()) returning id`);
  const token = async (account: string, session: string | null) => {
    const [row] = await house.sql(
      `insert into identity.token
        (hash, client, tenant, scopes, issued_at, expires_at, kind, account, session, grant_id)
      values (sha256(gen_random_uuid()::text::bytea), $1, 1, '{a}', now(), now() + interval '1 hour', 'AccessToken',
        $2, $3, 'g') returning hash`,
      [client?.['id'], account, session],
    );
    await house.sql(
      `insert into identity.oidc (kind, hash, tenant, account, session, key_id, sealed, created_at, expires_at)
      values ('RefreshToken', $1, 1, $2, $3, 1, '', now(), now() + interval '1 hour')`,
      [row?.['hash'], account, session],
    );
  };
  await token(who.id, here.id);
  await token(who.id, null);
  await token(other.id, null);
  const alive = async () => {
    const [row] = await house.sql(
      `select (select count(*)::int from identity.token where revoked_at is null and account = $1) as mine,
        (select count(*)::int from identity.oidc where account = $1) as grants,
        (select count(*)::int from identity.token where revoked_at is null and account = $2) as others,
        (select count(*)::int from identity.oidc where account = $2) as other_grants`,
      [who.id, other.id],
    );
    return row;
  };
  assert.equal(await sessions.endAll(1, who.id, here.id), 1);
  assert.ok(await sessions.signedIn(here.cookie, firefox));
  assert.deepEqual(await alive(), { mine: 1, grants: 1, others: 1, other_grants: 1 });
  assert.equal(await sessions.endAll(1, who.id), 1);
  assert.equal(await sessions.signedIn(here.cookie, firefox), undefined);
  assert.deepEqual(await alive(), { mine: 0, grants: 0, others: 1, other_grants: 1 });
  assert.equal(await sessions.endAll(2, other.id), 0, "another tenant's");
});

test('the list shows open ones in words of ours, newest first; nothing of it stands in clear', async () => {
  const near = await person(house);
  for (const remote of ['::1', '::ffff:127.0.0.1', '2001:db8::7']) await open(near.id, { remote });
  const networks = (await sessions.list(1, near.id)).map(({ network }) => network);
  assert.deepEqual(networks.toSorted(), ['127.0.0.1', '2001:db8::/64', '::1']);
  const who = await person(house);
  const first = await open(who.id);
  house.clock.at += minute;
  const second = await open(who.id, { agent: chrome, remote: '192.0.2.44' });
  const list = await sessions.list(1, who.id);
  assert.deepEqual(
    list.map(({ id, device, network }) => [id, device, network]),
    [
      [second.id, 'Chrome on Windows', '192.0.2.44'],
      [first.id, 'Firefox on Linux', '2001:db8:1:2::/64'],
    ],
  );
  assert.deepEqual(await sessions.list(2, who.id), []);
  house.clock.at += 14.5 * minute;
  assert.equal((await sessions.list(1, who.id)).length, 1, 'an idle one is not shown');
  const rows = JSON.stringify(await house.sql(`select s::text, encode(sealed, 'escape') from identity.session s`));
  for (const clear of ['2001:db8', '192.0.2.44', 'Chrome', 'Windows', first.secret]) assert.ok(!rows.includes(clear));
});

test('the sweep ends what is overdue, tells who listens, and removes what ended a day ago', async () => {
  const who = await person(house);
  const one = await open(who.id);
  house.clock.at += 16 * minute;
  await sessions.sweep();
  assert.ok(ended.some(({ session, reason }) => session === one.id && reason === 'idle'));
  house.clock.at += 24 * 60 * minute + 1;
  await sessions.sweep();
  assert.deepEqual(await house.sql('select 1 from identity.session'), []);
});

test('a listener that fails keeps nobody from being told', async () => {
  const own = elsewhere();
  const heard: string[] = [];
  own.onEnd(() => {
    throw new Error('broken');
  });
  own.onEnd(({ session }) => void heard.push(session));
  const who = await person(house);
  const { id } = await own.open(opening(who.id));
  assert.equal(await own.end(1, who.id, id, 'sign-out'), true);
  assert.deepEqual(heard, [id]);
  assert.ok(house.lines.some((line) => line.startsWith('the end of a session was not heard')));
});

test('without a database nobody is signed in by mistake', async () => {
  const down = () => Promise.reject(new Error('down'));
  const base = {
    clock: house.clock,
    log: { warn() {} },
    vault: house.vault,
    settings: { idle_s: 900, absolute_s: 43_200 },
  };
  const own = createSessions({ ...base, segment: { ...house.segment, query: down, transaction: down } });
  await assert.rejects(async () => own.signedIn(cookie(`sgn_${'A'.repeat(43)}`), firefox), /down/);
});
