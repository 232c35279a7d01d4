import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Instance, removeData, start } from '../harness/instance.ts';
import { type App, newApp, refresh, type Tokens, tokensFor } from '../harness/oauth-app.ts';
import { createUser, firstAdministrator, join, type Person, signIn } from '../harness/people.ts';
import { grantRole, inviteWithRole } from '../harness/people-grants.ts';
import { type Jar, openJar } from '../harness/people-jar.ts';
import { type Chart, newChart } from '../harness/people-records.ts';
import { startSecond } from '../harness/people-second.ts';

// What ended in one process has ended everywhere within a second: two server processes on the same databases.
let first: Instance;
let second: Instance;
let admin: Person;
let chart: Chart;
let app: App;
before(async () => {
  first = await start();
  // Each process that starts while there is no administrator makes a new link, and the one before ends.
  admin = await firstAdministrator(first);
  second = await startSecond(first);
  chart = await newChart(first, await first.token('system/*.cruds'), 'Grace', 'Hopper');
  app = await newApp(first, { isPublic: true, scopes: 'user/*.rs' });
});
after(async () => {
  await second.stop();
  await first.stop();
  await Promise.all([first, second].map(({ data }) => removeData(data)));
});

interface Held {
  readonly person: Person;
  readonly tokens: Tokens;
}

let made = 0;
/** Somebody who is signed in, with an app that may act for them while they are not. */
async function somebody(): Promise<Held> {
  made += 1;
  const person = await inviteWithRole(first, { login: `p${made}@clinic.example`, scopes: 'user/*.rs' });
  const tokens = await tokensFor(person.jar, app, { scope: 'user/Patient.rs offline_access' });
  return { person, tokens };
}

/** The same browser, at the second process. */
const there = ({ cookies }: Jar): Jar => openJar(second, cookies);

/** What a session and an access token are worth in each process: 200, or the status of the refusal. */
async function worth({ person, tokens }: Held) {
  const session = async (jar: Jar) => (await jar.api('GET', '/me')).status;
  const token = async (instance: Instance) =>
    (await instance.request({ path: `/fhir/R4/Patient/${chart.id}`, token: tokens.access_token })).status;
  return {
    sessions: [await session(person.jar), await session(there(person.jar))],
    tokens: [await token(first), await token(second)],
  };
}

const works = { sessions: [200, 200], tokens: [200, 200] };
const over = { sessions: [401, 401], tokens: [401, 401] };
const oneSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000));

/** Both processes have just looked: whatever they remember of it is as fresh as can be when it ends. */
async function ends(held: Held, act: () => Promise<unknown>, expected: Awaited<ReturnType<typeof worth>> = over) {
  assert.deepEqual(await worth(held), works);
  await act();
  await oneSecond();
  assert.deepEqual(await worth(held), expected);
}

async function noRefresh({ tokens }: Held): Promise<void> {
  const { status, json } = await refresh(first, app, tokens.refresh_token ?? '');
  assert.deepEqual([status, json.error], [400, 'invalid_grant']);
}

const ok = (answer: { status: number; text: string }): void =>
  assert.ok(answer.status >= 200 && answer.status < 300, `${answer.status} ${answer.text}`);

test('control: who was not ended goes on, in both processes, after a second too', async () => {
  const held = await somebody();
  await ends(held, async () => undefined, works);
  assert.equal((await refresh(second, app, held.tokens.refresh_token ?? '')).status, 200);
});

test('terminated by the operator: session, access and refresh token end; the login is never given again', async () => {
  const held = await somebody();
  const { login } = held.person;
  const unsure = await first.cli('user', 'terminate', login);
  assert.equal(unsure.code, 1, 'not without --yes');
  await ends(held, async () => {
    const done = await first.cli('user', 'terminate', login, '--yes');
    assert.equal(done.code, 0, done.stderr);
  });
  await noRefresh(held);
  await assert.rejects(signIn(first, held.person));
  await assert.rejects(createUser(first, { login }), /taken|given|login/i);
});

test('terminated by an administrator at one process, while the person works at the other', async () => {
  const held = await somebody();
  const jar = there(admin.jar);
  await ends(held, async () => ok(await jar.api('POST', `/accounts/${held.person.id}/terminate`)));
  await noRefresh(held);
  assert.equal((await jar.api('GET', `/accounts/${held.person.id}`)).json.state, 'terminated');
});

test('suspended: everything ends; resumed: nothing of it comes back, and the person signs in again', async () => {
  const held = await somebody();
  await ends(held, async () => assert.equal((await first.cli('user', 'suspend', held.person.login)).code, 0));
  await noRefresh(held);
  await assert.rejects(signIn(second, held.person), /Sign in/);
  assert.equal((await first.cli('user', 'resume', held.person.login)).code, 0);
  await oneSecond();
  assert.deepEqual(await worth(held), over);
  const jar = await signIn(second, held.person);
  assert.equal((await jar.api('GET', '/me')).status, 200);
});

test('log-out everywhere ends the other devices and the apps, whichever process it came to', async () => {
  const held = await somebody();
  const other = await signIn(second, held.person);
  await ends(held, async () => {
    const out = await other.post('/account/sessions/end-all');
    assert.match(out.text, /You are signed out/);
  });
  await noRefresh(held);
  assert.equal((await other.api('GET', '/me')).status, 401);
});

