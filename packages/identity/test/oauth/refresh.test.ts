import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeFor, redeem, token, tokensFor, worth } from './flow.ts';
import { type House, openHouse, rules } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

type App = Awaited<ReturnType<House['app']>>;
const refresh = (app: App, refresh_token: string, on = house as Parameters<typeof token>[0]) =>
  token(on, app, { grant_type: 'refresh_token', refresh_token });

test('each use gives another refresh token; the use of an old one ends the family, and is told', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const first = await tokensFor(house, app, who.cookie);
  const second = (await refresh(app, first.refresh_token)).body;
  assert.match(second.refresh_token, /^sgr_/);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await worth(house, second.access_token)).id, who.id);
  const third = (await refresh(app, second.refresh_token)).body;
  const reused = await refresh(app, first.refresh_token);
  assert.deepEqual([reused.status, reused.body.error], [400, 'invalid_grant']);
  assert.equal((await refresh(app, third.refresh_token)).status, 400);
  for (const { access_token } of [first, second, third]) assert.equal(await worth(house, access_token), 401);
  const told = house.events.find(({ action }) => action === 'refresh-replay');
  assert.deepEqual([told?.outcome, told?.tenant], ['deny', 1]);
});

test('two processes that race with one refresh token: one is served at most', async () => {
  const other = await house.process();
  const [app, who] = [await house.app(), await house.person()];
  for (let round = 0; round < 6; round++) {
    const { refresh_token } = await tokensFor(house, app, who.cookie);
    const answers = await Promise.all([house, other, house].map((each) => refresh(app, refresh_token, each)));
    const served = answers.filter(({ status }) => status === 200);
    assert.ok(served.length <= 1);
    for (const { body } of served) {
      assert.equal((await refresh(app, body.refresh_token)).status, 400);
      assert.equal(await worth(house, body.access_token), 401);
    }
  }
});

test('negative control: where rotation is not looked at, an old refresh token lives on', async () => {
  const { segment } = house;
  const broken = await house.process({
    segment: {
      ...segment,
      query: async (tenant, statement, values) =>
        statement.name === 'identity.oidc.consume'
          ? ([{ grant_id: 'any' }] as never)
          : segment.query(tenant, statement, values),
    },
  });
  const [app, who] = [await house.app(), await house.person()];
  const { refresh_token } = await tokensFor(house, app, who.cookie);
  assert.equal((await refresh(app, refresh_token, broken)).status, 200);
  assert.equal((await refresh(app, refresh_token, broken)).status, 200);
});

test('a refresh token is its client’s alone, and of one kind alone', async () => {
  const [app, thief, who] = [await house.app(), await house.app(), await house.person()];
  const { refresh_token, access_token } = await tokensFor(house, app, who.cookie);
  assert.equal((await refresh(thief, refresh_token)).body.error, 'invalid_grant');
  assert.equal((await refresh(app, access_token)).body.error, 'invalid_grant');
  assert.equal(await worth(house, refresh_token), 401);
  assert.equal((await refresh(app, refresh_token)).status, 200, 'a stranger’s try has ended nothing');
});

test('without offline_access nothing outlives the session: tokens, refresh tokens, codes under way', async () => {
  const app = await house.app();
  const who = await house.person();
  const scope = 'openid user/Patient.rs online_access';
  const online = await tokensFor(house, app, who.cookie, { scope, prompt: undefined });
  const offline = await tokensFor(house, app, who.cookie);
  const code = await codeFor(house, app, who.cookie, { scope, prompt: undefined });
  assert.equal((await worth(house, online.access_token)).session, who.session);
  await house.sessions.end(1, who.id, who.session);
  assert.equal(await worth(house, online.access_token), 401);
  assert.equal((await refresh(app, online.refresh_token)).status, 400);
  assert.equal((await redeem(house, app, code)).status, 400);
  assert.equal((await worth(house, offline.access_token)).id, who.id);
  assert.equal((await refresh(app, offline.refresh_token)).status, 200);
});

/** Rights taken away beside the ways that end what was given: by an earlier release, or by hand. */
const losses: Record<string, (app: App, who: Awaited<ReturnType<House['person']>>) => Promise<unknown>> = {
  'the app': (app) => house.sql(`update identity.client set scopes = '{user/Patient.r}' where id = '${app.client_id}'`),
  'the account': (_app, who) =>
    house.sql(`update identity.account set scopes = '{user/Patient.r}' where id = '${who.id}'`),
};

const rightsIn = (scope: string): string[] => scope.split(' ').filter((word) => word.includes('/'));

for (const [name, lose] of Object.entries(losses)) {
  test(`codes and refresh tokens give what ${name} still has; negative control: nothing narrows`, async () => {
    const [app, who] = [await house.app(), await house.person()];
    const scope = 'openid user/Patient.r user/Observation.rs offline_access';
    const before = await tokensFor(house, app, who.cookie, { scope });
    assert.deepEqual(rightsIn(before.scope).toSorted(), ['user/Observation.rs', 'user/Patient.r']);
    const code = await codeFor(house, app, who.cookie, { scope });
    await lose(app, who);
    const refreshed = await refresh(app, before.refresh_token);
    const redeemed = await redeem(house, app, code);
    for (const { status, body } of [refreshed, redeemed]) {
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(rightsIn(body.scope), ['user/Patient.r']);
      assert.ok(body.scope.includes('offline_access'), 'words that are no rights stay');
      assert.deepEqual(rightsIn((await worth(house, body.access_token)).scopes.join(' ')), ['user/Patient.r']);
    }
    const broken = await house.process({ change: { scopes: { ...rules, narrows: () => true } } });
    const kept = await refresh(app, refreshed.body.refresh_token, broken);
    assert.deepEqual(rightsIn(kept.body.scope).toSorted(), ['user/Observation.rs', 'user/Patient.r']);
  });
}

test('no refresh token without a scope for it, nor for a client without the grant', async () => {
  const who = await house.person();
  const plain = await tokensFor(house, await house.app(), who.cookie, { scope: 'user/Patient.rs', prompt: undefined });
  assert.equal(plain.refresh_token, undefined);
  assert.equal(plain.id_token, undefined);
  const app = await house.app({ grant_types: ['authorization_code'] });
  assert.equal((await tokensFor(house, app, who.cookie)).refresh_token, undefined);
});

test('a family ends with its absolute age, however often it is used', async () => {
  const short = await house.process({ settings: { refresh_absolute_s: 2 } });
  const [app, who] = [await house.app(), await house.person()];
  const { refresh_token } = await tokensFor(short, app, who.cookie);
  const next = (await refresh(app, refresh_token, short)).body.refresh_token;
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  assert.equal((await refresh(app, next, short)).body.error, 'invalid_grant');
});
