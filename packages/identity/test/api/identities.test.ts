import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fault, newId } from '@safeguard/kernel';
import type { ExternalIdentities, LinkedProvider } from '../../federation/types.ts';
import { activeAccount, administrator, type House, openHouse, person, program } from './house.ts';

const provider = '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de';
const made = new Map<string, string>();
const row: LinkedProvider = { provider, label: 'Hospital', enabled: true, created_at: 0 };
/** What federation does, as far as it is asked here. */
const identities: ExternalIdentities = {
  async link(tenant, at, account, subject) {
    if (tenant !== 1 || at !== provider) throw fault('missing', 'There is no such provider.');
    if ([...made].some(([who, what]) => who !== account && what === subject)) throw fault('conflict', 'Linked.');
    made.set(account, subject);
    return false;
  },
  list: async (_tenant, account) => (made.has(account) ? [row] : []),
  unlink: async (tenant, at, account) => tenant === 1 && at === provider && made.delete(account),
};

let house: House;
let send: House['send'];
before(async () => {
  house = await openHouse();
  ({ send } = await house.serve({ api: { identities } }));
});
after(() => house.close());

const at = (account: string, more = ''): string => `/api/v1/accounts/${account}/identities${more}`;
const body = { provider, subject: 'hush-subject' };

test('an administrator links, lists and unlinks; the subject is in no answer and in no event', async () => {
  const [as, ada] = [administrator(house), await activeAccount(house)];
  const linked = await send('POST', at(ada.id), { as, body });
  assert.equal(linked.status, 201, linked.text);
  assert.match(linked.headers.get('location') ?? '', new RegExp(`${ada.id}/identities/${provider}$`));
  const list = await send('GET', at(ada.id), { as });
  assert.deepEqual(list.json.items, [{ ...row, created_at: '1970-01-01T00:00:00.000Z' }]);
  const bob = await activeAccount(house);
  assert.equal((await send('POST', at(bob.id), { as, body })).status, 409);
  assert.equal((await send('DELETE', at(ada.id, `/${provider}`), { as })).status, 204);
  assert.equal((await send('DELETE', at(ada.id, `/${provider}`), { as })).status, 404);
  const event = house.events.find(({ action }) => action === 'identity-link');
  assert.deepEqual(
    event?.targets?.map(({ type, id }) => [type, id]),
    [
      ['Account', ada.id],
      ['Provider', provider],
    ],
  );
  assert.doesNotMatch(linked.text + list.text + JSON.stringify(house.events), /hush/);
});

test('linking wants a fresh factor and a person; another tenant’s account is none', async () => {
  const ada = await activeAccount(house);
  const stale = administrator(house, {
    assurance: { level: 2, at: house.clock.at - 301_000, methods: ['pwd', 'otp'] },
  });
  const other = administrator(house, { tenant: house.other });
  const cases = [
    [stale, 401],
    [other, 404],
    [program('safeguard/accounts', 'system/*.cruds'), 403],
    [program('safeguard/scim'), 403],
    [person(house, ada), 403],
  ] as const;
  for (const [as, status] of cases) assert.equal((await send('POST', at(ada.id), { as, body })).status, status);
  assert.equal(made.has(ada.id), false);
  const as = administrator(house);
  assert.equal((await send('POST', at(newId()), { as, body })).status, 404);
  for (const bad of [
    { provider },
    { ...body, subject: '' },
    { ...body, subject: 'x'.repeat(257) },
    { ...body, tenant: 1 },
  ])
    assert.equal((await send('POST', at(ada.id), { as, body: bad })).status, 400);
  assert.equal((await send('POST', at(ada.id), { as, body })).status, 201, 'control');
  assert.equal((await send('GET', at(ada.id), { as: other })).status, 404);
  assert.equal((await send('DELETE', at(ada.id, `/${provider}`), { as: other })).status, 404);
  assert.equal((await send('GET', at(ada.id), { as: person(house, ada) })).status, 403);
});

test('a program may unlink, but nobody who has a role', async () => {
  const [ada, chief] = [await activeAccount(house), await activeAccount(house, { roles: ['administrator'] })];
  for (const { id } of [ada, chief]) made.set(id, id);
  const as = program('safeguard/accounts');
  assert.equal((await send('DELETE', at(chief.id, `/${provider}`), { as })).status, 403);
  assert.equal((await send('DELETE', at(ada.id, `/${provider}`), { as })).status, 204);
});
