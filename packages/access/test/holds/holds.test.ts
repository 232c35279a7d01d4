import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import { createJudge } from '../../decide.ts';
import { createHolds } from '../../holds/holds.ts';
import type { Hold, Holds, WayIn } from '../../holds/types.ts';
import { isHeldBack } from '../../policy/sealed-standing.ts';
import { hour_ms, minute_ms, start, startWorld, types, type World, why } from '../grants/world.ts';
import { createReplica } from '../standing/world.ts';

let world: World;
let holds: Holds;
let tenant = 0;
let [admin, officer, privacy, nurse] = ['', '', '', ''];
const identified = 'Came in person, with a badge.';

const kind = (wanted: string) => (error: unknown) => {
  assert.ok(isFault(error), String(error));
  assert.equal(error.kind, wanted, error.message);
  return true;
};
const as = (id: string, more = {}) => world.person(id, { tenant, ...more });
const by = (id: string) => ({ kind: 'user', id }) as const;

async function granted(account: string, role: string, approver = admin): Promise<void> {
  const until = world.time.now + 30 * 24 * hour_ms;
  const asked = await world.requests.ask(as(account), { account, role, reason: why, until });
  await world.requests.decide(as(approver), asked.id, 'approve');
}

/** Somebody opens a way into an account. */
function opens(account: string, more: Partial<WayIn> = {}): Promise<readonly string[]> {
  const way: WayIn = {
    ...{ tenant, cause: 'recovery-link', about: newId(), by: by(admin), administrators: [admin] },
    ...{ accounts: [{ id: account, kind: 'workforce', administrator: account === admin }] },
    ...{ at: new Date(world.time.now), ...more },
  };
  return world.segment.transaction(0, (connection) => holds.within(connection, way));
}
async function held(account: string, more: Partial<WayIn> = {}): Promise<string> {
  const [id, ...others] = await opens(account, more);
  assert.ok(id !== undefined && others.length === 0, 'one hold');
  return id;
}
const standing = (): Promise<Hold[]> => holds.list(tenant);
const released = (who: string, id: string, more = {}): Promise<Hold> => holds.release(as(who, more), id, identified);

before(async () => {
  world = await startWorld();
  holds = createHolds(world.deps);
});
after(() => world.close());
beforeEach(async () => {
  tenant += 1;
  world.time.now = start;
  admin = world.people.add({ tenant, roles: ['administrator'] });
  [officer, privacy, nurse] = [0, 1, 2].map(() => world.people.add({ tenant })) as [string, string, string];
  await granted(officer, 'security-officer');
  await granted(privacy, 'privacy-officer');
  await granted(nurse, 'clinician');
  world.told.length = 0;
});

