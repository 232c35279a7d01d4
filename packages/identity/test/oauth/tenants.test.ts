import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser } from './browser.ts';
import { asOwner, bend, doctored } from './doctored.ts';
import { ask, codeFor, pkce, post, redeem, requestUrl, token, tokensFor, worth } from './flow.ts';
import { type House, openHouse, rules } from './house.ts';
import { standIn } from './stand-in.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** The last line behind all others, taken out while something is done. */
async function withoutForeignKeys(work: () => Promise<void>): Promise<void> {
  const keys = await house.sql(`select conrelid::regclass as of, conname as name, pg_get_constraintdef(oid) as text
    from pg_constraint where contype = 'f' and conrelid in ('identity.oidc'::regclass, 'identity.token'::regclass)`);
  for (const { of, name } of keys) await house.sql(`alter table ${of} drop constraint ${name}`);
  await work();
  for (const { of, name, text } of keys) await house.sql(`alter table ${of} add constraint ${name} ${text} not valid`);
}

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const subject_token_type = 'urn:ietf:params:oauth:token-type:access_token';

test('a session of another tenant answers no request: sign in again', async () => {
  const foreign = await house.app({ tenant: house.other });
  const [ours, theirs] = [await house.person(), await house.person({ tenant: house.other })];
  const led = await browser(house, ours.cookie).get(requestUrl(foreign, pkce()));
  assert.match(led.headers.get('location') ?? '', /^\/interaction\//);
  const silent = await ask(house, requestUrl(foreign, pkce(), { prompt: 'none', scope: 'openid' }), ours.cookie);
  assert.equal(silent.url.searchParams.get('error'), 'login_required');
  const { access_token } = await tokensFor(house, foreign, theirs.cookie);
  assert.equal((await worth(house, access_token)).tenant, house.other);
});

/** A login prompt that asks whether anybody is signed in, not at which tenant, and accounts without one. */
function withoutTenants() {
  const smart: ReturnType<typeof standIn> = (interactions) => {
    const made = standIn({ rules, sessions: house.sessions })(interactions);
    const [login, ...rest] = made.policy;
    login?.checks.clear();
    return { ...made, policy: [login as never, ...rest] };
  };
  return { smart, accounts: { byId: (_tenant: number, id: string) => house.accounts.byId(1, id) } };
}

test('negative control: where nobody asks session and account for their tenant, a foreign app has a code', async () => {
  const foreign = await house.app({ tenant: house.other });
  const ours = await house.person();
  const broken = await house.process({ change: withoutTenants() });
  // The login prompt is one of two: the account is looked for at the tenant of the client, and found nowhere else.
  const one = await house.process({ change: { smart: withoutTenants().smart } });
  const { url } = await ask(one, requestUrl(foreign, pkce()), ours.cookie);
  assert.equal(url.searchParams.get('code'), null);
  // And the database holds it behind both: a grant of one tenant has no account of another.
  const refused = await ask(broken, requestUrl(foreign, pkce()), ours.cookie);
  assert.equal(refused.answer.status, 500);
  await withoutForeignKeys(async () => {
    const through = await ask(broken, requestUrl(foreign, pkce()), ours.cookie);
    assert.ok(through.url.searchParams.has('code'), through.url.href);
  });
});

test('codes, tokens, refresh tokens of one tenant are nothing to a client of another', async () => {
  const [ours, foreign] = [await house.app(), await house.app({ tenant: house.other })];
  const who = await house.person();
  const tokens = await tokensFor(house, ours, who.cookie);
  const code = await codeFor(house, ours, who.cookie);
  assert.equal((await redeem(house, foreign, code)).body.error, 'invalid_grant');
  const { refresh_token, access_token } = tokens;
  assert.equal(
    (await token(house, foreign, { grant_type: 'refresh_token', refresh_token })).body.error,
    'invalid_grant',
  );
  for (const value of [access_token, refresh_token]) {
    const told = await post(house, '/oauth2/introspect', { ...foreign, token: value });
    assert.deepEqual([told.status, told.body], [200, { active: false }]);
    assert.equal((await post(house, '/oauth2/revoke', { ...foreign, token: value })).status, 200);
  }
  assert.equal((await worth(house, access_token)).id, who.id);
});

test('negative control: where a client is not asked whether it is its own, and in the same tenant', async () => {
  const [ours, foreign] = [await house.app(), await house.app({ tenant: house.other })];
  const who = await house.person();
  const { access_token, refresh_token } = await tokensFor(house, ours, who.cookie);
  const code = await codeFor(house, ours, who.cookie);
  const open = await doctored(house, {
    once: (_provider, { features }) => {
      features.introspection.allowedPolicy = async () => true;
      features.revocation.allowedPolicy = () => true;
    },
  });
  for (const value of [access_token, refresh_token]) {
    assert.equal((await post(open, '/oauth2/introspect', { ...foreign, token: value })).body.active, true);
  }
  const broken = await doctored(
    house,
    {
      once: ({ AuthorizationCode, RefreshToken, Grant }) => {
        for (const model of [AuthorizationCode, RefreshToken, Grant]) bend(model, asOwner);
      },
    },
    { change: { accounts: withoutTenants().accounts } },
  );
  const redeemed = () => redeem(broken, foreign, code);
  await withoutForeignKeys(async () => {
    assert.equal((await redeemed()).status, 200);
    const again = await token(broken, foreign, { grant_type: 'refresh_token', refresh_token });
    assert.equal(again.status, 200, JSON.stringify(again.body));
  });
  assert.equal((await worth(open, access_token)).id, who.id);
  await post(open, '/oauth2/revoke', { ...foreign, token: access_token });
  assert.equal(await worth(open, access_token), 401);
});

test('introspection: to confidential clients of the tenant alone', async () => {
  const [app, neighbour, open] = [await house.app(), await house.app(), await house.app({ auth_method: 'none' })];
  const who = await house.person();
  const { access_token, refresh_token } = await tokensFor(house, app, who.cookie);
  const told = await post(house, '/oauth2/introspect', { ...neighbour, token: access_token });
  assert.deepEqual([told.body.active, told.body.sub, told.body.client_id], [true, who.id, app.client_id]);
  assert.ok(!JSON.stringify(told.body).includes('sgt_'));
  assert.equal((await post(house, '/oauth2/introspect', { ...neighbour, token: refresh_token })).body.active, true);
  assert.deepEqual((await post(house, '/oauth2/introspect', { ...open, token: access_token })).body, { active: false });
  for (const given of [{ client_id: app.client_id }, { ...app, client_secret: 'x' }, {}]) {
    const refused = await post(house, '/oauth2/introspect', { ...given, token: access_token });
    assert.ok(refused.status === 400 || refused.status === 401);
  }
  for (const value of ['nonsense', '', "' or 1=1 --"]) {
    const none = await post(house, '/oauth2/introspect', { ...app, token: value });
    assert.ok(none.status === 400 || none.body.active === false);
  }
});

test('token exchange: not across tenants, for more, twice, by a public client, or without the grant', async () => {
  const own = { grant_types: [exchange] as const, redirect_uris: [], scopes: ['user/Patient.rs'] };
  const behind = await house.app(own);
  const foreign = await house.app({ ...own, tenant: house.other });
  const plain = await house.app();
  const who = await house.person();
  const { access_token } = await tokensFor(house, plain, who.cookie);
  const swap = (by: { client_id: string }, subject_token: string, more: Record<string, string> = {}) =>
    token(house, by, { grant_type: exchange, subject_token, subject_token_type, ...more });
  const good = await swap(behind, access_token);
  assert.equal(good.status, 200, JSON.stringify(good.body));
  const principal = await worth(house, good.body.access_token);
  assert.deepEqual([principal.id, principal.client, principal.scopes], [who.id, behind.client_id, ['user/Patient.rs']]);
  assert.equal((await swap(foreign, access_token)).body.error, 'invalid_grant');
  assert.equal((await swap(plain, access_token)).status, 400);
  assert.equal((await swap(behind, good.body.access_token)).body.error, 'invalid_grant');
  assert.equal((await swap(behind, 'nonsense')).body.error, 'invalid_grant');
  assert.equal((await swap(behind, access_token, { scope: 'user/Observation.rs' })).body.error, 'invalid_scope');
  assert.equal((await swap(behind, access_token, { scope: 'user/*.cruds' })).body.error, 'invalid_scope');
  assert.equal((await swap(behind, access_token, { resource: 'https://evil.example' })).body.error, 'invalid_target');
  assert.equal((await swap(behind, access_token, { actor_token: 'x' })).body.error, 'invalid_request');
  await assert.rejects(house.app({ ...own, auth_method: 'none' }), { kind: 'invalid' });
  // It ends with the grant of the person.
  await house.oauth.endGrants(1, who.id);
  assert.equal(await worth(house, good.body.access_token), 401);
});

test('the client of a token in one tenant is a client of that tenant: the database holds it', async () => {
  const who = await house.person();
  const foreign = await house.app({ tenant: house.other });
  await assert.rejects(
    house.sql(`insert into identity.token (hash, kind, client, tenant, scopes, issued_at, expires_at, account, grant_id)
      values (sha256('x'), 'AccessToken', '${foreign.client_id}', ${house.other}, '{openid}', now(),
        now() + interval '1 hour', '${who.id}', 'g')`),
    /foreign key/,
  );
});
