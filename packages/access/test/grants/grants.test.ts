import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { nextChange } from '../../grants/change.ts';
import { day_ms, start, startWorld, type World, why } from './world.ts';

let world: World;
let tenant = 0;
let [ann, ben, joe] = ['', '', ''];

const kind = (wanted: string) => (error: unknown) => isFault(error) && error.kind === wanted;
const as = (id: string) => world.person(id, { tenant });

before(async () => {
  world = await startWorld();
});
after(() => world.close());
beforeEach(() => {
  tenant += 1;
  world.time.now = start;
  world.warned.length = 0;
  world.people.failing.setAdministrator = false;
  [ann, ben] = [0, 1].map(() => world.people.add({ tenant, roles: ['administrator'] })) as [string, string];
  joe = world.people.add({ tenant });
});

async function granted(role: string, more: { account?: string; until?: number; from?: number } = {}) {
  const { account = joe, until = start + 30 * day_ms, ...rest } = more;
  const asked = await world.requests.ask(as(account), { account, role, reason: why, until, ...rest });
  const by = [ann, ben].filter((one) => one !== account).slice(0, asked.needed);
  for (const one of by) await world.requests.decide(as(one), asked.id, 'approve');
  return (await world.requests.byId(tenant, asked.id))?.grant ?? '';
}

const rolesOf = async (id: string) => (await world.people.port.byId(tenant, id))?.roles;

describe('a grant', () => {
  test('ends at once, once; what is over is not listed', async () => {
    const id = await granted('clinician');
    const ended = await world.grants.end(tenant, id, ann, 'ended');
    assert.deepEqual([ended.ended_at, ended.ended_why], [start, 'ended']);
    await assert.rejects(world.grants.end(tenant, id, ann, 'ended'), kind('conflict'));
    assert.deepEqual(await world.grants.list(tenant), []);
    assert.equal((await world.grants.list(tenant, { all: true })).length, 1);
  });

  test('is in force from its first to before its last millisecond', async () => {
    const id = await granted('clinician', { from: start + day_ms, until: start + 2 * day_ms });
    const inForce = async (at: number) => {
      world.time.now = at;
      return (await world.grants.list(tenant)).map((one) => one.id);
    };
    assert.deepEqual(await inForce(start + day_ms - 1), []);
    assert.deepEqual(await inForce(start + day_ms), [id]);
    assert.deepEqual(await inForce(start + 2 * day_ms - 1), [id]);
    assert.deepEqual(await inForce(start + 2 * day_ms), []);
    await assert.rejects(world.grants.end(tenant, id, ann, 'ended'), kind('conflict'));
  });

  test('is found by account, role and page; a page that is none is refused', async () => {
    const one = await granted('clinician');
    const other = await granted('billing');
    const ids = async (wanted: object) => (await world.grants.list(tenant, wanted)).map(({ id }) => id);
    assert.deepEqual(await ids({ role: 'billing' }), [other]);
    assert.deepEqual(await ids({ account: ann }), []);
    assert.deepEqual(await ids({ account: "'; drop" }), []);
    assert.deepEqual(await ids({ count: 1 }), [one]);
    assert.deepEqual(await ids({ count: 1, after: one }), [other]);
    await assert.rejects(world.grants.list(tenant, { count: 0 }), kind('invalid'));
    await assert.rejects(world.grants.list(tenant, { after: 'x' }), kind('invalid'));
    assert.equal(await world.grants.byId(tenant, 'x'), undefined);
  });
});

