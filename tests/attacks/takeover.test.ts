/**
 * An administrator becomes somebody else: makes a recovery link, changes a login, links an identity, lets a directory
 * do it. They come in, and get nothing of a patient, at either of two processes, until another officer confirms.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newClient } from '../harness/clients.ts';
import { type Databases, openDatabases } from '../harness/inside.ts';
import { type Answer, type Instance, removeData, start } from '../harness/instance.ts';
import { type App, newApp, tokensFor } from '../harness/oauth-app.ts';
import { cliJson, firstAdministrator, invite, join, type Person } from '../harness/people.ts';
import { releaseHolds } from '../harness/people-holds.ts';
import { startSecond } from '../harness/people-second.ts';
import { grantBy } from './matrix/askers.ts';

let first: Instance;
let second: Instance;
let databases: Databases;
/** Who attacks. */
let administrator: Person;
let officer: Person;
let app: App;
let patient: string;
let provider: string;
const role = 'practice-clinician';
before(async () => {
  first = await start();
  administrator = await firstAdministrator(first);
  second = await startSecond(first);
  databases = await openDatabases(first.data);
  app = await newApp(first, { scopes: 'user/*.rs patient/*.rs' });
  officer = await invite(first, { login: 'officer@default.example' });
  await grantBy(administrator, officer, { role: 'security-officer' });
  const token = await first.token('system/*.cruds');
  const body = { resourceType: 'Patient', name: [{ family: 'Chart' }] };
  patient = ok(await first.request({ method: 'POST', path: '/fhir/R4/Patient', token, body })).json.id;
  const idp = { kind: 'oidc', label: 'Elsewhere', issuer: 'https://idp.example' };
  const secret = { client_id: 'us', client_secret: 'between-us-two' };
  provider = ok(await administrator.jar.api('POST', '/providers', { ...idp, ...secret })).json.id;
});
after(async () => {
  await databases?.close();
  await second?.stop();
  await first?.stop();
  await Promise.all([first, second].map((one) => (one === undefined ? undefined : removeData(one.data))));
});

