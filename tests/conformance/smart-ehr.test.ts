/**
 * The case list of the ONC Inferno SMART App Launch test kit, suite `smart_stu2_2`, as tests of ours: all that follows
 * an EHR launch. The app keeps a secret.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type App, ask, byBasic, byNothing, newApp, type Proof, redeem } from './app.ts';
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
let started: URL;
let launched: Launched;
const asked = 'launch openid fhirUser offline_access user/*.rs';
const launchUri = `${origin}/launch`;

/** As the EHR starts the app: where the browser is sent to. */
async function startFromEhr({ client_id }: App): Promise<URL> {
  const { patient, encounter } = house;
  const made = await walker(house).jar.api('POST', '/launches', { client_id, patient, encounter });
  assert.equal(made.status, 201, made.text);
  return new URL(made.json.launch_url);
}

async function launch(of: App, proof: Proof, url: URL, headers = {}): Promise<Launched> {
  const { iss = '', launch: secret } = Object.fromEntries(url.searchParams);
  const answered = await ask(walker(house), of, { scope: asked, aud: iss, launch: secret });
  const answer = await redeem(house.instance, of, answered, proof, {}, headers);
  return { house, app: of, proof, asked, answered, answer };
}

before(async () => {
  house = await openHouse();
  app = await newApp(house.instance, { options: { 'launch-uri': launchUri } });
  started = await startFromEhr(app);
  launched = await launch(app, byBasic, started);
});
after(() => house.close());

test('smart_ehr_launch_stu2_2/smart_app_launch', () => {
  assert.equal(`${started.origin}${started.pathname}`, launchUri);
  assert.equal(started.searchParams.get('iss'), house.fhir);
});

test('smart_ehr_launch_stu2_2/smart_launch_received', () => {
  assert.ok((started.searchParams.get('launch') ?? '').length > 20);
});

const configuration = async () =>
  (await house.instance.request({ path: `${house.fhir}/.well-known/smart-configuration` })).json;

test('smart_ehr_launch_stu2_2/ehr_auth_tls', async () => {
  await assertTls((await configuration()).authorization_endpoint);
});

test('smart_ehr_launch_stu2_2/smart_app_redirect', () => {
  assert.deepEqual(launched.answered.seen, ['consent']);
  assert.ok(launched.answered.at.href.startsWith(app.redirect_uri));
});

test('smart_ehr_launch_stu2_2/smart_code_received', () => assertCode(launched));

test('smart_ehr_launch_stu2_2/ehr_token_tls', async () => {
  await assertTls((await configuration()).token_endpoint);
});

test('smart_ehr_launch_stu2_2/smart_token_exchange_stu2_2', () => {
  assert.equal(launched.answer.status, 200, launched.answer.text);
});

test('smart_ehr_launch_stu2_2/smart_token_response_body_stu2_2', () => {
  assertBody(launched.answer, asked);
  const { patient, encounter } = tokensOf(launched);
  assert.deepEqual([patient, encounter], [house.patient, house.encounter]);
});

test('smart_ehr_launch_stu2_2/smart_token_response_headers', () => assertHeaders(launched.answer));

// Pages of an app in a browser read the answer: an app that keeps a secret has none there.
test('smart_ehr_launch_stu2_2/smart_cors_token_exchange', async () => {
  const inBrowser = await newApp(house.instance, { isPublic: true, options: { 'launch-uri': launchUri } });
  const { answer } = await launch(inBrowser, byNothing, await startFromEhr(inBrowser), { origin });
  assert.equal(answer.status, 200, answer.text);
  assertReadable(answer);
});

test('smart_full_ehr_launch/smart_openid_decode_id_token', () => assertDecodes(launched));

test('smart_full_ehr_launch/smart_openid_retrieve_configuration', async () => {
  await openidConfiguration(launched);
});

test('smart_full_ehr_launch/smart_openid_required_configuration_fields', () => assertConfiguration(launched));

test('smart_full_ehr_launch/smart_openid_retrieve_jwks', () => assertKeys(launched));

test('smart_full_ehr_launch/smart_openid_token_header', () => assertHeader(launched));

test('smart_full_ehr_launch/smart_openid_token_payload', () => assertPayload(launched));

test('smart_full_ehr_launch/smart_openid_fhir_user_claim', async () => {
  await readFhirUser(launched);
});

test('smart_full_ehr_launch/smart_cors_openid_fhir_user_claim', async () => {
  assertReadable(await readFhirUser(launched));
});

let without: Launched;

test('smart_ehr_refresh_without_scopes/smart_token_refresh_stu2', async () => {
  without = await refreshed(launched);
});

test('smart_ehr_refresh_without_scopes/smart_token_refresh_body', () => {
  assertBody(without.answer, tokensOf(launched).scope);
});

test('smart_ehr_refresh_without_scopes/smart_token_response_headers', () => assertHeaders(without.answer));

let narrowed: Launched;

test('smart_ehr_refresh_with_scopes/smart_token_refresh_stu2', async () => {
  narrowed = await refreshed(without, { scope: tokensOf(without).scope });
});

test('smart_ehr_refresh_with_scopes/smart_token_refresh_body', () => {
  assertBody(narrowed.answer, tokensOf(without).scope);
});

test('smart_ehr_refresh_with_scopes/smart_token_response_headers', () => assertHeaders(narrowed.answer));
