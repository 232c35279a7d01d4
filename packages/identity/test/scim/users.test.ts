import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { activeAccount, administrator, somebody } from '../api/house.ts';
import { type Directory, enterpriseUrn, openDirectory, patchOf, scimUser, userUrn } from './house.ts';

let house: Directory['house'];
let scim: Directory['scim'];
before(async () => {
  ({ house, scim } = await openDirectory());
});
after(() => house.close());

const made = async (more: Record<string, unknown> = {}) => {
  const answer = await scim('POST', '/Users', scimUser(more));
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
const query = (filter: string, more = '') => scim('GET', `/Users?filter=${encodeURIComponent(filter)}${more}`);
const stateOf = async (id: string) => (await house.accounts.byId(1, id))?.state;

test('a user is made, found, replaced, switched off and on, and deleted', async () => {
  const sent = scimUser();
  const { status, json, headers } = await scim('POST', '/Users', sent);
  assert.equal(status, 201);
  assert.equal(headers.get('content-type'), 'application/scim+json; charset=utf-8');
  assert.equal(headers.get('location'), json.meta.location);
  assert.equal(headers.get('etag'), json.meta.version);
  assert.deepEqual(json.schemas, [userUrn, enterpriseUrn]);
  assert.deepEqual([json.userName, json.externalId, json.active], [sent.userName, sent.externalId, true]);
  assert.deepEqual(json[enterpriseUrn], { department: 'Radiology', employeeNumber: '4711' });
  const account = await house.accounts.byId(1, json.id);
  assert.deepEqual(
    [account?.state, account?.source, account?.external, account?.name, account?.scopes, account?.roles],
    ['active', 'scim', true, `${json.name.givenName} ${json.name.familyName}`, [], []],
  );
  const found = await query(`userName eq "${sent.userName.toUpperCase()}"`);
  assert.deepEqual([found.json.totalResults, found.json.Resources[0].id], [1, json.id]);
  assert.equal((await query(`externalId eq "${sent.externalId}"`)).json.totalResults, 1);
  const replaced = await scim('PUT', `/Users/${json.id}`, { ...sent, displayName: 'Countess', emails: [] });
  assert.deepEqual([replaced.json.displayName, replaced.json.emails], ['Countess', undefined]);
  assert.equal((await house.accounts.byId(1, json.id))?.name, 'Countess');
  await scim('PATCH', `/Users/${json.id}`, patchOf({ op: 'replace', path: 'active', value: false }));
  assert.equal(await stateOf(json.id), 'suspended');
  await scim('PATCH', `/Users/${json.id}`, patchOf({ op: 'replace', value: { active: true } }));
  assert.equal(await stateOf(json.id), 'active');
  assert.equal((await scim('DELETE', `/Users/${json.id}`)).status, 204);
  assert.equal(await stateOf(json.id), 'terminated');
  assert.equal((await scim('GET', `/Users/${json.id}`)).status, 404);
  assert.equal((await scim('DELETE', `/Users/${json.id}`)).status, 404);
  assert.deepEqual(
    house.events.filter(({ targets }) => targets.some(({ id }) => id === json.id)).map(({ action }) => action),
    ['scim-create', 'scim-replace', 'scim-deactivate', 'scim-activate', 'scim-remove', 'scim-read', 'scim-remove'],
  );
});

test('a user that is made inactive never worked', async () => {
  const { id, active } = await made({ active: 'False' });
  assert.equal(active, false);
  assert.equal(await stateOf(id), 'suspended');
  await scim('PATCH', `/Users/${id}`, patchOf({ op: 'Replace', path: 'active', value: 'True' }));
  assert.equal(await stateOf(id), 'active');
});

test('switching off ends the sessions', async () => {
  const { id } = await made();
  await house.sessions.open({ tenant: 1, account: id, level: 2, methods: ['sso'], remote: '192.0.2.1', agent: 'x' });
  await scim('PATCH', `/Users/${id}`, patchOf({ op: 'Replace', path: 'active', value: 'False' }));
  assert.deepEqual(await house.sessions.list(1, id), []);
});

test('what an administrator suspended, a directory does not switch on', async () => {
  const { id } = await made();
  await house.accounts.suspend(1, id);
  for (const value of [true, 'True']) {
    const answer = await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value }));
    assert.deepEqual([answer.status, answer.json.active], [200, false]);
  }
  await scim('PUT', `/Users/${id}`, scimUser({ active: true }));
  await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value: false }));
  await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value: true }));
  assert.equal(await stateOf(id), 'suspended');
});

