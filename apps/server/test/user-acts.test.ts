import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault, newId } from '@safeguard/kernel';
import type { Asked } from '../admin-acts.ts';
import { clientActs } from '../client-acts.ts';
import type { House } from '../server.ts';
import { userActs } from '../user-acts.ts';

const place = { url: 'https://localhost:8443', ca: null };
const id = newId();
const account = { id, tenant: 2, login: 'ada@clinic.example', state: 'active' };

/** Who makes links here. */
const operator = { kind: 'operator', id: 'operator' };

/** Of the house only what these acts touch; `calls` keeps what they asked for. */
function houseOf() {
  const calls: unknown[][] = [];
  const noted =
    (name: string, answer: unknown) =>
    async (...given: unknown[]) => {
      calls.push([name, ...given]);
      return answer;
    };
  const accounts = {
    create: noted('create', account),
    list: noted('list', [account]),
    byId: async (tenant: number, one: string) => (tenant === 2 && one === id ? account : undefined),
    byLogin: async (tenant: number, login: string) => (tenant === 2 && login === account.login ? account : undefined),
    suspend: noted('suspend', { ...account, state: 'suspended' }),
    resume: noted('resume', account),
    terminate: noted('terminate', { ...account, state: 'terminated' }),
    links: { make: noted('link', { secret: 'sgl_x', expires_at: 0 }) },
  };
  const clients = {
    register: noted('register', { client_id: 'c1' }),
    byId: async (one: string) => (one === 'c1' ? { client_id: 'c1', tenant: 2 } : undefined),
    rotateSecret: noted('rotate', { client_id: 'c1', client_secret: 'sgs_x' }),
  };
  const identity = {
    tenants: { byName: async (name: string) => (name === 'north' ? { id: 2, name } : undefined) },
    sessions: { list: async () => [] },
    authenticators: { list: async () => [] },
    accounts,
    clients,
  };
  return { house: { identity } as unknown as House, calls, accounts };
}

type Sent = { readonly body?: object; readonly query?: string };

async function act(house: House, method: string, path: string, { body = {}, query = '' }: Sent = {}) {
  const acts = [...userActs(house, place), ...clientActs(house, place)];
  const found = acts.find((one) => one.method === method && one.path.test(path));
  assert.ok(found, `${method} ${path}`);
  const asked = { params: found.path.exec(path)?.groups ?? {}, query: new URLSearchParams(query), body } as Asked;
  const done = await found.run(asked);
  return { ...done, action: found.action, type: found.type };
}

const north = { tenant: 'north' };

test('a user is made in the tenant that was named, with an invitation', async () => {
  const { house, calls } = houseOf();
  const body = {
    ...north,
    login: account.login,
    name: 'Ada',
    roles: ['administrator'],
    state: 'active',
    external: true,
  };
  const done = await act(house, 'POST', '/users', { body });
  assert.deepEqual(calls, [
    ['create', { tenant: 2, kind: 'workforce', login: account.login, name: 'Ada', roles: ['administrator'] }],
    ['link', 'invitation', 2, id, operator],
  ]);
  const invitation = { purpose: 'invitation', url: `${place.url}/join/sgl_x`, expires_at: '1970-01-01T00:00:00.000Z' };
  assert.deepEqual(done.result, { account, invitation });
  assert.deepEqual([done.tenant, done.targets], [2, [{ type: 'Account', id }]]);
});

test('what accounts find wrong comes as one line', async () => {
  const { house, accounts } = houseOf();
  const issues = ['The login is an e-mail address.', 'The name is short.'].map((text) => ({
    ...({ severity: 'error', code: 'invalid' } as const),
    text,
  }));
  accounts.create = () => Promise.reject(fault('invalid', 'The account is not valid.', { issues }));
  const body = { ...north, login: 'x', name: 'y' };
  await assert.rejects(act(house, 'POST', '/users', { body }), /an e-mail address\. The name is short\./);
});

test('users are found by id or by login in their tenant, and turned', async () => {
  const { house, calls } = houseOf();
  for (const who of [id, account.login]) {
    const found = await act(house, 'POST', '/users/find', { body: { ...north, who } });
    assert.deepEqual(found.result, { account, sessions: [], factors: [] });
  }
  for (const verb of ['suspend', 'resume', 'terminate']) {
    const done = await act(house, 'POST', `/users/${verb}`, { body: { ...north, who: account.login } });
    assert.deepEqual([done.action, calls.at(-1)], [`account-${verb}`, [verb, 2, id]]);
  }
  for (const who of [newId(), 'nobody@clinic.example']) {
    await assert.rejects(act(house, 'POST', '/users/suspend', { body: { ...north, who } }), { kind: 'missing' });
  }
  await assert.rejects(act(house, 'POST', '/users/suspend', { body: north }), { kind: 'invalid' });
  await assert.rejects(act(house, 'GET', '/users', { query: 'tenant=south' }), { kind: 'missing' });
});

test('links lead to their own pages', async () => {
  const { house, calls } = houseOf();
  const link = (purpose: string, more: object = {}) =>
    act(house, 'POST', '/users/links', { body: { ...north, purpose, ...more } });
  assert.match(JSON.stringify((await link('recovery', { who: id })).result), /8443\/recover\/sgl_x/);
  assert.match(JSON.stringify((await link('administrator')).result), /8443\/first\/sgl_x/);
  assert.deepEqual(calls.at(-1), ['link', 'administrator', 2, null, operator]);
  await assert.rejects(link('recovery'), { kind: 'invalid' });
  await assert.rejects(link('other', { who: id }), { kind: 'invalid' });
});

test('apps are registered, read and rotated', async () => {
  const { house, calls } = houseOf();
  const body = {
    ...north,
    name: 'app',
    scopes: ['patient/*.rs'],
    auth_method: 'none',
    redirect_uris: ['https://a.example/cb'],
  };
  const made = await act(house, 'POST', '/apps', { body: { ...body, state: 'draft', token_lifetime_s: 86_400 } });
  const { tenant: _, ...rest } = body;
  assert.deepEqual(calls, [['register', { ...rest, tenant: 2, view: 'full' }]]);
  assert.deepEqual(made.targets, [{ type: 'Client', id: 'c1' }]);
  assert.equal((await act(house, 'GET', '/clients/c1')).tenant, 2);
  await assert.rejects(act(house, 'GET', '/clients/c2'), { kind: 'missing' });
  await act(house, 'POST', '/clients/c1/rotate', { body: { overlap_s: 0 } });
  assert.deepEqual(calls.at(-1), ['rotate', 'c1', { overlap_s: 0 }]);
});