const ok = (answer: Answer): Answer => {
  assert.ok(answer.status >= 200 && answer.status < 300, `${answer.status} ${answer.text}`);
  return answer;
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const both = (): readonly Instance[] => [first, second];
const readAt = async (instance: Instance, token: string): Promise<number> =>
  (await instance.request({ path: `/fhir/R4/Patient/${patient}`, token })).status;
const tokenOf = async ({ jar }: Pick<Person, 'jar'>): Promise<string> =>
  (await tokensFor(jar, app, { scope: 'openid user/*.rs' })).access_token;

async function everywhere(token: string, expected: 'served' | 'refused', why = ''): Promise<void> {
  for (const instance of both()) {
    const status = await readAt(instance, token);
    assert.equal(status === 200 ? 'served' : 'refused', expected, `${why}: ${status}`);
  }
}

/** From the act on it takes a second, and half of one for a busy machine. */
async function turns(token: string, act: () => Promise<unknown>, to: 'served' | 'refused'): Promise<void> {
  for (const instance of both()) await readAt(instance, token);
  await act();
  await pause(1_500);
  await everywhere(token, to);
}

let number = 0;
async function clinician(): Promise<Person> {
  number += 1;
  const person = await invite(first, { login: `nurse${number}@default.example`, scopes: 'user/*.rs' });
  await grantBy(administrator, person, { role });
  return person;
}

const recovery = (account: string): Promise<Answer> =>
  administrator.jar.api('POST', `/accounts/${account}/links`, { purpose: 'recovery' });

test('by a recovery link: they come in as the clinician and get nothing; nor do they release it', async () => {
  const victim = await clinician();
  const before = await tokenOf(victim);
  let link = '';
  await turns(before, async () => (link = ok(await recovery(victim.id)).json.url), 'refused');
  const thief = await join(first, link);
  const me = ok(await thief.jar.api('GET', '/me'));
  assert.equal(me.json.id, victim.id, 'negative control: they are in');
  const token = await tokenOf(thief);
  await everywhere(token, 'refused');
  for (const [method, path, body] of [
    ['GET', '/access/requests', undefined],
    [
      'POST',
      '/access/requests',
      { role: 'billing', reason: 'For the ward, as agreed.', until: '2099-01-01T00:00:00Z' },
    ],
    ['POST', '/access/break-glass', { patient, reason: 'Unconscious, nobody else is here.' }],
    ['GET', '/access/holds', undefined],
  ] as const) {
    assert.equal((await thief.jar.api(method, path, body)).status, 403, `${method} ${path}`);
  }
  const held = ok(await administrator.jar.api('GET', `/access/holds?account=${victim.id}`)).json.items;
  assert.equal(held.length, 1);
  assert.deepEqual([held[0].cause, held[0].by.id], ['recovery-link', administrator.id]);
  const release = (jar: Person['jar']): Promise<Answer> =>
    jar.api('POST', `/access/holds/${held[0].id}/release`, { reason: 'It is surely them, believe me.' });
  assert.equal((await release(administrator.jar)).status, 403);
  assert.equal((await release(thief.jar)).status, 403);
  const machine = await first.cli('access', 'release', held[0].id, '--reason', 'It is surely them, believe me.');
  assert.match(machine.stderr, /Somebody of the tenant/);
  await everywhere(token, 'refused');
  assert.equal((await officer.jar.api('GET', '/access/notices?unread=true')).text.includes(held[0].id), true);
  await turns(token, async () => assert.equal(await releaseHolds(officer, victim.id), 1), 'served');
});

test('a link that is used after somebody confirmed too soon holds anew', async () => {
  const victim = await clinician();
  const { url } = ok(await recovery(victim.id)).json;
  await releaseHolds(officer, victim.id);
  const token = await tokenOf(await join(first, url));
  await pause(1_500);
  await everywhere(token, 'refused');
  const [again] = ok(await officer.jar.api('GET', `/access/holds?account=${victim.id}`)).json.items;
  assert.deepEqual([again.cause, again.by.id], ['recovery-used', administrator.id]);
});

test('by another login, and by an identity of single sign-on', async () => {
  const victim = await clinician();
  const token = await tokenOf(victim);
  const path = `/accounts/${victim.id}`;
  const login = { login: 'mallory@default.example' };
  await turns(token, async () => ok(await administrator.jar.api('PATCH', path, login)), 'refused');
  await turns(token, () => releaseHolds(officer, victim.id), 'served');
  const subject = { provider, subject: 'mallory-at-the-idp' };
  await turns(token, async () => ok(await administrator.jar.api('POST', `${path}/identities`, subject)), 'refused');
  const [held] = ok(await officer.jar.api('GET', `/access/holds?account=${victim.id}`)).json.items;
  assert.equal(held.cause, 'identity');
});

test('by a program of theirs, and by SCIM: no administrator releases what a program did', async () => {
  const other = await invite(first, { login: 'other@default.example', roles: 'administrator' });
  const program = await newClient(first, { scopes: 'system/*.rs safeguard/accounts safeguard/scim' });
  const headers = { 'content-type': 'application/scim+json' };
  const scim = (method: string, path: string, body: object): Promise<Answer> =>
    first.request({ method, path: `/scim/v2${path}`, token: program.token, headers, body });
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  const made = ok(await scim('POST', '/Users', { schemas, userName: 'listed@default.example' })).json.id;
  const invitation = { purpose: 'invitation' };
  const { url } = ok(await administrator.jar.api('POST', `/accounts/${made}/links`, invitation)).json;
  const scopes = { scopes: ['user/*.rs'] };
  ok(await administrator.jar.api('PATCH', `/accounts/${made}`, scopes));
  const listed = { ...(await join(first, url)), id: made, login: 'listed@default.example', tenant: 'default' };
  await grantBy(administrator, listed, { role });
  const token = await tokenOf(listed);
  await everywhere(token, 'served', 'a first invitation holds nothing');
  const patch = (path: string, value: string) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path, value }],
  });
  const steps = [
    () => scim('PATCH', `/Users/${made}`, patch('userName', 'mallory-too@default.example')),
    () => scim('PATCH', `/Users/${made}`, patch('externalId', 'mallory')),
    () =>
      first.request({
        method: 'POST',
        path: `/api/v1/accounts/${made}/links`,
        token: program.token,
        headers: { 'content-type': 'application/json' },
        body: { purpose: 'recovery' },
      }),
  ];
  for (const [at, step] of steps.entries()) {
    await turns(token, async () => ok(await step()), 'refused');
    const [held] = ok(await officer.jar.api('GET', `/access/holds?account=${made}`)).json.items;
    assert.deepEqual([held.cause, held.by.kind], [['login', 'directory', 'recovery-link'][at], 'client']);
    await assert.rejects(releaseHolds(other, made), /403/);
    await turns(token, () => releaseHolds(officer, made), 'served');
  }
});

