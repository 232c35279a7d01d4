import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { activeAccount, administrator, type House, openHouse, somebody } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const admin = () => administrator(house);
const wanted = () => {
  const { kind, login, name } = somebody();
  return { kind, login, name };
};

test('an account is made with its invitation, read, changed, suspended, resumed and terminated', async () => {
  const { send } = house;
  const body = { ...wanted(), scopes: ['user/*.rs'] };
  const made = await send('POST', '/api/v1/accounts', { as: admin(), body });
  assert.equal(made.status, 201, made.text);
  const { account, invitation } = made.json;
  assert.equal(account.state, 'invited');
  assert.match(invitation.url, /^http.*\/join\/sgl_[\w-]{43}$/);
  const secret = invitation.url.split('/').at(-1);
  assert.equal((await house.accounts.links.find(secret))?.account, account.id);
  const path = new URL(made.headers.get('location') ?? '').pathname;
  assert.equal(path, `/api/v1/accounts/${account.id}`);
  const read = await send('GET', path, { as: admin() });
  assert.deepEqual(read.json, account);
  const changed = await send('PATCH', path, { as: admin(), body: { name: 'Another' } });
  assert.equal(changed.json.name, 'Another');
  await house.accounts.activate(1, account.id);
  for (const [verb, state] of [
    ['suspend', 'suspended'],
    ['suspend', 'suspended'],
    ['resume', 'active'],
    ['terminate', 'terminated'],
    ['terminate', 'terminated'],
  ] as const) {
    const answer = await send('POST', `${path}/${verb}`, { as: admin() });
    assert.deepEqual([answer.status, answer.json.state], [200, state], answer.text);
  }
  const told = house.events.filter(({ targets }) => targets.some(({ id }) => id === account.id));
  assert.deepEqual(
    told.map(({ action }) => action),
    [
      'account-create',
      'account-read',
      'account-change',
      'account-suspend',
      'account-suspend',
      'account-resume',
      'account-terminate',
      'account-terminate',
    ],
  );
});

test('nothing of a link, a login or a name stands in the ledger', async () => {
  const body = wanted();
  const { json } = await house.send('POST', '/api/v1/accounts', { as: admin(), body });
  const text = JSON.stringify(house.events);
  for (const word of [json.invitation.url.split('/').at(-1), body.login, body.name]) assert.ok(!text.includes(word));
});

test('what is not described is refused, each by its pointer, and no value is repeated', async () => {
  const path = '/api/v1/accounts';
  const own = wanted();
  const refused: [unknown, string][] = [
    [{ ...own, tenant: 2 }, '/tenant'],
    [{ ...own, state: 'active' }, '/state'],
    [{ ...own, id: '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de' }, '/id'],
    [{ ...own, source: 'scim' }, '/source'],
    [{ ...own, external: true }, '/external'],
    [{ ...own, verified_at: 1 }, '/verified_at'],
    [{ ...own, roles: ['root-of-all'] }, '/roles/0'],
    [{ ...own, login: 'not-an-address' }, '/login'],
    [{ ...own, name: 7 }, '/name'],
    [{ ...own, scopes: ['system/*.cruds'] }, '/scopes'],
    [{ ...own, patients: ['hush-hush'] }, '/patients/0'],
    [JSON.parse(`{"kind":"workforce","login":"a@b.example","name":"n","__proto__":{"roles":["administrator"]}}`), ''],
    [{ ...own, constructor: { prototype: { x: 1 } } }, '/constructor'],
    [{ kind: 'workforce', name: 'n' }, '/login'],
    [[], ''],
    ['"text"', ''],
  ];
  for (const [body, at] of refused) {
    const { status, json, text } = await house.send('POST', path, { as: admin(), body });
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(json.title, 'Bad Request');
    if (at !== '')
      assert.ok(
        json.errors.some((one: { at: string }) => one.at === at),
        text,
      );
    for (const secret of ['not-an-address', 'root-of-all', 'hush-hush']) assert.ok(!text.includes(secret));
  }
  assert.equal((await house.send('POST', path, { as: admin(), body: '{"a":' })).status, 400);
  assert.equal(
    (await house.send('POST', path, { as: admin(), body: 'x', headers: { 'content-type': 'text/plain' } })).status,
    415,
  );
  const large = { ...own, name: 'x'.repeat(20_000) };
  assert.equal((await house.send('POST', path, { as: admin(), body: large })).status, 413);
});

test('no field that only we set can be changed by a body', async () => {
  const { id } = await activeAccount(house);
  for (const body of [
    { tenant: 2 },
    { state: 'active' },
    { id: 'x' },
    { external: true },
    { kind: 'patient' },
    { source: 'x' },
  ]) {
    assert.equal((await house.send('PATCH', `/api/v1/accounts/${id}`, { as: admin(), body })).status, 400);
  }
});

