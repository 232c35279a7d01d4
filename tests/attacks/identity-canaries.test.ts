/**
 * Secrets and personal data of people and apps, planted through every flow of the real server: none stands in a file,
 * a log, an entry of the ledger, a metric, an error or an address. Patients' data: canaries.test.ts. Rows of single
 * parts: packages/identity/test/{accounts/secrecy,oauth/secrecy,secrecy}.test.ts.
 */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joined } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from '@safeguard/http';
import { newClient } from '../harness/clients.ts';
import { byBrowser, byToken, type IdentityHouse, identityHouse } from '../harness/identity-house.ts';
import type { Answer, Asked, Instance } from '../harness/instance.ts';
import { createScanner, type Scanner } from '../harness/needles.ts';
import { type App, codeFor, encoded, newApp, postTo, redeem, refresh } from '../harness/oauth-app.ts';
import { firstAdministrator, freshCode, invite, join, type Person, signIn } from '../harness/people.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { releaseHolds } from '../harness/people-holds.ts';
import { servedRoutes } from '../harness/routes.ts';

const word = (): string => `q${randomBytes(9).toString('hex')}`;
/** Chosen by people; stand in nothing else on this machine. */
const planted = {
  ...{ administrator: word(), administratorName: word(), worker: word(), workerName: word(), password: word() },
  ...{ label: word(), member: word(), title: word(), department: word(), external: word(), group: word() },
  ...{ ssoSecret: word(), search: word(), state: word(), nonce: word(), wrongLogin: word(), wrongPassword: word() },
};

let house: IdentityHouse;
let safeguard: Instance;
let temporary: string;
let tmpBefore: Set<string>;
let administrator: Person;
let worker: Person;
let app: App;
let scanner: Scanner;
/** Everything that was asked and answered. */
const traffic: { readonly asked: Asked; readonly answer: Answer }[] = [];
/** Made by the server on the way. */
const made = new Set<string>();

const secretForm = /\bsg[a-z]_[\w-]{43}\b/g;
function gather(text: string): void {
  for (const [secret] of text.matchAll(secretForm)) made.add(secret);
}

/** The instance, with an ear on the line. */
const overheard = (real: Instance): Instance => ({
  ...real,
  request: async (asked) => {
    const answer = await real.request(asked);
    traffic.push({ asked, answer });
    gather(`${answer.text} ${JSON.stringify(answer.headers)}`);
    return answer;
  },
});

async function people(): Promise<void> {
  administrator = await firstAdministrator(safeguard, {
    login: `${planted.administrator}@clinic.example`,
    name: planted.administratorName,
  });
  worker = await inviteWithRole(safeguard, {
    login: `${planted.worker}@clinic.example`,
    name: planted.workerName,
    scopes: 'user/*.rs',
  });
  await worker.jar.post('/account/password', {
    ...{ current: worker.password, password: planted.password, again: planted.password },
  });
  const recovered = await signIn(safeguard, administrator);
  const link = await recovered.api('POST', `/accounts/${worker.id}/links`, { purpose: 'recovery' });
  assert.equal(link.status, 201, link.text);
  const again = await join(safeguard, link.json.url);
  for (const person of [administrator, worker, again]) {
    made.add(person.secret);
    for (const code of person.codes) made.add(code.length >= 8 ? code : `${code}........`);
    for (const [, value] of person.jar.cookies) if (value.length >= 20) made.add(value);
  }
  worker = { ...again, id: worker.id, login: worker.login, tenant: 'default' };
  // Who made the link confirms nobody: another administrator does.
  const second = await invite(safeguard, { login: 'second@clinic.example', roles: 'administrator' });
  assert.equal(await releaseHolds(second, worker.id), 1);
  const used = worker.codes[0] ?? '';
  const browser = await signInByCode(used);
  for (const [, value] of browser) if (value.length >= 20) made.add(value);
}

