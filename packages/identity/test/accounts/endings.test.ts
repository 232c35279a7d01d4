import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { Connection, Segment } from '@safeguard/store';
import { activeAccount, administrator, type House, openHouse, outcome } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** A session, a token, a grant, a link, a password, a factor and codes, as the other modules store them. */
async function equip(account: string): Promise<void> {
  const client = newId();
  const { authenticators, accounts } = house;
  await authenticators.passwords.set(1, account, 'a long enough sentence');
  await authenticators.recovery.make(1, account);
  await accounts.links.make('recovery', 1, account);
  await house.sql(
    `insert into identity.session (id, hash, tenant, account, level, methods, browser, key_id, sealed, authenticated_at,
      created_at, last_used_at) values (gen_random_uuid(), sha256($1), 1, $2, 2, '{pwd}', sha256('x'), 1, 'x', now(),
      now(), now())`,
    [Buffer.from(client), account],
  );
  await house.sql(
    `insert into identity.client (id, tenant, name, scopes, view, created_at)
      values ($1, 1, 'app', '{user/*.rs}', 'full', now())`,
    [client],
  );
  await house.sql(
    `insert into identity.token (hash, client, tenant, scopes, issued_at, expires_at, kind, account, grant_id)
      values (sha256($1), $2, 1, '{user/*.rs}', now(), now() + interval '5 minutes', 'AccessToken', $3, 'g')`,
    [Buffer.from(client), client, account],
  );
  await house.sql(
    `insert into identity.oidc (kind, hash, tenant, client, account, grant_id, key_id, sealed, created_at, expires_at)
      values ('RefreshToken', sha256($1), 1, $2, $3, 'g', 1, 'x', now(), now() + interval '1 day')`,
    [Buffer.from(client), client, account],
  );
}

/** What still works of an account, by table. */
async function working(account: string): Promise<string[]> {
  const conditions = {
    session: 'ended_at is null',
    token: 'revoked_at is null',
    oidc: 'true',
    link: 'used_at is null and ended_at is null',
    password: 'true',
    recovery_code: 'used_at is null',
  };
  const found = await Promise.all(
    Object.entries(conditions).map(async ([table, open]) => {
      const rows = await house.sql(`select 1 from identity.${table} where account = $1 and ${open}`, [account]);
      return rows.length > 0 ? [table] : [];
    }),
  );
  return found.flat();
}

const all = ['session', 'token', 'oidc', 'link', 'password', 'recovery_code'];

test('suspension and changed rights end sessions, tokens and grants; a new name does not', async () => {
  const told: string[] = [];
  house.accounts.onChange((tenant, account) => void told.push(`${tenant} ${account}`));
  const { id } = await activeAccount(house, { scopes: ['user/*.rs'] });
  await equip(id);
  assert.deepEqual(await working(id), all, 'negative control: all of it works before');
  await house.accounts.change(1, id, { name: 'Other Name', fhir_user: 'Practitioner/2', scopes: ['user/*.rs'] });
  assert.deepEqual(await working(id), all);
  assert.deepEqual(told, []);
  await house.accounts.change(1, id, { scopes: ['user/Patient.rs'] });
  assert.deepEqual(await working(id), ['link', 'password', 'recovery_code']);
  await equip(id);
  await house.accounts.suspend(1, id);
  assert.deepEqual(await working(id), ['link', 'password', 'recovery_code']);
  assert.deepEqual(told, [`1 ${id}`, `1 ${id}`]);
});

test('termination ends everything of the account, and nothing of another', async () => {
  const [one, two] = [await activeAccount(house), await activeAccount(house)];
  await equip(one.id);
  await equip(two.id);
  await house.accounts.terminate(1, one.id);
  assert.deepEqual(await working(one.id), []);
  assert.deepEqual(await working(two.id), all);
});

