/**
 * The case list of the ONC Inferno SMART App Launch test kit, suite `smart_stu2_2`, as tests of ours: backend services
 * and token introspection.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Answer } from '../harness/instance.ts';
import { cliJson } from '../harness/people.ts';
import { type App, form, newApp, type Params } from './app.ts';
import { flow, type House, openHouse, type Tokens } from './house.ts';
import { assertTls } from './launched.ts';

const algorithms = ['RS384', 'ES384'] as const;
type Algorithm = (typeof algorithms)[number];
type Keys = Record<Algorithm, Awaited<ReturnType<typeof generateKeyPair>>['privateKey']>;

let house: House;
let service: { client_id: string };
let keys: Keys;
let app: App;
let given: Tokens;

async function registerService(): Promise<void> {
  const pairs = await Promise.all(algorithms.map((alg) => generateKeyPair(alg)));
  const jwks = await Promise.all(
    pairs.map(async ({ publicKey }, index) => ({
      ...(await exportJWK(publicKey)),
      kid: algorithms[index],
      use: 'sig',
    })),
  );
  keys = Object.fromEntries(pairs.map(({ privateKey }, index) => [algorithms[index], privateKey])) as Keys;
  const file = join(house.instance.data, 'service-keys.json');
  await writeFile(file, JSON.stringify({ keys: jwks }));
  const args = ['client', 'create', 'Bulk loader', '--scopes', 'system/*.rs', '--jwks', file];
  service = await cliJson(house.instance, ...args);
}

before(async () => {
  house = await openHouse();
  await registerService();
  app = await newApp(house.instance);
  const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
  given = (await flow(house, app, { scope, aud: house.fhir })).tokens;
});
after(() => house.close());

const tokenUrl = (): string => `${house.issuer}/oauth2/token`;

/** SMART App Launch 2.2, "Client Authentication: Asymmetric". */
const assertion = (alg: Algorithm, key = keys[alg], iss = service.client_id): Promise<string> =>
  new SignJWT({})
    .setProtectedHeader({ alg, kid: alg, typ: 'JWT' })
    .setIssuer(iss)
    .setSubject(service.client_id)
    .setAudience(tokenUrl())
    .setJti(randomUUID())
    .setExpirationTime('4m')
    .sign(key);

async function asService(alg: Algorithm, more: Params = {}): Promise<Answer> {
  const proof = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(alg),
  };
  return form(house.instance, '/oauth2/token', {
    grant_type: 'client_credentials',
    scope: 'system/*.rs',
    ...proof,
    ...more,
  });
}

test('backend_services_authorization/smart_backend_services_token_tls_version', async () => {
  await assertTls(tokenUrl());
});

test('backend_services_authorization/smart_backend_services_invalid_grant_type', async () => {
  for (const alg of algorithms) assert.equal((await asService(alg, { grant_type: 'not_a_grant_type' })).status, 400);
});

test('backend_services_authorization/smart_backend_services_invalid_client_assertion', async () => {
  for (const alg of algorithms) {
    const { status } = await asService(alg, { client_assertion_type: 'not_an_assertion_type' });
    assert.equal(status, 400);
  }
});

// The kit's own request for this case is the one of the case before; here the assertions themselves are wrong.
test('backend_services_authorization/smart_backend_services_invalid_jwt', async () => {
  const client_assertion_type = 'not_an_assertion_type';
  for (const alg of algorithms) {
    const { privateKey: foreign } = await generateKeyPair(alg);
    const wrong = [await assertion(alg, foreign), await assertion(alg, keys[alg], randomUUID()), 'not.a.jwt'];
    for (const client_assertion of wrong) {
      const { status, json } = await asService(alg, { client_assertion });
      assert.ok([400, 401].includes(status), `${status}`);
      assert.equal(json.access_token, undefined);
    }
    assert.ok([400, 401].includes((await asService(alg, { client_assertion_type })).status));
  }
});

test('backend_services_authorization/smart_backend_services_auth_request_success', async () => {
  for (const alg of algorithms) assert.ok([200, 201].includes((await asService(alg)).status), alg);
});

test('backend_services_authorization/smart_backend_services_auth_response_body', async () => {
  const { json } = await asService('ES384');
  assert.ok(json.access_token);
  assert.equal(json.token_type.toLowerCase(), 'bearer');
  assert.ok(json.expires_in > 0);
  assert.equal(json.scope, 'system/*.rs');
  const read = await house.instance.request({ path: `/fhir/R4/Patient/${house.patient}`, token: json.access_token });
  assert.equal(read.status, 200);
});

/** Asked by a service that keeps a key of its own: what the guide recommends for a resource server. */
async function introspect(token: string): Promise<Answer> {
  const proof = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion('RS384'),
  };
  const { json } = await house.instance.request({ path: '/fhir/R4/.well-known/smart-configuration' });
  return form(house.instance, json.introspection_endpoint, { token, ...proof });
}

test('smart_token_introspection_request_group/Test01', async () => {
  const { status, json } = await introspect(given.access_token);
  assert.equal(status, 200);
  assert.equal(typeof json, 'object');
});

test('smart_token_introspection_request_group/Test02', async () => {
  const { status, json } = await introspect('invalid_token_value');
  assert.equal(status, 200);
  assert.equal(typeof json, 'object');
});

const sorted = (scope: string): string[] => scope.split(' ').toSorted();

test('smart_token_introspection_response_group/Test01', async () => {
  const { json } = await introspect(given.access_token);
  assert.equal(json.active, true);
  assert.equal(json.client_id, app.client_id);
  assert.deepEqual(sorted(json.scope), sorted(given.scope));
  assert.ok(json.exp > Date.now() / 1000);
  assert.equal(json.patient, given.patient);
  const { iss, sub, fhirUser } = decodeJwt<{ fhirUser: string }>(given.id_token);
  assert.deepEqual([json.iss, json.sub, json.fhirUser], [iss, sub, fhirUser]);
});

test('smart_token_introspection_response_group/Test02', async () => {
  assert.deepEqual((await introspect('invalid_token_value')).json, { active: false });
});
