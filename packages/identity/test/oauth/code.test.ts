import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { validateAuthResponse } from 'oauth4webapi';
import { Provider } from 'oidc-provider';
import { asOwner, bend, doctored } from './doctored.ts';
import { ask, challengeOf, codeFor, json, pkce, post, redeem, requestUrl, token, tokensFor, worth } from './flow.ts';
import { base, callback, fhir, type House, openHouse, rules } from './house.ts';
import { standIn } from './stand-in.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const last = (action: string) => house.events.findLast((event) => event.action === action);

test('a code works once: its replay is refused, ends the grant with its tokens, and stands in the ledger', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const given = await codeFor(house, app, who.cookie);
  const first = await redeem(house, app, given);
  assert.equal(first.status, 200);
  assert.equal((await worth(house, first.body.access_token)).id, who.id);
  const again = await redeem(house, app, given);
  assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
  assert.equal(await worth(house, first.body.access_token), 401);
  const refreshed = await token(house, app, { grant_type: 'refresh_token', refresh_token: first.body.refresh_token });
  assert.deepEqual([refreshed.status, refreshed.body.error], [400, 'invalid_grant']);
  const told = last('code-replay');
  assert.deepEqual([told?.outcome, told?.tenant], ['deny', 1]);
  assert.ok(told?.targets.some(({ type, id }) => type === 'Client' && id === app.client_id));
});

test('two processes that race with one code: one answer with a token, never two', async () => {
  const other = await house.process();
  const [app, who] = [await house.app(), await house.person()];
  for (let round = 0; round < 8; round++) {
    const given = await codeFor(house, app, who.cookie);
    const answers = await Promise.all([house, other, house, other].map((each) => redeem(each, app, given)));
    const tokens = answers.filter(({ status }) => status === 200);
    assert.ok(tokens.length <= 1, `${answers.map(({ status }) => status)}`);
    for (const { body } of answers.filter(({ status }) => status !== 200)) assert.equal(body.error, 'invalid_grant');
    // The others were replays: what the one got is worth nothing.
    for (const { body } of tokens) assert.equal(await worth(house, body.access_token), 401);
  }
});