describe('a way into an account', () => {
  test('holds what it has, tells the person, who did it, and who may release it', async () => {
    const id = await held(nurse);
    const [hold] = await standing();
    assert.deepEqual(hold, { id, tenant, account: nurse, cause: 'recovery-link', by: by(admin), made_at: start });
    const told = world.told.map(({ kind: what, to, about }) => [what, [...to].sort(), about]);
    assert.deepEqual(told, [
      ['access-held', [nurse, admin].sort(), id],
      ['hold-to-release', [officer, privacy].sort(), id],
    ]);
  });

  test('holds nothing where there is nothing, nor of what is over', async () => {
    assert.deepEqual(await opens(world.people.add({ tenant })), []);
    world.time.now += 31 * 24 * hour_ms;
    assert.deepEqual(await opens(nurse), []);
  });

  test('holds what begins later, and what a review may bring back', async () => {
    const account = world.people.add({ tenant });
    const [from, until] = [start + hour_ms, start + 24 * hour_ms];
    const asked = await world.requests.ask(as(account), { account, role: 'billing', reason: why, from, until });
    const { grant } = await world.requests.decide(as(admin), asked.id, 'approve');
    await held(account);
    const change = 'update access.grant set until_at = $2, approved_until = until_at where id = $1';
    await world.sql(change, [grant, new Date(start + 2 * hour_ms)]);
    world.time.now += 3 * hour_ms;
    await held(account);
  });

  test('of one’s own holds nothing, unless an app did it', async () => {
    assert.deepEqual(await opens(nurse, { by: by(nurse) }), []);
    await held(nurse, { by: { ...by(nurse), client: newId() } });
  });

  test('holds administrators, patients and proxies too; a first invitation none of them', async () => {
    const bare = (more: object) => ({ accounts: [{ id: newId(), kind: 'workforce', administrator: false, ...more }] });
    for (const more of [{ administrator: true }, { kind: 'patient' }, { kind: 'proxy' }]) {
      assert.equal((await opens('', bare(more) as Partial<WayIn>)).length, 1, JSON.stringify(more));
    }
    const invited = { cause: 'invitation', by: { kind: 'operator', id: 'operator' } } as const;
    for (const more of [{ administrator: true }, { kind: 'patient' }]) {
      assert.deepEqual(await opens('', { ...(bare(more) as Partial<WayIn>), ...invited }), []);
    }
    const again = { ...(bare({ administrator: true }) as Partial<WayIn>), cause: 'invitation' } as const;
    assert.equal((await opens('', again)).length, 1, 'another administrator makes it');
    await held(nurse, invited);
  });

  test('a link that is used after its release holds anew, for who made it; before, once', async () => {
    const about = newId();
    const first = await held(nurse, { about });
    const used = { about, cause: 'recovery-used', by: undefined } as const;
    assert.deepEqual(await opens(nurse, used), []);
    await released(officer, first);
    const second = await held(nurse, used);
    assert.deepEqual((await holds.byId(tenant, second))?.by, by(admin));
    await assert.rejects(released(admin, second), kind('forbidden'));
    const unknown = await held(nurse, { ...used, about: newId() });
    assert.deepEqual((await holds.byId(tenant, unknown))?.by, { kind: 'unknown' });
    assert.deepEqual(await opens(nurse, { cause: 'invitation-used', by: undefined }), []);
  });

  test('terminated accounts are not waited for', async () => {
    await held(nurse);
    await world.grants.endAll(tenant, nurse, 'operator', 'account terminated');
    assert.deepEqual(await standing(), []);
    assert.deepEqual(await opens(nurse), []);
  });
});

