import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import type { RegisteredApp } from '../../types.ts';
import { browser } from './browser.ts';
import { json } from './flow.ts';
import { base, callback, fhir, type House, openHouse } from './house.ts';

// oauth4webapi is strict: it refuses what the RFCs do not allow, member by member.
let house: House;
let server: oauth.AuthorizationServer;
let http: { [oauth.customFetch]: (url: string, options: object) => Promise<Response> };
before(async () => {
  house = await openHouse();
  http = { [oauth.customFetch]: (url, options) => house.fetch(url, options) };
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    const answer = await oauth.discoveryRequest(new URL(base), { algorithm, ...http });
    server = await oauth.processDiscoveryResponse(new URL(base), answer);
  }
});
after(() => house.close());

const asClient = ({ client_id }: RegisteredApp): oauth.Client => ({ client_id });

interface Asked {
  readonly app: oauth.Client;
  readonly auth: oauth.ClientAuth;
  readonly cookie: string;
  readonly params?: Record<string, string>;
  readonly pushed?: boolean;
  readonly dpop?: oauth.DPoPHandle;
}

/** Pushes the parameters where that is asked, and answers the address to go to. */
async function address({ app, auth, pushed, dpop }: Asked, params: URLSearchParams): Promise<string> {
  const url = new URL(server.authorization_endpoint ?? '');
  if (pushed !== true) return `${url}?${params}`;
  const more = { ...http, ...(dpop === undefined ? {} : { DPoP: dpop }) };
  const answer = await oauth.pushedAuthorizationRequest(server, app, auth, params, more);
  const { request_uri } = await oauth.processPushedAuthorizationResponse(server, app, answer);
  return `${url}?${new URLSearchParams({ client_id: app.client_id, request_uri })}`;
}

async function tokens(asked: Asked) {
  const { app, auth, cookie, dpop } = asked;
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const params = new URLSearchParams({
    client_id: app.client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid fhirUser user/Patient.rs offline_access',
    prompt: 'consent',
    aud: fhir,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...{ state, nonce },
    ...asked.params,
  });
  const { url } = await browser(house, cookie).go(await address(asked, params));
  const back = oauth.validateAuthResponse(server, app, url, state);
  const more = { ...http, ...(dpop === undefined ? {} : { DPoP: dpop }) };
  const answer = await oauth.authorizationCodeGrantRequest(server, app, auth, back, callback, verifier, more);
  const result = await oauth.processAuthorizationCodeResponse(server, app, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, answer, http);
  return result;
}

test('a public client: code, PKCE, ID token, userinfo, refresh, revocation', async () => {
  const app = asClient(await house.app({ auth_method: 'none' }));
  const who = await house.person();
  const result = await tokens({ app, auth: oauth.None(), cookie: who.cookie });
  assert.equal(result.token_type, 'bearer');
  const claims = oauth.getValidatedIdTokenClaims(result);
  assert.equal(claims?.['fhirUser'], `${fhir}/Practitioner/p1`);
  const info = await oauth.userInfoRequest(server, app, result.access_token, http);
  assert.equal((await oauth.processUserInfoResponse(server, app, who.id, info)).sub, who.id);
  const again = await oauth.refreshTokenGrantRequest(server, app, oauth.None(), result.refresh_token ?? '', http);
  const next = await oauth.processRefreshTokenResponse(server, app, again);
  const ended = await oauth.revocationRequest(server, app, oauth.None(), next.refresh_token ?? '', http);
  await oauth.processRevocationResponse(ended);
});

test('each way for a client to prove itself, in every place where it must', async () => {
  const who = await house.person();
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES384' }] };
  const secret = await house.app();
  const keyed = await house.app({ auth_method: 'private_key_jwt', jwks });
  const ways: [oauth.Client, oauth.ClientAuth][] = [
    [asClient(secret), oauth.ClientSecretBasic(secret.client_secret ?? '')],
    [asClient(secret), oauth.ClientSecretPost(secret.client_secret ?? '')],
    [asClient(keyed), oauth.PrivateKeyJwt({ key: privateKey, kid: 'k' })],
  ];
  for (const [app, auth] of ways) {
    const result = await tokens({ app, auth, cookie: who.cookie, pushed: true });
    const told = await oauth.introspectionRequest(server, app, auth, result.access_token, http);
    const { active, sub, client_id, scope } = await oauth.processIntrospectionResponse(server, app, told);
    assert.deepEqual([active, sub, client_id], [true, who.id, app.client_id]);
    assert.ok(scope?.includes('user/Patient.rs'));
    const again = await oauth.refreshTokenGrantRequest(server, app, auth, result.refresh_token ?? '', http);
    await oauth.processRefreshTokenResponse(server, app, again);
  }
});

