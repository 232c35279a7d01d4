import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { allowAll } from '../harness/oauth-app.ts';
import { firstAdministrator, type Person } from '../harness/people.ts';
import { callback, type Registered, register, registerKeyed, trust } from '../harness/people-clients.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { type Chart, newChart } from '../harness/people-records.ts';

// oauth4webapi refuses what the RFCs do not allow, member by member; nothing of it is switched off.
let safeguard: Instance;
let server: oauth.AuthorizationServer;
let person: Person;
let chart: Chart;
before(async () => {
  safeguard = await start();
  await trust(safeguard);
  await firstAdministrator(safeguard);
  person = await inviteWithRole(safeguard, { login: 'nurse@clinic.example', scopes: 'user/*.rs' });
  chart = await newChart(safeguard, await safeguard.token('system/*.cruds'), 'Grace', 'Hopper');
  const issuer = new URL(safeguard.url);
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm }));
  }
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

const scope = 'openid offline_access user/Patient.rs';
const redirect = ['--redirect-uri', callback];
const asClient = ({ client_id }: Registered): oauth.Client => ({ client_id });

interface Way {
  readonly app: oauth.Client;
  readonly auth: oauth.ClientAuth;
  readonly pushed?: boolean;
  readonly dpop?: oauth.DPoPHandle;
}

async function tokens({ app, auth, pushed = false, dpop }: Way) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const params = new URLSearchParams({
    client_id: app.client_id,
    redirect_uri: callback,
    response_type: 'code',
    scope,
    aud: safeguard.fhir,
    prompt: 'consent',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...{ state, nonce },
  });
  const more = dpop === undefined ? {} : { DPoP: dpop };
  let asked = params;
  if (pushed) {
    const answer = await oauth.pushedAuthorizationRequest(server, app, auth, params, more);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, app, answer);
    asked = new URLSearchParams({ client_id: app.client_id, request_uri });
  }
  const end = await allowAll(person.jar, await person.jar.go(`${server.authorization_endpoint}?${asked}`));
  const back = oauth.validateAuthResponse(server, app, new URL(end.at), state);
  const answer = await oauth.authorizationCodeGrantRequest(server, app, auth, back, callback, verifier, more);
  const expected = { expectedNonce: nonce, requireIdToken: true };
  const result = await oauth.processAuthorizationCodeResponse(server, app, answer, expected);
  await oauth.validateApplicationLevelSignature(server, answer);
  return result;
}

async function read(token: string, dpop?: oauth.DPoPHandle): Promise<number> {
  const url = new URL(`${safeguard.fhir}/Patient/${chart.id}`);
  try {
    const more = dpop === undefined ? {} : { DPoP: dpop };
    return (await oauth.protectedResourceRequest(token, 'GET', url, undefined, null, more)).status;
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.status;
    throw error;
  }
}

test('each way for an app to prove itself, from discovery to revocation, over TLS', async () => {
  const open = await register(safeguard, scope, '--public', ...redirect);
  const secret = await register(safeguard, scope, ...redirect);
  const [rs, es] = [
    await registerKeyed(safeguard, 'RS384', scope, ...redirect),
    await registerKeyed(safeguard, 'ES384', scope, ...redirect),
  ];
  const dpop = oauth.DPoP(asClient(open), await oauth.generateKeyPair('ES256'));
  const ways: Way[] = [
    { app: asClient(open), auth: oauth.None() },
    { app: asClient(open), auth: oauth.None(), pushed: true, dpop },
    { app: asClient(secret), auth: oauth.ClientSecretBasic(secret.client_secret ?? ''), pushed: true },
    { app: asClient(secret), auth: oauth.ClientSecretPost(secret.client_secret ?? '') },
    { app: asClient(rs), auth: oauth.PrivateKeyJwt({ key: rs.key, kid: rs.kid }), pushed: true },
    { app: asClient(es), auth: oauth.PrivateKeyJwt({ key: es.key, kid: es.kid }) },
  ];
  for (const way of ways) {
    const { app, auth } = way;
    const more = way.dpop === undefined ? {} : { DPoP: way.dpop };
    const result = await tokens(way);
    assert.equal(oauth.getValidatedIdTokenClaims(result)?.sub, person.id);
    assert.equal(await read(result.access_token, way.dpop), 200);
    const info = await oauth.userInfoRequest(server, app, result.access_token, more);
    assert.equal((await oauth.processUserInfoResponse(server, app, person.id, info)).sub, person.id);
    const again = await oauth.refreshTokenGrantRequest(server, app, auth, result.refresh_token ?? '', more);
    const next = await oauth.processRefreshTokenResponse(server, app, again);
    assert.equal(await read(next.access_token, way.dpop), 200);
    if (app.client_id !== open.client_id) {
      const told = await oauth.introspectionRequest(server, app, auth, next.access_token);
      assert.equal((await oauth.processIntrospectionResponse(server, app, told)).active, true);
    }
    const ended = await oauth.revocationRequest(server, app, auth, next.refresh_token ?? '');
    await oauth.processRevocationResponse(ended);
    assert.equal(await read(next.access_token, way.dpop), 401);
  }
});

test('backend services, and token exchange between apps', async () => {
  const keyed = await registerKeyed(safeguard, 'ES384', 'system/Patient.rs');
  const auth = oauth.PrivateKeyJwt({ key: keyed.key, kid: keyed.kid });
  const form = new URLSearchParams({ scope: 'system/Patient.rs' });
  const answer = await oauth.clientCredentialsGrantRequest(server, asClient(keyed), auth, form);
  const own = await oauth.processClientCredentialsResponse(server, asClient(keyed), answer);
  assert.equal(await read(own.access_token), 200);

  const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const service = await register(safeguard, 'user/Patient.rs', '--grant', grant);
  const proof = oauth.ClientSecretBasic(service.client_secret ?? '');
  const open = await register(safeguard, scope, '--public', ...redirect);
  const first = await tokens({ app: asClient(open), auth: oauth.None() });
  const params = {
    subject_token: first.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  };
  const given = await oauth.genericTokenEndpointRequest(server, asClient(service), proof, grant, params);
  const result = await oauth.processGenericTokenEndpointResponse(server, asClient(service), given);
  assert.equal(result.scope, 'user/Patient.rs');
  assert.equal(await read(result.access_token), 200);
});
