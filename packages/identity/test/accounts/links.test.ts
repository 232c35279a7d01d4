import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { Statement } from '@safeguard/store';
import { activeAccount, administrator, type House, openHouse, outcome, somebody } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const hour_ms = 3_600_000;

test('a link is found while it is open, once used it is not, and all bad ones look the same', async () => {
  const { accounts, clock } = house;
  const { id } = await accounts.create(somebody());
  const made = await accounts.links.make('invitation', 1, id);
  assert.match(made.secret, /^sgl_[A-Za-z0-9_-]{43}$/);
  const expires_at = clock.at + 7 * 24 * hour_ms;
  const link = { id: made.id, purpose: 'invitation', tenant: 1, account: id, expires_at };
  assert.deepEqual(await accounts.links.find(made.secret), link);
  const newer = await accounts.links.make('invitation', 1, id);
  assert.equal(await accounts.links.find(made.secret), undefined, 'the newer one took its place');
  assert.equal(await accounts.links.use(made.secret), false);
  const bad = [
    '',
    'x',
    `${newer.secret}x`,
    newer.secret.slice(0, -1),
    `sgl_${'A'.repeat(43)}`,
    `sgs_${'A'.repeat(43)}`,
  ];
  for (const secret of bad) {
    assert.equal(await accounts.links.find(secret), undefined);
    assert.equal(await accounts.links.use(secret), false);
  }
  assert.equal(await accounts.links.use(newer.secret), true);
  assert.equal(await accounts.links.use(newer.secret), false);
  assert.equal(await accounts.links.find(newer.secret), undefined);
});

test('each sort of link lives as long as it should', async () => {
  const { accounts, clock } = house;
  const invited = await accounts.create(somebody());
  const active = await activeAccount(house);
  const began = clock.at;
  const made = {
    administrator: [await accounts.links.make('administrator', 1, null), 24],
    invitation: [await accounts.links.make('invitation', 1, invited.id), 168],
    recovery: [await accounts.links.make('recovery', 1, active.id), 1],
  } as const;
  for (const [{ secret }, hours] of Object.values(made)) {
    clock.at = began + hours * hour_ms - 1;
    assert.ok(await accounts.links.find(secret));
    clock.at = began + hours * hour_ms;
    assert.equal(await accounts.links.find(secret), undefined);
    assert.equal(await accounts.links.use(secret), false);
  }
  clock.at = began + 20 * 24 * hour_ms;
  assert.ok((await accounts.sweep()) >= 3);
  assert.equal(await accounts.sweep(), 0);
  clock.at = began;
});

test('an account that ended, is suspended or in another state has no link', async () => {
  const { accounts, other } = house;
  const { id } = await accounts.create(somebody());
  const { secret } = await accounts.links.make('invitation', 1, id);
  assert.equal(await outcome(accounts.links.make('recovery', 1, id)), 'conflict');
  assert.equal(await outcome(accounts.links.make('invitation', other, id)), 'missing');
  assert.equal(await outcome(accounts.links.make('invitation', 1, newId())), 'missing');
  await accounts.suspend(1, id);
  assert.equal(await accounts.links.find(secret), undefined);
  assert.equal(await accounts.links.use(secret), false);
  await accounts.resume(1, id);
  assert.ok(await accounts.links.find(secret));
  await accounts.terminate(1, id);
  assert.equal(await accounts.links.find(secret), undefined);
  assert.equal(await accounts.links.use(secret), false);
  const external = await accounts.create(somebody({ external: true }));
  assert.equal(await outcome(accounts.links.make('recovery', 1, external.id)), 'conflict');
});

test('two processes use one link at once: one of them did, each time', async () => {
  const processes = [house, await house.another()];
  for (let round = 0; round < 8; round += 1) {
    const { id } = await house.accounts.create(somebody());
    const { secret } = await house.accounts.links.make('invitation', 1, id);
    const used = await Promise.all([...processes, ...processes].map(({ accounts }) => accounts.links.use(secret)));
    assert.deepEqual(used.filter(Boolean), [true]);
  }
});

test('negative control: without the condition in the statement several of them did', async () => {
  const { segment } = house;
  const hasty = (statement: Statement): Statement => {
    const text = statement.text.replace('l.used_at is null and l.ended_at is null', 'l.ended_at is null');
    return text === statement.text ? statement : { name: `test.${statement.name}`, text };
  };
  const process = await house.another({
    segment: {
      ...segment,
      query: (tenant, statement, values) => segment.query(tenant, hasty(statement), values),
      transaction: (tenant, work) =>
        segment.transaction(tenant, (connection) =>
          work({ query: (statement, values) => connection.query(hasty(statement), values) }),
        ),
    },
  });
  const { id } = await house.accounts.create(somebody());
  const { secret } = await house.accounts.links.make('invitation', 1, id);
  const used = await Promise.all([1, 2, 3].map(() => process.accounts.links.use(secret)));
  assert.deepEqual(used, [true, true, true]);
});

test('two processes make a link at once: one is open', async () => {
  const processes = [house, await house.another()];
  for (let round = 0; round < 5; round += 1) {
    const made = await Promise.all(processes.map(({ accounts }) => accounts.links.make('administrator', 1, null)));
    const open = await Promise.all(made.map(({ secret }) => house.accounts.links.find(secret)));
    assert.equal(open.filter((each) => each !== undefined).length, 1);
  }
});

test('the first administrator: account and link in one transaction, in either order', async () => {
  const { accounts, segment } = house;
  const tenants = await Promise.all(
    ['first', 'second'].map(async (name) => {
      const rows = await house.sql('insert into identity.tenant (name, created_at) values ($1, now()) returning id', [
        name,
      ]);
      return Number(rows[0]?.['id']);
    }),
  );
  for (const [index, tenant] of tenants.entries()) {
    const [link, late] = [
      await accounts.links.make('administrator', tenant, null),
      await accounts.prepare(who(tenant)),
    ];
    const prepared = await accounts.prepare(who(tenant));
    const finish = (account: typeof prepared) =>
      segment.transaction(0, async (connection) => {
        const within = accounts.within(connection);
        const use = async (): Promise<void> => {
          if (!(await within.useLink(link.id))) throw new Error('used');
        };
        if (index === 0) await use();
        await within.create(account);
        await within.activate(tenant, account.id);
        if (index === 1) await use();
      });
    const done = await Promise.all([outcome(finish(prepared)), outcome(finish(late))]);
    assert.deepEqual(done.map((each) => each ?? 'made').sort(), ['Error: used', 'made']);
    assert.equal(await accounts.hasAdministrator(tenant), true);
    assert.equal(await outcome(accounts.links.make('administrator', tenant, null)), 'conflict');
  }
});

const who = (tenant: number) => somebody({ tenant, roles: ['administrator'] });

test('a link for the first administrator is dead once there is one by another way', async () => {
  const { accounts, other } = house;
  const { id, secret } = await accounts.links.make('administrator', other, null);
  await administrator(house, other);
  assert.equal(await accounts.links.find(secret), undefined);
  assert.equal(await accounts.links.use(secret), false);
  const used = await house.segment.transaction(0, (connection) => accounts.within(connection).useLink(id));
  assert.equal(used, false);
});
