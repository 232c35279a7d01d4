import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import type { NewRequest } from '../../grants/types.ts';
import { day_ms, hour_ms, start, why } from '../grants/world.ts';

import { ann, as, ben, joe, kind, tenant, wanted, world } from './people.ts';

describe('a request', () => {
  test('is asked for, approved by another and becomes a grant; each is told', async () => {
    const asked = await world.requests.ask(as(joe), wanted());
    assert.equal(asked.state, 'open');
    assert.equal(asked.needed, 1);
    assert.equal(asked.reason, why);
    assert.deepEqual(world.told.at(-1)?.to.toSorted(), [ann, ben].toSorted());
    world.time.now += hour_ms;
    const approved = await world.requests.decide(as(ann), asked.id, 'approve', 'Known to me in person.');
    assert.equal(approved.state, 'approved');
    assert.equal(approved.decisions[0]?.by, ann);
    assert.equal(approved.decisions[0]?.reason, 'Known to me in person.');
    const grant = await world.grants.byId(tenant, approved.grant ?? '');
    assert.deepEqual(
      [grant?.account, grant?.role, grant?.from, grant?.until],
      [joe, 'clinician', start + hour_ms, asked.until],
    );
    assert.equal(world.told.at(-1)?.kind, 'request-decided');
    assert.deepEqual(
      (await world.grants.list(tenant)).map(({ id }) => id),
      [approved.grant],
    );
  });

  test('keeps its reason sealed', async () => {
    const asked = await world.requests.ask(as(joe), wanted({ reason: 'The patient Quirrel needs it.' }));
    const [row] = await world.sql('select sealed from access.request where id = $1', [asked.id]);
    assert.equal(String(row?.['sealed']).includes('Quirrel'), false);
    const rows = await world.sql("select count(*)::int as n from access.request r where r::text like '%Quirrel%'");
    assert.equal(rows[0]?.['n'], 0);
  });

  test('is refused, whole, for what breaks the rules', async () => {
    const now = world.time.now;
    const bad: readonly [string, Partial<Record<keyof NewRequest, unknown>>][] = [
      ['role', { role: 'nothing' }],
      ['role', { role: 'constructor' }],
      ['role', { role: 'patient' }],
      ['role', { role: 'break-glass' }],
      ['role', { role: 'debugger' }],
      ['until', { until: now }],
      ['until', { until: now - 1 }],
      ['until', { until: now + 90 * day_ms + 1 }],
      ['until', { until: Number.NaN }],
      ['until', { until: '2027-01-01' }],
      ['from', { from: now - day_ms }],
      ['from', { from: now + 400 * day_ms, until: now + 401 * day_ms }],
      ['until', { from: now + day_ms, until: now + day_ms }],
      ['patients', { role: 'case-worker' }],
      ['patients', { role: 'case-worker', patients: [] }],
      ['patients', { patients: ['Patient/1'] }],
      ['opens', { opens: ['toString'] }],
      ['opens', { opens: ['hiv', 'hiv'] }],
      ['reason', { reason: 'short' }],
      ['reason', { reason: '          ' }],
      ['reason', { reason: 'x'.repeat(2_001) }],
    ];
    for (const [at, more] of bad) {
      await assert.rejects(world.requests.ask(as(joe), wanted(more as Partial<NewRequest>)), (error) => {
        kind('invalid')(error);
        assert.deepEqual(isFault(error) && error.issues.map((one) => one.at), [at], JSON.stringify(more));
        return true;
      });
    }
    assert.deepEqual(await world.requests.list(tenant), []);
    // Negative control: the bounds themselves are allowed.
    await world.requests.ask(as(joe), wanted({ until: now + 90 * day_ms }));
    await world.requests.ask(as(joe), wanted({ role: 'case-worker', patients: [newId()], opens: ['hiv'] }));
  });

  test('is for the workforce of the same tenant alone', async () => {
    const patient = world.people.add({ tenant, kind: 'patient', patients: [newId()] });
    const gone = world.people.add({ tenant, state: 'terminated' });
    const stranger = world.people.add({ tenant: tenant + 1_000 });
    await assert.rejects(world.requests.ask(as(joe), wanted({ account: patient })), kind('conflict'));
    await assert.rejects(world.requests.ask(as(joe), wanted({ account: gone })), kind('conflict'));
    await assert.rejects(world.requests.ask(as(joe), wanted({ account: stranger })), kind('missing'));
    await assert.rejects(
      world.requests.ask(as(patient, { account: 'patient', within: [] }), wanted()),
      kind('forbidden'),
    );
    await assert.rejects(world.requests.ask(as(joe, { kind: 'client' }), wanted()), kind('forbidden'));
    await assert.rejects(world.requests.ask(as(joe, { kind: 'operator' }), wanted()), kind('forbidden'));
  });

  test('lapses after 30 days by the clock alone', async () => {
    const asked = await world.requests.ask(as(joe), wanted({ until: start + 60 * day_ms }));
    world.time.now = start + 30 * day_ms - 1;
    assert.equal((await world.requests.byId(tenant, asked.id))?.state, 'open');
    world.time.now += 1;
    assert.equal((await world.requests.byId(tenant, asked.id))?.state, 'lapsed');
    assert.deepEqual(await world.requests.list(tenant, { state: 'open' }), []);
    assert.equal((await world.requests.list(tenant, { state: 'lapsed' })).length, 1);
    await assert.rejects(world.requests.decide(as(ann), asked.id, 'approve'), kind('conflict'));
    await assert.rejects(world.requests.withdraw(as(joe), asked.id), kind('conflict'));
    const [row] = await world.sql('select state from access.request where id = $1', [asked.id]);
    assert.equal(row?.['state'], 'open');
  });

  test('is withdrawn by who asked or for whom it is, once', async () => {
    const asked = await world.requests.ask(as(ben), wanted());
    await assert.rejects(world.requests.withdraw(as(ann), asked.id), kind('forbidden'));
    assert.equal((await world.requests.withdraw(as(joe), asked.id)).state, 'withdrawn');
    await assert.rejects(world.requests.withdraw(as(ben), asked.id), kind('conflict'));
    await assert.rejects(world.requests.decide(as(ann), asked.id, 'approve'), kind('conflict'));
  });

  test('a rejection says why and ends it', async () => {
    const asked = await world.requests.ask(as(joe), wanted());
    await assert.rejects(world.requests.decide(as(ann), asked.id, 'reject'), kind('invalid'));
    const rejected = await world.requests.decide(as(ann), asked.id, 'reject', 'Not on this ward.');
    assert.equal(rejected.state, 'rejected');
    await assert.rejects(world.requests.decide(as(ben), asked.id, 'approve'), kind('conflict'));
    assert.deepEqual(await world.grants.list(tenant, { all: true }), []);
  });

  test('no more than 50 wait of one person', async () => {
    for (let index = 0; index < 50; index += 1) await world.requests.ask(as(joe), wanted());
    await assert.rejects(world.requests.ask(as(joe), wanted()), kind('tooMany'));
    assert.equal((await world.requests.list(tenant, { asked_by: joe ?? '', count: 200 })).length, 50);
    const page = await world.requests.list(tenant, { count: 20 });
    const next = await world.requests.list(tenant, { count: 40, after: page[19]?.id ?? '' });
    assert.equal(new Set([...page, ...next].map(({ id }) => id)).size, 50);
  });
});

