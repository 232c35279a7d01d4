import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NewRequest } from '../../grants/types.ts';
import { day_ms, hour_ms, minute_ms, start, why } from '../grants/world.ts';

import { ann, as, ben, joe, kind, tenant, wanted, world } from './people.ts';

describe('roles that must not meet', () => {
  const grant = async (more: Partial<NewRequest>) => {
    const asked = await world.requests.ask(as(joe), wanted(more));
    return world.requests.decide(as(ann), asked.id, 'approve');
  };

  test('are refused from both sides, also later, also by what somebody is', async () => {
    await grant({ role: 'clinician', until: start + 10 * day_ms });
    await assert.rejects(world.requests.ask(as(joe), wanted({ role: 'operator' })), kind('conflict'));
    const later = { from: start + 9 * day_ms, until: start + 20 * day_ms };
    await assert.rejects(world.requests.ask(as(joe), wanted({ role: 'operator', ...later })), kind('conflict'));
    const admin = world.people.add({ tenant, roles: ['administrator'] });
    await assert.rejects(world.requests.ask(as(joe), wanted({ account: admin, role: 'auditor' })), kind('conflict'));
    // Negative control: after the other one is over.
    const then = { from: start + 10 * day_ms, until: start + 20 * day_ms };
    assert.equal((await grant({ role: 'operator', ...then })).state, 'approved');
  });

  test('two requests that were fine alone: the second approval is refused, also at the same moment', async () => {
    const one = await world.requests.ask(as(joe), wanted({ role: 'clinician' }));
    const other = await world.requests.ask(as(joe), wanted({ role: 'operator' }));
    const done = await Promise.allSettled([
      world.requests.decide(as(ann), one.id, 'approve'),
      world.requests.decide(as(ben), other.id, 'approve'),
    ]);
    assert.deepEqual(done.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal((await world.grants.list(tenant)).length, 1);
  });

  test('the same grant stands: a conflict; a longer one takes its place', async () => {
    const first = await grant({});
    await assert.rejects(world.requests.ask(as(joe), wanted()), kind('conflict'));
    const longer = await grant({ until: start + 60 * day_ms });
    const [old] = [await world.grants.byId(tenant, first.grant ?? '')];
    assert.equal(old?.ended_why, 'replaced');
    assert.deepEqual(
      (await world.grants.list(tenant)).map(({ id }) => id),
      [longer.grant],
    );
  });
});

describe('an elevation', () => {
  const elevation = (more: Partial<NewRequest> = {}) => ({
    role: 'debugger',
    reason: why,
    until: world.time.now + 8 * hour_ms,
    ...more,
  });

  test('lasts 8 hours at most, from its approval on, and wants a fresh factor', async () => {
    const stale = { assurance: { level: 2, at: start - 5 * minute_ms - 1, methods: [] } };
    const weak = { assurance: { level: 1, at: start, methods: [] } };
    await assert.rejects(world.requests.elevate(as(joe, stale), elevation()), kind('unauthenticated'));
    await assert.rejects(world.requests.elevate(as(joe, weak), elevation()), kind('unauthenticated'));
    await assert.rejects(world.requests.elevate(as(joe), elevation({ until: start + 9 * hour_ms })), kind('invalid'));
    await assert.rejects(world.requests.elevate(as(joe), elevation({ from: start + hour_ms })), kind('invalid'));
    const asked = await world.requests.elevate(as(joe), elevation());
    await assert.rejects(world.requests.decide(as(joe), asked.id, 'approve'), kind('forbidden'));
    const { grant = '' } = await world.requests.decide(as(ann), asked.id, 'approve');
    const held = await world.grants.byId(tenant, grant);
    assert.deepEqual([held?.kind, held?.until], ['elevation', start + 8 * hour_ms]);
  });

  test('an operator holds other roles by elevations alone; nobody else holds a plain role so', async () => {
    await assert.rejects(world.requests.elevate(as(joe), elevation({ role: 'billing' })), kind('invalid'));
    const asked = await world.requests.ask(as(joe), wanted({ role: 'operator' }));
    await world.requests.decide(as(ann), asked.id, 'approve');
    await assert.rejects(world.requests.ask(as(joe), wanted({ role: 'billing' })), kind('invalid'));
    assert.equal((await world.requests.elevate(as(joe), elevation({ role: 'billing' }))).kind, 'elevation');
  });

  test('one that nobody approved while it would have lasted is over', async () => {
    const asked = await world.requests.elevate(as(joe), elevation({ until: start + hour_ms }));
    world.time.now += hour_ms;
    assert.equal((await world.requests.byId(tenant, asked.id))?.state, 'lapsed');
    await assert.rejects(world.requests.decide(as(ann), asked.id, 'approve'), kind('conflict'));
  });
});

describe('at the same moment', () => {
  test('two approvals of one request make one grant', async () => {
    const asked = await world.requests.ask(as(joe), wanted());
    const both = [ann, ben].map((by) => world.requests.decide(as(by), asked.id, 'approve'));
    const done = await Promise.allSettled(both);
    assert.deepEqual(done.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal((await world.grants.list(tenant)).length, 1);
  });

  test('the same person twice is once, where two are needed', async () => {
    const asked = await world.requests.ask(as(joe), wanted({ role: 'administrator' }));
    await Promise.allSettled([1, 2, 3].map(() => world.requests.decide(as(ann), asked.id, 'approve')));
    const now = await world.requests.byId(tenant, asked.id);
    assert.deepEqual([now?.state, now?.decisions.length], ['open', 1]);
  });

  test('an approval and a withdrawal: one of them holds', async () => {
    for (let index = 0; index < 5; index += 1) {
      const role = index % 2 ? 'billing' : 'clinician';
      const asked = await world.requests.ask(as(joe), wanted({ role, until: start + (index + 1) * day_ms }));
      await Promise.allSettled([
        world.requests.decide(as(ann), asked.id, 'approve'),
        world.requests.withdraw(as(joe), asked.id),
      ]);
      const now = await world.requests.byId(tenant, asked.id);
      assert.ok(now?.state === 'approved' ? now.grant !== undefined : now?.grant === undefined, now?.state);
    }
  });

  test('an approval and the end of the account: nothing is left in force', async () => {
    for (let index = 0; index < 5; index += 1) {
      const leaver = world.people.add({ tenant });
      const asked = await world.requests.ask(as(leaver), wanted({ account: leaver }));
      await Promise.allSettled([
        world.requests.decide(as(ann), asked.id, 'approve'),
        world.grants.endAll(tenant, leaver, ann ?? '', 'account terminated'),
      ]);
      assert.deepEqual(await world.grants.list(tenant, { account: leaver }), []);
      assert.notEqual((await world.requests.byId(tenant, asked.id))?.state, 'open');
      await assert.rejects(world.requests.ask(as(joe), wanted({ account: leaver })), kind('conflict'));
    }
  });
});
