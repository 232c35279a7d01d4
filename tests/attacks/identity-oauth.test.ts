/**
 * The authorization server over the real server, with a hostile eye. One rule at a time, with its negative control, is
 * held by the package's own tests, and not repeated here: PKCE downgrade, redirect URI tricks, mix-up (`iss`), scope
 * growth, races of codes (packages/identity/test/oauth/code.test.ts) and refresh tokens (refresh.test.ts), assertions
 * (assertions.test.ts), theft of bound tokens (dpop.test.ts, mtls.test.ts), SSRF (fetch.test.ts), log-out
 * (logout.test.ts), consent and interactions (packages/identity/test/smart/attacks.test.ts).
 */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newClient } from '../harness/clients.ts';
import {
  eventsOf,
  type IdentityHouse,
  identityHouse,
  known_ms,
  newParty,
  type Party,
} from '../harness/identity-house.ts';
import type { Answer, Instance } from '../harness/instance.ts';
import {
  type App,
  answerOf,
  basicOf,
  codeFor,
  encoded,
  form,
  newApp,
  newProof,
  type Params,
  postTo,
  redeem,
  refresh,
  requestPath,
  soundRequest,
  tokensFor,
} from '../harness/oauth-app.ts';
import { cliJson, signIn } from '../harness/people.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { openJar } from '../harness/people-jar.ts';

let house: IdentityHouse;
let safeguard: Instance;
let party: Party;
let other: Party;
let publicApp: App;
/** A second app of the tenant, which may act for people by token exchange. */
let delegate: App;
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

before(async () => {
  house = await identityHouse();
  safeguard = house.safeguard;
  party = await newParty(safeguard, 'default');
  other = await newParty(safeguard, 'other');
  publicApp = await newApp(safeguard, { isPublic: true, scopes: 'user/*.rs' });
  const grants = `authorization_code refresh_token ${exchange}`;
  delegate = await newApp(safeguard, { scopes: 'user/Observation.rs', more: ['--grant', grants] });
});
after(() => house?.remove());

const worth = async (token: string): Promise<number> =>
  (await safeguard.request({ path: `/fhir/R4/Patient/${randomUUID()}`, token })).status;
const [good, bad] = [404, 401];
const eventOf = async (answer: Answer) => (await eventsOf(house.inside, [1, other.number], [answer])).get(answer);
const scope = 'openid offline_access user/Patient.rs';

test('a stolen code: its replay is refused, ends what came of it, and is `code-replay` in the ledger', async () => {
  const code = await codeFor(party.worker.jar, party.app, { scope });
  const first = await redeem(safeguard, party.app, code);
  assert.equal(first.status, 200);
  assert.equal(await worth(first.json.access_token), good);
  const second = await redeem(safeguard, party.app, code);
  assert.deepEqual([second.status, second.json.error], [400, 'invalid_grant']);
  const event = await eventOf(second);
  assert.deepEqual([event?.action, event?.outcome, event?.tenant], ['code-replay', 'deny', 1]);
  assert.equal(await worth(first.json.access_token), bad);
  assert.equal((await refresh(safeguard, party.app, first.json.refresh_token)).status, 400);
});

test('a stolen refresh token: its second use ends the family, and is `refresh-replay` in the ledger', async () => {
  const tokens = await tokensFor(party.worker.jar, party.app, { scope });
  const next = await refresh(safeguard, party.app, tokens.refresh_token ?? '');
  assert.equal(next.status, 200);
  const replay = await refresh(safeguard, party.app, tokens.refresh_token ?? '');
  assert.deepEqual([replay.status, replay.json.error], [400, 'invalid_grant']);
  const event = await eventOf(replay);
  assert.deepEqual([event?.action, event?.outcome], ['refresh-replay', 'deny']);
  for (const token of [tokens.access_token, next.json.access_token]) assert.equal(await worth(token), bad);
  assert.equal(
    (await refresh(safeguard, party.app, next.json.refresh_token)).status,
    400,
    'the thief’s and the owner’s',
  );
});

