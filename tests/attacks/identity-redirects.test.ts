/**
 * What a request can make of an answer's addresses, headers and cookies, over every route of people and apps: nothing.
 * Beside this: the closed list of return paths (packages/identity/test/sign-in/return-path.test.ts), redirect URIs
 * letter by letter (oauth/code.test.ts), log-out's way back (oauth/logout.test.ts), a cookie that comes twice
 * (pages/attacks.test.ts), smuggling and header limits (hostile-http.test.ts, bad-wire.test.ts).
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Route } from '@safeguard/http';
import {
  type Asker,
  byBrowser,
  byToken,
  type IdentityHouse,
  identityHouse,
  newParty,
  type Party,
} from '../harness/identity-house.ts';
import type { Answer, Asked, Instance } from '../harness/instance.ts';
import { basicOf, encoded, form, newProof, postTo, soundRequest } from '../harness/oauth-app.ts';
import { servedRoutes } from '../harness/routes.ts';

let house: IdentityHouse;
let safeguard: Instance;
let party: Party;
let worker: Asker;

before(async () => {
  house = await identityHouse();
  safeguard = house.safeguard;
  party = await newParty(safeguard, 'default');
  worker = byBrowser(party.worker);
});
after(() => house?.remove());

const evil = 'evil.example';
const values: readonly string[] = [
  `https://${evil}/`,
  `//${evil}`,
  `/\\${evil}`,
  `/\t/${evil}`,
  `https:${evil}`,
  `/account//${evil}`,
  `/account/..//${evil}/`,
  `/interaction/../..//${evil}`,
  `javascript:location='//${evil}'`,
  `data:text/html,${evil}`,
  `https://app.example.${evil}/cb`,
  `https://app.example@${evil}/cb`,
  `https://app.example/cb\r\nLocation: https://${evil}/`,
  `/account\r\nSet-Cookie: evil=${evil}`,
  `https://app.example/cb#@${evil}`,
];
const names = [
  ...['return', 'return_to', 'redirect_uri', 'post_logout_redirect_uri', 'target', 'next', 'url', 'continue', 'state'],
  ...['RelayState', 'SAMLResponse', 'login_hint', 'iss', 'request_uri', 'ui_locales', 'error', 'error_description'],
];
const hopeful = (value: string) => Object.fromEntries(names.map((name) => [name, value]));

/** Where a browser may be sent: to us, and to the address that the app registered. */
function checkPlaces(answer: Answer, what: string): void {
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  const { location, ...headers } = answer.headers;
  if (location !== undefined) {
    const { origin } = new URL(String(location), safeguard.url);
    const ours = [new URL(safeguard.url).origin, new URL(party.app.redirect_uri).origin];
    assert.ok(ours.includes(origin), `${what}: ${location}`);
    assert.ok(!/^(\/\/|\/\\)|[\r\n\\]/.test(String(location)), `${what}: ${location}`);
  }
  assert.equal(headers['refresh'], undefined);
  assert.ok(!JSON.stringify(headers).includes(evil), `${what}: ${JSON.stringify(headers)}`);
  const leads = new RegExp(`(?:href|src|action|url|content)\\s*=\\s*["']?[^"'>]*${evil}`, 'i');
  assert.ok(!leads.test(answer.text), `${what}: ${answer.text.slice(0, 500)}`);
}

/** What ends the session that asks comes last. */
const ends = ({ path }: Route): number => Number(/sign-out|end-all|logout/.test(path));
const routes = servedRoutes()
  .filter(({ path }) => !path.startsWith('/fhir/'))
  .sort((a, b) => ends(a) - ends(b));
const filled = (path: string, fill: () => string = () => randomUUID()): string =>
  path.replaceAll(/:\w+/g, () => fill());

function askedOf({ method, path, accepts }: Route, fields: Readonly<Record<string, string>>): Asked {
  const at = filled(path);
  const type = accepts?.[0] ?? '';
  if (method === 'GET' || accepts === undefined) return { method, path: `${at}?${encoded(fields)}` };
  const body = type.endsWith('json') ? JSON.stringify(fields) : encoded(fields);
  return { method, path: at, headers: { 'content-type': type }, body };
}