test('DPoP from the pushed request to the refresh, with and without an ES384 ID token', async () => {
  const who = await house.person();
  const pair = await oauth.generateKeyPair('ES256');
  const app: oauth.Client = {
    ...asClient(await house.app({ auth_method: 'none', dpop_bound: true, require_par: true, id_token_alg: 'ES384' })),
    id_token_signed_response_alg: 'ES384',
  };
  const dpop = oauth.DPoP(app, pair);
  const result = await tokens({ app, auth: oauth.None(), cookie: who.cookie, pushed: true, dpop });
  assert.equal(result.token_type, 'dpop');
  const resource = await oauth.protectedResourceRequest(
    result.access_token,
    'GET',
    new URL(`${fhir}/Patient/1`),
    undefined,
    null,
    { ...http, DPoP: dpop },
  );
  assert.equal((await json(resource)).id, who.id);
  const more = { ...http, DPoP: dpop };
  const again = await oauth.refreshTokenGrantRequest(server, app, oauth.None(), result.refresh_token ?? '', more);
  await oauth.processRefreshTokenResponse(server, app, again);
  // Not pushed: refused, whoever asks.
  const plain = { redirect_uri: callback, response_type: 'code' };
  const { url } = await browser(house, who.cookie).go(
    `${server.authorization_endpoint}?${new URLSearchParams({ ...plain, client_id: app.client_id })}`,
  );
  assert.equal(url.searchParams.get('error'), 'invalid_request');
});

test('client credentials, with secret and key', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS384' }] };
  const own = { grant_types: ['client_credentials'] as const, redirect_uris: [], scopes: ['system/*.cruds'] };
  const secret = await house.app(own);
  const keyed = await house.app({ ...own, auth_method: 'private_key_jwt', jwks });
  const ways: [oauth.Client, oauth.ClientAuth][] = [
    [asClient(secret), oauth.ClientSecretBasic(secret.client_secret ?? '')],
    [asClient(keyed), oauth.PrivateKeyJwt({ key: privateKey, kid: 'k' })],
  ];
  for (const [app, auth] of ways) {
    for (const scope of ['system/Patient.rs system/Observation.read', undefined]) {
      const form = new URLSearchParams(scope === undefined ? {} : { scope });
      const answer = await oauth.clientCredentialsGrantRequest(server, app, auth, form, http);
      const result = await oauth.processClientCredentialsResponse(server, app, answer);
      assert.equal(result.scope, scope === undefined ? 'system/*.cruds' : 'system/Patient.rs system/Observation.rs');
      assert.equal(result.expires_in, 300);
      assert.equal(result.refresh_token, undefined);
    }
  }
});

test('token exchange: another client acts for the person, for less and for no longer', async () => {
  const who = await house.person();
  const app = await house.app();
  const registered = await house.app({
    grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
    redirect_uris: [],
    scopes: ['user/Patient.rs'],
  });
  const behind = asClient(registered);
  const auth = oauth.ClientSecretPost(registered.client_secret ?? '');
  const first = await tokens({
    ...{ app: asClient(app), auth: oauth.ClientSecretPost(app.client_secret ?? ''), cookie: who.cookie },
    params: { scope: 'openid user/Patient.rs user/Observation.rs offline_access' },
  });
  const answer = await oauth.genericTokenEndpointRequest(
    ...([server, behind, auth, 'urn:ietf:params:oauth:grant-type:token-exchange' as string] as const),
    {
      subject_token: first.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
    http,
  );
  const result = await oauth.processGenericTokenEndpointResponse(server, behind, answer);
  assert.deepEqual(
    [result.scope, result.issued_token_type],
    ['user/Patient.rs', 'urn:ietf:params:oauth:token-type:access_token'],
  );
  assert.ok((result.expires_in ?? 0) <= 300);
  const told = await oauth.introspectionRequest(server, behind, auth, result.access_token, http);
  const seen = await oauth.processIntrospectionResponse(server, behind, told);
  assert.deepEqual([seen.active, seen.sub, seen.client_id], [true, who.id, behind.client_id]);
  assert.deepEqual(seen['act'], { sub: app.client_id });
});

test('the metadata promises what is served', async () => {
  assert.deepEqual(server.code_challenge_methods_supported, ['S256']);
  assert.deepEqual(server.response_types_supported, ['code']);
  assert.deepEqual(server.id_token_signing_alg_values_supported?.toSorted(), ['ES384', 'RS256']);
  assert.ok(!server.token_endpoint_auth_signing_alg_values_supported?.some((alg) => /^HS|none/.test(alg)));
  assert.equal(server.require_request_uri_registration, undefined);
  const paths = house.oauth.routes().map(({ path }) => `${base}${path}`);
  for (const [name, value] of Object.entries(server)) {
    if (/_(endpoint|uri)$/.test(name)) assert.ok(paths.includes(String(value)), `${name}: ${value}`);
  }
  const keys = await json(await house.fetch(server.jwks_uri ?? ''));
  assert.deepEqual(keys.keys.map(({ alg }: { alg: string }) => alg).toSorted(), ['ES384', 'RS256']);
  assert.ok(keys.keys.every((key: object) => !('d' in key)));
});