test('what another app was given is nothing to this one: codes, refresh tokens, pushed requests', async () => {
  const code = await codeFor(party.worker.jar, party.app, { scope });
  for (const thief of [delegate, publicApp, other.app]) {
    assert.equal((await redeem(safeguard, thief, code)).json.error, 'invalid_grant', thief.client_id);
  }
  const own = await redeem(safeguard, party.app, code);
  assert.equal(own.status, 200, 'a stranger’s try takes nothing away from the owner');
  for (const thief of [delegate, publicApp, other.app]) {
    assert.equal((await refresh(safeguard, thief, own.json.refresh_token)).status, 400);
  }
  const sound = soundRequest(safeguard, party.app, newProof());
  const pushed = await postTo(safeguard, '/oauth2/par', party.app, sound);
  assert.equal(pushed.status, 201, pushed.text);
  const { request_uri } = pushed.json;
  for (const thief of [delegate, publicApp, other.app]) {
    const told = await answerOf(party.worker.jar, thief, requestPath({ client_id: thief.client_id, request_uri }));
    assert.ok(told['code'] === undefined, JSON.stringify(told));
  }
  const asked = requestPath({ client_id: party.app.client_id, request_uri });
  assert.ok((await answerOf(party.worker.jar, party.app, asked))['code'], 'negative control: its own app');
  assert.equal((await answerOf(party.worker.jar, party.app, asked))['code'], undefined, 'once');
});

test('a session of one tenant is nobody at an app of another, in both directions', async () => {
  for (const [app, person] of [
    [party.app, other.worker],
    [other.app, party.administrator],
  ] as const) {
    const jar = openJar(safeguard, person.jar.cookies);
    const page = await jar.go(requestPath(soundRequest(safeguard, app, newProof())));
    assert.match(new URL(page.at).pathname, /^\/sign-in$/, page.at);
    const silent = requestPath(soundRequest(safeguard, app, newProof(), { prompt: 'none' }));
    assert.equal((await answerOf(jar, app, silent))['error'], 'login_required');
  }
});

test('login CSRF: another site’s form signs nobody in; a planted request goes on in no other browser', async () => {
  const { login, password } = party.worker;
  const attempt = (headers: Record<string, string>): Promise<Answer> =>
    safeguard.request({
      method: 'POST',
      path: '/sign-in',
      headers: { ...form, ...headers },
      body: encoded({ login, password }),
    });
  for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }] as Record<string, string>[]) {
    const answer = await attempt(headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.equal(answer.headers['set-cookie'], undefined);
  }
  const thief = openJar(safeguard);
  const begun = await thief.go(requestPath(soundRequest(safeguard, party.app, newProof())));
  const interaction = String(new URL(begun.at).searchParams.get('return'));
  assert.match(interaction, /^\/interaction\//);
  const lured = await openJar(safeguard, party.worker.jar.cookies).go(interaction);
  assert.equal(lured.status, 404, 'the thief’s request does not go on in the victim’s browser');
});

test('an account that ends takes its tokens, refresh tokens and codes with it in a second, for good', async () => {
  const person = await inviteWithRole(safeguard, { login: 'brief@default.example', scopes: 'user/*.rs' });
  const tokens = await tokensFor(person.jar, party.app, { scope });
  const exchanged = await postTo(safeguard, '/oauth2/token', delegate, {
    grant_type: exchange,
    subject_token: (await tokensFor(person.jar, party.app, { scope: 'openid user/*.rs' })).access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    scope: 'user/Observation.rs',
  });
  assert.equal(exchanged.status, 200, exchanged.text);
  const code = await codeFor(person.jar, party.app, { scope });
  assert.equal(await worth(tokens.access_token), good);
  await cliJson(safeguard, 'user', 'suspend', person.login);
  await sleep(known_ms);
  const ended = async (): Promise<void> => {
    for (const token of [tokens.access_token, exchanged.json.access_token]) assert.equal(await worth(token), bad);
    assert.equal((await refresh(safeguard, party.app, tokens.refresh_token ?? '')).json.error, 'invalid_grant');
    assert.equal((await redeem(safeguard, party.app, code)).json.error, 'invalid_grant');
    assert.equal((await person.jar.api('GET', '/me')).status, 401);
  };
  await ended();
  await cliJson(safeguard, 'user', 'resume', person.login);
  await sleep(known_ms);
  await ended();
});