test('another administrator, another officer, a patient: none of them is the way around', async () => {
  const other = await invite(first, { login: 'peer@default.example', roles: 'administrator' });
  const own = await invite(first, {
    ...{ login: 'own@default.example', kind: 'patient', patients: [patient], scopes: 'patient/*.rs' },
  });
  const ownToken = (await tokensFor(own.jar, app, { scope: 'openid launch/patient patient/*.rs' })).access_token;
  await everywhere(ownToken, 'served');
  const victim = await clinician();
  ok(await recovery(victim.id));
  const entered = await join(first, ok(await recovery(other.id)).json.url);
  await pause(1_500);
  assert.equal((await entered.jar.api('GET', '/accounts')).status, 403, 'no administrator any more');
  await assert.rejects(releaseHolds(entered, victim.id), /403/);
  await turns(ownToken, async () => ok(await recovery(own.id)), 'refused');
  assert.equal((await own.jar.api('GET', '/me/exports')).status, 403);
  await turns(ownToken, () => releaseHolds(officer, own.id), 'served');
});

test('what people do to their own account holds nothing', async () => {
  const person = await clinician();
  const token = await tokenOf(person);
  const changed = {
    current: person.password,
    password: 'another-tame-otter-crosses',
    again: 'another-tame-otter-crosses',
  };
  await person.jar.post('/account/password', changed);
  await person.jar.post('/account/factors/codes');
  ok(await person.jar.api('PATCH', '/me', { name: 'Pat Renamed' }));
  const mine = ok(await administrator.jar.api('POST', `/accounts/${administrator.id}/links`, { purpose: 'recovery' }));
  assert.equal(mine.status, 201);
  for (const { id } of [person, administrator]) {
    assert.deepEqual(ok(await officer.jar.api('GET', `/access/holds?account=${id}&released=true`)).json.items, []);
  }
  assert.equal(await readAt(second, await tokenOf(person)), 200, `${token.length > 0}`);
});

test('the operator’s own link holds too; the ledger says who did what', async () => {
  const victim = await clinician();
  const token = await tokenOf(victim);
  await turns(token, () => cliJson(first, 'user', 'link', 'recovery', victim.login), 'refused');
  const shown = await cliJson<{ id: string; account: { id: string } }[]>(first, 'access', 'holds');
  assert.ok(shown.some(({ account }) => account.id === victim.id));
  await turns(token, () => releaseHolds(administrator, victim.id), 'served');
});

test('negative control: with the hold taken away past the server, the attack succeeds and is seen', async () => {
  const victim = await clinician();
  const thief = await join(first, ok(await recovery(victim.id)).json.url);
  const token = await tokenOf(thief);
  await pause(1_500);
  await everywhere(token, 'refused');
  await databases.sql('identity', 'delete from access.hold where account = $1', [victim.id]);
  await databases.sql('identity', 'update access.change set n = n + 1');
  await pause(1_500);
  await assert.rejects(everywhere(token, 'refused', 'the attack'), /the attack: 200/);
});
