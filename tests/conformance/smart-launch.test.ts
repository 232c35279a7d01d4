/**
 * The case list of the ONC Inferno SMART App Launch test kit, suite `smart_stu2_2`, as tests of ours: discovery, and
 * all that follows a standalone launch. The app keeps no secret and lives in a browser.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type App, ask, byNothing, newApp, redeem } from './app.ts';
import { type House, openHouse, walker } from './house.ts';
import {
  assertBody,
  assertCode,
  assertConfiguration,
  assertDecodes,
  assertHeader,
  assertHeaders,
  assertKeys,
  assertPayload,
  assertReadable,
  assertTls,
  type Launched,
  openidConfiguration,
  origin,
  readFhirUser,
  refreshed,
  tokensOf,
} from './launched.ts';

let house: House;
let app: App;
let launched: Launched;
const asked = 'launch/patient openid fhirUser offline_access patient/*.rs';

async function launch(): Promise<Launched> {
  const answered = await ask(walker(house), app, { scope: asked, aud: house.fhir });
  const answer = await redeem(house.instance, app, answered, byNothing, {}, { origin });
  return { house, app, proof: byNothing, asked, answered, answer };
}

before(async () => {
  house = await openHouse();
  app = await newApp(house.instance, { isPublic: true });
  launched = await launch();
});
after(() => house.close());

const configuration = async (headers = {}) => {
  const answer = await house.instance.request({ path: `${house.fhir}/.well-known/smart-configuration`, headers });
  assert.equal(answer.status, 200);
  return answer;
};

test('smart_discovery_stu2_2/well_known_endpoint', async () => {
  const { headers, json } = await configuration({ accept: 'application/json' });
  assert.match(String(headers['content-type']), /^application\/json/);
  assert.equal(typeof json, 'object');
});

test('smart_discovery_stu2_2/well_known_capabilities_stu2', async () => {
  const { json } = await configuration();
  for (const name of ['authorization_endpoint', 'token_endpoint', 'issuer', 'jwks_uri']) {
    assert.match(json[name], /^https:\/\//, name);
  }
  assert.ok(json.grant_types_supported.includes('authorization_code'));
  assert.deepEqual(json.code_challenge_methods_supported, ['S256']);
  assert.ok(json.capabilities.includes('sso-openid-connect'));
  assert.ok(json.capabilities.every((each: unknown) => typeof each === 'string'));
});

/** Discovery is for every page, before an app is known here. */
const anywhere = 'https://elsewhere.example';

test('smart_discovery_stu2_2/smart_cors_well_known_endpoint', async () => {
  assertReadable(await configuration({ origin }));
  assertReadable(await configuration({ origin: anywhere }));
});

test('smart_discovery_stu2_2/smart_cors_metadata_request', async () => {
  for (const from of [origin, anywhere]) {
    const answer = await house.instance.request({ path: `${house.fhir}/metadata`, headers: { origin: from } });
    assert.equal(answer.status, 200);
    assertReadable(answer);
  }
});

test('smart_standalone_launch_stu2_2/standalone_auth_tls', async () => {
  await assertTls((await configuration()).json.authorization_endpoint);
});

test('smart_standalone_launch_stu2_2/smart_app_redirect_stu2', () => {
  assert.deepEqual(launched.answered.seen, ['patient', 'consent']);
  assert.ok(launched.answered.at.href.startsWith(app.redirect_uri));
});

test('smart_standalone_launch_stu2_2/smart_code_received', () => assertCode(launched));

test('smart_standalone_launch_stu2_2/standalone_token_tls', async () => {
  await assertTls((await configuration()).json.token_endpoint);
});

test('smart_standalone_launch_stu2_2/smart_token_exchange_stu2_2', () => {
  assert.equal(launched.answer.status, 200, launched.answer.text);
  assert.equal(typeof launched.answer.json, 'object');
});

test('smart_standalone_launch_stu2_2/smart_token_response_body_stu2_2', () => {
  assertBody(launched.answer, asked);
  assert.equal(tokensOf(launched).patient, house.patient);
  assert.deepEqual(tokensOf(launched).scope.split(' ').toSorted(), asked.split(' ').toSorted());
});

test('smart_standalone_launch_stu2_2/smart_token_response_headers', () => assertHeaders(launched.answer));

test('smart_standalone_launch_stu2_2/smart_cors_token_exchange', () => assertReadable(launched.answer));

test('smart_full_standalone_launch/smart_openid_decode_id_token', () => assertDecodes(launched));

test('smart_full_standalone_launch/smart_openid_retrieve_configuration', async () => {
  await openidConfiguration(launched);
});

test('smart_full_standalone_launch/smart_openid_required_configuration_fields', () => assertConfiguration(launched));

test('smart_full_standalone_launch/smart_openid_retrieve_jwks', () => assertKeys(launched));

test('smart_full_standalone_launch/smart_openid_token_header', () => assertHeader(launched));

test('smart_full_standalone_launch/smart_openid_token_payload', () => assertPayload(launched));

test('smart_full_standalone_launch/smart_openid_fhir_user_claim', async () => {
  await readFhirUser(launched);
});

test('smart_full_standalone_launch/smart_cors_openid_fhir_user_claim', async () => {
  assertReadable(await readFhirUser(launched));
});

let without: Launched;

test('smart_standalone_refresh_without_scopes/smart_token_refresh_stu2', async () => {
  without = await refreshed(launched);
});

test('smart_standalone_refresh_without_scopes/smart_token_refresh_body', () => {
  assertBody(without.answer, tokensOf(launched).scope);
  assert.equal(tokensOf(without).patient, house.patient);
});

test('smart_standalone_refresh_without_scopes/smart_token_response_headers', () => assertHeaders(without.answer));

let narrowed: Launched;

test('smart_standalone_refresh_with_scopes/smart_token_refresh_stu2', async () => {
  narrowed = await refreshed(without, { scope: tokensOf(without).scope });
});

test('smart_standalone_refresh_with_scopes/smart_token_refresh_body', () => {
  assertBody(narrowed.answer, tokensOf(without).scope);
});

test('smart_standalone_refresh_with_scopes/smart_token_response_headers', () => assertHeaders(narrowed.answer));