describe('a leaver', () => {
  test('one act ends all, requests too, and nothing is granted afterwards', async () => {
    await granted('clinician');
    await granted('billing', { from: start + day_ms });
    const open = await world.requests.ask(as(ben), {
      account: joe,
      role: 'auditor',
      reason: why,
      until: start + day_ms,
    });
    const asked = await world.requests.ask(as(joe), {
      account: ann,
      role: 'billing',
      reason: why,
      until: start + day_ms,
    });
    assert.equal(await world.grants.endAll(tenant, joe, ann, 'account terminated'), 2);
    assert.deepEqual(await world.grants.list(tenant, { account: joe }), []);
    for (const { id } of [open, asked]) assert.equal((await world.requests.byId(tenant, id))?.state, 'withdrawn');
    await assert.rejects(world.requests.decide(as(ann), open.id, 'approve'), kind('conflict'));
    assert.equal(await world.grants.endAll(tenant, joe, ann, 'account terminated'), 0);
  });

  test('in the transaction that ends the account, as the platform: all or nothing', async () => {
    const id = await granted('clinician');
    const ending = { at: start, by: 'operator', why: 'account terminated' } as const;
    const failing = world.segment.transaction(0, async (connection) => {
      await world.grants.endAllWithin(connection, tenant, joe, ending);
      throw new Error('the account did not end');
    });
    await assert.rejects(failing, /did not end/);
    assert.deepEqual(
      (await world.grants.list(tenant)).map((one) => one.id),
      [id],
    );
    const work = world.segment.transaction(0, (connection) =>
      world.grants.endAllWithin(connection, tenant, joe, ending),
    );
    assert.equal(await work, 1);
    assert.deepEqual(await world.grants.list(tenant), []);
  });

  test('of whom nobody was told is found by settle', async () => {
    await granted('clinician');
    world.people.change(joe, { state: 'terminated' });
    assert.equal((await world.grants.list(tenant)).length, 1);
    assert.equal(await world.grants.settle(tenant), 0);
    assert.equal((await world.grants.list(tenant, { all: true }))[0]?.ended_why, 'account terminated');
  });

  test('does not touch another tenant', async () => {
    const id = await granted('clinician');
    assert.equal(await world.grants.endAll(tenant + 900, joe, ann, 'account terminated'), 0);
    assert.deepEqual(
      (await world.grants.list(tenant)).map((one) => one.id),
      [id],
    );
  });
});

describe('the role administrator, which identity keeps', () => {
  test('is given with the second approval and taken when the grant ends', async () => {
    const id = await granted('administrator');
    assert.deepEqual(await rolesOf(joe), ['administrator']);
    await world.grants.end(tenant, id, ann, 'ended');
    assert.deepEqual(await rolesOf(joe), []);
    assert.equal(await world.grants.settle(tenant), 0);
  });

  test('is taken after its time', async () => {
    await granted('administrator', { until: start + day_ms });
    world.time.now = start + day_ms;
    await world.grants.settle(tenant);
    assert.deepEqual(await rolesOf(joe), []);
  });

  test('is given by the next look when identity was away, and again does no harm', async () => {
    world.people.failing.setAdministrator = true;
    await granted('administrator');
    assert.deepEqual(await rolesOf(joe), []);
    assert.equal(world.warned.length, 1);
    world.people.failing.setAdministrator = false;
    assert.equal(await world.grants.settle(tenant), 0);
    assert.deepEqual(await rolesOf(joe), ['administrator']);
    await world.grants.settle(tenant);
    assert.deepEqual(await rolesOf(joe), ['administrator']);
  });

  test('of a leaver is not asked for any more', async () => {
    await granted('administrator');
    world.people.change(joe, { state: 'terminated' });
    await world.grants.endAll(tenant, joe, ann, 'account terminated');
    world.people.failing.setAdministrator = true;
    assert.equal(await world.grants.settle(tenant), 0);
    assert.deepEqual(world.warned, []);
  });

  test('stays when a longer grant took the place of one', async () => {
    await granted('administrator', { until: start + day_ms });
    await granted('administrator', { until: start + 3 * day_ms });
    world.time.now = start + day_ms;
    await world.grants.settle(tenant);
    assert.deepEqual(await rolesOf(joe), ['administrator']);
    world.time.now = start + 3 * day_ms;
    await world.grants.settle(tenant);
    assert.deepEqual(await rolesOf(joe), []);
  });

  test('whose grant is over approves nothing, even while identity still says administrator', async () => {
    await granted('administrator', { until: start + day_ms });
    const other = world.people.add({ tenant });
    const asked = await world.requests.ask(as(other), {
      ...{ account: other, role: 'billing', reason: why, until: start + 9 * day_ms },
    });
    world.time.now = start + day_ms;
    assert.deepEqual(await rolesOf(joe), ['administrator']);
    await assert.rejects(world.requests.decide(as(joe), asked.id, 'approve'), kind('forbidden'));
    assert.equal((await world.requests.decide(as(ann), asked.id, 'approve')).state, 'approved');
  });
});

test('changes are numbered in the order in which they become visible', async () => {
  const seen: number[] = [];
  const change = (wait_ms: number) =>
    world.segment.transaction(tenant, async (connection) => {
      const n = await nextChange(connection, tenant);
      await new Promise((done) => setTimeout(done, wait_ms));
      seen.push(n);
    });
  await Promise.all([30, 20, 10, 0].map(change));
  assert.deepEqual(seen, [1, 2, 3, 4]);
});