test('an administrator’s suspension stands, also on top of the directory’s, or after one that was lifted', async () => {
  const off = patchOf({ op: 'replace', path: 'active', value: false });
  const on = patchOf({ op: 'replace', path: 'active', value: true });
  const by = (verb: string, id: string) =>
    house.send('POST', `/api/v1/accounts/${id}/${verb}`, { as: administrator(house) });
  const first = await made();
  await scim('PATCH', `/Users/${first.id}`, off);
  await by('suspend', first.id);
  await scim('PATCH', `/Users/${first.id}`, on);
  assert.equal(await stateOf(first.id), 'suspended');
  const second = await made();
  await scim('PATCH', `/Users/${second.id}`, off);
  await by('resume', second.id);
  await by('suspend', second.id);
  await scim('PATCH', `/Users/${second.id}`, on);
  assert.equal(await stateOf(second.id), 'suspended');
  const open = await house.serve({ api: { directory: { hold: async () => undefined } } });
  const third = await made();
  await scim('PATCH', `/Users/${third.id}`, off);
  await open.send('POST', `/api/v1/accounts/${third.id}/suspend`, { as: administrator(house) });
  await scim('PATCH', `/Users/${third.id}`, on);
  assert.equal(await stateOf(third.id), 'active', 'control: nobody told SCIM');
});

test('without single sign-on a user is invited, and the directory gets no link', async () => {
  const { send } = await house.serve();
  const as = { tenant: 1, kind: 'client', id: 'x', scopes: ['safeguard/scim'], view: 'full' } as const;
  const { json, text } = await send('POST', '/scim/v2/Users', { as, body: scimUser() });
  const account = await house.accounts.byId(1, json.id);
  assert.deepEqual([account?.state, account?.external], ['invited', false]);
  assert.ok(!text.includes('sgl_'));
  const path = `/api/v1/accounts/${json.id}/links`;
  const link = await send('POST', path, { as: administrator(house), body: { purpose: 'invitation' } });
  assert.match(link.json.url, /\/join\/sgl_/);
});

test('requests as Entra ID sends them', async () => {
  const { id } = await made({ emails: undefined });
  const entra = patchOf(
    { op: 'Add', path: 'emails[type eq "work"].value', value: 'first@clinic.example' },
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'ada@clinic.example' },
    { op: 'Replace', path: 'name.familyName', value: 'Lovelace' },
    { op: 'Add', path: `${enterpriseUrn}:department`, value: 'Oncology' },
    { op: 'Add', path: `${enterpriseUrn}:manager`, value: '26118915-6090-4610-87e4-49d8ca9f808d' },
    { op: 'Replace', path: 'addresses[type eq "work"].locality', value: 'Lexington' },
    {
      op: 'Replace',
      value: { displayName: 'Ada L', 'name.givenName': 'Augusta', [`${enterpriseUrn}:division`]: 'North' },
    },
  );
  const { status, json, text } = await scim('PATCH', `/Users/${id}`, entra);
  assert.equal(status, 200, text);
  assert.deepEqual(json.emails, [{ type: 'work', value: 'ada@clinic.example' }]);
  assert.deepEqual(json.name, { givenName: 'Augusta', familyName: 'Lovelace' });
  assert.equal(json.displayName, 'Ada L');
  assert.deepEqual(json[enterpriseUrn], {
    department: 'Oncology',
    employeeNumber: '4711',
    division: 'North',
    manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d' },
  });
  assert.ok(!text.includes('Lexington'), 'what is not kept is not answered');
  const list = await scim('GET', '/Users?filter=userName+eq+%22no%40where.example%22&startIndex=1&count=1');
  assert.deepEqual([list.json.totalResults, list.json.Resources], [0, []]);
});

test('requests as Okta sends them', async () => {
  const { id, userName } = await made({ password: 'uR8Ai3bn!', groups: [], locale: 'en-US' });
  const list = await scim(
    'GET',
    `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}&startIndex=1&count=100`,
  );
  assert.deepEqual([list.json.totalResults, list.json.startIndex, list.json.itemsPerPage], [1, 1, 1]);
  const whole = { ...(await scim('GET', `/Users/${id}`)).json, active: false };
  const off = await scim('PUT', `/Users/${id}`, whole, { 'content-type': 'application/json' });
  assert.deepEqual([off.status, off.json.active], [200, false]);
  const on = await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: true } }));
  assert.equal(on.json.active, true);
});

test('a userName is taken once, and never again', async () => {
  const first = await made();
  const again = await scim('POST', '/Users', scimUser({ userName: first.userName }));
  assert.deepEqual([again.status, again.json.scimType, again.json.status], [409, 'uniqueness', '409']);
  await scim('DELETE', `/Users/${first.id}`);
  assert.equal((await scim('POST', '/Users', scimUser({ userName: first.userName }))).status, 409);
  const other = await made();
  const clash = await scim(
    'PATCH',
    `/Users/${other.id}`,
    patchOf({ op: 'replace', path: 'userName', value: first.userName }),
  );
  assert.equal(clash.json.scimType, 'uniqueness');
});

