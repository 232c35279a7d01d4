import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Crowd, createCrowd } from '../../people/crowd.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';

let postgres: TestPostgres;
let crowd: Crowd;
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Accounts by hand: what is sealed in them nobody opens here. */
const account = (
  n: number,
  more: { tenant?: number; kind?: string; state?: string; scopes?: string; roles?: string } = {},
) => {
  const { tenant = 1, kind = 'workforce', state = 'active', scopes = 'user/*.cruds', roles = '' } = more;
  const fhir = n % 2 === 0 ? `'Practitioner/${n}'` : 'null';
  return `('${id(n)}', ${tenant}, '${kind}', '${state}', ${n}, 1, '\\x00', '{${scopes}}', '{${roles}}', ${fhir}, now(),
    now(), ${state === 'terminated' ? 'now()' : 'null'})`;
};
const columns = `id, tenant, kind, state, login_token, key_id, sealed, scopes, roles, fhir_user, created_at,
  verified_at, ended_at`;

before(async () => {
  postgres = await startPostgres();
  crowd = createCrowd(postgres.segment);
  await postgres.asOwner(`insert into identity.tenant (id, name, created_at) select n, 'tenant-' || n, now()
    from generate_series(1, 2) n on conflict do nothing`);
  const all = [
    ...[account(1), account(2), account(3, { roles: 'administrator' }), account(4, { scopes: 'user/Patient.r' })],
    ...[account(5, { state: 'suspended' }), account(6, { state: 'terminated' }), account(7, { state: 'invited' })],
    ...[account(8, { kind: 'patient' }), account(9, { tenant: 2 }), account(10)],
  ];
  await postgres.asOwner(`insert into identity.account (${columns}) values ${all.join()}`);
  await postgres.asOwner(`insert into identity.scim_group
    (id, tenant, name_token, key_id, sealed, version, created_at, changed_at)
    values ('${id(100)}', 1, 1, 1, '\\x00', 1, now(), now()), ('${id(101)}', 2, 1, 1, '\\x00', 1, now(), now())`);
  await postgres.asOwner(`insert into identity.scim_member (scim_group, account, tenant)
    values ('${id(100)}', '${id(1)}', 1), ('${id(100)}', '${id(8)}', 1), ('${id(101)}', '${id(9)}', 2)`);
});
after(() => postgres.close());

const idsOf = (cohorts: Awaited<ReturnType<Crowd['workforce']>>): string[] => cohorts.flatMap(({ ids }) => ids).sort();

test('active workforce, those alike together; nobody else, and nobody of another tenant', async () => {
  const cohorts = await crowd.workforce(1);
  assert.deepEqual(idsOf(cohorts), [1, 2, 3, 4, 10].map(id));
  const alike = cohorts.find(({ ids }) => ids.includes(id(2)));
  assert.deepEqual(alike?.ids.toSorted(), [id(2), id(10)]);
  assert.deepEqual([alike?.scopes, alike?.administrator, alike?.named], [['user/*.cruds'], false, true]);
  assert.equal(cohorts.find(({ ids }) => ids.includes(id(3)))?.administrator, true);
  assert.equal((await crowd.kinds(1)).length, cohorts.length);
  assert.deepEqual(idsOf(await crowd.workforce(2)), [id(9)]);
});

test('among some ids', async () => {
  assert.deepEqual(idsOf(await crowd.workforce(1, [id(1), id(5), id(9), 'x'])), [id(1)]);
  assert.deepEqual(await crowd.workforce(1, []), []);
});

test('members of groups, and who stands for a practitioner', async () => {
  const members = await crowd.members(1, [id(100), id(101), 'x']);
  assert.deepEqual([...members.keys()], [id(100)]);
  assert.deepEqual(members.get(id(100))?.toSorted(), [id(1), id(8)]);
  const among = await crowd.members(1, [id(100), id(101), 'x'], [id(8), id(2), 'x']);
  assert.deepEqual([...among], [[id(100), [id(8)]]]);
  assert.deepEqual([...(await crowd.members(1, [id(100)], []))], []);
  const found = await crowd.standFor(1, ['Practitioner/2', 'Practitioner/8', 'Practitioner/6', 'Practitioner/1']);
  assert.deepEqual([...found], [[id(2), 'Practitioner/2']]);
});
