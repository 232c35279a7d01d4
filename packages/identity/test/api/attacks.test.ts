import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { access, activeAccount, administrator, type House, openHouse, person, program, somebody } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const admin = () => administrator(house);
const client = (tenant = 1) =>
  house.clients.create({ name: 'importer', tenant, scopes: ['system/*.cruds'], view: 'full' });

/** Every operation on one account, client or session, and on all of them. */
const targets = (account: string, session: string, clientId: string): [string, string, unknown?][] => [
  ['GET', `/accounts/${account}`],
  ['PATCH', `/accounts/${account}`, { name: 'Mallory' }],
  ['POST', `/accounts/${account}/suspend`],
  ['POST', `/accounts/${account}/resume`],
  ['POST', `/accounts/${account}/terminate`],
  ['POST', `/accounts/${account}/links`, { purpose: 'recovery' }],
  ['GET', `/accounts/${account}/sessions`],
  ['DELETE', `/accounts/${account}/sessions/${session}`],
  ['DELETE', `/accounts/${account}/sessions`],
  ['GET', `/accounts/${account}/factors`],
  ['GET', `/clients/${clientId}`],
  ['DELETE', `/clients/${clientId}`],
  ['POST', `/clients/${clientId}/rotate-secret`, {}],
];
const collections: [string, string, unknown?][] = [
  ['GET', '/accounts'],
  [
    'POST',
    '/accounts',
    { kind: 'workforce', login: 'mallory@clinic.example', name: 'Mallory', roles: ['administrator'] },
  ],
  ['GET', '/clients'],
  ['POST', '/clients', { name: 'backdoor', scopes: ['system/*.cruds'] }],
  ['GET', '/groups'],
  ['GET', '/branding'],
  ['PATCH', '/branding', { name: 'Mallory' }],
];

async function signedIn(tenant: number) {
  const account = await activeAccount(house, { tenant });
  const opening = { tenant, account: account.id, level: 2, methods: ['pwd', 'otp'], remote: '192.0.2.1', agent: 'x' };
  const { id } = await house.sessions.open(opening as Parameters<House['sessions']['open']>[0]);
  return { account, session: id };
}

test('an id of another tenant is one of nobody: same answer, nothing done', async () => {
  const { account, session } = await signedIn(house.other);
  const theirs = await client(house.other);
  const mine = await targetsAnswer(admin(), targets(account.id, session, theirs.client_id));
  const nobody = await targetsAnswer(admin(), targets(newId(), newId(), newId()));
  assert.deepEqual(mine, nobody);
  assert.ok(
    mine.every(({ status }) => status === 404),
    JSON.stringify(mine),
  );
  assert.equal((await house.accounts.byId(house.other, account.id))?.state, 'active');
  assert.equal((await house.sessions.list(house.other, account.id)).length, 1);
  assert.equal((await house.clients.list(house.other))[0]?.revoked_at, null);
  for (const path of ['/api/v1/accounts', '/api/v1/clients']) {
    const { text } = await house.send('GET', `${path}?count=200`, { as: admin() });
    for (const id of [account.id, theirs.client_id]) assert.ok(!text.includes(id));
  }
});

test('control: where accounts are looked up without their tenant, another one’s is found', async () => {
  const { account } = await signedIn(house.other);
  const byId: House['accounts']['byId'] = async (_, id) => house.accounts.byId(house.other, id);
  const open = await house.serve({ api: { accounts: { ...house.accounts, byId } } });
  assert.equal((await open.send('GET', `/api/v1/accounts/${account.id}`, { as: admin() })).status, 200);
});

async function targetsAnswer(as: Principal, asked: [string, string, unknown?][], on: Pick<House, 'send'> = house) {
  const answers = [];
  for (const [method, path, body] of asked) {
    const { status, json } = await on.send(method, `/api/v1${path}`, { as, ...(body === undefined ? {} : { body }) });
    answers.push({ method, status, title: json?.title, detail: json?.detail });
  }
  return answers;
}

/** Whoever may not: a sort of principal, in words. */
const strangers = (): [string, Principal][] => [
  ['a user without the role', administrator(house, { roles: [] })],
  ['a patient', administrator(house, { roles: [], within: [newId()], scopes: ['patient/*.rs'] })],
  [
    'an administrator with one factor',
    administrator(house, { assurance: { level: 1, at: house.clock.at, methods: ['pwd'] } }),
  ],
  [
    'an app that acts for an administrator',
    administrator(house, { client: newId(), scopes: ['user/*.cruds', 'openid'] }),
  ],
  ['a client with every FHIR scope', program('system/*.cruds')],
  ['a client that may provision', program('safeguard/scim')],
  ['nobody', { tenant: 0, kind: 'anonymous', id: 'anonymous', scopes: [], view: 'deidentified' }],
];

