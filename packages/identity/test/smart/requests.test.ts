import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allow, createBrowser, exchange, formOf, request, scopesOf, signedInBrowser, told } from './browser.ts';
import { agent, makeAccount, makeApp, openWorld, type Served, type World } from './world.ts';

let world: World;
let served: Served;
before(async () => {
  world = await openWorld();
  served = await world.serve();
});
after(() => world.close());

const json = async (path: string) => (await (await fetch(`${served.url}${path}`)).json()) as Record<string, unknown>;

test('the SMART configuration says what is served, and the discovery says the same', async () => {
  const smart = await json('/fhir/R4/.well-known/smart-configuration');
  const oidc = await json('/.well-known/openid-configuration');
  for (const name of ['issuer', 'jwks_uri', 'authorization_endpoint', 'token_endpoint', 'introspection_endpoint']) {
    assert.equal(smart[name], oidc[name], name);
  }
  assert.equal(smart['revocation_endpoint'], oidc['revocation_endpoint']);
  assert.deepEqual(smart['code_challenge_methods_supported'], ['S256']);
  const capabilities = smart['capabilities'] as string[];
  for (const each of [
    'launch-ehr',
    'launch-standalone',
    'client-public',
    'client-confidential-asymmetric',
    'permission-v1',
  ])
    assert.ok(capabilities.includes(each), each);
  assert.ok(!capabilities.includes('context-standalone-encounter'), 'no port, no promise');
  const methods = oidc['token_endpoint_auth_methods_supported'] as string[];
  for (const each of smart['token_endpoint_auth_methods_supported'] as string[])
    assert.ok(methods.includes(each), each);
  const grants = oidc['grant_types_supported'] as string[];
  for (const each of smart['grant_types_supported'] as string[]) assert.ok(grants.includes(each), each);
});

test('a pushed request keeps offline_access and its launch checks', async () => {
  const app = await makeApp(world);
  const browser = await signedInBrowser(world, served, await makeAccount(world));
  const asked = request(served, app, { scope: 'openid offline_access user/*.rs' });
  const push = async (parameters: URLSearchParams) => {
    const answer = await fetch(`${served.url}/oauth2/par`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${app.client_id}:${app.secret}`).toString('base64')}` },
      body: parameters,
    });
    return (await answer.json()) as { request_uri?: string; error?: string };
  };
  const parameters = new URL(asked.url).searchParams;
  const { request_uri = '' } = await push(parameters);
  const code = await allow(
    browser,
    `${served.url}/oauth2/authorize?${new URLSearchParams({ client_id: app.client_id, request_uri })}`,
  );
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  assert.deepEqual(scopesOf(tokens), ['offline_access', 'openid', 'user/*.rs']);
  assert.ok(tokens.refresh_token);
  const unknown = new URLSearchParams([...parameters, ['launch', `sge_${'A'.repeat(43)}`]]);
  unknown.set('scope', 'launch user/*.rs');
  assert.equal((await push(unknown)).error, 'invalid_request');
  const elsewhere = new URLSearchParams(parameters);
  elsewhere.set('aud', 'https://evil.example/fhir');
  assert.equal((await push(elsewhere)).error, 'invalid_target');
});

test('without offline_access ticked there is no refresh token that outlives the session', async () => {
  const app = await makeApp(world);
  const browser = await signedInBrowser(world, served, await makeAccount(world));
  const asked = request(served, app, { scope: 'openid offline_access user/*.rs' });
  const page = await browser.get(asked.url);
  assert.match(page.body, /goes on after you sign out/);
  const form = formOf(page);
  form.delete('other');
  const code = told(await browser.post(`${page.url}/consent`, form));
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  assert.deepEqual(scopesOf(tokens), ['openid', 'user/*.rs']);
  assert.equal(tokens.refresh_token, undefined);
});

test('a request may come as a form; the app without a secret is served with PKCE', async () => {
  const app = await makeApp(world, { public: true });
  const browser = await signedInBrowser(world, served, await makeAccount(world));
  const asked = request(served, app, { scope: 'user/Observation.read' });
  const form = new URL(asked.url).searchParams;
  const posted = await browser.follow(await browser.ask('/oauth2/authorize', form, { origin: 'https://app.example' }));
  const code = told(await browser.post(`${posted.url}/consent`, formOf(posted)));
  const tokens = await exchange(served, app, asked, code['code'] ?? '');
  assert.deepEqual(scopesOf(tokens), ['user/Observation.read']);
});

test('an administrator lets an app manage accounts; nobody else can', async () => {
  const app = await makeApp(world, { scopes: ['safeguard/accounts', 'user/*.rs'] });
  const scope = 'openid safeguard/accounts safeguard/clients';
  const grant = async (roles: 'administrator'[]) => {
    const browser = await signedInBrowser(world, served, await makeAccount(world, { roles }));
    const asked = request(served, app, { scope });
    const code = await allow(browser, asked.url);
    return scopesOf(await exchange(served, app, asked, code['code'] ?? ''));
  };
  assert.deepEqual(await grant(['administrator']), ['openid', 'safeguard/accounts']);
  assert.deepEqual(await grant([]), ['openid']);
});

test('a session ends at our pages: the app is not answered without signing in again', async () => {
  const app = await makeApp(world);
  const account = await makeAccount(world);
  const browser = await signedInBrowser(world, served, account);
  assert.ok((await allow(browser, request(served, app, { scope: 'user/*.rs' }).url))['code']);
  await world.sessions.endAll(1, account.id);
  const start = await browser.ask(request(served, app, { scope: 'user/*.rs' }).url);
  assert.match((await browser.ask(start.location ?? '')).location ?? '', /^\/sign-in\?/);
});

test('unknown interactions are one page, for whoever asks', async () => {
  const browser = createBrowser(served);
  for (const uid of ['x', 'A'.repeat(43), '..%2F..%2Faccount', '%00']) {
    const answer = await fetch(`${served.url}/interaction/${uid}`, { headers: { 'user-agent': agent } });
    assert.ok([400, 404].includes(answer.status), uid);
  }
  assert.equal((await browser.get(`/interaction/${'A'.repeat(43)}`)).status, 404);
});
