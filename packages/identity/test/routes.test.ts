import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { ClientCredentials, Identity } from '../index.ts';
import { newSecret, newToken } from '../secrets.ts';
import { asked, basic, type Call, call, openWorld, type World, wanted } from './world.ts';

let world: World;
let identity: Identity;
let client: ClientCredentials;
before(async () => {
  world = await openWorld();
  identity = world.identity;
  client = await identity.clients.create(wanted());
});
after(() => world.close());

const grant = { grant_type: 'client_credentials' };

test('both ways to authenticate give a token, answered as RFC 6749 5.1 says', async () => {
  const ways: Call[] = [
    { form: { ...grant, ...client } },
    { form: grant, authorization: basic(client.client_id, client.client_secret) },
    { form: { ...grant, client_id: client.client_id }, authorization: basic(client.client_id, client.client_secret) },
    { form: { ...grant, ...client, scope: 'system/Patient.rs', unknown: 'ignored', empty: '' } },
  ];
  for (const way of ways) {
    const { answer } = await call(identity, way);
    const body = JSON.parse(`${answer?.body}`);
    assert.equal(answer?.status, 200);
    assert.equal(answer?.headers?.['Cache-Control'], 'no-store');
    assert.equal(answer?.type, 'application/json');
    assert.deepEqual(Object.keys(body), ['access_token', 'token_type', 'expires_in', 'scope']);
    assert.equal(body.token_type, 'bearer');
    assert.equal(body.expires_in, 300);
    assert.deepEqual(answer?.targets, [{ type: 'Client', id: client.client_id }]);
    assert.equal(typeof (await asked(identity, `Bearer ${body.access_token}`)), 'object');
  }
});

test('errors have the names of RFC 6749 5.2', async () => {
  const header = basic(client.client_id, client.client_secret);
  const cases: [Call, string][] = [
    [{ form: { ...client } }, 'invalid_request'],
    [{ form: { ...client, grant_type: 'password' } }, 'unsupported_grant_type'],
    [{ form: { ...client, grant_type: 'authorization_code', code: 'x' } }, 'unsupported_grant_type'],
    [{ form: { ...client, ...grant, scope: 'user/*.rs' } }, 'invalid_scope'],
    [{ form: { ...client, ...grant }, authorization: header }, 'invalid_request'],
    [{ form: { ...grant, client_id: newId() }, authorization: header }, 'invalid_request'],
    [{ form: grant, query: `client_id=${client.client_id}&client_secret=x` }, 'invalid_request'],
    [{ form: 'grant_type=client_credentials&grant_type=client_credentials' }, 'invalid_request'],
    [{ path: '/oauth2/revoke', form: { ...client } }, 'invalid_request'],
  ];
  for (const [request, code] of cases) {
    const { error } = await call(identity, request);
    assert.equal(error?.issues?.[0]?.code, code, JSON.stringify(request));
    assert.equal(error?.kind, 'invalid');
  }
});

test('a failed proof is one 401 whatever was wrong; the event names a client only when it is one', async () => {
  const unknown = newId();
  const cases: [Call, string[]][] = [
    [{ form: { ...grant, ...client, client_secret: newSecret() } }, [client.client_id]],
    [{ form: grant, authorization: basic(client.client_id, 'wrong') }, [client.client_id]],
    [{ form: { ...grant, client_id: unknown, client_secret: newSecret() } }, []],
    [{ form: grant, authorization: basic(unknown, newSecret()) }, []],
    [{ form: { ...grant, client_id: 'Jane Doe', client_secret: 'x' } }, []],
    [{ form: grant }, []],
    [{ form: grant, authorization: 'Basic !!!' }, []],
    [{ form: grant, authorization: `Basic ${Buffer.from('%zz:%').toString('base64')}` }, []],
    [{ form: grant, authorization: `Basic ${'A'.repeat(100_000)}` }, []],
    [{ form: grant, authorization: `Bearer ${newToken()}` }, []],
  ];
  const texts = new Set<string>();
  for (const [[request, named], place] of cases.map((each, at) => [each, at] as const)) {
    const refused = await call(identity, { ...request, remote: `198.51.100.${place}` });
    assert.equal(refused.error?.kind, 'unauthenticated', JSON.stringify(request).slice(0, 80));
    assert.deepEqual(
      refused.named.map(({ id }) => id),
      named,
    );
    texts.add(`${refused.error?.message}`);
  }
  assert.equal(texts.size, 1);
});

test('revocation: the client’s own token ends; another’s and nonsense are 200 and nothing', async () => {
  const stranger = await identity.clients.create(wanted());
  const { access_token } = await identity.tokens.issue(client, '192.0.2.1');
  const revoke = (by: ClientCredentials, token: string) =>
    call(identity, { path: '/oauth2/revoke', form: { ...by, token, token_type_hint: 'access_token' } });
  for (const token of [newToken(), 'nonsense', '\u0000', "' or 1=1 --"])
    assert.equal((await revoke(client, token)).status, 200);
  assert.equal((await revoke(stranger, access_token)).status, 200);
  assert.equal(typeof (await asked(identity, `Bearer ${access_token}`)), 'object');
  const unproven = await revoke({ ...client, client_secret: newSecret() }, access_token);
  assert.equal(unproven.error?.kind, 'unauthenticated');
  assert.equal(typeof (await asked(identity, `Bearer ${access_token}`)), 'object');
  const done = await revoke(client, access_token);
  assert.equal(done.status, 200);
  assert.equal(done.answer?.body, undefined);
  assert.equal(typeof (await asked(identity, `Bearer ${access_token}`)), 'string');
});

test('the SMART configuration names what is served, and every endpoint that it names is a route', async () => {
  const { answer } = await call(identity, { path: '/fhir/R4/.well-known/smart-configuration' });
  const told = JSON.parse(`${answer?.body}`) as Record<string, unknown>;
  const endpoints = Object.entries(told).filter(([name]) => name.endsWith('_endpoint'));
  assert.deepEqual(endpoints.map(([name]) => name).sort(), ['revocation_endpoint', 'token_endpoint']);
  for (const [, address] of endpoints) {
    const path = String(address).replace('https://localhost:8443', '');
    assert.ok(
      identity.routes().some((route) => route.path === path && route.method === 'POST'),
      path,
    );
  }
  assert.deepEqual(told.grant_types_supported, ['client_credentials']);
});
