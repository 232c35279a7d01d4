import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fault } from '@safeguard/kernel';
import type { Providers, ProviderView } from '../../federation/types.ts';
import { administrator, type House, openHouse } from './house.ts';

const id = '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de';
const calls: unknown[][] = [];
const view: ProviderView = {
  id,
  tenant: 1,
  enabled: false,
  settings: {
    kind: 'oidc',
    issuer: 'https://idp.example',
    client_secret: 'hush',
  } as unknown as ProviderView['settings'],
  paths: { callback: `/federation/${id}/callback` },
  created_at: 0,
  changed_at: 0,
};
const mine = (tenant: number): ProviderView => {
  if (tenant !== 1) throw fault('missing', 'There is no such provider.');
  return view;
};
const noted = <T>(answer: T, ...call: unknown[]): T => {
  calls.push(call);
  return answer;
};
/** What federation does, as far as it is asked here. */
const providers: Providers = {
  create: async (...given) => noted(view, 'create', ...given),
  read: async (tenant) => mine(tenant),
  list: async (tenant) => (tenant === 1 ? [view] : []),
  change: async (tenant, ...given) => noted(mine(tenant), 'change', tenant, ...given.slice(0, 2)),
  enable: async (tenant, ...given) => noted({ ...mine(tenant), enabled: true }, 'enable', tenant, ...given.slice(0, 2)),
  remove: async (tenant) => void mine(tenant),
};

let house: House;
let send: House['send'];
before(async () => {
  house = await openHouse();
  ({ send } = await house.serve({ api: { providers } }));
});
after(() => house.close());

const path = '/api/v1/providers';

test('a provider is made, read, switched on and removed, and its secret never answered', async () => {
  const as = administrator(house);
  const body = {
    kind: 'oidc',
    label: 'Hospital',
    issuer: 'https://idp.example',
    client_id: 'c',
    client_secret: 'hush',
  };
  const made = await send('POST', path, { as, body });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(calls.at(-1), ['create', 1, body]);
  assert.match(made.json.urls.callback, /^http.*\/federation\/4f0c/);
  const read = await send('GET', `${path}/${id}`, { as });
  for (const { text } of [made, read, await send('GET', path, { as })]) assert.ok(!text.includes('hush'));
  await send('PATCH', `${path}/${id}`, { as, body: { label: 'Other', enabled: true } });
  assert.deepEqual(calls.slice(-2), [
    ['change', 1, id, { label: 'Other' }],
    ['enable', 1, id, true],
  ]);
  assert.equal((await send('DELETE', `${path}/${id}`, { as })).status, 204);
});

test('of another tenant there is none; what is not described is refused; a factor must be fresh', async () => {
  const other = administrator(house, { tenant: house.other });
  assert.equal((await send('GET', `${path}/${id}`, { as: other })).status, 404);
  assert.equal((await send('DELETE', `${path}/${id}`, { as: other })).status, 404);
  const as = administrator(house);
  const oidc = { kind: 'oidc', label: 'L', issuer: 'https://idp.example', client_id: 'c', client_secret: 's' };
  for (const body of [
    { ...oidc, enabled: true },
    { ...oidc, tenant: 2 },
    { ...oidc, roles: ['administrator'] },
    { kind: 'saml', label: 'L', entity_id: 'e', sso_url: 'https://x.example', certificates: [] },
    { kind: 'ldap', label: 'L' },
  ]) {
    assert.equal((await send('POST', path, { as, body })).status, 400, JSON.stringify(body));
  }
  assert.equal((await send('PATCH', `${path}/${id}`, { as, body: { issuer: 'https://evil.example' } })).status, 400);
  const stale = administrator(house, {
    assurance: { level: 2, at: house.clock.at - 400_000, methods: ['pwd', 'otp'] },
  });
  assert.equal((await send('POST', path, { as: stale, body: oidc })).status, 401);
});