test('negative control: where using up does not decide, the race gives two tokens', async () => {
  const { segment } = house;
  const broken = await house.process({
    segment: {
      ...segment,
      query: async (tenant, statement, values) =>
        statement.name === 'identity.oidc.consume'
          ? ([{ grant_id: 'any' }] as never)
          : segment.query(tenant, statement, values),
    },
  });
  const [app, who] = [await house.app(), await house.person()];
  const given = await codeFor(broken, app, who.cookie);
  const answers = await Promise.all([1, 2].map(() => redeem(broken, app, given)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
});

test('a code is bound to its client, its redirect URI and its verifier', async () => {
  const [app, thief, who] = [await house.app(), await house.app(), await house.person()];
  const refused = async (more: Record<string, string | undefined>, by = app) => {
    const answer = await redeem(house, by, await codeFor(house, app, who.cookie), more);
    assert.equal(answer.status, 400, JSON.stringify([more, answer.body]));
    return answer.body.error;
  };
  assert.equal(await refused({}, thief), 'invalid_grant');
  assert.equal(await refused({ redirect_uri: `${callback}/` }), 'invalid_grant');
  assert.equal(await refused({ redirect_uri: undefined }), 'invalid_request');
  assert.equal(await refused({ code_verifier: undefined }), 'invalid_grant');
  assert.equal(await refused({ code_verifier: pkce().verifier }), 'invalid_grant');
  assert.equal(await refused({ code_verifier: 'short' }), 'invalid_request');
  assert.equal(await refused({ code: undefined }), 'invalid_request');
  for (const code of ['x', 'sgt_x', "' or 1=1 --", '\u0000', 'a'.repeat(5_000)]) {
    const { status, body } = await redeem(house, app, { code, verifier: pkce().verifier });
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  }
});

test('negative control: a server that looks at one of these bindings less lets exactly that through', async () => {
  const [app, thief, who] = [await house.app(), await house.app(), await house.person()];
  const params = () => Provider.ctx?.oidc.params;
  const variants: [(code: Record<string, unknown>) => void, Record<string, string | undefined>, typeof app][] = [
    [asOwner, {}, thief],
    [(code) => Object.assign(code, { redirectUri: params()?.redirect_uri }), { redirect_uri: `${callback}/` }, app],
    [(code) => Object.assign(code, { codeChallenge: undefined }), { code_verifier: undefined }, app],
    [
      (code) => Object.assign(code, { codeChallenge: challengeOf(String(params()?.code_verifier)) }),
      { code_verifier: pkce().verifier },
      app,
    ],
  ];
  for (const [change, more, by] of variants) {
    const broken = await doctored(house, {
      once: (provider) => {
        bend(provider.AuthorizationCode, change);
        if (by === thief) bend(provider.Grant, asOwner);
      },
    });
    const { status, body } = await redeem(broken, by, await codeFor(house, app, who.cookie), more);
    assert.equal(status, 200, JSON.stringify([more, body]));
  }
});

test('a code lives a minute', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const given = await codeFor(house, app, who.cookie);
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  try {
    assert.equal((await redeem(house, app, given)).body.error, 'invalid_grant');
  } finally {
    mock.timers.reset();
  }
  assert.equal((await redeem(house, app, given)).status, 200, 'it was not used up by that');
});

const { code_challenge } = pkce();
const downgrades: [string, Record<string, string | undefined>][] = [
  ['none', { code_challenge: undefined, code_challenge_method: undefined }],
  ['plain', { code_challenge, code_challenge_method: 'plain' }],
  ['no method, so plain', { code_challenge, code_challenge_method: undefined }],
  ['a method that is none', { code_challenge, code_challenge_method: 'S512' }],
  ['lower case', { code_challenge, code_challenge_method: 's256' }],
  ['no challenge', { code_challenge: undefined, code_challenge_method: 'S256' }],
  ['too short', { code_challenge: 'abc', code_challenge_method: 'S256' }],
];

test('PKCE cannot be left out or weakened, whoever the client is', async () => {
  const who = await house.person();
  const apps = [await house.app(), await house.app({ auth_method: 'none' })];
  for (const app of apps) {
    for (const [name, more] of downgrades) {
      const { url } = await ask(house, requestUrl(app, pkce(), more), who.cookie);
      assert.ok(url.href.startsWith(callback), name);
      assert.deepEqual([url.searchParams.get('error'), url.searchParams.get('code')], ['invalid_request', null], name);
      assert.equal(url.searchParams.get('state'), 'a-state');
      assert.equal(url.searchParams.get('iss'), base);
    }
  }
  // The challenge itself in the place of the verifier: what `plain` would take.
  const given = await codeFor(house, apps[0] as never, who.cookie);
  const { body } = await redeem(house, apps[0] as never, { ...given, verifier: challengeOf(given.verifier) });
  assert.equal(body.error, 'invalid_grant');
});

test('negative control: where PKCE is a wish, each of these is a code that needs no verifier', async () => {
  const who = await house.person();
  const broken = await doctored(house, {
    once: (_provider, configuration) => {
      configuration.pkce = { required: () => false };
    },
    // What it does not understand, it leaves out.
    each: ({ oidc: { params } }) => {
      const isSound = params.code_challenge?.length === 43 && params.code_challenge_method === 'S256';
      if (!isSound) Object.assign(params, { code_challenge: undefined, code_challenge_method: undefined });
    },
  });
  for (const app of [await house.app(), await house.app({ auth_method: 'none' })]) {
    for (const [name, more] of downgrades) {
      const { code } = await codeFor(broken, app, who.cookie, more);
      const { status } = await redeem(house, app, { code, verifier: '' }, { code_verifier: undefined });
      assert.equal(status, 200, name);
    }
  }
  const app = await house.app();
  const plain = await doctored(house, {
    once: ({ AuthorizationCode }) =>
      bend(AuthorizationCode, (code) => Object.assign(code, { codeChallenge: challengeOf(code.codeChallenge) })),
  });
  const given = await codeFor(house, app, who.cookie);
  assert.equal((await redeem(plain, app, { ...given, verifier: challengeOf(given.verifier) })).status, 200, 'plain');
});

const tricks = [
  'https://app.example/callback/',
  'https://app.example/callback?x=1',
  'https://app.example/callback#x',
  'https://app.example/callback/../callback',
  'https://app.example/callback/..',
  'https://app.example//callback',
  'https://app.example/Callback',
  'https://app.example/callback%00',
  'https://app.example/callback%2f',
  'https://app.example/callback;x',
  'https://app.example/callback ',
  ' https://app.example/callback',
  'https://app.example/callback\n',
  'https://app.example/callback\\',
  'https:\\\\app.example\\callback',
  'https:/app.example/callback',
  'https:app.example/callback',
  '//app.example/callback',
  '/callback',
  'callback',
  'http://app.example/callback',
  'HTTPS://app.example/callback',
  'https://APP.example/callback',
  'https://app.example:443/callback',
  'https://app.example:8443/callback',
  'https://app.example./callback',
  'https://app.example@evil.example/callback',
  'https://evil.example/callback',
  'https://evil.example?https://app.example/callback',
  'https://evil.example#https://app.example/callback',
  'https://app.example.evil.example/callback',
  'https://sub.app.example/callback',
  'https://user@app.example/callback',
  'https://app.example%2f@evil.example/callback',
  'https://аpp.example/callback',
  'https://app。example/callback',
  'https://*.example/callback',
  'javascript:alert(1)//https://app.example/callback',
  'data:text/html,x',
  'app:/callback',
  'http://localhost/callback',
  'http://127.0.0.1:1/callback',
  '',
];

test('a redirect URI counts letter by letter: every trick ends at a page of ours, with nothing of it', async () => {
  const [app, who] = [await house.app(), await house.person()];
  assert.ok(tricks.length >= 30);
  for (const redirect_uri of tricks) {
    const { url, answer } = await ask(house, requestUrl(app, pkce(), { redirect_uri }), who.cookie);
    assert.ok(url.href.startsWith(`${base}/oauth2/authorize`), redirect_uri);
    assert.equal(answer.status, 400, redirect_uri);
    const text = await answer.text();
    assert.ok(!text.includes('evil') && !text.includes('callback'), text);
  }
  const twice = `${requestUrl(app, pkce())}&redirect_uri=${encodeURIComponent('https://evil.example/')}`;
  assert.equal((await ask(house, twice, who.cookie)).answer.status, 400);
  const unknown = requestUrl({ client_id: '00000000-0000-0000-0000-000000000001' }, pkce());
  const page = await ask(house, unknown, who.cookie);
  assert.equal(page.answer.status, 400);
  assert.ok(!(await page.answer.text()).includes('00000000'));
});

test('negative control: with a comparison that forgives, a trick gets through', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const { segment } = house;
  const forgiving = await house.process({
    segment: {
      ...segment,
      async query(tenant, statement, values) {
        const rows = await segment.query(tenant, statement, values);
        if (statement.name !== 'identity.client.oauth') return rows as never;
        return rows.map((row) => ({ ...row, redirect_uris: [callback, 'https://evil.example/callback'] })) as never;
      },
    },
  });
  const url = requestUrl(app, pkce(), { redirect_uri: 'https://evil.example/callback' });
  assert.ok((await ask(forgiving, url, who.cookie)).url.href.startsWith('https://evil.example/callback?code='));
});