describe('nobody approves what is their own', () => {
  test('not who asked, not for whom it is, not who is no approver', async () => {
    const own = await world.requests.ask(as(ann), wanted({ account: ann ?? '' }));
    await assert.rejects(world.requests.decide(as(ann), own.id, 'approve'), kind('forbidden'));
    const forOther = await world.requests.ask(as(ann), wanted());
    await assert.rejects(world.requests.decide(as(ann), forOther.id, 'approve'), kind('forbidden'));
    const forAnn = await world.requests.ask(as(joe), wanted({ account: ann ?? '' }));
    await assert.rejects(world.requests.decide(as(ann), forAnn.id, 'approve'), kind('forbidden'));
    await assert.rejects(world.requests.decide(as(ann), forAnn.id, 'reject', 'No, thank you.'), kind('forbidden'));
    const sue = world.people.add({ tenant });
    await assert.rejects(world.requests.decide(as(sue), own.id, 'approve'), kind('forbidden'));
    await assert.rejects(world.requests.decide(as(ben, { kind: 'client' }), own.id, 'approve'), kind('forbidden'));
    // Negative control: another administrator may do each of it.
    for (const { id } of [own, forOther])
      assert.equal((await world.requests.decide(as(ben), id, 'approve')).state, 'approved');
  });

  test('a second request of the same does not help, nor the same decision twice', async () => {
    const first = await world.requests.ask(as(joe), wanted({ role: 'administrator' }));
    assert.equal(first.needed, 2);
    assert.equal((await world.requests.decide(as(ann), first.id, 'approve')).state, 'open');
    await assert.rejects(world.requests.decide(as(ann), first.id, 'approve'), kind('conflict'));
    const second = await world.requests.ask(as(ann), wanted({ role: 'administrator' }));
    await assert.rejects(world.requests.decide(as(ann), second.id, 'approve'), kind('forbidden'));
    assert.equal((await world.requests.byId(tenant, first.id))?.state, 'open');
    assert.equal((await world.requests.decide(as(ben), first.id, 'approve')).state, 'approved');
  });

  test('the database refuses it too, whatever the code says', async () => {
    const asked = await world.requests.ask(as(joe), wanted());
    const decide = (by: string) => ({
      name: `test.decide.${by.slice(0, 8)}`,
      text: `insert into access.decision (id, tenant, request, decided_by, verdict, decided_at)
        values ('${newId()}', ${tenant}, '${asked.id}', '${by}', 'approve', now())`,
    });
    await assert.rejects(world.segment.query(tenant, decide(joe ?? '')), kind('internal'));
    const grant = {
      name: 'test.grant',
      text: `insert into access.grant (id, tenant, request, kind, account, role, from_at, until_at, changed)
        values ('${newId()}', ${tenant}, '${asked.id}', 'standing', '${joe}', 'clinician', now(), now() + '1 day', 1)`,
    };
    await assert.rejects(world.segment.query(tenant, grant), kind('internal'));
    for (const table of ['request', 'decision', 'grant', 'break_glass', 'change', 'holder']) {
      const remove = { name: `test.delete.${table}`, text: `delete from access.${table}` };
      await assert.rejects(world.segment.query(tenant, remove), kind('internal'), table);
    }
    // Negative control: another person's decision passes the same trigger.
    await world.segment.query(tenant, decide(ann ?? ''));
  });

  test('what is of another tenant is like nothing', async () => {
    const asked = await world.requests.ask(as(joe), wanted());
    const far = { tenant: tenant + 5_000 };
    const spy = world.people.add({ ...far, roles: ['administrator'] });
    await assert.rejects(world.requests.decide(as(spy, far), asked.id, 'approve'), kind('missing'));
    await assert.rejects(world.requests.withdraw(as(joe, far), asked.id), kind('missing'));
    assert.equal(await world.requests.byId(far.tenant, asked.id), undefined);
    await assert.rejects(world.requests.decide(as(ann), 'x', 'approve'), kind('missing'));
    const { grant = '' } = await world.requests.decide(as(ann), asked.id, 'approve');
    assert.equal(await world.grants.byId(far.tenant, grant), undefined);
    await assert.rejects(world.grants.end(far.tenant, grant, spy, 'ended'), kind('missing'));
    assert.equal((await world.grants.byId(tenant, grant))?.ended_at, undefined);
  });
});

