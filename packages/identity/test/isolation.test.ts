import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorld, type World, wanted } from './world.ts';

let world: World;
let other: number;
before(async () => {
  world = await openWorld();
  const { identity } = world;
  other = (await identity.tenants.create('other')).id;
  for (const tenant of [1, other]) {
    const client = await identity.clients.create(wanted({ tenant }));
    await identity.tokens.issue(client, '192.0.2.1');
  }
});
after(() => world.close());

const tables = { tenant: 'id', client: 'tenant', client_secret: 'tenant', token: 'tenant' };

async function holdsIsolation(): Promise<void> {
  for (const [table, column] of Object.entries(tables)) {
    const tenantsSeenBy = async (tenant: number) => {
      const rows = await world.postgres.asRuntime(
        tenant,
        `select distinct ${column} as t from identity.${table} order by t`,
      );
      return rows.map(({ t }) => t);
    };
    assert.deepEqual(await tenantsSeenBy(0), [1, other], table);
    assert.deepEqual(await tenantsSeenBy(other), [other], table);
    assert.deepEqual(await tenantsSeenBy(4711), [], table);
  }
}

test('the platform sees the registry, a tenant its own rows, a stranger none', holdsIsolation);

test('negative control: without the policies the same assertion fails', async () => {
  await world.postgres.asOwner('alter table identity.token no force row level security, disable row level security');
  await assert.rejects(holdsIsolation);
  await world.postgres.asOwner('alter table identity.token enable row level security, force row level security');
  await holdsIsolation();
});

test('who names no tenant gets an error, not rows', async () => {
  for (const table of Object.keys(tables)) {
    await assert.rejects(world.postgres.asRuntime(null, `select * from identity.${table}`), /safeguard.tenant/);
  }
});

test('a tenant changes nothing in the registry, not even its own rows', async () => {
  const refused = [
    `insert into identity.tenant (id, name, created_at) values (${4711}, 'mine', now())`,
    `insert into identity.client (id, tenant, name, scopes, view, created_at)
      values (gen_random_uuid(), ${other}, 'x', '{system/*.r}', 'full', now())`,
  ];
  for (const text of refused) await assert.rejects(world.postgres.asRuntime(other, text), /row-level security/);
  const ended = `update identity.client set revoked_at = now() returning 1`;
  assert.deepEqual(await world.postgres.asRuntime(other, ended), []);
  assert.deepEqual(await world.postgres.asRuntime(other, 'delete from identity.token returning 1'), []);
});

test('the runtime role may do what the service does and nothing beyond', async () => {
  const refused = [
    `update identity.client set scopes = '{system/*.cruds}'`,
    'update identity.client set tenant = 1',
    `update identity.token set expires_at = now() + interval '1 year'`,
    'update identity.client_secret set hash = hash',
    'delete from identity.client',
    'delete from identity.client_secret',
    'delete from identity.tenant',
    `update identity.tenant set name = 'x'`,
    'truncate identity.token',
    'alter table identity.token disable row level security',
    'create table identity.mine (id int)',
  ];
  for (const text of refused)
    await assert.rejects(world.postgres.asRuntime(0, text), /permission denied|must be owner/, text);
});

test('a token cannot be of another tenant than its client', async () => {
  const text = `insert into identity.token (hash, client, tenant, scopes, issued_at, expires_at)
    select sha256('x'), id, ${other}, scopes, now(), now() + interval '1 hour' from identity.client where tenant = 1`;
  await assert.rejects(world.postgres.asRuntime(0, text), /foreign key/);
});