test('no parameter of any route leads a browser elsewhere, nor into a header', async () => {
  let sent = 0;
  for (const route of routes) {
    for (const value of values) {
      checkPlaces(await worker(askedOf(route, hopeful(value))), `${route.method} ${route.path} ${value}`);
      sent += 1;
    }
  }
  assert.ok(sent > 1_000);
  const control = { status: 303, headers: { location: `https://${evil}/` }, text: '', json: undefined };
  assert.throws(() => checkPlaces(control, 'negative control'));
});

test('nor does one alone, beside an otherwise sound request: authorization, log-out, sign-in', async () => {
  const sound = soundRequest(safeguard, party.app, newProof());
  const manager = byBrowser(party.administrator);
  for (const name of [...names, 'client_id', 'response_mode', 'response_type', 'aud', 'scope', 'prompt', 'launch']) {
    for (const value of values) {
      const asks: Asked[] = [
        { path: `/oauth2/authorize?${encoded({ ...sound, [name]: value })}` },
        { path: `/oauth2/logout?${encoded({ client_id: party.app.client_id, [name]: value })}` },
        { path: `/sign-in?${encoded({ tenant: 'default', [name]: value })}` },
        { method: 'POST', path: '/oauth2/authorize', headers: form, body: encoded({ ...sound, [name]: value }) },
      ];
      for (const asked of asks.slice(0, 3)) checkPlaces(await manager(asked), `${name}=${value} ${asked.path}`);
      // A form that goes on as an address is judged there.
      const posted = await manager(asks[3] as Asked);
      const to = String(posted.headers['location'] ?? '/');
      assert.equal(new URL(to, safeguard.url).origin, new URL(safeguard.url).origin, to);
    }
  }
});

test('no `Host` and nothing that a proxy might say gets into an answer', async () => {
  const lies = {
    ...{ host: evil, 'x-forwarded-host': evil, 'x-forwarded-proto': 'https', forwarded: `host=${evil};proto=https` },
    ...{ 'x-original-url': `https://${evil}/`, 'x-forwarded-prefix': `//${evil}`, referer: `https://${evil}/` },
  };
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const answer = await safeguard.request({ path: filled(route.path), headers: lies });
    assert.ok(answer.status < 500, route.path);
    assert.ok(!JSON.stringify([answer.headers, answer.text]).includes(evil), `${route.path}: ${answer.text}`);
  }
  const { json } = await safeguard.request({ path: '/.well-known/openid-configuration', headers: lies });
  assert.equal(json.issuer, safeguard.url);
});

test('line ends in a path get into no header', async () => {
  const crlf = (): string => encodeURIComponent(`x\r\nSet-Cookie: evil=${evil}\r\nLocation: https://${evil}/`);
  for (const route of routes.filter(({ path }) => path.includes(':'))) {
    const asked = { ...askedOf(route, {}), path: filled(route.path, crlf) };
    checkPlaces(await byBrowser(party.administrator)(asked), `${route.method} ${route.path}`);
  }
});

test('a parameter that comes twice counts as wrong: no code, no token, no answer about a token', async () => {
  const { app, worker: person } = party;
  const sound = soundRequest(safeguard, app, newProof());
  const twice = (fields: object, name: string, value: string): string =>
    `${encoded(fields as Record<string, string>)}&${encoded({ [name]: value })}`;
  for (const [name, value = ''] of Object.entries(sound)) {
    const answer = await byBrowser(person)({ path: `/oauth2/authorize?${twice(sound, name, value)}` });
    assert.ok(!String(answer.headers['location']).includes('code='), name);
    assert.ok(answer.status >= 400 || /error=/.test(String(answer.headers['location'])), `${name} ${answer.status}`);
  }
  const token = { grant_type: 'client_credentials', scope: 'system/*.rs' };
  const headers = { ...form, authorization: basicOf(party.plain) };
  const post = (path: string, body: string): Promise<Answer> =>
    safeguard.request({ method: 'POST', path, headers, body });
  assert.equal((await post('/oauth2/token', encoded(token))).status, 200, 'negative control');
  for (const [name, value] of Object.entries(token)) {
    const answer = await post('/oauth2/token', twice(token, name, value));
    assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_request'], name);
  }
  for (const path of ['/oauth2/introspect', '/oauth2/revoke']) {
    const asked = { token: party.plain.token };
    assert.equal((await post(path, twice(asked, 'token', party.plain.token))).status, 400, path);
  }
  assert.equal((await post('/oauth2/introspect', encoded({ token: party.plain.token }))).json.active, true);
});

