import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as openid from 'openid-client';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { allowAll } from '../harness/oauth-app.ts';
import { firstAdministrator, type Person } from '../harness/people.ts';
import { callback, type Registered, register, registerKeyed, trust } from '../harness/people-clients.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { type Chart, newChart } from '../harness/people-records.ts';

// openid-client checks what the RFCs and OpenID Connect say, and is relaxed in nothing.
let safeguard: Instance;
let person: Person;
let chart: Chart;
before(async () => {
  safeguard = await start();
  await trust(safeguard);
  await firstAdministrator(safeguard);
  person = await inviteWithRole(safeguard, {
    login: 'nurse@clinic.example',
    name: 'Nora Nurse',
    scopes: 'user/*.rs',
    fhir_user: 'Practitioner/p1',
  });
  chart = await newChart(safeguard, await safeguard.token('system/*.cruds'), 'Grace', 'Hopper');
});
after(async () => {
  await safeguard.stop();
  await removeData(safeguard.data);
});

const scope = 'openid profile fhirUser offline_access user/Patient.rs user/Observation.rs';
const redirect = ['--redirect-uri', callback];
const discover = (app: Registered, auth?: openid.ClientAuth) =>
  openid.discovery(new URL(safeguard.url), app.client_id, app.client_secret, auth);

interface Way {
  readonly pushed?: boolean;
  readonly options?: openid.DPoPOptions;
}

/** Code and PKCE, through the pages, as somebody who is signed in. */
async function authorize(config: openid.Configuration, { pushed = false, options = {} }: Way = {}) {
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const params = {
    redirect_uri: callback,
    scope,
    aud: safeguard.fhir,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'consent',
    ...{ state, nonce },
  };
  const url = pushed
    ? await openid.buildAuthorizationUrlWithPAR(config, params, options)
    : openid.buildAuthorizationUrl(config, params);
  const end = await allowAll(person.jar, await person.jar.go(url.href));
  assert.ok(end.at.startsWith(callback), end.at);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return openid.authorizationCodeGrant(config, new URL(end.at), checks, undefined, options);
}

const read = async (config: openid.Configuration, token: string, options?: openid.DPoPOptions) => {
  const url = new URL(`${safeguard.fhir}/Patient/${chart.id}`);
  try {
    return (await openid.fetchProtectedResource(config, token, url, 'GET', undefined, undefined, options)).status;
  } catch (error) {
    if (error instanceof openid.WWWAuthenticateChallengeError) return error.status;
    throw error;
  }
};

/** Everything that follows a code: the token at FHIR, userinfo, introspection, refresh, revocation. */
async function live(
  config: openid.Configuration,
  { confidential = true, ...way }: Way & { confidential?: boolean } = {},
) {
  const { options } = way;
  const first = await authorize(config, way);
  const claims = first.claims();
  assert.equal(claims?.sub, person.id);
  assert.equal(claims?.['fhirUser'], `${safeguard.fhir}/Practitioner/p1`);
  assert.equal(claims?.['name'] ?? 'Nora Nurse', 'Nora Nurse');
  assert.equal(await read(config, first.access_token, options), 200);
  const info = await openid.fetchUserInfo(config, first.access_token, person.id, options);
  assert.equal(info.name, 'Nora Nurse');
  if (confidential) {
    const told = await openid.tokenIntrospection(config, first.access_token);
    assert.deepEqual([told.active, told.sub, told.client_id], [true, person.id, config.clientMetadata().client_id]);
  }
  const next = await openid.refreshTokenGrant(config, first.refresh_token ?? '', undefined, options);
  assert.notEqual(next.refresh_token, first.refresh_token);
  assert.equal(await read(config, next.access_token, options), 200);
  await openid.tokenRevocation(config, next.refresh_token ?? '');
  await assert.rejects(openid.refreshTokenGrant(config, next.refresh_token ?? '', undefined, options), {
    error: 'invalid_grant',
  });
  assert.equal(await read(config, next.access_token, options), 401, 'the token of the grant ended with it');
}

test('a public app', async () => {
  const app = await register(safeguard, scope, '--public', ...redirect);
  await live(await discover(app, openid.None()), { confidential: false });
});

test('an app with a secret, in the header and in the form, asking by PAR too', async () => {
  const app = await register(safeguard, scope, ...redirect);
  const secret = app.client_secret ?? '';
  await live(await discover(app, openid.ClientSecretBasic(secret)));
  await live(await discover(app, openid.ClientSecretPost(secret)), { pushed: true });
});

test('an app with a key, RS384 and ES384', async () => {
  for (const alg of ['RS384', 'ES384'] as const) {
    const app = await registerKeyed(safeguard, alg, scope, ...redirect);
    await live(await discover(app, openid.PrivateKeyJwt({ key: app.key, kid: app.kid })), { pushed: true });
  }
});

test('DPoP: from the pushed request to the FHIR API, and the token is nothing without its key', async () => {
  const app = await register(safeguard, scope, '--public', ...redirect);
  const config = await discover(app, openid.None());
  const handle = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
  const options = { DPoP: handle };
  await live(config, { confidential: false, pushed: true, options });
  const { access_token, token_type } = await authorize(config, { options });
  assert.equal(token_type, 'dpop');
  assert.equal(await read(config, access_token), 401, 'as a bearer token');
  const thief = { DPoP: openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256')) };
  assert.equal(await read(config, access_token, thief), 401);
  assert.equal(await read(config, access_token, options), 200, 'control');
});

test('backend services: client credentials with secret, RS384 and ES384, and the tokens read', async () => {
  const grant = 'system/Patient.rs';
  const secret = await register(safeguard, grant);
  const ways: openid.Configuration[] = [await discover(secret, openid.ClientSecretBasic(secret.client_secret ?? ''))];
  for (const alg of ['RS384', 'ES384'] as const) {
    const app = await registerKeyed(safeguard, alg, grant);
    ways.push(await discover(app, openid.PrivateKeyJwt({ key: app.key, kid: app.kid })));
  }
  for (const config of ways) {
    const tokens = await openid.clientCredentialsGrant(config, { scope: grant });
    assert.equal(tokens.scope, grant);
    assert.equal(tokens.refresh_token, undefined);
    assert.equal(await read(config, tokens.access_token), 200);
  }
});

test('token exchange: a service acts for the person, and ends with their token', async () => {
  const app = await discover(await register(safeguard, scope, '--public', ...redirect), openid.None());
  const type = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const service = await register(safeguard, 'user/Patient.rs', '--grant', type);
  const config = await discover(service, openid.ClientSecretBasic(service.client_secret ?? ''));
  const first = await authorize(app);
  const given = await openid.genericGrantRequest(config, type, {
    subject_token: first.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  });
  assert.equal(given.scope, 'user/Patient.rs');
  assert.equal(await read(config, given.access_token), 200);
  await openid.tokenRevocation(app, first.refresh_token ?? '');
  assert.equal(await read(config, given.access_token), 401);
});

test('log-out by the app ends the session at our pages', async () => {
  const config = await discover(await register(safeguard, scope, '--public', ...redirect), openid.None());
  const tokens = await authorize(config);
  const url = openid.buildEndSessionUrl(config, { id_token_hint: tokens.id_token ?? '' });
  const out = await person.jar.go(url.href);
  assert.match(out.text, /You are signed out/);
  assert.equal((await person.jar.api('GET', '/me')).status, 401);
  assert.equal(await read(config, tokens.access_token), 200, 'what was given offline outlives the session');
});