test('who may not administer is refused before anything is looked up', async () => {
  const { account, session } = await signedIn(1);
  const theirs = await client();
  const all = [...targets(account.id, session, theirs.client_id), ...collections];
  for (const [who, as] of strangers()) {
    for (const { method, status } of await targetsAnswer(as, all)) assert.equal(status, 403, `${who}: ${method}`);
  }
  assert.equal((await house.accounts.byId(1, account.id))?.state, 'active');
  const denied = house.events.filter(({ outcome, action }) => outcome === 'deny' && action === 'account-terminate');
  assert.ok(denied.length >= strangers().length);
  assert.ok(
    denied.every(({ targets: named }) => named[0]?.id === account.id),
    'the ledger names what was asked for',
  );
});

test('control: without the guard they would get in', async () => {
  const open = await house.serve({ api: { guard: () => undefined } });
  const { account } = await signedIn(1);
  const as = administrator(house, { roles: [] });
  assert.equal((await open.send('GET', `/api/v1/accounts/${account.id}`, { as })).status, 200);
});

test('a client may administer what its scope names, and no more', async () => {
  const { account } = await signedIn(1);
  const accounts = program('safeguard/accounts');
  const clients = program('safeguard/clients');
  assert.equal((await house.send('GET', `/api/v1/accounts/${account.id}`, { as: accounts })).status, 200);
  assert.equal((await house.send('GET', '/api/v1/clients', { as: accounts })).status, 403);
  assert.equal((await house.send('GET', '/api/v1/clients', { as: clients })).status, 200);
  assert.equal((await house.send('GET', '/api/v1/accounts', { as: clients })).status, 403);
  const app = administrator(house, { client: newId(), scopes: ['safeguard/accounts'] });
  assert.equal((await house.send('GET', '/api/v1/accounts', { as: app })).status, 200);
  const lowly = administrator(house, { client: newId(), scopes: ['safeguard/accounts'], roles: [] });
  assert.equal((await house.send('GET', '/api/v1/accounts', { as: lowly })).status, 403);
});

/** What a program with `safeguard/accounts` and `safeguard/clients` may try, to become more than it is. */
async function climbs(on: Pick<House, 'send'>): Promise<number[]> {
  const as = program('safeguard/accounts', 'safeguard/clients', 'system/Patient.rs');
  const doctor = await activeAccount(house, { scopes: ['user/*.cruds'] });
  const boss = await activeAccount(house, { roles: ['administrator'] });
  const strong = await client();
  const { kind, login, name } = somebody();
  const patient = { ...somebody(), kind: 'patient', patients: [newId()] };
  const tries: [string, string, unknown?][] = [
    ['POST', '/accounts', { kind, login, name, roles: ['administrator'] }],
    ['POST', '/accounts', { kind, login: `1${login}`, name, scopes: ['user/*.cruds'] }],
    ['POST', '/accounts', { kind: 'patient', login: `2${login}`, name, patients: patient.patients }],
    ['POST', `/accounts/${doctor.id}/links`, { purpose: 'recovery' }],
    ['PATCH', `/accounts/${doctor.id}`, { login: `3${login}` }],
    ['PATCH', `/accounts/${doctor.id}`, { roles: ['administrator'] }],
    ['PATCH', `/accounts/${boss.id}`, { name: 'x' }],
    ['POST', `/accounts/${boss.id}/links`, { purpose: 'recovery' }],
    ['POST', `/accounts/${boss.id}/terminate`],
    ['POST', `/accounts/${boss.id}/suspend`],
    ['POST', '/clients', { name: 'strong', scopes: ['system/*.cruds'] }],
    ['POST', '/clients', { name: 'product', scopes: ['safeguard/scim'] }],
    ['POST', `/clients/${strong.client_id}/rotate-secret`, {}],
  ];
  return (await targetsAnswer(as, tries, on)).map(({ status }) => status);
}

test('a program cannot make itself more than it is', async () => {
  const statuses = await climbs(house);
  assert.deepEqual(
    statuses,
    statuses.map(() => 403),
  );
  const as = program('safeguard/accounts', 'system/Patient.rs');
  const { kind, login, name } = somebody();
  const own = { kind, login, name, scopes: ['user/Patient.r'] };
  assert.equal(
    (await house.send('POST', '/api/v1/accounts', { as, body: own })).status,
    201,
    'what it has it may give',
  );
  const masked = { ...program('safeguard/clients', 'system/*.cruds'), view: 'deidentified' as const };
  const wide = { name: 'x', scopes: ['system/*.rs'], view: 'full' };
  assert.equal((await house.send('POST', '/api/v1/clients', { as: masked, body: wide })).status, 403);
});