test('scopes do not grow: at the request, at the refresh, at the exchange', async () => {
  const tokens = await tokensFor(party.worker.jar, party.app, {
    scope: `${scope} user/*.cruds system/*.cruds safeguard/accounts safeguard/scim`,
  });
  assert.equal(tokens.scope, 'openid offline_access user/Patient.rs user/*.rs');
  const wider: Params = { scope: 'openid offline_access user/*.cruds safeguard/accounts' };
  const grown = await refresh(safeguard, party.app, tokens.refresh_token ?? '', wider);
  assert.equal(grown.json.error, 'invalid_scope', grown.text);
  const subject = await tokensFor(party.worker.jar, party.app, { scope: 'openid user/Observation.rs' });
  for (const [wanted, error] of [
    ['user/*.rs', 'invalid_scope'],
    ['user/Observation.cruds', 'invalid_scope'],
    ['safeguard/accounts', 'invalid_scope'],
    ['openid', 'invalid_scope'],
    ['user/Observation.rs', undefined],
  ] as const) {
    const answer = await postTo(safeguard, '/oauth2/token', delegate, {
      grant_type: exchange,
      subject_token: subject.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      scope: wanted,
    });
    assert.equal(answer.json.error, error, `${wanted}: ${answer.text}`);
  }
});

test('a program’s token is nobody at userinfo, a person’s is no session; introspection tells no stranger', async () => {
  const { access_token } = await tokensFor(party.worker.jar, party.app, { scope: 'openid profile user/Patient.rs' });
  assert.equal((await safeguard.request({ path: '/oauth2/userinfo', token: party.plain.token })).status, 401);
  assert.equal((await safeguard.request({ path: '/oauth2/userinfo', token: access_token })).json.sub, party.worker.id);
  assert.equal(
    (await safeguard.request({ path: '/account', token: access_token })).headers['location'],
    '/sign-in?return=%2Faccount',
  );
  for (const asker of [publicApp, other.app]) {
    const answer = await postTo(safeguard, '/oauth2/introspect', asker, { token: access_token });
    assert.ok(answer.json.active !== true, answer.text);
    assert.ok(!answer.text.includes(party.worker.id));
  }
  const own = await postTo(safeguard, '/oauth2/introspect', party.app, { token: access_token });
  assert.equal(own.json.active, true, 'negative control');
});

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('client assertions: a key of one’s own, an algorithm, a header prove nothing', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const mine = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS384', use: 'sig' };
  const file = join(safeguard.data, 'jwks.json');
  await writeFile(file, JSON.stringify({ keys: [jwk] }));
  const args = [
    'client',
    'create',
    'service',
    '--scopes',
    'system/*.rs',
    '--jwks',
    file,
    '--grant',
    'client_credentials',
  ];
  const { client_id } = await cliJson<{ client_id: string }>(safeguard, ...args);
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const now = Math.floor(Date.now() / 1000);
  const aud = `${safeguard.url}/oauth2/token`;
  const sound = (): Record<string, unknown> => ({
    ...{ iss: client_id, sub: client_id, aud, jti: randomUUID(), exp: now + 120, iat: now },
  });
  const rsa = (header: object, claims: object, key = privateKey): string => {
    const input = `${b64({ alg: 'RS384', typ: 'JWT', kid: 'k1', ...header })}.${b64(claims)}`;
    return `${input}.${sign('sha384', Buffer.from(input), key).toString('base64url')}`;
  };
  const hmac = (alg: string, hash: string, secret: string): string => {
    const input = `${b64({ alg, kid: 'k1' })}.${b64(sound())}`;
    return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
  };
  const own = { ...mine.publicKey.export({ format: 'jwk' }), kid: 'k1' };
  const send = (client_assertion: string): Promise<Answer> =>
    postTo(safeguard, '/oauth2/token', undefined, {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
    });
  const forged: Readonly<Record<string, string>> = {
    none: `${b64({ alg: 'none', kid: 'k1' })}.${b64(sound())}.`,
    None: `${b64({ alg: 'NoNe', kid: 'k1' })}.${b64(sound())}.`,
    'HS256 with the public key': hmac('HS256', 'sha256', String(pem)),
    'HS384 with the public JWK': hmac('HS384', 'sha384', JSON.stringify(jwk)),
    'HS256 with nothing': hmac('HS256', 'sha256', ''),
    'its own key': rsa({}, sound(), mine.privateKey),
    'its own key by jwk': rsa({ jwk: own }, sound(), mine.privateKey),
    'its own key by jku': rsa({ jku: 'https://evil.example/jwks.json' }, sound(), mine.privateKey),
    'its own key by x5u': rsa({ x5u: 'http://169.254.169.254/' }, sound(), mine.privateKey),
    'a path as kid': rsa({ kid: '../../../../../dev/null' }, sound()),
    'SQL as kid': rsa({ kid: "k1' or '1'='1" }, sound()),
    'a critical header': rsa({ crit: ['b64'], b64: false }, sound()),
    'too long a life': rsa({}, { ...sound(), exp: now + 86_400 }),
    'made in the future': rsa({}, { ...sound(), iat: now + 3_600, exp: now + 3_700 }),
    'not yet valid': rsa({}, { ...sound(), nbf: now + 3_600 }),
    expired: rsa({}, { ...sound(), exp: now - 60 }),
    'for somebody else': rsa({}, { ...sound(), aud: 'https://evil.example' }),
    'of somebody else': rsa({}, { ...sound(), sub: party.app.client_id }),
    'without jti': rsa({}, { ...sound(), jti: undefined }),
    'a jti that is an object': rsa({}, { ...sound(), jti: { $ne: null } }),
  };
  for (const [what, assertion] of Object.entries(forged)) {
    // A success in between, or the limit on failures would refuse the later ones unseen.
    assert.equal((await send(rsa({}, sound()))).status, 200, 'negative control');
    const answer = await send(assertion);
    assert.ok([400, 401].includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
    assert.equal(answer.json.access_token, undefined, what);
  }
});