describe('how many approve', () => {
  test('two for administrators; one where there is only one beside; never none', async () => {
    const two = await world.requests.ask(as(joe), wanted({ role: 'administrator' }));
    assert.equal(two.needed, 2);
    const one = await world.requests.ask(as(ann), wanted({ role: 'administrator' }));
    assert.equal(one.needed, 1);
    // Somebody more who may approve: it takes two from then on.
    world.people.add({ tenant, roles: ['administrator'] });
    const still = await world.requests.decide(as(ben), one.id, 'approve');
    assert.deepEqual([still.state, still.needed], ['open', 2]);
  });

  test('it does not fall when somebody who may approve is removed meanwhile', async () => {
    const asked = await world.requests.ask(as(joe), wanted({ role: 'administrator' }));
    world.people.change(ben ?? '', { state: 'suspended' });
    const still = await world.requests.decide(as(ann), asked.id, 'approve');
    assert.equal(still.state, 'open');
    await assert.rejects(world.requests.decide(as(ben), asked.id, 'approve'), kind('forbidden'));
  });

  test('the operator decides while the tenant has nobody, and not after', async () => {
    for (const id of [ann, ben]) world.people.change(id ?? '', { roles: [] });
    const asked = await world.requests.ask(as(joe), wanted({ role: 'security-officer' }));
    const done = await world.requests.decideAsOperator(tenant, asked.id, 'approve', 'The first officer.');
    assert.deepEqual([done.state, done.decisions[0]?.by], ['approved', 'operator']);
    const next = await world.requests.ask(as(ann), wanted({ account: ann ?? '' }));
    await assert.rejects(world.requests.decideAsOperator(tenant, next.id, 'approve'), kind('forbidden'));
    assert.equal((await world.requests.decide(as(joe), next.id, 'approve')).state, 'approved');
  });

  test('who holds the role by a grant approves as long as it is in force', async () => {
    const asked = await world.requests.ask(as(joe), wanted({ role: 'security-officer', until: start + day_ms }));
    await world.requests.decide(as(ann), asked.id, 'approve');
    const other = world.people.add({ tenant });
    const ask = () => world.requests.ask(as(other), wanted({ account: other, role: 'billing' }));
    const [first, second] = [await ask(), await ask()];
    const mine = await world.requests.list(tenant, { decidable_by: joe ?? '' });
    assert.deepEqual(
      mine.map(({ id }) => id),
      [first.id, second.id],
    );
    assert.equal((await world.requests.decide(as(joe), first.id, 'approve')).state, 'approved');
    world.time.now = start + day_ms;
    await assert.rejects(world.requests.decide(as(joe), second.id, 'approve'), kind('forbidden'));
    assert.deepEqual(await world.requests.list(tenant, { decidable_by: joe ?? '' }), []);
  });
});