test('control: where narrowing is not asked, it can', async () => {
  const open = await house.serve({ api: { scopes: { narrows: () => true } } });
  const statuses = await climbs(open);
  assert.ok(
    statuses.some((status) => status < 300),
    statuses.join(),
  );
});

const dangerous = async (as: Principal, on: Pick<House, 'send'> = house) => {
  const { account } = await signedIn(1);
  const made = await client();
  const { kind, login, name } = somebody();
  return targetsAnswer(
    as,
    [
      ['POST', '/accounts', { kind, login, name }],
      ['PATCH', `/accounts/${account.id}`, { scopes: ['user/*.rs'] }],
      ['PATCH', `/accounts/${account.id}`, { login: `new-${login}` }],
      ['POST', `/accounts/${account.id}/links`, { purpose: 'recovery' }],
      ['POST', `/accounts/${account.id}/terminate`],
      ['POST', '/clients', { name: 'x', scopes: ['safeguard/scim'] }],
      ['POST', `/clients/${made.client_id}/rotate-secret`, {}],
    ],
    on,
  );
};

test('what is dangerous needs a factor shown within five minutes', async () => {
  const at = (age_ms: number) =>
    administrator(house, { assurance: { level: 2, at: house.clock.at - age_ms, methods: ['pwd', 'otp'] } });
  for (const { status } of await dangerous(at(301_000))) assert.equal(status, 401);
  for (const { status } of await dangerous(at(300_000))) assert.ok(status < 300, String(status));
  const { account } = await signedIn(1);
  const old = await house.send('POST', `/api/v1/accounts/${account.id}/terminate`, { as: at(301_000) });
  assert.equal(old.json.errors[0].code, 'reauthenticate');
  const harmless = await house.send('PATCH', `/api/v1/accounts/${account.id}`, {
    as: at(301_000),
    body: { name: 'N' },
  });
  assert.equal(harmless.status, 200);
  assert.equal((await house.send('POST', `/api/v1/accounts/${account.id}/suspend`, { as: at(301_000) })).status, 200);
});

test('control: with a clock that stands still an old factor passes', async () => {
  const open = await house.serve({ api: { clock: { now: () => 0 } } });
  const as = administrator(house, { assurance: { level: 2, at: 0, methods: [] } });
  for (const { status } of await dangerous(as, open)) assert.ok(status < 300, String(status));
});

test('one’s own account: own sessions, factors and name, and nobody else’s', async () => {
  const { account, session } = await signedIn(1);
  const stranger = await signedIn(1);
  const me = person(house, account, { session });
  assert.equal((await house.send('GET', '/api/v1/me', { as: me })).json.id, account.id);
  assert.equal((await house.send('PATCH', '/api/v1/me', { as: me, body: { name: 'Me' } })).json.name, 'Me');
  for (const body of [{ roles: ['administrator'] }, { scopes: ['user/*.cruds'] }, { login: 'a@b.example' }]) {
    assert.equal((await house.send('PATCH', '/api/v1/me', { as: me, body: { name: 'Me', ...body } })).status, 400);
  }
  // Control: what stands behind takes them as they come; it is the body's own form that holds them back.
  const climbed = await activeAccount(house);
  const gained = await house.accounts.change(1, climbed.id, { roles: ['administrator'], scopes: ['user/*.cruds'] });
  assert.deepEqual([gained.roles, gained.scopes], [['administrator'], ['user/*.cruds']]);
  const listed = (await house.send('GET', '/api/v1/me/sessions', { as: me })).json.items;
  assert.deepEqual(
    listed.map(({ id, current }: { id: string; current: boolean }) => [id, current]),
    [[session, true]],
  );
  assert.deepEqual((await house.send('GET', '/api/v1/me/factors', { as: me })).json.items, []);
  assert.equal((await house.send('DELETE', `/api/v1/me/sessions/${stranger.session}`, { as: me })).status, 404);
  assert.equal((await house.sessions.list(1, stranger.account.id)).length, 1);
  const opening = {
    tenant: 1,
    account: account.id,
    level: 2,
    methods: ['pwd'],
    remote: '192.0.2.1',
    agent: 'y',
  } as const;
  await house.sessions.open(opening);
  assert.deepEqual((await house.send('DELETE', '/api/v1/me/sessions', { as: me })).json, { ended: 1 });
  assert.equal((await house.sessions.list(1, account.id)).length, 1);
  assert.equal((await house.send('DELETE', `/api/v1/me/sessions/${session}`, { as: me })).status, 204);
  const app = { ...me, client: newId(), scopes: ['patient/*.rs'] };
  assert.equal((await house.send('GET', '/api/v1/me', { as: app })).status, 403, 'an app is not the person');
});