describe('who is on hold', () => {
  test('holds nothing, in this process and in another one within a second, and all of it afterwards', async () => {
    const [one, other] = [createReplica(world), createReplica(world)];
    const deps = { ...world.deps, changed: one.standing.forget };
    const [own] = [createHolds(deps)];
    assert.deepEqual(await other.roles(as(nurse)), ['clinician']);
    const id = await held(nurse);
    other.age.ms += 1_001;
    for (const replica of [one, other]) {
      const found = await replica.entitle(as(nurse));
      assert.ok(isHeldBack(found));
      const holders = await replica.standing.holdersOf(tenant);
      assert.deepEqual([holders.of(nurse), holders.isHeld(nurse)], [[], true]);
      assert.equal(
        [...holders.each()].some(([account]) => account === nurse),
        false,
      );
    }
    await own.release(as(officer), id, identified);
    assert.deepEqual(await one.roles(as(nurse)), ['clinician']);
    other.age.ms += 1_001;
    assert.deepEqual(await other.roles(as(nurse)), ['clinician']);
    for (const replica of [one, other]) await replica.standing.close();
  });

  test('reaches no record, whatever a rule says; only their own way in and what they were told', async () => {
    const replica = createReplica(world);
    const { decide } = createJudge({ types, parameters: () => undefined } as never, 'on');
    const scopes = ['user/*.cruds'];
    const before = await replica.entitle(as(nurse, { scopes, roles: ['administrator'] }));
    assert.equal(decide(before, 'read', { type: 'Patient' }).permit, true);
    await held(nurse);
    replica.age.ms += 1_001;
    const found = await replica.entitle(as(nurse, { scopes, roles: ['administrator'] }));
    assert.deepEqual(found.roles, []);
    const reason = 'on hold until somebody else confirms it';
    for (const [action, type] of [
      ['read', 'Patient'],
      ['account-list', 'Account'],
      ['access-request-make', 'AccessRequest'],
      ['launch-create', 'Launch'],
      ['self-disclosures', 'Account'],
      ['self-export-read', 'Account'],
    ] as const) {
      assert.deepEqual(decide(found, action, { type, id: nurse }), { permit: false, reason }, action);
    }
    assert.equal(decide(found, 'self-factor-list', { type: 'Account', id: nurse }).permit, true);
    assert.equal(decide(found, 'notice-list', { type: 'Notice' }).permit, true);
    await replica.standing.close();
  });

  test('an administrator decides nothing, nor does an officer; a new grant opens nothing', async () => {
    const until = start + 24 * hour_ms;
    const clerk = world.people.add({ tenant });
    const asked = await world.requests.ask(as(clerk), { account: clerk, role: 'billing', reason: why, until });
    await held(admin, { by: by(officer) });
    await held(officer, { by: by(privacy) });
    for (const one of [admin, officer]) {
      await assert.rejects(world.requests.decide(as(one), asked.id, 'approve'), kind('forbidden'));
      await assert.rejects(
        world.sql(
          `insert into access.decision (id, tenant, request, decided_by, verdict, decided_at)
            values ($1, $2, $3, $4, 'approve', now())`,
          [newId(), tenant, asked.id, one],
        ),
        /on hold/,
      );
    }
    await held(nurse);
    await granted(nurse, 'billing', world.people.add({ tenant, roles: ['administrator'] }));
    const replica = createReplica(world);
    assert.ok(isHeldBack(await replica.entitle(as(nurse))));
    await replica.standing.close();
  });
});

