import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { createSettling } from '../../scim/groups/settle.ts';
import { administrator, program } from '../api/house.ts';
import { type Directory, groupUrn, openDirectory, patchOf, scimUser } from './house.ts';

let house: Directory['house'];
let scim: Directory['scim'];
before(async () => {
  ({ house, scim } = await openDirectory());
});
after(() => house.close());

const user = async () => (await scim('POST', '/Users', scimUser())).json.id as string;
const group = async (displayName: string, ...members: string[]) => {
  const body = { schemas: [groupUrn], displayName, externalId: newId(), members: members.map((value) => ({ value })) };
  const { status, json, text } = await scim('POST', '/Groups', body);
  assert.equal(status, 201, text);
  return json;
};
const membersOf = async (id: string) =>
  ((await scim('GET', `/Groups/${id}`)).json.members ?? []).map(({ value }: { value: string }) => value);
const give = (id: string, ...scopes: string[]) =>
  house.send('PATCH', `/api/v1/groups/${id}`, { as: administrator(house), body: { scopes } });
const scopesOf = async (id: string) => (await house.accounts.byId(1, id))?.scopes;

test('a group is made, found, filled, emptied and deleted, as directories do it', async () => {
  const [one, two, three] = [await user(), await user(), await user()];
  const { id, meta } = await group('Radiology', one);
  assert.equal(meta.resourceType, 'Group');
  const found = await scim(
    'GET',
    `/Groups?filter=${encodeURIComponent('displayName eq "radiology"')}&excludedAttributes=members`,
  );
  assert.deepEqual(
    [found.json.totalResults, found.json.Resources[0].id, found.json.Resources[0].members],
    [1, id, undefined],
  );
  await scim(
    'PATCH',
    `/Groups/${id}`,
    patchOf({ op: 'Add', path: 'members', value: [{ value: two }, { value: three }] }),
  );
  assert.deepEqual(await membersOf(id), [one, two, three]);
  await scim('PATCH', `/Groups/${id}`, patchOf({ op: 'Remove', path: 'members', value: [{ value: two }] }));
  assert.deepEqual(await membersOf(id), [one, three], 'Entra ID: those, and not all');
  await scim('PATCH', `/Groups/${id}`, patchOf({ op: 'remove', path: `members[value eq "${one}"]` }));
  assert.deepEqual(await membersOf(id), [three]);
  const renamed = await scim(
    'PATCH',
    `/Groups/${id}`,
    patchOf({ op: 'replace', value: { id, displayName: 'Imaging' } }),
  );
  assert.equal(renamed.json.displayName, 'Imaging');
  const listed = await scim('GET', `/Groups?filter=${encodeURIComponent(`id eq "${id}" and members eq "${three}"`)}`);
  assert.equal(listed.json.totalResults, 1);
  assert.deepEqual(
    (await scim('GET', `/Users/${three}`)).json.groups.map(({ display }: { display: string }) => display),
    ['Imaging'],
  );
  await scim('PUT', `/Groups/${id}`, { schemas: [groupUrn], displayName: 'Imaging', members: [{ value: one }] });
  assert.deepEqual(await membersOf(id), [one]);
  await scim('PATCH', `/Groups/${id}`, patchOf({ op: 'remove', path: 'members' }));
  assert.deepEqual(await membersOf(id), []);
  assert.equal((await scim('DELETE', `/Groups/${id}`)).status, 204);
  assert.equal((await scim('GET', `/Groups/${id}`)).status, 404);
});

test('members that are none are refused, and nothing of the request stays', async () => {
  const one = await user();
  const { id } = await group('Refusing');
  for (const member of [
    { value: newId() },
    { value: 'x' },
    { value: id },
    { value: one, type: 'Group' },
    { display: 'x' },
  ]) {
    const patch = patchOf({ op: 'add', path: 'members', value: [{ value: one }, member] });
    assert.equal((await scim('PATCH', `/Groups/${id}`, patch)).json.scimType, 'invalidValue');
  }
  assert.deepEqual(await membersOf(id), []);
});

