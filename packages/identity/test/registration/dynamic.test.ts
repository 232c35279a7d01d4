import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { administrator, approve, type House, openHouse, type Served, token } from './house.ts';

let house: House;
let inviter: Principal;
let reviewer: Principal;
before(async () => {
  house = await openHouse();
  inviter = await administrator(house);
  reviewer = await administrator(house);
  await house.tenants.configure(1, { dynamicRegistration: true });
});
after(() => house.close());

const invite = async (body: object = {}, as = inviter): Promise<string> =>
  (await house.api('POST', '/invitations', { as, body })).json.token;
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const service = (more: object = {}) => ({
  client_name: 'Quality reporter',
  grant_types: ['client_credentials'],
  scope: 'system/Observation.rs',
  ...more,
});
const web = (more: object = {}) => ({
  client_name: 'Diary',
  redirect_uris: ['https://diary.example/callback'],
  token_endpoint_auth_method: 'none',
  scope: 'openid launch/patient patient/Observation.rs offline_access',
  ...more,
});
const register = (secret: string, body: unknown, served: Pick<Served, 'send'> = house) =>
  served.send('POST', '/oauth2/register', { body, ...(secret === '' ? {} : { headers: bearer(secret) }) });

test('invited software registers itself, waits, and works once another administrator approved it', async () => {
  const made = await register(await invite(), service());
  assert.equal(made.status, 201, made.text);
  const { client_id, client_secret, registration_access_token, registration_client_uri } = made.json;
  assert.equal(made.headers.get('cache-control'), 'no-store');
  assert.match(client_secret, /^sgs_/);
  assert.equal(registration_client_uri, `${house.url}/oauth2/register/${client_id}`);
  assert.equal((await token(house, client_id, client_secret)).status, 401, 'not approved');
  const own = await approve(house, inviter, client_id);
  assert.equal(own.status, 403, 'who invited it does not approve it');
  const done = await approve(house, reviewer, client_id);
  assert.equal(done.status, 200, done.text);
  assert.equal(done.json.source, 'dynamic');
  assert.equal((await token(house, client_id, client_secret)).json.scope, 'system/Observation.rs');
  const told = house.events.findLast(({ action }) => action === 'client-register');
  assert.equal(told?.tenant, 1);
  assert.ok(!JSON.stringify(house.events).includes(registration_access_token));
  assert.ok(!JSON.stringify(house.events).includes(client_secret));
});

/** Whoever has no open invitation registers nothing, and hears one thing. */
async function closed(served: Served) {
  const used = await invite({ uses: 1 });
  assert.equal((await register(used, web(), served)).status, 201);
  const ended = await house.api('POST', '/invitations', { as: inviter, body: {} });
  await house.api('DELETE', `/invitations/${ended.json.invitation.id}`, { as: inviter });
  const before = (await house.registration.applications.list(1)).length;
  const answers = [];
  for (const secret of ['', 'sgi_x', `sgi_${'A'.repeat(43)}`, used, ended.json.token, `${used} `.repeat(2)]) {
    const answer = await register(secret, web(), served);
    assert.equal(answer.status, 401, answer.text);
    answers.push(answer.text);
  }
  assert.equal(new Set(answers).size, 1);
  assert.equal((await house.registration.applications.list(1)).length, before);
}

test('without an invitation, with one that is used up, ended or made up: nothing, in one answer', () => closed(house));

test('negative control: where uses are not counted the same test fails', async () => {
  const segment: House['segment'] = {
    ...house.segment,
    query: (tenant, { name, text }, values) =>
      house.segment.query(tenant, { name: `broken.${name}`, text: text.replace('and i.used < i.uses', '') }, values),
    transaction: (tenant, work) =>
      house.segment.transaction(tenant, (connection) =>
        work({
          query: ({ name, text }, values) => {
            const broken = text.replace('set used = i.used + 1', 'set used = 0').replace('and i.used < i.uses', '');
            return connection.query({ name: `broken.${name}`, text: broken }, values);
          },
        }),
      ),
  };
  const careless = await house.serve({ registration: { segment } });
  await assert.rejects(closed(careless), /201/);
});

test('of two that come for the last use, one registers', async () => {
  const secret = await invite({ uses: 2 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => register(secret, web())));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 401, 401, 401, 401]);
});

test('an invitation ends with its time, and with the rights of who made it', async () => {
  const short = await invite({ lifetime_s: 60 });
  house.clock.offset_ms += 61_000;
  assert.equal((await register(short, web())).status, 401);
  house.clock.offset_ms -= 61_000;
  const leaving = await administrator(house);
  const theirs = await invite({}, leaving);
  await house.accounts.terminate(1, leaving.id);
  assert.equal((await register(theirs, web())).status, 401);
});