test('accounts that no directory manages are not there', async () => {
  const local = await activeAccount(house);
  const patient = await house.accounts.create(somebody({ kind: 'patient', patients: [local.id], external: true }));
  const foreign = await house.accounts.create(somebody({ tenant: house.other, external: true, source: 'scim' }));
  for (const { id, login } of [local, patient, foreign]) {
    assert.equal((await scim('GET', `/Users/${id}`)).status, 404);
    assert.equal(
      (await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value: false }))).status,
      404,
    );
    assert.equal((await scim('PUT', `/Users/${id}`, scimUser())).status, 404);
    assert.equal((await scim('DELETE', `/Users/${id}`)).status, 404);
    assert.equal((await query(`userName eq "${login}"`)).json.totalResults, 0);
    assert.equal((await query(`id eq "${id}"`)).json.totalResults, 0);
  }
  assert.equal(await stateOf(local.id), 'active');
  assert.equal((await house.accounts.byId(house.other, foreign.id))?.state, 'active');
  const all = await scim('GET', '/Users?count=100');
  for (const { id } of [local, patient, foreign]) assert.ok(!all.text.includes(id));
  const federated = await house.accounts.create(
    somebody({ external: true, source: 'a6fd1b52-6a0e-4a53-9a0c-3a4a55b1f0de' }),
  );
  assert.equal((await scim('GET', `/Users/${federated.id}`)).json.userName, federated.login);
});

test('pages, counts and chosen attributes', async () => {
  const total = (await scim('GET', '/Users?count=0')).json.totalResults;
  const seen = new Set<string>();
  for (let startIndex = 1; startIndex <= total; startIndex += 3) {
    const { json } = await scim('GET', `/Users?startIndex=${startIndex}&count=3&attributes=userName,name.familyName`);
    for (const one of json.Resources) {
      seen.add(one.id);
      assert.deepEqual(
        Object.keys(one).filter((key) => !['schemas', 'id', 'userName', 'name'].includes(key)),
        [],
      );
      assert.deepEqual(
        Object.keys(one.name ?? {}).filter((key) => key !== 'familyName'),
        [],
      );
    }
  }
  assert.equal(seen.size, total);
  const { id } = await made();
  const without = (
    await scim('GET', `/Users/${id}?excludedAttributes=emails,name.givenName,id,${enterpriseUrn}:department`)
  ).json;
  assert.deepEqual([without.id, without.emails, without.name.givenName], [id, undefined, undefined]);
  assert.deepEqual(without[enterpriseUrn], { employeeNumber: '4711' });
  const searched = await scim('POST', '/Users/.search', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    filter: `id eq "${id}"`,
    attributes: ['userName'],
    startIndex: 1,
    count: 10,
  });
  assert.deepEqual(Object.keys(searched.json.Resources[0]), ['schemas', 'id', 'userName']);
});

test('entity tags: what is known is not sent, what changed is not overwritten', async () => {
  const { id, meta } = await made();
  assert.equal((await scim('GET', `/Users/${id}`, undefined, { 'if-none-match': meta.version })).status, 304);
  const patch = patchOf({ op: 'replace', path: 'title', value: 'Dr' });
  const first = await scim('PATCH', `/Users/${id}`, patch, { 'if-match': meta.version });
  assert.equal(first.status, 200);
  const second = await scim('PATCH', `/Users/${id}`, patch, { 'if-match': meta.version });
  assert.deepEqual([second.status, second.json.schemas[0]], [412, 'urn:ietf:params:scim:api:messages:2.0:Error']);
});

test('what the service can do is told', async () => {
  const config = (await scim('GET', '/ServiceProviderConfig')).json;
  assert.deepEqual([config.patch.supported, config.bulk.supported, config.etag.supported], [true, false, true]);
  const types = (await scim('GET', '/ResourceTypes')).json;
  assert.deepEqual(
    types.Resources.map(({ id }: { id: string }) => id),
    ['User', 'Group'],
  );
  for (const { meta } of types.Resources) {
    assert.equal((await scim('GET', new URL(meta.location).pathname.replace('/scim/v2', ''))).status, 200);
  }
  const schemas = (await scim('GET', '/Schemas')).json;
  assert.equal(schemas.totalResults, 3);
  assert.equal((await scim('GET', `/Schemas/${userUrn}`)).json.id, userUrn);
  assert.equal((await scim('GET', '/Schemas/nothing')).status, 404);
});

test('an administrator whom a directory made keeps the login, and can be switched off', async () => {
  await activeAccount(house, { roles: ['administrator'] });
  const { id } = await made();
  await house.accounts.change(1, id, { roles: ['administrator'] });
  const rename = patchOf({ op: 'replace', path: 'userName', value: 'mallory@evil.example' });
  const refused = await scim('PATCH', `/Users/${id}`, rename);
  assert.deepEqual([refused.status, refused.json.scimType], [400, 'mutability']);
  await scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'active', value: false }));
  assert.equal(await stateOf(id), 'suspended');
});