/** The segment of a process that dies at its n-th statement. */
function dying(segment: Segment, at: number): Segment {
  let count = 0;
  return {
    ...segment,
    query: (tenant, statement, values) => segment.query(tenant, statement, values),
    transaction: (tenant, work) =>
      segment.transaction(tenant, (connection) => {
        const query: Connection['query'] = (statement, values) => {
          count += 1;
          if (count === at) throw new Error('killed');
          return connection.query(statement, values);
        };
        return work({ query });
      }),
  };
}

test('a termination that dies between any two statements has done nothing', async () => {
  const { id } = await activeAccount(house);
  await equip(id);
  let at = 1;
  for (; at < 30; at += 1) {
    const { accounts } = await house.another({ segment: dying(house.segment, at) });
    const done = await outcome(accounts.terminate(1, id));
    if (typeof done !== 'string') break;
    assert.match(done, /killed/);
    assert.deepEqual(await working(id), all);
    assert.equal((await house.accounts.byId(1, id))?.state, 'active');
  }
  assert.ok(at > 5, 'negative control: it was killed several times');
  assert.deepEqual(await working(id), []);
});

test('the last administrator stays, whichever way it is tried', async () => {
  const { accounts } = house;
  const last = await administrator(house);
  assert.equal(await accounts.hasAdministrator(1), true);
  const tries = [
    outcome(accounts.suspend(1, last.id)),
    outcome(accounts.terminate(1, last.id)),
    outcome(accounts.change(1, last.id, { roles: [] })),
    outcome(accounts.change(1, last.id, { external: true })),
  ];
  assert.deepEqual(await Promise.all(tries), ['conflict', 'conflict', 'conflict', 'conflict']);
  const sso = await accounts.create({
    tenant: 1,
    kind: 'workforce',
    login: 'sso@clinic.example',
    name: 'S',
    roles: ['administrator'],
    external: true,
  });
  assert.equal(await outcome(accounts.suspend(1, last.id)), 'conflict', 'nobody could get in without the provider');
  assert.equal((await accounts.suspend(1, sso.id)).state, 'suspended');
  const next = await administrator(house);
  assert.equal((await accounts.terminate(1, last.id)).state, 'terminated');
  assert.equal(await outcome(accounts.terminate(1, next.id)), 'conflict');
  assert.equal(await accounts.hasAdministrator(house.other), false);
  await administrator(house, house.other);
  assert.equal(await accounts.hasAdministrator(house.other), true);
});

/** Statements as a hasty author would write them: nothing is locked. */
const unlocked = (segment: Segment): Segment => ({
  ...segment,
  query: (tenant, statement, values) => segment.query(tenant, statement, values),
  transaction: (tenant, work) =>
    segment.transaction(tenant, (connection) =>
      work({
        query: async (statement, values) => {
          if (statement.name !== 'identity.account.lock') return connection.query(statement, values);
          const text = statement.text.replace('for update', '');
          const rows = await connection.query({ name: `${statement.name}.unlocked`, text }, values);
          await new Promise((resolve) => setTimeout(resolve, 50));
          return rows as never;
        },
      }),
    ),
});

async function bothEndedAtOnce(segment: Segment): Promise<number> {
  const fresh = await house.sql(
    `insert into identity.tenant (name, created_at)
      values ('t' || substr(md5(random()::text), 1, 8), now()) returning id`,
  );
  const tenant = Number(fresh[0]?.['id']);
  const [one, two] = [await administrator(house, tenant), await administrator(house, tenant)];
  const processes = [await house.another({ segment }), await house.another({ segment })];
  const done = await Promise.all([
    outcome(processes[0]?.accounts.terminate(tenant, one.id) ?? Promise.reject()),
    outcome(processes[1]?.accounts.change(tenant, two.id, { roles: [] }) ?? Promise.reject()),
  ]);
  assert.equal(done.filter((each) => each === 'conflict').length, 1);
  return Number(await house.accounts.hasAdministrator(tenant));
}

test('two administrators who remove one another at once: one stays', async () => {
  for (let round = 0; round < 5; round += 1) assert.equal(await bothEndedAtOnce(house.segment), 1);
});

test('negative control: without the lock both would go', async () => {
  await assert.rejects(bothEndedAtOnce(unlocked(house.segment)));
});