test('an app that its person ends loses its tokens, and the person stays signed in', async () => {
  const held = await somebody();
  const jar = there(held.person.jar);
  await ends(
    held,
    async () => {
      const { json } = await jar.api('GET', '/me/apps');
      assert.deepEqual(
        json.items.map((one: { client_id: string }) => one.client_id),
        [app.client_id],
      );
      ok(await jar.api('DELETE', `/me/apps/${json.items[0].id}`));
    },
    { sessions: [200, 200], tokens: [401, 401] },
  );
  await noRefresh(held);
});

test('rights that an administrator takes away are gone with the tokens that had them', async () => {
  const held = await somebody();
  await ends(held, async () => ok(await admin.jar.api('PATCH', `/accounts/${held.person.id}`, { scopes: [] })));
  await noRefresh(held);
});

test('a client that the operator revokes ends with all that it was given', async () => {
  const own = await newApp(first, { isPublic: true, scopes: 'user/*.rs' });
  const { person } = await somebody();
  const tokens = await tokensFor(person.jar, own, { scope: 'user/Patient.rs offline_access' });
  await ends(
    { person, tokens },
    async () => assert.equal((await first.cli('client', 'revoke', own.client_id)).code, 0),
    { sessions: [200, 200], tokens: [401, 401] },
  );
  const again = await refresh(second, own, tokens.refresh_token ?? '');
  assert.deepEqual([again.status, again.json.error], [401, 'invalid_client']);
});

const directory = 'application/scim+json';
const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

test('a directory provisions, changes and deactivates somebody as Entra ID does; their session ends', async () => {
  const token = await first.token('safeguard/scim');
  const scim = (method: string, path: string, body?: object, at = first) =>
    at.request({
      ...{ method, path: `/scim/v2${path}`, token, headers: { 'content-type': directory } },
      ...(body === undefined ? {} : { body }),
    });
  const userName = 'ines@clinic.example';
  const filter = `filter=userName+eq+%22${encodeURIComponent(userName)}%22`;
  assert.equal((await scim('GET', `/Users?${filter}`)).json.totalResults, 0);
  const created = await scim('POST', '/Users', {
    schemas: [core, enterprise],
    externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
    userName,
    active: true,
    displayName: 'Ines Duarte',
    emails: [{ primary: true, type: 'work', value: userName }],
    meta: { resourceType: 'User' },
    name: { formatted: 'Ines Duarte', familyName: 'Duarte', givenName: 'Ines' },
    roles: [],
    [enterprise]: { department: 'Radiology' },
  });
  assert.equal(created.status, 201, created.text);
  const { id } = created.json;
  assert.equal((await scim('POST', '/Users', { schemas: [core], userName, active: true })).status, 409);
  const renamed = await scim('PATCH', `/Users/${id}`, {
    schemas: [patchOp],
    Operations: [
      { op: 'Replace', path: 'displayName', value: 'Ines Duarte Lopes' },
      { op: 'Add', path: `${enterprise}:department`, value: 'Cardiology' },
    ],
  });
  assert.ok([200, 204].includes(renamed.status), renamed.text);
  const read = (await scim('GET', `/Users/${id}`, undefined, second)).json;
  assert.deepEqual([read.displayName, read[enterprise].department], ['Ines Duarte Lopes', 'Cardiology']);

  const link = await admin.jar.api('POST', `/accounts/${id}/links`, { purpose: 'invitation' });
  ok(link);
  const group = await scim('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Cardiology',
    members: [{ value: id }],
  });
  assert.equal(group.status, 201, group.text);
  ok(await admin.jar.api('PATCH', `/groups/${group.json.id}`, { scopes: ['user/Patient.rs'] }));
  const own = await join(first, link.json.url);
  const person: Person = { ...own, id, login: userName, tenant: 'default' };
  // The directory says who is there; what they may see is asked for and approved like everybody's.
  await grantRole(first, person, { role: 'practice-clinician' });
  // It holds at the other process within a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const tokens = await tokensFor(person.jar, app, { scope: 'user/Patient.rs offline_access' });
  const held = { person, tokens };
  const set = (active: string) =>
    scim('PATCH', `/Users/${id}`, {
      schemas: [patchOp],
      Operations: [{ op: 'Replace', path: 'active', value: active }],
    });
  await ends(held, async () => ok(await set('False')));
  await noRefresh(held);
  assert.equal((await scim('GET', `/Users/${id}`)).json.active, false);
  ok(await set('True'));
  const jar = await signIn(second, person);
  assert.equal((await jar.api('GET', '/me')).status, 200);
  await scim('DELETE', `/Users/${id}`);
  await oneSecond();
  assert.equal((await jar.api('GET', '/me')).status, 401);
  assert.equal((await scim('GET', `/Users/${id}`)).status, 404);
});

test('a directory’s token opens nothing else, and without its scope SCIM is closed', async () => {
  const token = await first.token('safeguard/scim');
  assert.equal((await first.request({ path: `/fhir/R4/Patient/${chart.id}`, token })).status, 403);
  const apis = await first.request({ path: '/api/v1/accounts', token });
  assert.equal(apis.status, 403);
  const system = await first.token('system/*.cruds');
  assert.equal((await first.request({ path: '/scim/v2/Users', token: system })).status, 403);
  assert.equal((await first.request({ path: '/scim/v2/Users' })).status, 401);
});
