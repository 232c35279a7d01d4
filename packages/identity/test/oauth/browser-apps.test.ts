import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createOrigins } from '../../clients/origins.ts';
import { codeFor, post, redeem, token, tokensFor } from './flow.ts';
import { callback, type House, openHouse } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const publicApp = () => house.app({ auth_method: 'none' });
const refresh = (refresh_token: string, more: Record<string, string> = {}) =>
  post(house, '/oauth2/token', { grant_type: 'refresh_token', refresh_token, ...more });

test('an app that can keep no secret refreshes by its token alone, as fhirclient does', async () => {
  const [app, who] = [await publicApp(), await house.person()];
  const { refresh_token } = await tokensFor(house, app, who.cookie);
  const fresh = await refresh(refresh_token);
  assert.equal(fresh.status, 200, JSON.stringify(fresh.body));
  const reused = await refresh(refresh_token);
  assert.deepEqual([reused.status, reused.body.error], [400, 'invalid_grant']);
  assert.equal((await refresh(fresh.body.refresh_token)).status, 400, 'and the family ended');
});

test('who has a secret, or names somebody, is not helped out', async () => {
  const [app, other, who] = [await house.app(), await publicApp(), await house.person()];
  const { refresh_token } = await tokensFor(house, app, who.cookie);
  assert.equal((await refresh(refresh_token)).status, 400, 'the secret is not to be left out');
  assert.equal((await refresh(refresh_token, { client_id: other.client_id })).body.error, 'invalid_grant');
  assert.equal((await refresh(refresh_token, { client_id: app.client_id })).status, 401);
  const mine = await tokensFor(house, other, who.cookie);
  assert.equal((await refresh(mine.refresh_token, { client_id: '' })).status, 400);
  const unknown = `sgr_${'A'.repeat(43)}`;
  assert.equal((await refresh(unknown)).status, 400);
  const code = await codeFor(house, other, who.cookie);
  const unnamed = await post(house, '/oauth2/token', {
    ...{ grant_type: 'authorization_code', code: code.code, code_verifier: code.verifier, redirect_uri: callback },
  });
  assert.equal(unnamed.status, 400, 'a code must name who takes it');
  assert.equal((await redeem(house, other, await codeFor(house, other, who.cookie))).status, 200, 'control');
});

test('the rights of an app that people sign in through may stand beside OpenID’s and SMART’s words', async () => {
  const scopes = ['openid', 'fhirUser', 'launch/patient', 'offline_access', 'patient/*.rs'];
  const { client_id } = await house.app({ scopes });
  assert.deepEqual((await house.oauth.clients.byId(client_id))?.scopes, ['patient/*.rs']);
  const nobody = await house.app({ scopes: ['openid', 'profile'] });
  assert.deepEqual((await house.oauth.clients.byId(nobody.client_id))?.scopes, ['openid']);
  await assert.rejects(house.app({ scopes: ['openid', 'patient/Nothing.rs'] }), /scope/);
  const backend = { scopes: ['launch/patient', 'system/*.rs'], grant_types: ['client_credentials'] as const };
  await assert.rejects(house.app({ ...backend, redirect_uris: [] }), /scope/, 'a backend service has no launch');
});

test('an origin is known by the approved apps without a secret that live there, to the letter', async () => {
  const at = (uri: string, more: object = {}) => house.app({ auth_method: 'none', redirect_uris: [uri], ...more });
  const { client_id } = await at('https://chart.example/cb');
  await at('http://127.0.0.1:4711/cb');
  await at('https://pending.example/cb', { state: 'pending' });
  await at('https://secret.example/cb', { auth_method: 'client_secret_basic' });
  await at('https://longer.example.evil.example/cb');
  const origins = createOrigins(house);
  const known = ['https://chart.example', 'http://127.0.0.1:4711'];
  const unknown = [
    ...['https://pending.example', 'https://secret.example', 'https://longer.example', 'https://chart.exampl'],
    ...['https://chart.example/', 'http://chart.example', 'http://127.0.0.1', 'null', '', '%', 'https://'],
  ];
  for (const origin of known) assert.equal(await origins(origin), true, origin);
  for (const origin of unknown) assert.equal(await origins(origin), false, origin);
  await house.oauth.clients.revoke(client_id);
  house.clock.offset_ms += 1_001;
  assert.equal(await origins('https://chart.example'), false, 'within a second of its end');
  let asked = 0;
  const counting = createOrigins({
    clock: { now: () => 0 },
    segment: {
      ...house.segment,
      query: async () => {
        asked++;
        return [];
      },
    },
  });
  for (let each = 0; each < 5_000; each++) await counting(`https://n${each % 2}.example`);
  assert.equal(asked, 2, 'asked once a second and origin');
});

test('the token endpoint lets the page of the very app read the answer, and no other', async () => {
  const [app, who] = [await publicApp(), await house.person()];
  const { refresh_token } = await tokensFor(house, app, who.cookie);
  const params = { grant_type: 'refresh_token', refresh_token };
  const own = await token(house, app, params, { origin: new URL(callback).origin });
  assert.equal(own.headers.get('access-control-allow-origin'), new URL(callback).origin);
  const foreign = await token(house, app, params, { origin: 'https://evil.example' });
  assert.equal(foreign.headers.get('access-control-allow-origin'), null);
});