test('parameters without end are refused, quickly and in every form', async () => {
  const long = 'a'.repeat(2_000_000);
  const many = Array.from({ length: 20_000 }, (_, index) => `p${index}=1`).join('&');
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  for (const route of routes.filter(({ accepts }) => accepts !== undefined)) {
    const type = route.accepts?.[0] ?? '';
    const bodies = type.endsWith('json') ? [JSON.stringify({ name: long }), deep] : [`login=${long}`, many];
    for (const body of bodies) {
      const headers = { 'content-type': type };
      const asked = { method: route.method, path: filled(route.path), headers, body };
      const isScim = route.path.startsWith('/scim');
      // What ends all sessions ends somebody else's.
      const person = ends(route) > 0 ? party.patient : party.administrator;
      const ask = isScim ? byToken(safeguard, party.directory.token) : byBrowser(person);
      const { status, text } = await ask(asked).catch(reset);
      // A search leaves out what it does not know.
      const looks = route.path.endsWith('.search') && status === 200;
      assert.ok(looks || (status >= 300 && status < 500), `${route.method} ${route.path}: ${status} ${text}`);
    }
  }
  const answer = await worker({ path: `/sign-in?return=${'a'.repeat(100_000)}` }).catch(reset);
  assert.ok([414, 431].includes(answer.status), String(answer.status));
});

/** A body that is far too long is answered before all of it was sent: the connection may end first. */
function reset(error: NodeJS.ErrnoException): Answer {
  if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) throw error;
  return { status: 413, headers: {}, text: '', json: undefined };
}

test('names of prototypes in a body change nothing, on no route that reads JSON', async () => {
  const poisons = [
    '{"__proto__":{"roles":["administrator"],"scopes":["user/*.cruds"],"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true,"roles":["administrator"]}}}',
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
      {"op":"add","path":"__proto__.polluted","value":"x"},
      {"op":"replace","value":{"constructor.prototype.polluted":"x"}}]}`,
  ];
  const administrator = byBrowser(party.administrator);
  const directory = byToken(safeguard, party.directory.token);
  for (const route of routes.filter(({ accepts }) => accepts?.[0]?.endsWith('json'))) {
    for (const body of poisons) {
      const headers = { 'content-type': route.accepts?.[0] ?? '' };
      const ask = route.path.startsWith('/scim') ? directory : administrator;
      const answer = await ask({ method: route.method, path: filled(route.path), headers, body });
      assert.ok(answer.status < 500, `${route.method} ${route.path}: ${answer.text}`);
      assert.ok(!answer.text.includes('polluted'), answer.text);
    }
  }
  const login = `${randomUUID()}@mail.example`;
  const own = `{"kind":"workforce","login":"${login}","name":"N","__proto__":{"roles":["administrator"]}}`;
  const headers = { 'content-type': 'application/json' };
  const poisoned = await administrator({ method: 'POST', path: '/api/v1/accounts', headers, body: own });
  if (poisoned.status === 201) assert.deepEqual(poisoned.json.account.roles, []);
  const clean = await party.administrator.jar.api('POST', '/accounts', {
    ...{ kind: 'workforce', login: `${randomUUID()}@mail.example`, name: 'N' },
  });
  assert.deepEqual([clean.json.account?.roles, clean.json.account?.scopes], [[], ['user/*.cruds']], clean.text);
});

test('a response of SAML, an answer of a provider, a token of log-out that nobody asked for open nothing', async () => {
  for (const path of ['acs', 'callback', 'finish', 'logout', 'start', 'metadata']) {
    const fields = { SAMLResponse: 'PHg+', RelayState: 'x', state: 'x', code: 'x', logout_token: 'e30.e30.' };
    for (const method of ['GET', 'POST']) {
      const at = `/federation/${randomUUID()}/${path}`;
      const asked =
        method === 'GET'
          ? { path: `${at}?${encoded(fields)}` }
          : { method, path: at, headers: form, body: encoded(fields) };
      const answer = await safeguard.request(asked);
      assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${path} ${answer.status}`);
      assert.ok(!JSON.stringify(answer.headers['set-cookie'] ?? []).includes('sgn_'));
    }
  }
  const { status } = await postTo(safeguard, '/oauth2/par', party.app, { request: 'eyJhbGciOiJub25lIn0.e30.' });
  assert.equal(status, 400, 'a request object that nobody signed');
});