/** Password and recovery code. */
async function signInByCode(recovery: string): Promise<ReadonlyMap<string, string>> {
  const { openJar } = await import('../harness/people-jar.ts');
  const jar = openJar(safeguard);
  await jar.post('/sign-in', { login: worker.login, password: worker.password, tenant: 'default' });
  await jar.post('/sign-in/second/recovery', { recovery });
  return jar.cookies;
}

async function apps(): Promise<void> {
  app = await newApp(safeguard, { scopes: 'user/*.rs' });
  made.add(app.client_secret ?? '');
  const wanted = { scope: 'openid offline_access user/Patient.rs', state: planted.state, nonce: planted.nonce };
  const code = await codeFor(worker.jar, app, wanted);
  made.add(code.code);
  made.add(code.verifier);
  const tokens = (await redeem(safeguard, app, code)).json;
  made.add(String(tokens.id_token).split('.')[2] ?? '');
  const next = await refresh(safeguard, app, tokens.refresh_token);
  assert.equal(next.status, 200, next.text);
  await redeem(safeguard, app, code);
  await postTo(safeguard, '/oauth2/introspect', app, { token: tokens.access_token });
  await postTo(safeguard, '/oauth2/revoke', app, { token: next.json.refresh_token });
}

async function directory(): Promise<void> {
  const { token, client_secret } = await newClient(safeguard, { scopes: 'safeguard/scim' });
  for (const secret of [token, client_secret]) made.add(secret);
  const headers = { 'content-type': 'application/scim+json' };
  const scim = (method: string, path: string, body?: object): Promise<Answer> =>
    safeguard.request({ method, path: `/scim/v2${path}`, token, headers, ...(body ? { body } : {}) });
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const user = await scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
    ...{ userName: `${planted.member}@clinic.example`, title: planted.title, externalId: planted.external },
    [enterprise]: { department: planted.department },
  });
  assert.equal(user.status, 201, user.text);
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
  const group = await scim('POST', '/Groups', {
    schemas,
    displayName: planted.group,
    members: [{ value: user.json.id }],
  });
  assert.equal(group.status, 201, group.text);
  const filter = encodeURIComponent(`userName eq "${planted.member}@clinic.example"`);
  assert.equal((await scim('GET', `/Users?filter=${filter}`)).json.totalResults, 1);
  const provider = await administrator.jar.api('POST', '/providers', {
    ...{ kind: 'oidc', label: 'Elsewhere', issuer: 'https://idp.example', client_id: 'us' },
    client_secret: planted.ssoSecret,
  });
  assert.equal(provider.status, 201, provider.text);
}