test('other sessions of one’s own are ended after a fresh factor alone; the one that asks needs none', async () => {
  const { account, session } = await signedIn(1);
  const at = (age_ms: number) => {
    const assurance = { level: 2, at: house.clock.at - age_ms, methods: ['pwd', 'otp'] } as const;
    return person(house, account, { session, assurance });
  };
  const { tenant, id } = account;
  const away = { tenant, account: id, level: 2, methods: ['pwd'], remote: '192.0.2.1', agent: 'y' } as const;
  const other = await house.sessions.open(away);
  const end = async (path: string, age_ms: number) =>
    (await house.send('DELETE', `/api/v1/me/sessions${path}`, { as: at(age_ms) })).status;
  for (const path of ['', `/${other.id}`]) assert.equal(await end(path, 301_000), 401);
  assert.equal((await house.sessions.list(1, id)).length, 2, 'nothing was ended');
  assert.equal(await end(`/${other.id}`, 300_000), 204);
  assert.equal(await end('', 300_000), 200);
  assert.equal(await end(`/${session}`, 301_000), 204);
});

test('sessions of others: listed and ended by who administers', async () => {
  const { account, session } = await signedIn(1);
  const path = `/api/v1/accounts/${account.id}/sessions`;
  const listed = await house.send('GET', path, { as: admin() });
  assert.deepEqual(
    listed.json.items.map(({ id }: { id: string }) => id),
    [session],
  );
  assert.equal((await house.send('DELETE', `${path}/${session}`, { as: admin() })).status, 204);
  assert.equal((await house.send('DELETE', `${path}/${session}`, { as: admin() })).status, 404);
  await house.sessions.open({
    tenant: 1,
    account: account.id,
    level: 2,
    methods: ['pwd'],
    remote: '192.0.2.1',
    agent: 'x',
  });
  assert.deepEqual((await house.send('DELETE', path, { as: admin() })).json, { ended: 1 });
});

test('clients are made, listed, rotated and revoked', async () => {
  const made = await house.send('POST', '/api/v1/clients', {
    as: admin(),
    body: { name: 'x', scopes: ['safeguard/scim'] },
  });
  assert.equal(made.status, 201, made.text);
  const path = `/api/v1/clients/${made.json.client_id}`;
  const read = await house.send('GET', path, { as: admin() });
  assert.deepEqual([read.json.scopes, read.json.view], [['safeguard/scim'], 'full']);
  assert.ok(!read.text.includes(made.json.client_secret));
  const rotated = await house.send('POST', `${path}/rotate-secret`, { as: admin(), body: { overlap_s: 0 } });
  assert.notEqual(rotated.json.client_secret, made.json.client_secret);
  assert.equal((await house.send('DELETE', path, { as: admin() })).status, 204);
  assert.notEqual((await house.send('GET', path, { as: admin() })).json.revoked_at, null);
  for (const more of [
    { tenant: 2 },
    { permissions: ['purge'] },
    { client_secret: 'sgs_x' },
    { scopes: [] },
    { scopes: ['system/*.rs'] },
  ]) {
    const body = { name: 'x', scopes: ['safeguard/scim'], ...more };
    assert.equal((await house.send('POST', '/api/v1/clients', { as: admin(), body })).status, 400);
  }
});

test('a cookie counts only from our own origin', async () => {
  const { account } = await signedIn(1);
  const path = `/api/v1/accounts/${account.id}/suspend`;
  const crossed = await house.send('POST', path, { as: admin(), headers: { origin: 'https://evil.example' } });
  assert.equal(crossed.status, 403);
  assert.equal((await house.accounts.byId(1, account.id))?.state, 'active');
  // Control: where the lifecycle does not ask where it comes from.
  const open = await house.serve({ routes: (real) => real.map((route) => ({ ...route, crossSite: true })) });
  const taken = await open.send('POST', path, { as: admin(), headers: { origin: 'https://evil.example' } });
  assert.equal(taken.status, 200, taken.text);
  assert.equal((await house.accounts.byId(1, account.id))?.state, 'suspended');
});

test('the guard of this house is the one of access', () => {
  assert.throws(() => access.guard(program('safeguard/accounts'), 'client-list', { type: 'Client' }), /denied/);
});