test('tokens of a client end with it, its secret counts no more; two proofs, or none, are no proof', async () => {
  const client = await newClient(safeguard, { scopes: 'system/*.rs' });
  const app = { client_id: client.client_id, client_secret: client.client_secret };
  const grant: Params = { grant_type: 'client_credentials' };
  const twice = await safeguard.request({
    method: 'POST',
    path: '/oauth2/token',
    headers: { ...form, authorization: basicOf(app) },
    body: encoded({ ...grant, ...app }),
  });
  assert.equal(twice.status, 400, 'two ways at once');
  assert.equal(
    (await postTo(safeguard, '/oauth2/token', undefined, { ...grant, client_id: app.client_id })).status,
    401,
  );
  assert.equal((await safeguard.cli('client', 'revoke', app.client_id)).code, 0);
  await sleep(known_ms);
  assert.equal(await worth(client.token), bad);
  assert.equal((await postTo(safeguard, '/oauth2/token', app, grant)).status, 401);
});

test('signed out is signed out, for a copy of the cookie too; in another browser it ends at once', async () => {
  const jar = await signIn(safeguard, party.patient);
  const copy = openJar(safeguard, jar.cookies);
  assert.equal((await copy.api('GET', '/me')).status, 200);
  const stolen = await safeguard.request({
    path: '/api/v1/me',
    headers: { cookie: [...jar.cookies].map((pair) => pair.join('=')).join('; '), 'user-agent': 'curl/8.0' },
  });
  assert.equal(stolen.status, 401, 'a cookie in another browser');
  await sleep(known_ms);
  assert.equal((await copy.api('GET', '/me')).status, 401, 'whose miss ends it for good');
  const again = await signIn(safeguard, party.patient);
  const kept = openJar(safeguard, again.cookies);
  assert.equal((await again.post('/sign-out')).status, 200);
  assert.equal((await kept.api('GET', '/me')).status, 401);
});