test('the answer names its issuer, in success and in error: a mix-up is seen by the app', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const good = await ask(house, requestUrl(app, pkce()), who.cookie);
  const bad = await ask(house, requestUrl(app, pkce(), { code_challenge_method: 'plain' }), who.cookie);
  for (const { url } of [good, bad]) assert.equal(url.searchParams.get('iss'), base);
  const metadata = await json(await house.fetch(`${base}/.well-known/oauth-authorization-server`));
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  assert.equal(metadata.issuer, base);
});

test('a mix-up: an app that asked another server refuses our answer; negative control: without `iss`', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const { client_id } = app;
  const asked = { issuer: 'https://evil.example', authorization_response_iss_parameter_supported: true };
  // The other server sent the browser on to us, with an app’s request of ours: the app takes the answer for its own.
  const ours = (await ask(house, requestUrl(app, pkce()), who.cookie)).url;
  assert.ok(ours.searchParams.has('code'));
  assert.throws(() => validateAuthResponse(asked, { client_id }, ours, 'a-state'), /iss/);
  const silent = await doctored(house, {
    once: (provider) => provider.on('authorization.success', (_ctx: unknown, out: { iss?: string }) => delete out.iss),
  });
  const mixed = (await ask(silent, requestUrl(app, pkce()), who.cookie)).url;
  const taken = validateAuthResponse({ issuer: asked.issuer }, { client_id }, mixed, 'a-state');
  assert.ok(taken.has('code'), 'the app goes on, and hands our code to the other server');
});

test('only `code` is answered; request objects, their addresses and registrations are not read', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const tries: [string, Record<string, string>][] = [
    ['invalid_request', { response_type: 'token' }],
    ['invalid_request', { response_type: 'id_token', nonce: 'n' }],
    ['invalid_request', { response_type: 'code id_token', nonce: 'n' }],
    ['unsupported_response_type', { response_type: 'none' }],
    ['request_not_supported', { request: 'eyJhbGciOiJub25lIn0.eyJzY29wZSI6IngifQ.' }],
    ['request_uri_not_supported', { request_uri: 'https://169.254.169.254/latest/meta-data' }],
    ['invalid_request', { response_mode: 'fragment' }],
    ['registration_not_supported', { registration: '{}' }],
    ['invalid_target', { aud: 'https://evil.example/fhir' }],
    ['invalid_target', { resource: 'https://evil.example/fhir' }],
  ];
  for (const [error, more] of tries) {
    const { url } = await ask(house, requestUrl(app, pkce(), more), who.cookie);
    // Where a token was asked for, the error is told where the token would have stood.
    const told = new URLSearchParams(url.hash.slice(1)).get('error') ?? url.searchParams.get('error');
    assert.equal(told, error, `${JSON.stringify(more)} ${url.href}`);
  }
});

