import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CheckResult, newId } from '@safeguard/kernel';
import { createAuthenticators } from '../../authenticators/authenticators.ts';
import { createSessions } from '../../sessions/sessions.ts';
import { anybody, openHouse, reworded } from './house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
let sound: Awaited<ReturnType<(typeof house)['platform']>>;
let [admin, worker] = ['', ''];

before(async () => {
  house = await openHouse();
  sound = await house.platform();
  admin = await house.person(sound.identity, ['administrator']);
  worker = await house.person(sound.identity);
});
after(() => house.close());

const met = (told: CheckResult): void => assert.equal(told.result, 'met', JSON.stringify(told));
function unmet(told: CheckResult, why: RegExp): void {
  assert.equal(told.result, 'unmet', JSON.stringify(told));
  assert.match([told.saw, ...(told.exceptions ?? [])].join('\n'), why);
  assert.ok(told.todo);
}
/** Nothing of a person, and within the bounds of the contract. */
function proper({ saw, todo = '', exceptions = [], examined }: CheckResult): void {
  assert.ok(examined > 0 && saw.length <= 500 && todo.length <= 500 && exceptions.length <= 20);
  assert.doesNotMatch([saw, todo, ...exceptions].join(), /person\d|example\.org|sg[a-z]_/);
}

test('on a sound platform all of them are met, and again when they run again', async () => {
  assert.equal(sound.checks.size, 10);
  for (const round of [1, 2]) {
    for (const [id] of sound.checks) {
      const told = await sound.run(id);
      assert.equal(told.result, 'met', `${round} ${id} ${JSON.stringify(told)}`);
      proper(told);
    }
  }
  const [{ n } = { n: 0 }] = await house.sql(`select count(*)::int as n from identity.token`);
  assert.equal(n, 0);
  const own = await house.sql(`select state from identity.account where tenant > 1`);
  assert.deepEqual(own, [{ state: 'suspended' }]);
});

test('anonymous-refused: an open route, a server that takes every token, a silent log', async () => {
  const open = await house.platform({ records: 'none' });
  unmet(await open.run('identity.anonymous-refused'), /GET \/fhir\/R4\/Patient without a token: answered 200/);
  const credulous = await house.platform({ authenticate: () => () => anybody });
  unmet(await credulous.run('identity.anonymous-refused'), /with a made-up token: answered 200/);
  const silent = await house.platform({ silent: true });
  unmet(await silent.run('identity.anonymous-refused'), /no entry of it stands in the log/);
  met(await sound.run('identity.anonymous-refused'));
});

test('two-factors: an account without a second one, a session that was opened with a single one', async () => {
  const [kept] = await house.sql(`delete from identity.factor where account = '${worker}' returning id`);
  unmet(await sound.run('identity.two-factors'), new RegExp(`account ${worker} of tenant 1 has no second factor`));
  await house.sql(`insert into identity.factor (id, account, tenant, kind, key_id, sealed, last_step, created_at,
    confirmed_at) values ('${kept?.['id']}', '${worker}', 1, 'totp', 1, '\\x00', 0, now(), now())`);
  met(await sound.run('identity.two-factors'));
  const { open } = createSessions({ ...house.postgres, ...sound.deps, settings: { idle_s: 900, absolute_s: 9_000 } });
  const wanted = { tenant: 1, account: worker, methods: ['pwd'], remote: '192.0.2.1', agent: 'x' } as const;
  const { id } = await open({ ...wanted, level: 1 });
  unmet(await sound.run('identity.two-factors'), new RegExp(`session ${id} was opened with a single factor`));
  await sound.identity.sessions.endAll(1, worker);
  met(await sound.run('identity.two-factors'));
});

