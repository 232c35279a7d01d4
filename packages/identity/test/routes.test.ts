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
    const { status, answer, json, named } = await call(identity, way);
    assert.equal(status, 200);
    assert.equal(answer?.headers?.['cache-control'], 'no-store');
    assert.match(answer?.type ?? '', /^application\/json/);
    assert.deepEqual(Object.keys(json).toSorted(), ['access_token', 'expires_in', 'scope', 'token_type']);
    // RFC 6749 5.1: any case; SMART App Launch 2.2 spells it so.
    assert.equal(json.token_type, 'Bearer');
    assert.equal(json.expires_in, 300);
    assert.deepEqual(named, [{ type: 'Client', id: client.client_id }]);
    assert.equal(typeof (await asked(identity, `Bearer ${json.access_token}`)), 'object');
  }
});

test('errors have the names of RFC 6749 5.2', async () => {
  const header = basic(client.client_id, client.client_secret);
  const cases: [Call, string][] = [
    [{ form: { ...client } }, 'invalid_request'],
    [{ form: { ...client, grant_type: 'password' } }, 'unsupported_grant_type'],
    [{ form: { ...client, grant_type: 'authorization_code', code: 'x' } }, 'invalid_request'],
    [{ form: { ...client, ...grant, scope: 'user/*.rs' } }, 'invalid_scope'],
    [{ form: { ...client, ...grant }, authorization: header }, 'invalid_request'],
    [{ form: { ...grant, client_id: newId() }, authorization: header }, 'invalid_request'],
    [{ form: grant, query: `client_id=${client.client_id}&client_secret=x` }, 'invalid_request'],
    [{ form: 'grant_type=client_credentials&grant_type=client_credentials' }, 'invalid_request'],
    [{ path: '/oauth2/revoke', form: { ...client } }, 'invalid_request'],
  ];
  for (const [request, code] of cases) {
    const { status, json } = await call(identity, request);
    assert.deepEqual([status, json?.error], [400, code], JSON.stringify(request));
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
    [{ form: grant, authorization: `Basic ${Buffer.from(`${unknown}:x`).toString('base64')}` }, []],
  ];
  const texts = new Set<string>();
  for (const [[request, named], place] of cases.map((each, at) => [each, at] as const)) {
    const refused = await call(identity, { ...request, remote: `198.51.100.${place}` });
    assert.equal(refused.status, 401, JSON.stringify(request).slice(0, 80));
    assert.deepEqual(
      refused.named.map(({ id }) => id),
      named,
    );
    texts.add(JSON.stringify(refused.json));
  }
  assert.deepEqual([...texts], ['{"error":"invalid_client","error_description":"client authentication failed"}']);
});

test('credentials that cannot be read are an invalid request', async () => {
  const headers = ['Basic !!!', `Basic ${'A'.repeat(9_000)}`, `Bearer ${newToken()}`, 'Basic', 'Basic Og=='];
  for (const authorization of [undefined, ...headers, `Basic ${Buffer.from('%zz:%').toString('base64')}`]) {
    const { status, json } = await call(identity, { form: grant, ...(authorization && { authorization }) });
    assert.deepEqual([status, json?.error], [400, 'invalid_request'], authorization?.slice(0, 20));
  }
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
  assert.equal(unproven.status, 401);
  assert.equal(typeof (await asked(identity, `Bearer ${access_token}`)), 'object');
  const done = await revoke(client, access_token);
  assert.equal(done.status, 200);
  assert.equal(done.answer?.body, undefined);
  assert.equal(typeof (await asked(identity, `Bearer ${access_token}`)), 'string');
});