test('an answer by a form would need a script: it is refused on a page of ours', async () => {
  const [app, who] = [await house.app(), await house.person()];
  const { url, answer } = await ask(house, requestUrl(app, pkce(), { response_mode: 'form_post' }), who.cookie);
  assert.ok(url.href.startsWith(base));
  assert.equal(answer.status, 400);
  assert.ok(!(await answer.text()).includes('<script'));
});

test('scopes cannot grow: not at the request, not at the token endpoint, not by the client', async () => {
  const [app, who] = [await house.app({ scopes: ['user/Patient.rs'] }), await house.person()];
  const tokens = await tokensFor(house, app, who.cookie, {
    scope: 'openid user/Patient.rs user/Observation.cruds system/*.rs safeguard/accounts offline_access',
  });
  const { scopes } = await worth(house, tokens.access_token);
  assert.deepEqual(scopes.toSorted(), ['offline_access', 'openid', 'user/Patient.rs']);
  const { refresh_token } = tokens;
  const more = await token(house, app, { grant_type: 'refresh_token', refresh_token, scope: 'user/*.cruds' });
  assert.deepEqual([more.status, more.body.error], [400, 'invalid_scope']);
  assert.ok(!JSON.stringify(more.body).includes('user/*'));
});

test('what a page gave in error, the token endpoint takes away; negative control: neither narrows', async () => {
  const [app, who] = [await house.app({ scopes: ['user/Patient.rs'] }), await house.person()];
  const lax = { ...rules, narrows: () => true };
  const smart = standIn({ rules: lax, sessions: house.sessions });
  const scope = 'openid user/Patient.rs user/Observation.cruds offline_access';
  const scopesAt = async (change: object) => {
    const { access_token } = await tokensFor(await house.process({ change: { smart, ...change } }), app, who.cookie, {
      scope,
    });
    return (await worth(house, access_token)).scopes.includes('user/Observation.cruds');
  };
  assert.equal(await scopesAt({}), false);
  assert.equal(await scopesAt({ scopes: lax }), true);
  // At the token endpoint: of a server that forgot what the refresh token was given for.
  const { refresh_token } = await tokensFor(house, app, who.cookie);
  const grow = { grant_type: 'refresh_token', refresh_token, scope: 'user/*.cruds' };
  const forgetful = await doctored(
    house,
    {
      once: ({ RefreshToken, Grant }) => {
        bend(RefreshToken, (found) => Object.assign(found, { scope: `${found.scope} user/*.cruds` }));
        bend(Grant, (found) => found.addResourceScope(fhir, 'user/*.cruds'));
      },
    },
    { change: { scopes: lax } },
  );
  assert.equal((await token(house, app, grow)).body.error, 'invalid_scope');
  const grown = await token(forgetful, app, grow);
  assert.equal(grown.body.scope, 'user/*.cruds', JSON.stringify(grown.body));
});

test('an authorization request as a form is sent on as an address, with which the cookie comes', async () => {
  const app = await house.app();
  const [, query = ''] = requestUrl(app, pkce()).split('?');
  const answer = await post(house, '/oauth2/authorize', Object.fromEntries(new URLSearchParams(query)));
  assert.equal(answer.status, 303);
  assert.ok(answer.headers.get('location')?.startsWith('/oauth2/authorize?'));
});

test('without a session the browser is led to sign in, and comes back to where it was', async () => {
  const { browser } = await import('./browser.ts');
  const [app, who] = [await house.app(), await house.person()];
  const window = browser(house);
  const proof = pkce();
  const first = await house.fetch(requestUrl(app, proof));
  for (const cookie of first.headers.getSetCookie()) {
    assert.match(cookie, /^__Secure-safeguard-(interaction|resume)=/);
    for (const attribute of [/; secure/i, /; httponly/i, /; samesite=lax/i, /; path=\/.+\/[\w-]+/i])
      assert.match(cookie, attribute);
    assert.doesNotMatch(cookie, /domain=/i);
  }
  const { url, answer } = await window.go(requestUrl(app, proof));
  assert.match(url.pathname, /^\/interaction\//);
  assert.equal(await answer.text(), 'login');
  // The address alone opens nothing: the interaction is this browser's.
  assert.equal((await browser(house, who.cookie).go(url.href)).answer.status, 404);
  window.signIn(who.cookie);
  const back = await window.go(url.href);
  const code = back.url.searchParams.get('code') ?? '';
  assert.equal((await redeem(house, app, { code, verifier: proof.verifier })).status, 200);
  const silent = await ask(house, requestUrl(app, pkce(), { prompt: 'none', scope: 'openid user/Patient.rs' }), '');
  assert.equal(silent.url.searchParams.get('error'), 'login_required');
  assert.ok(fhir.startsWith(base));
});