test('switched off, not even an invitation opens it; and only administrators invite, with a fresh factor', async () => {
  const secret = await invite();
  await house.tenants.configure(1, { dynamicRegistration: false });
  const off = await register(secret, web());
  assert.equal(off.status, 403);
  assert.equal(off.json.error, 'access_denied');
  await house.tenants.configure(1, { dynamicRegistration: true });
  assert.equal((await register(secret, web())).status, 201, 'the use was not spent');
  const nobody = { ...inviter, roles: [] };
  const stale = { ...inviter, assurance: { level: 2 as const, at: 0, methods: ['pwd'] } };
  const program: Principal = { tenant: 1, kind: 'client', id: newId(), scopes: ['safeguard/clients'], view: 'full' };
  for (const [as, status] of [
    [nobody, 403],
    [stale, 401],
    [program, 403],
  ] as const) {
    assert.equal((await house.api('POST', '/invitations', { as, body: {} })).status, status);
  }
});

test('metadata is taken strictly: addresses by our rules, nothing that would be fetched', async () => {
  const secret = await invite({ uses: 100 });
  const wrong: [object, string][] = [
    [web({ redirect_uris: ['http://diary.example/'] }), 'invalid_redirect_uri'],
    [web({ redirect_uris: ['https://diary.example/#'] }), 'invalid_redirect_uri'],
    [web({ redirect_uris: ['diary://callback'] }), 'invalid_redirect_uri'],
    [web({ redirect_uris: [] }), 'invalid_redirect_uri'],
    [web({ redirect_uris: 'https://diary.example/' }), 'invalid_redirect_uri'],
    [web({ request_uris: ['https://169.254.169.254/'] }), 'invalid_client_metadata'],
    [web({ sector_identifier_uri: 'https://169.254.169.254/' }), 'invalid_client_metadata'],
    [web({ software_statement: 'e30.e30.' }), 'invalid_client_metadata'],
    [web({ jwks_uri: 'http://127.0.0.1/' }), 'invalid_client_metadata'],
    [web({ policy_uri: 'javascript:alert(1)' }), 'invalid_client_metadata'],
    [web({ response_types: ['token'] }), 'invalid_client_metadata'],
    [web({ grant_types: ['implicit'] }), 'invalid_client_metadata'],
    [web({ token_endpoint_auth_method: 'client_secret_jwt' }), 'invalid_client_metadata'],
    [web({ token_endpoint_auth_method: 'tls_client_auth' }), 'invalid_client_metadata'],
    [web({ scope: 'patient/Nothing.rs' }), 'invalid_client_metadata'],
    [web({ client_name: '' }), 'invalid_client_metadata'],
    [service({ token_endpoint_auth_method: 'none' }), 'invalid_client_metadata'],
    [[], 'invalid_client_metadata'],
  ];
  for (const [body, error] of wrong) {
    const answer = await register(secret, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(answer.json.error, error, answer.text);
    assert.ok(!/diary|169|alert/.test(answer.text), 'nothing of what came is told');
  }
  const logo = await register(secret, web({ logo_uri: 'https://169.254.169.254/logo.png' }));
  assert.equal(logo.status, 201);
  assert.equal(logo.json.logo_uri, undefined, 'left out, never fetched');
});

test('RFC 7592: it reads, changes and ends itself by its own token alone', async () => {
  const made = (await register(await invite(), web())).json;
  const other = (await register(await invite(), web())).json;
  const path = `/oauth2/register/${made.client_id}`;
  const own = bearer(made.registration_access_token);
  const read = await house.send('GET', path, { headers: own });
  assert.equal(read.json.client_name, 'Diary');
  assert.equal(read.json.client_secret, undefined);
  for (const headers of [{}, bearer(other.registration_access_token), bearer(`sgm_${'A'.repeat(43)}`)]) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? { body: { ...web(), client_id: made.client_id } } : {};
      assert.equal((await house.send(method, path, { headers, ...body })).status, 401, method);
    }
  }
  await approve(house, reviewer, made.client_id);
  const put = (body: object) => house.send('PUT', path, { headers: own, body });
  assert.equal((await put(web({ client_id: other.client_id }))).status, 400);
  const wider = await put(web({ client_id: made.client_id, redirect_uris: ['https://evil.example/'] }));
  assert.equal(wider.status, 200, wider.text);
  const client = async () => house.oauth.clients.byId(made.client_id);
  assert.deepEqual((await client())?.redirect_uris, ['https://diary.example/callback'], 'waits for a review');
  assert.equal((await house.registration.applications.byId(1, made.client_id))?.state, 'pending');
  const narrower = await put(web({ client_id: made.client_id, scope: 'patient/Observation.r' }));
  assert.equal(narrower.status, 200);
  assert.deepEqual((await client())?.scopes, ['patient/Observation.r']);
  assert.equal(
    (await put(web({ client_id: made.client_id, token_endpoint_auth_method: 'client_secret_basic' }))).status,
    400,
  );
  assert.equal((await house.send('DELETE', path, { headers: own })).status, 204);
  assert.equal((await client())?.state, 'revoked');
  assert.equal((await house.send('GET', path, { headers: own })).status, 401, 'its token ended with it');
});