describe('a release', () => {
  test('is by another officer, with a fresh factor and a reason, once', async () => {
    const id = await held(nurse);
    const stale = { assurance: { level: 2, at: start - 6 * minute_ms, methods: [] } };
    await assert.rejects(released(officer, id, stale), kind('unauthenticated'));
    await assert.rejects(holds.release(as(officer), id, 'ok'), kind('invalid'));
    await assert.rejects(released(officer, newId()), kind('missing'));
    for (const one of [admin, nurse, world.people.add({ tenant })]) {
      await assert.rejects(released(one, id), kind('forbidden'));
    }
    await assert.rejects(holds.releaseAsOperator(tenant, id, identified), kind('forbidden'));
    world.told.length = 0;
    const done = await released(officer, id);
    assert.deepEqual(done.released, { by: officer, at: start, reason: identified });
    assert.deepEqual(
      world.told.map(({ kind: what, to }) => [what, [...to].sort()]),
      [['hold-released', [nurse, admin].sort()]],
    );
    await assert.rejects(released(privacy, id), kind('conflict'));
    assert.deepEqual([(await standing()).length, (await holds.list(tenant, { all: true })).length], [0, 1]);
  });

  test('of one act is of all that it put on hold, but what is the releaser’s own', async () => {
    const workforce = (id: string) => ({ id, kind: 'workforce', administrator: false }) as const;
    const accounts = [nurse, officer, privacy].map(workforce);
    const ids = await opens('', { cause: 'provider', accounts });
    const other = await held(nurse, { cause: 'login' });
    assert.equal(ids.length, 3);
    const second = world.people.add({ tenant, roles: ['administrator'] });
    const done = await holds.releaseAct(as(second), ids[0] ?? '', identified);
    assert.deepEqual(done.map(({ id }) => id).sort(), [...ids].sort());
    assert.deepEqual(
      (await standing()).map(({ id }) => id),
      [other],
    );
    const [again] = await opens('', { cause: 'provider', accounts: [nurse, second].map(workforce) });
    await holds.releaseAct(as(officer), again ?? '', identified);
  });

  test('counts for one way in; who opened another one of them releases neither', async () => {
    const [first, second] = [await held(nurse), await held(nurse, { cause: 'login', by: by(officer) })];
    for (const one of [admin, officer]) {
      for (const id of [first, second]) await assert.rejects(released(one, id), kind('forbidden'));
    }
    await released(privacy, first);
    const replica = createReplica(world);
    assert.ok(isHeldBack(await replica.entitle(as(nurse))), 'the other one stands');
    await released(privacy, second);
    replica.age.ms += 1_001;
    assert.deepEqual(await replica.roles(as(nurse)), ['clinician']);
    await replica.standing.close();
  });

  test('of what a program did is by officers who manage no accounts: they may have its secret', async () => {
    const other = world.people.add({ tenant, roles: ['administrator'] });
    const id = await held(nurse, { cause: 'login', by: { kind: 'client', id: newId() } });
    for (const one of [admin, other]) await assert.rejects(released(one, id), kind('forbidden'));
    await released(officer, id);
  });

  test('is the operator’s only where nobody else may, held people among them', async () => {
    const id = await held(admin, { by: { kind: 'operator', id: 'operator' } });
    await assert.rejects(holds.releaseAsOperator(tenant, id, identified), kind('forbidden'));
    for (const one of [officer, privacy]) await held(one, { by: { kind: 'operator', id: 'operator' } });
    for (const one of [admin, officer, privacy]) await assert.rejects(released(one, id), kind('forbidden'));
    assert.equal((await holds.releaseAsOperator(tenant, id, identified)).released?.by, 'operator');
  });

  test('cannot be written by who it is for, who caused it or who is on hold, and nothing else lifts one', async () => {
    const id = await held(nurse);
    await held(officer, { by: by(privacy) });
    const write = (who: string | null) =>
      world.segment.query(
        tenant,
        {
          name: `test.release.${who}`,
          text: `insert into access.hold_release (hold, tenant, released_by, released_at, key_id, sealed)
            values ($1, $2, $3, now(), 1, '')`,
        },
        [id, tenant, who],
      );
    const refused = (text: RegExp) => (error: Error) => text.test(String(error.cause));
    for (const who of [nurse, admin, officer]) await assert.rejects(write(who), refused(/somebody else/));
    for (const text of [
      'update access.hold set account = gen_random_uuid() where tenant = $1',
      'update access.hold set caused_by = gen_random_uuid() where tenant = $1',
      'delete from access.hold where tenant = $1',
      'update access.hold_release set released_by = null where tenant = $1',
      'delete from access.hold_release where tenant = $1',
    ]) {
      const name = `test.${text.slice(0, 60)}`;
      await assert.rejects(world.segment.query(tenant, { name, text }, [tenant]), refused(/permission denied/), text);
    }
    await write(privacy);
  });

  test('at the same moment as another: one counts; as a second way in by the releaser: refused', async () => {
    const id = await held(nurse);
    const both = await Promise.allSettled([released(officer, id), released(privacy, id)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const again = await held(nurse);
    const [done] = await Promise.allSettled([released(officer, again), opens(nurse, { by: by(officer) })]);
    if (done.status === 'fulfilled') assert.equal((await standing()).length, 1);
    else assert.ok(kind('forbidden')(done.reason));
  });
});

test('negative control: without the look at holds the account keeps all it has', async () => {
  await held(nurse);
  const { segment } = world;
  const blind = {
    ...segment,
    query: ((asTenant, statement, values) =>
      statement.name === 'access.hold.accounts'
        ? Promise.resolve([])
        : segment.query(asTenant, statement, values)) as typeof segment.query,
  };
  const replica = createReplica(world, { segment: blind });
  assert.deepEqual(await replica.roles(as(nurse)), ['clinician']);
  await replica.standing.close();
});