test('two-factors: single sign-on counts where its tenant trusts the provider for two, and only there', async () => {
  const { accounts, providers } = sound.identity;
  const { id } = await accounts.create({
    ...{ tenant: 1, kind: 'workforce', login: 'person99@example.org', name: 'N', external: true },
  });
  met(await sound.run('identity.two-factors'));
  const browser = `insert into identity.device (hash, tenant, account, created_at, last_used_at)
    values (sha256('x'), 1, '${id}', now(), now())`;
  await house.sql(browser);
  unmet(await sound.run('identity.two-factors'), /has no second factor/);
  const provider = newId();
  const trusting = (trusted_acr: readonly string[]) =>
    house.platform({
      deps: {
        identity: {
          ...sound.identity,
          providers: {
            ...providers,
            list: async () => [{ id: provider, enabled: true, settings: { trusted_acr, trusted_amr: [] } }] as never,
          },
        },
      },
    });
  await house.sql(`insert into identity.federation_provider (id, tenant, kind, enabled, version, key_id, sealed,
    created_at, changed_at) values ('${provider}', 1, 'oidc', true, 1, 1, '', now(), now())`);
  await house.sql(`insert into identity.federation_identity (id, provider, tenant, subject_token, account, key_id,
    sealed, created_at) values ('${newId()}', '${provider}', 1, 7, '${id}', 1, '', now())`);
  met(await (await trusting(['urn:two'])).run('identity.two-factors'));
  unmet(await (await trusting([])).run('identity.two-factors'), /has no second factor/);
  await house.sql(`delete from identity.federation_identity; delete from identity.device;
    delete from identity.federation_provider`);
  await accounts.terminate(1, id);
  met(await sound.run('identity.two-factors'));
});

test('unique-ids: a login of two, a login that comes again, an actor whom nobody knows', async () => {
  const [of] = await house.sql(`select login_token from identity.account where id = '${worker}'`);
  await house.sql(`alter table identity.account drop constraint account_tenant_login_token_key;
    update identity.account set login_token = (select login_token from identity.account where id = '${admin}')
    where id = '${worker}'`);
  unmet(await sound.run('identity.unique-ids'), new RegExp(`account ${worker}: its login is that of another account`));
  await house.sql(`update identity.account set login_token = ${of?.['login_token']} where id = '${worker}';
    alter table identity.account add constraint account_tenant_login_token_key unique (tenant, login_token)`);
  met(await sound.run('identity.unique-ids'));
  await house.sql(`update identity.account_login set account = '${admin}' where account = '${worker}'`);
  unmet(await sound.run('identity.unique-ids'), /belonged to another account before/);
  await house.sql(`update identity.account_login set account = '${worker}' where token = ${of?.['login_token']}`);
  const [id, entry] = [newId(), { id: newId(), actor: newId() }];
  const strange = await house.platform({ deps: { newestActors: async () => [{ id, actor: admin }, entry] } });
  unmet(
    await strange.run('identity.unique-ids'),
    new RegExp(`entry ${entry.id} of the log of tenant 1 names an actor`),
  );
  met(await sound.run('identity.unique-ids'));
});

test('idle-logoff: a server that allows an hour, and a session that nobody ends', async () => {
  const generous = await house.platform({ idle_s: 3_600 });
  unmet(await generous.run('identity.idle-logoff'), /not used for a second more than it may be: still accepted/);
  const hasty = await house.platform({ idle_s: 60 });
  unmet(await hasty.run('identity.idle-logoff'), /used two minutes ago: refused/);
  const { open } = createSessions({ ...house.postgres, ...sound.deps, settings: { idle_s: 900, absolute_s: 9_000 } });
  const wanted = { tenant: 1, account: worker, methods: ['pwd', 'otp'], remote: '192.0.2.1', agent: 'x' } as const;
  const { id } = await open({ ...wanted, level: 2 });
  met(await sound.run('identity.idle-logoff'));
  const at = house.clock.at + 40 * 60_000;
  unmet(await sound.run('identity.idle-logoff', { at }), new RegExp(`session ${id} is open past its time`));
  await sound.identity.sessions.endAll(1, worker);
  met(await sound.run('identity.idle-logoff', { at }));
});

test('passwords: a rule that takes anything or nothing, a hash that is too cheap, a password in clear', async () => {
  const lax = await house.platform({ deps: { checkPassword: () => undefined } });
  unmet(await lax.run('identity.passwords'), /a password of 7 characters is accepted/);
  const shorter = (name: string): number => (name === 'passwords.shortest_characters' ? 15 : 0);
  unmet(await sound.run('identity.passwords', { number: shorter }), /a password of 14 characters is accepted/);
  const cheap = createAuthenticators({
    ...house.postgres,
    ...sound.deps,
    argon2: { memory_kib: 64, passes: 1, lanes: 1 },
  });
  await cheap.passwords.set(1, worker, 'quite-a-long-passphrase-4711');
  unmet(await sound.run('identity.passwords'), new RegExp(`password of account ${worker} is hashed at less cost`));
  await house.authenticators.passwords.set(1, worker, 'quite-a-long-passphrase-4711');
  met(await sound.run('identity.passwords'));
});