test('who ended is no member', async () => {
  const one = await user();
  const { id } = await group('Leaving', one);
  await scim('DELETE', `/Users/${one}`);
  assert.deepEqual(await membersOf(id), []);
  await house.scim.sweep([1]);
  assert.equal((await house.sql(`select 1 as x from identity.scim_member where account = '${one}'`)).length, 0);
});

test('a group gives nothing until an administrator says what; who joins has it, who leaves has not', async () => {
  const [one, two] = [await user(), await user()];
  await house.accounts.change(1, two, { scopes: ['user/Patient.r'] });
  const { id } = await group('Nurses', one);
  const other = await group('Doctors', one);
  assert.deepEqual(await scopesOf(one), []);
  const given = await give(id, 'user/Observation.rs');
  assert.equal(given.status, 200, given.text);
  assert.deepEqual(given.json, { id, name: 'Nurses', members: 1, scopes: ['user/Observation.rs'] });
  assert.deepEqual(await scopesOf(one), ['user/Observation.rs']);
  await give(other.id, 'user/Observation.rs', 'user/Condition.rs');
  assert.deepEqual([...((await scopesOf(one)) ?? [])].sort(), ['user/Condition.rs', 'user/Observation.rs']);
  await scim('PATCH', `/Groups/${id}`, patchOf({ op: 'add', path: 'members', value: [{ value: two }] }));
  assert.deepEqual(await scopesOf(two), ['user/Patient.r', 'user/Observation.rs']);
  await house.sessions.open({ tenant: 1, account: two, level: 2, methods: ['sso'], remote: '192.0.2.1', agent: 'x' });
  await scim('PATCH', `/Groups/${id}`, patchOf({ op: 'remove', path: 'members' }));
  assert.deepEqual(await scopesOf(two), ['user/Patient.r'], 'what is its own stays');
  assert.deepEqual(await house.sessions.list(1, two), [], 'changed rights end the sessions');
  assert.deepEqual([...((await scopesOf(one)) ?? [])].sort(), ['user/Condition.rs', 'user/Observation.rs']);
  await scim('DELETE', `/Groups/${other.id}`);
  assert.deepEqual(await scopesOf(one), []);
});

test('only scopes of a person can be given, by an administrator', async () => {
  const { id } = await group('Given');
  for (const scope of ['system/*.cruds', 'patient/*.rs', 'safeguard/accounts', 'openid', 'x']) {
    assert.equal((await give(id, scope)).status, 400, scope);
  }
  const body = { scopes: ['user/*.cruds'] };
  for (const as of [program('safeguard/scim'), program('safeguard/accounts'), administrator(house, { roles: [] })]) {
    assert.equal((await house.send('PATCH', `/api/v1/groups/${id}`, { as, body })).status, 403);
  }
  assert.equal((await house.send('GET', '/api/v1/groups', { as: administrator(house) })).status, 200);
});

test('cut off between the group and the rights: the next one finishes it', async () => {
  const one = await user();
  const { id } = await group('Cut', one);
  await give(id, 'user/Patient.rs');
  const broken = {
    ...house.accounts,
    change: () => Promise.reject(new Error('the process ends here')),
  };
  const settling = createSettling({ segment: house.segment, accounts: broken });
  await house.segment.transaction(0, async (connection) => {
    await settling.mark(connection, 1, [one]);
    await connection.query({ name: 'test.leave', text: 'delete from identity.scim_member where account = $1' }, [one]);
  });
  await assert.rejects(settling.settleAll(1), /ends here/);
  assert.deepEqual(await scopesOf(one), ['user/Patient.rs'], 'not yet');
  await house.scim.sweep([1]);
  assert.deepEqual(await scopesOf(one), []);
});

test('many changes of one group at once: all of them stand', async () => {
  const members = await Promise.all(Array.from({ length: 8 }, user));
  const { id } = await group('Busy');
  await give(id, 'user/Patient.r');
  const answers = await Promise.all(
    members.map((value) => scim('PATCH', `/Groups/${id}`, patchOf({ op: 'add', path: 'members', value: [{ value }] }))),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    members.map(() => 200),
  );
  assert.equal((await membersOf(id)).length, 8);
  for (const one of members) assert.deepEqual(await scopesOf(one), ['user/Patient.r']);
});