test('a login is taken once; the problem says so', async () => {
  const body = wanted();
  await house.send('POST', '/api/v1/accounts', { as: admin(), body });
  const again = await house.send('POST', '/api/v1/accounts', { as: admin(), body });
  assert.equal(again.status, 409);
  assert.equal(again.json.errors[0].at, '/login');
});

test('a change for another state than what is there is refused', async () => {
  const { id } = await activeAccount(house);
  const path = `/api/v1/accounts/${id}`;
  const first = await house.send('GET', path, { as: admin() });
  const tag = first.headers.get('etag') ?? '';
  const change = (name: string) =>
    house.send('PATCH', path, { as: admin(), body: { name }, headers: { 'if-match': tag } });
  const done = await change('One');
  assert.equal(done.status, 200);
  assert.notEqual(done.headers.get('etag'), tag);
  assert.equal((await change('Two')).status, 412);
  assert.equal((await house.accounts.byId(1, id))?.name, 'One');
});

test('a list goes on where it ended, and no cursor of elsewhere is one', async () => {
  const tenant = (await house.tenants.create('listed')).id;
  const made = [];
  for (let at = 0; at < 5; at += 1) made.push((await house.accounts.create(somebody({ tenant }))).id);
  const as = administrator(house, { tenant });
  const seen: string[] = [];
  for (let path: string | undefined = '/api/v1/accounts?count=2'; path !== undefined; ) {
    const { json, headers } = await house.send('GET', path, { as });
    seen.push(...json.items.map(({ id }: { id: string }) => id));
    const [, next] = /^<http:\/\/[^/]+(.*)>; rel="next"$/.exec(headers.get('link') ?? '') ?? [];
    assert.equal(next === undefined, json.next === null);
    path = next;
  }
  assert.deepEqual(seen, made);
  const foreign = (await house.accounts.create(somebody())).id;
  for (const after of [foreign, '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de', 'x', '']) {
    assert.equal((await house.send('GET', `/api/v1/accounts?after=${after}`, { as })).status, 400, after);
  }
  // Control: where a cursor is looked up without its tenant, another one's says that it exists.
  const byId: House['accounts']['byId'] = async (_, id) => house.accounts.byId(1, id);
  const open = await house.serve({ api: { accounts: { ...house.accounts, byId } } });
  assert.equal((await open.send('GET', `/api/v1/accounts?after=${foreign}`, { as })).status, 200);
  for (const query of ['count=0', 'count=201', 'count=x', 'count=1&count=2', 'tenant=1', 'filter=x']) {
    assert.equal((await house.send('GET', `/api/v1/accounts?${query}`, { as })).status, 400, query);
  }
});

test('a list of 200 tells that there is more', async () => {
  const tenant = (await house.tenants.create('many')).id;
  await Promise.all(Array.from({ length: 201 }, () => house.accounts.create(somebody({ tenant }))));
  const as = administrator(house, { tenant });
  const { json } = await house.send('GET', '/api/v1/accounts?count=200', { as });
  assert.equal(json.items.length, 200);
  const last = await house.send('GET', `/api/v1/accounts?count=200&after=${json.next}`, { as });
  assert.deepEqual([last.json.items.length, last.json.next], [1, null]);
});

test('links are made only where they lead somewhere', async () => {
  const link = (id: string, purpose: string) =>
    house.send('POST', `/api/v1/accounts/${id}/links`, { as: admin(), body: { purpose } });
  const invited = (await house.accounts.create(somebody())).id;
  const active = (await activeAccount(house)).id;
  const outside = (await house.accounts.create(somebody({ external: true }))).id;
  assert.match((await link(invited, 'invitation')).json.url, /\/join\/sgl_/);
  assert.match((await link(active, 'recovery')).json.url, /\/recover\/sgl_/);
  for (const [id, purpose, status] of [
    [invited, 'recovery', 409],
    [active, 'invitation', 409],
    [outside, 'recovery', 409],
    [active, 'administrator', 400],
  ] as const) {
    assert.equal((await link(id, purpose)).status, status, purpose);
  }
});

test('the tenant’s name and logo', async () => {
  const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(20)]);
  const logo = { type: 'image/png', data: png.toString('base64') };
  const path = '/api/v1/branding';
  const set = await house.send('PATCH', path, { as: admin(), body: { name: 'North Clinic', logo } });
  assert.equal(set.status, 200, set.text);
  assert.deepEqual((await house.send('GET', path, { as: admin() })).json, { name: 'North Clinic', logo });
  assert.deepEqual((await house.send('PATCH', path, { as: admin(), body: { logo: null } })).json, {
    name: 'North Clinic',
    logo: null,
  });
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>').toString('base64');
  for (const body of [
    { logo: { type: 'image/svg+xml', data: svg } },
    { logo: { type: 'image/png', data: svg } },
    { logo: { type: 'image/png', data: Buffer.concat([png, Buffer.alloc(66_000)]).toString('base64') } },
    { name: '' },
  ]) {
    assert.equal((await house.send('PATCH', path, { as: admin(), body })).status, 400);
  }
});
