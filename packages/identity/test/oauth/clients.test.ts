import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { exportJWK, generateKeyPair } from 'jose';
import { isRedirectUri } from '../../clients/uris.ts';
import type { NewApp } from '../../types.ts';
import { ask, pkce, requestUrl, tokensFor, worth } from './flow.ts';
import { callback, type House, openHouse } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('addresses that a browser may be sent to', () => {
  const good = [
    callback,
    'https://app.example',
    'https://app.example/',
    'https://app.example:8443/a/b?c=d',
    'http://127.0.0.1:8000/cb',
    'http://[::1]:8000/cb',
    'http://localhost:3000/',
  ];
  for (const uri of good) assert.ok(isRedirectUri(uri), uri);
  const bad: unknown[] = [
    'http://app.example/cb',
    'https://app.example/cb#x',
    'https://app.example/cb#',
    'https://*.app.example/cb',
    'https://app.example/*',
    'https://user@app.example/cb',
    'https://app.example/../cb',
    'https://app.example:443/cb',
    'https://APP.example/cb',
    'https://app.example./cb',
    'https://app.example/c b',
    'https://app.example/cb\n',
    'https://app.example\\cb',
    'https:app.example/cb',
    '//app.example/cb',
    'app:/cb',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://127.0.0.1.evil.example/cb',
    'http://localhost.evil.example/cb',
    'http://0.0.0.0/cb',
    'http://127.1/cb',
    `https://app.example/${'x'.repeat(600)}`,
    '',
    null,
    7,
    ['https://app.example/cb'],
  ];
  for (const uri of bad) assert.ok(!isRedirectUri(uri), JSON.stringify(uri));
});

test('a client that makes no sense is not registered, and is told which field', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: 'k' } as Record<string, unknown>;
  const secret = { ...(await exportJWK(privateKey)), kid: 'k' } as Record<string, unknown>;
  const weak = { kty: 'RSA', kid: 'k', e: 'AQAB', n: Buffer.alloc(128, 255).toString('base64url') };
  const cases: [Partial<NewApp>, string][] = [
    [{ redirect_uris: ['http://app.example/'] }, 'redirect_uris'],
    [{ redirect_uris: [] }, 'redirect_uris'],
    [{ redirect_uris: [callback, callback] }, 'redirect_uris'],
    [{ grant_types: ['client_credentials'] }, 'redirect_uris'],
    [{ grant_types: [] }, 'grant_types'],
    [{ grant_types: ['password' as never] }, 'grant_types'],
    [{ grant_types: ['implicit' as never, 'authorization_code'] }, 'grant_types'],
    [{ grant_types: ['refresh_token'], redirect_uris: [] }, 'grant_types'],
    [{ auth_method: 'none', grant_types: ['authorization_code', 'client_credentials'] }, 'grant_types'],
    [{ auth_method: 'client_secret_jwt' as never }, 'auth_method'],
    [{ auth_method: 'private_key_jwt' }, 'jwks'],
    [{ auth_method: 'private_key_jwt', jwks: { keys: [] } }, 'jwks'],
    [{ auth_method: 'private_key_jwt', jwks: { keys: [secret] } }, 'jwks'],
    [{ auth_method: 'private_key_jwt', jwks: { keys: [key, key] } }, 'jwks'],
    [{ auth_method: 'private_key_jwt', jwks: { keys: [weak] } }, 'jwks'],
    [{ auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'k' }] } }, 'jwks'],
    [{ auth_method: 'private_key_jwt', jwks_uri: 'http://app.example/jwks' }, 'jwks_uri'],
    [{ auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks', jwks: { keys: [key] } }, 'jwks_uri'],
    [{ auth_method: 'private_key_jwt', jwks: { keys: [key] }, auth_alg: 'HS256' }, 'auth_alg'],
    [{ auth_method: 'private_key_jwt', jwks: { keys: [key] }, auth_alg: 'none' }, 'auth_alg'],
    [{ auth_method: 'tls_client_auth' }, 'certificate'],
    [{ dpop_bound: true, certificate_bound: true }, 'dpop_bound'],
    [{ backchannel_logout_uri: 'http://app.example/' }, 'backchannel_logout_uri'],
    [{ logo_uri: 'javascript:alert(1)' }, 'logo_uri'],
    [{ launch_uri: 'ftp://app.example' }, 'launch_uri'],
    [{ token_lifetime_s: 5 }, 'token_lifetime_s'],
    [{ refresh_lifetime_s: 1e9 }, 'refresh_lifetime_s'],
    [{ id_token_alg: 'none' as never }, 'id_token_alg'],
    [{ state: 'revoked' as never }, 'state'],
  ];
  for (const [more, at] of cases) {
    await assert.rejects(
      house.app(more),
      (error) => isFault(error) && error.kind === 'invalid' && error.issues.some((issue) => issue.at === at),
      JSON.stringify(more),
    );
  }
});

test('a client that nobody approved yet gets no code; one that is revoked gets none any more', async () => {
  const who = await house.person();
  for (const state of ['draft', 'pending'] as const) {
    const { answer } = await ask(house, requestUrl(await house.app({ state }), pkce()), who.cookie);
    assert.equal(answer.status, 400);
  }
  const app = await house.app();
  await house.oauth.clients.revoke(app.client_id);
  assert.equal((await ask(house, requestUrl(app, pkce()), who.cookie)).answer.status, 400);
  assert.equal((await house.oauth.clients.byId(app.client_id))?.state, 'revoked');
  await assert.rejects(house.oauth.clients.rotateSecret((await house.app({ auth_method: 'none' })).client_id), {
    kind: 'missing',
  });
});

test('a client has lifetimes of its own', async () => {
  const app = await house.app({ token_lifetime_s: 60 });
  const who = await house.person();
  const tokens = await tokensFor(house, app, who.cookie);
  assert.equal(tokens.expires_in, 60);
  house.clock.offset_ms = 61_000;
  assert.equal(await worth(house, tokens.access_token), 401);
  house.clock.offset_ms = 0;
});

test('a patient is bound to their record, whoever’s app it is', async () => {
  const patient = '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de';
  const other = '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0df';
  const who = await house.person({
    kind: 'patient',
    scopes: ['patient/*.rs'],
    patients: [patient],
    fhir_user: `Patient/${patient}`,
  });
  const scope = 'openid launch/patient patient/Observation.rs';
  const on = await house.process({ patient });
  const { access_token } = await tokensFor(on, await house.app(), who.cookie, { scope, prompt: undefined });
  const principal = await worth(on, access_token);
  assert.deepEqual([principal.within, principal.patient], [[patient], patient]);
  const bound = await tokensFor(on, await house.app({ patient: other }), who.cookie, { scope, prompt: undefined });
  assert.deepEqual((await worth(on, bound.access_token)).within, []);
});
