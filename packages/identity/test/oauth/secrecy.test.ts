import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { filesWith } from '../postgres.ts';
import { codeFor, post, redeem, token, tokensFor } from './flow.ts';
import { type House, openHouse } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('no code, token, verifier, nonce or name stands in the clear, nor in the ledger', async () => {
  const [app, who] = [await house.app({ name: 'canary-of-an-app' }), await house.person({ name: 'Canary Person' })];
  const given = await codeFor(house, app, who.cookie, { nonce: 'canary-of-a-nonce', state: 'canary-of-a-state' });
  const { body } = await redeem(house, app, given);
  const again = await token(house, app, { grant_type: 'refresh_token', refresh_token: body.refresh_token });
  await post(house, '/oauth2/introspect', { ...app, token: again.body.access_token });
  const pushed = await post(house, '/oauth2/par', {
    ...{
      ...app,
      response_type: 'code',
      redirect_uri: 'https://app.example/callback',
      scope: 'openid',
      state: 'canary-par',
    },
    ...{ code_challenge: given.code_challenge, code_challenge_method: 'S256' },
  });
  assert.equal(pushed.status, 201, JSON.stringify(pushed.body));
  await house.sql('checkpoint');
  const said = inspect(house.events, { depth: 9 }) + house.lines.join('\n');
  const secrets = [
    ...[given.code, given.verifier, body.access_token, body.refresh_token, again.body.access_token, app.client_secret],
    ...[again.body.refresh_token, pushed.body.request_uri.split(':').at(-1), who.cookie.split('=')[1]],
    ...['canary-of-a-nonce', 'canary-of-a-state', 'canary-par', 'Canary Person'],
  ];
  for (const secret of secrets) {
    assert.deepEqual(filesWith(house.files, String(secret).slice(0, 30)), [], String(secret));
    assert.ok(!said.includes(String(secret)), String(secret));
  }
  assert.ok(filesWith(house.files, 'canary-of-an-app').length > 0, 'negative control: what stands in clear is found');
});

test('every request has its entry, in the tenant of the client, with client, account and grant', async () => {
  const [app, who] = [await house.app(), await house.person()];
  house.events.length = 0;
  await tokensFor(house, app, who.cookie);
  const told = house.events.map(({ action, tenant, actor, outcome }) => [action, tenant, actor, outcome]);
  assert.deepEqual(told.at(-1), ['token-issue', 1, who.id, 'permit']);
  assert.deepEqual(
    told.findLast(([action]) => action === 'authorize'),
    ['authorize', 1, who.id, 'permit'],
  );
  const types = house.events.at(-1)?.targets.map(({ type }) => type);
  for (const type of ['Account', 'Grant', 'Client']) assert.ok(types?.includes(type), `${types}`);
  await token(house, app, { grant_type: 'client_credentials' });
  const refused = house.events.at(-1);
  assert.deepEqual([refused?.action, refused?.outcome, refused?.reason], ['token-issue', 'fail', 'invalid request']);
  await token(house, { ...app, client_secret: 'wrong' }, { grant_type: 'refresh_token', refresh_token: 'x' });
  const unproven = house.events.at(-1);
  assert.deepEqual([unproven?.tenant, unproven?.actor, unproven?.outcome], [0, 'anonymous', 'deny']);
  assert.deepEqual(unproven?.targets, [{ type: 'Client', id: app.client_id }]);
});

const tables = { oidc: 'tenant', replay: 'tenant', token: 'tenant', client: 'tenant' };

async function holdsIsolation(): Promise<void> {
  for (const table of Object.keys(tables)) {
    const seen = async (tenant: number) => {
      const statement = {
        name: `test.${table}`,
        text: `select distinct tenant as t from identity.${table} order by t`,
      };
      return (await house.segment.query<{ t: number }>(tenant, statement)).map(({ t }) => t);
    };
    assert.deepEqual(
      (await seen(house.other)).filter((tenant) => tenant !== house.other),
      [],
      table,
    );
    assert.deepEqual(await seen(4_711), [], table);
  }
}

test('a tenant sees its own rows alone, and changes none', async () => {
  const foreign = await house.app({ tenant: house.other });
  const them = await house.person({ tenant: house.other });
  await tokensFor(house, foreign, them.cookie);
  await tokensFor(house, await house.app(), (await house.person()).cookie);
  await holdsIsolation();
  const change = { name: 'test.change', text: 'update identity.oidc set consumed_at = now() returning kind' };
  assert.deepEqual(await house.segment.query(house.other, change), []);
  const keys = { name: 'test.keys', text: 'select kid from identity.signing_key' };
  assert.deepEqual(await house.segment.query(house.other, keys), []);
});

test('negative control: without the policies the same assertion fails', async () => {
  await house.sql('alter table identity.oidc no force row level security, disable row level security');
  await assert.rejects(holdsIsolation);
  await house.sql('alter table identity.oidc enable row level security, force row level security');
  await holdsIsolation();
});

test('the runtime role may do what the service does and nothing beyond', async () => {
  const refused = [
    'update identity.oidc set tenant = 1',
    'update identity.oidc set client = null',
    `update identity.token set account = null`,
    `update identity.token set scopes = '{system/*.cruds}'`,
    `update identity.client set redirect_uris = '{https://evil.example/}'`,
    `update identity.client set auth_method = 'none'`,
    'update identity.signing_key set sealed = sealed',
    'update identity.replay set expires_at = now()',
    'truncate identity.oidc',
  ];
  for (const [place, text] of refused.entries()) {
    await assert.rejects(house.segment.query(0, { name: `test.refused.${place}`, text }), text);
  }
});