/** Wrong factors, and a second factor with a name. */
async function trouble(): Promise<void> {
  const { openJar } = await import('../harness/people-jar.ts');
  const jar = openJar(safeguard);
  const login = `${planted.wrongLogin}@clinic.example`;
  await jar.post('/sign-in', { login, password: planted.wrongPassword, tenant: 'default' });
  await jar.post('/sign-in', { login: worker.login, password: planted.wrongPassword, tenant: 'default' });
  await jar.post('/sign-in', { login: worker.login, password: worker.password, tenant: 'default' });
  await jar.post('/sign-in/second/recovery', { recovery: planted.wrongPassword });
  const page = await worker.jar.post('/account/factors/app');
  const secret = (/class="secret"[^>]*>([^<]*)/.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
  const fields = Object.fromEntries(
    [...page.text.matchAll(/name="(\w+)"(?: type="hidden")? value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  if (secret !== '') made.add(secret);
  const code = await freshCode({ secret: secret || worker.secret, lastStep: 0 });
  await worker.jar.post('/account/factors/app/code', { ...fields, label: planted.label, code });
}

before(async () => {
  tmpBefore = new Set(await readdir(tmpdir()));
  temporary = await mkdtemp(joined(tmpdir(), 'safeguard-test-tmp-'));
  house = await identityHouse({ tls: 'off', env: { TMPDIR: temporary } });
  safeguard = overheard(house.safeguard);
  await people();
  await apps();
  await directory();
  await trouble();
  gather(house.safeguard.output());
  for (const { asked } of traffic) gather(`${JSON.stringify(asked.headers ?? {})} ${String(asked.body ?? '')}`);
  scanner = createScanner([...Object.values(planted), ...[...made].filter((value) => value.length >= 12)]);
});
after(async () => {
  await house?.remove();
  if (temporary) await rm(temporary, { recursive: true, force: true });
});

test('every sort of secret was made and is looked for', () => {
  const sorts = new Set([...made].map((secret) => /^sg[a-z]_/.exec(secret)?.[0]));
  for (const sort of ['sgs_', 'sgt_', 'sgr_', 'sgl_', 'sgn_', 'sgf_', 'sgd_']) assert.ok(sorts.has(sort), sort);
  assert.ok(made.size > 40, String(made.size));
  const all = traffic
    .map(({ asked, answer }) => `${String(asked.body)} ${JSON.stringify(asked.body)} ${answer.text}`)
    .join();
  const lost = Object.entries(planted).filter(
    ([, value]) => !all.includes(value) && !traffic.some(({ asked }) => asked.path.includes(value)),
  );
  const seen = new Set(['search']);
  assert.deepEqual(
    lost.filter(([name]) => !seen.has(name) && !/worker|Name/.test(name)),
    [],
    'planted over the line',
  );
});

test('no address that a browser is sent to holds a secret or a name, but a code for its own app', () => {
  let looked = 0;
  for (const { asked, answer } of traffic) {
    const location = answer.headers['location'];
    if (typeof location !== 'string') continue;
    looked += 1;
    if (location.startsWith(app?.redirect_uri ?? '-')) {
      assert.deepEqual(
        [...new URL(location).searchParams.keys()].filter((name) => !/^(code|state|iss)$/.test(name)),
        [],
      );
      continue;
    }
    assert.deepEqual(scanner.text(location, `${asked.method ?? 'GET'} ${asked.path}`), []);
  }
  assert.ok(looked > 20);
});

/** What of a route's own page is the caller's field, given back to be mended. */
const givesBack = /^POST \/(?:sign-in|applications|sign-in\/account|trust\/reports)(?:$|\/)/;

function mistaken({ method, path, accepts }: Route, needle: string): Asked[] {
  const at = path.replaceAll(/:\w+/g, () => randomUUID());
  const within = path.replaceAll(/:\w+/g, () => needle);
  const names = [
    'login',
    'name',
    'password',
    'code',
    'recovery',
    'token',
    'scope',
    'client_id',
    'client_secret',
    'filter',
  ];
  const more = [
    'redirect_uri',
    'code_verifier',
    'refresh_token',
    'grant_type',
    'resource',
    'subject_token',
    'userName',
  ];
  const fields = Object.fromEntries([...names, ...more].map((name) => [name, needle]));
  const headers = { origin: house.safeguard.url, 'if-match': needle, 'x-request-id': needle };
  const type = accepts?.[0];
  const sent = (body: string): Asked => ({
    method,
    path: at,
    headers: { ...headers, 'content-type': type ?? '' },
    body,
  });
  return [
    { method, path: `${at}?${encoded(fields)}`, headers },
    { method, path: within, headers },
    ...(type === undefined
      ? []
      : type.endsWith('json')
        ? [sent(JSON.stringify(fields)), sent(`{"${needle}":`)]
        : [sent(encoded(fields))]),
    ...(type === undefined ? [] : [{ ...sent('x'), headers: { ...headers, 'content-type': `text/${needle}` } }]),
  ];
}

test('no error of any route says what the caller sent, whoever the caller is', async () => {
  const needle = word();
  const own = createScanner([needle]);
  const { token } = await newClient(safeguard, {
    scopes: 'system/*.cruds safeguard/accounts safeguard/clients safeguard/scim',
  });
  const askers = {
    nobody: house.safeguard.request,
    administrator: byBrowser(administrator),
    program: byToken(house.safeguard, token),
  };
  const routes = servedRoutes().filter(
    ({ path }) => !path.startsWith('/fhir/') && !/sign-out|end-all|logout/.test(path),
  );
  const told: string[] = [];
  for (const [name, ask] of Object.entries(askers)) {
    for (const route of routes) {
      for (const asked of mistaken(route, needle)) {
        const answer = await ask(asked);
        const what = `${name}: ${asked.method} ${route.path}: ${answer.status}`;
        assert.ok(answer.status < 500, `${what} ${answer.text}`);
        if (answer.status < 400 || givesBack.test(`${route.method} ${route.path}`)) continue;
        const found = own.text(`${answer.text} ${JSON.stringify(answer.headers)}`, what);
        if (found.length > 0) told.push(`${what}: ${answer.text.slice(0, 200)}`);
      }
    }
  }
  assert.equal((await askers.administrator({ path: '/account' })).status, 200, 'who asked was signed in to the end');
  await house.safeguard.request({ path: '/sign-in', headers: { 'user-agent': needle, referer: needle } });
  assert.deepEqual(told, []);
  const events = await Promise.all([0, 1].map((tenant) => house.inside.events(tenant)));
  for (const event of events.flat()) {
    assert.deepEqual(own.text(JSON.stringify(event), `the entry of ${event.action}: ${JSON.stringify(event)}`), []);
  }
  const origin = `https://${needle}.example`;
  for (const path of ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke', '/oauth2/par', '/oauth2/userinfo']) {
    const answer = await postTo(house.safeguard, path, app, { grant_type: 'x' }, { origin });
    assert.deepEqual(own.text(answer.text, `${path} ${answer.text}`), []);
  }
});

test('nothing of it stands in clear in any file, log, temporary file or output', async () => {
  const { databases } = house.inside;
  for (const segment of ['identity', 'clinical', 'ledger']) await databases.sql(segment, 'checkpoint');
  await sleep(1200);
  const data = await scanner.files(house.safeguard.data);
  assert.ok(data.files > 500 && data.bytes > 30e6, `a whole cluster was looked through: ${JSON.stringify(data)}`);
  assert.deepEqual(data.findings, []);
  assert.deepEqual((await scanner.files(temporary)).findings, []);
  const ours = /^(safeguard-|bash_jobs|atk-|w3)/;
  for (const name of await readdir(tmpdir())) {
    if (tmpBefore.has(name) || ours.test(name)) continue;
    assert.deepEqual((await scanner.files(joined(tmpdir(), name))).findings, [], name);
  }
  // The first administrator's link is printed for the operator; it was used up.
  const output = house.safeguard.output().replaceAll(/^administrator \S+$/gm, '');
  assert.match(output, /"route":"\/sign-in/, 'requests were logged');
  assert.deepEqual(scanner.text(output, 'output'), []);
  const metrics = await house.safeguard.request({ path: '/metrics' });
  assert.match(metrics.text, /sign-in/);
  assert.deepEqual(scanner.text(metrics.text, 'metrics'), []);
});

test('the ledger, opened, names ids and no secret, login or name', async () => {
  const events = JSON.stringify([await house.inside.events(0), await house.inside.events(1)]);
  for (const id of [worker.id, administrator.id, app.client_id]) assert.ok(events.includes(id), 'it really is open');
  for (const action of ['sign-in', 'link-use', 'token-issue', 'code-replay', 'recovery-code-use', 'scim-create']) {
    assert.ok(events.includes(`"${action}"`), action);
  }
  assert.deepEqual(scanner.text(events, 'ledger'), []);
});

test('negative control: what stands in clear in a table is found, in the database’s files and its log', async () => {
  const { sql } = house.inside.databases;
  await sql('identity', 'create table public.identity_control (v text)');
  await sql('identity', 'insert into public.identity_control values ($1)', [planted.password]);
  await sql('identity', 'checkpoint');
  const { findings } = await scanner.files(joined(house.safeguard.data, 'postgres'));
  for (const place of ['/base/', '/pg_wal/']) {
    assert.ok(
      findings.some(({ at, value }) => at.includes(place) && value === planted.password),
      place,
    );
  }
  assert.ok(scanner.text(`{"msg":"${worker.secret}"}`, 'log').length > 0);
});