test('lock-out: a counter that forgets', async () => {
  await house.sql(`create function identity.forget() returns trigger language plpgsql as
    $$ begin new.failures := 1; return new; end $$;
    create trigger forget before update on identity.sign_in_failure for each row execute function identity.forget()`);
  const told = await sound.run('identity.lock-out');
  unmet(told, /11 failures in a row were counted, and another try was still given/);
  assert.match((told.exceptions ?? []).join(), /answered 422, not 429/);
  await house.sql('drop trigger forget on identity.sign_in_failure');
  met(await sound.run('identity.lock-out'));
});

test('sign-ins-recorded: a log that is silent', async () => {
  const silent = await house.platform({ silent: true });
  unmet(await silent.run('identity.sign-ins-recorded'), /a failed sign-in has no entry in the log/);
});

test('leavers: what is left to them, what ended too late, what the directory ended and we did not', async () => {
  const leaver = await house.person(sound.identity);
  const { open } = createSessions({ ...house.postgres, ...sound.deps, settings: { idle_s: 900, absolute_s: 9_000 } });
  const wanted = { tenant: 1, account: leaver, methods: ['pwd', 'otp'], remote: '192.0.2.1', agent: 'x' } as const;
  const { id } = await open({ ...wanted, level: 2 });
  await sound.identity.accounts.terminate(1, leaver);
  met(await sound.run('identity.leavers'));
  const session = (change: string) => house.sql(`update identity.session set ${change} where id = '${id}'`);
  await session('ended_at = null, reason = null');
  unmet(await sound.run('identity.leavers'), new RegExp(`account ${leaver} is terminated and has an open session`));
  await session(`ended_at = to_timestamp(${house.clock.at / 1000}) + interval '2 hours'`);
  unmet(await sound.run('identity.leavers'), /ended later than it had to/);
  await session(`ended_at = to_timestamp(${house.clock.at / 1000})`);
  met(await sound.run('identity.leavers'));
  const holding = await house.platform({
    deps: { holdersAmong: async (_, ids) => ids.filter((one) => one === leaver) },
  });
  unmet(await holding.run('identity.leavers'), /holds a grant that is in force/);
  await house.sql(`insert into identity.scim_user (account, tenant, key_id, sealed, version, inactive, created_at,
    changed_at) values ('${worker}', 1, 1, '', 1, true, now(), '2026-11-22T10:30:00Z')`);
  unmet(await sound.run('identity.leavers'), new RegExp(`access of account ${worker} ended later`));
  await house.sql('delete from identity.scim_user');
  met(await sound.run('identity.leavers'));
});

test('tokens-end: a server that takes revoked or expired ones, a live one of a client that has ended', async () => {
  const blind = await house.platform({
    segment: (real) => reworded(real, 'identity.token.lookup', (text) => text.replace('t.revoked_at is null and', '')),
  });
  unmet(await blind.run('identity.tokens-end'), /a token that is revoked is accepted/);
  const forgetful = await house.platform({
    segment: (real) =>
      reworded(real, 'identity.token.lookup', (text) =>
        text.replace('t.expires_at > $2', "t.expires_at > $2::timestamptz - interval '1 day'"),
      ),
    authenticate: (real) => async (shown) => real(shown),
  });
  unmet(await forgetful.run('identity.tokens-end'), /expired a second ago is accepted/);
  const client = newId();
  await house.sql(`insert into identity.client (id, tenant, name, scopes, view, created_at, revoked_at, state)
    values ('${client}', 1, 'gone', '{system/*.rs}', 'full', now(), now(), 'revoked');
    insert into identity.token (hash, client, tenant, scopes, issued_at, expires_at) values
    (sha256('t'), '${client}', 1, '{system/*.rs}', '2026-11-22', '2027-11-22')`);
  unmet(await sound.run('identity.tokens-end'), new RegExp(`a live token of client ${client}, which has ended`));
  await house.sql('delete from identity.token');
  met(await sound.run('identity.tokens-end'));
  assert.equal(await house.sql('select 1 from identity.token').then((rows) => rows.length), 0);
});

test('inactive-accounts: nobody came for a quarter of a year', async () => {
  const at = house.clock.at + 91 * 86_400_000;
  const told = await sound.run('identity.inactive-accounts', { at });
  unmet(told, new RegExp(`account ${worker} of tenant 1: no sign-in for 91 days`));
  await house.sql(`update identity.factor set last_used_at = '2027-02-01'`);
  met(await sound.run('identity.inactive-accounts', { at }));
});
