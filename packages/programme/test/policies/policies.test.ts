import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { monthsLater } from '../../policies/approval.ts';
import { redlineOf } from '../../policies/redline.ts';
import { day_ms, kind, start } from '../workflow/world.ts';
import { access, contentOf, type PolicyWorld, startPolicies } from './world.ts';

let world: PolicyWorld;
before(async () => {
  world = await startPolicies();
});
after(() => world.close());

/** One story of one house, in the order of the tests. */
describe('a policy', () => {
  test('is brought in as a draft, once, whoever else brings it in at the same moment', async () => {
    const { policies, make } = world;
    const counts = await Promise.all([policies.adopt(), make().adopt(), make().adopt()]);
    assert.equal(
      counts.reduce((sum, n) => sum + n),
      1,
    );
    assert.equal(await policies.adopt(), 0);
    const [draft] = await policies.list(1);
    assert.deepEqual([draft?.policy, draft?.number, draft?.state, draft?.made_by], ['access', 1, 'draft', 'service']);
    assert.deepEqual(draft?.source, { kind: 'repository', path: 'program/policies/access.md' });
    assert.deepEqual(draft?.parameters, { 'sessions.idle_minutes': 15 });
    assert.equal(await policies.read(1, 'access'), undefined);
    assert.deepEqual(await policies.publishedAt(1, world.time.now), new Set());
  });

  test('is published by the approval of a quorum of others, and by nothing less', async () => {
    const { policies, workflow, sec, priv, admin, worker } = world;
    await assert.rejects(policies.submit(worker, 'access', 1), kind('forbidden'));
    await assert.rejects(policies.submit(sec, 'access', 2), kind('missing'));
    const task = await policies.submit(sec, 'access', 1, 'As agreed.');
    assert.deepEqual([task.kind, task.about, task.quorum, task.state], ['policy-approval', 'access#1', 2, 'submitted']);
    await assert.rejects(policies.submit(sec, 'access', 1), kind('conflict'));
    await workflow.approve(priv, task.id);
    assert.equal((await policies.read(1, 'access', 1))?.state, 'in-review');
    assert.equal(await policies.read(1, 'access'), undefined);
    await workflow.approve(admin, task.id);
    const published = await policies.read(1, 'access');
    assert.deepEqual([published?.state, published?.published_at, published?.task], ['published', start, task.id]);
    assert.deepEqual(published?.approved_by, [priv.id, admin.id]);
    assert.equal(published?.review_due_at, Date.UTC(2027, 10, 24, 10));
    assert.deepEqual(await policies.publishedAt(1, start), new Set(['access']));
    assert.deepEqual(await policies.publishedAt(1, start - 1), new Set());
  });

  test('keeps its numbers as they were; that they drifted is said', async () => {
    const { policies, at } = world;
    at.content = contentOf({ access: access() }, 10);
    const published = await policies.read(1, 'access');
    assert.deepEqual(published?.parameters, { 'sessions.idle_minutes': 15 });
    assert.deepEqual(published?.drifted, ['sessions.idle_minutes']);
    assert.match(policies.html(published ?? assert.fail()), /end after 15 minutes of rest/);
    at.content = contentOf({ access: access() });
    assert.deepEqual((await policies.read(1, 'access'))?.drifted, []);
  });

  test('is acknowledged by each person, of the exact version and text', async () => {
    const { policies, worker, sec } = world;
    const [owed] = await policies.owed(1, worker.id);
    assert.deepEqual([owed?.version.policy, owed?.by], ['access', start + 30 * day_ms]);
    const digest = owed?.version.digest ?? '';
    await assert.rejects(policies.acknowledge(worker, 'access', 1, 'f'.repeat(64)), kind('conflict'));
    await assert.rejects(policies.acknowledge(worker, 'access', 2, digest), kind('conflict'));
    await assert.rejects(policies.acknowledge(worker, 'other', 1, digest), kind('missing'));
    for (const id of ['operator', 'service', '00000000-0000-4000-8000-000000000000']) {
      await assert.rejects(policies.acknowledge({ ...worker, id }, 'access', 1, digest), kind('forbidden'));
    }
    await assert.rejects(policies.acknowledge({ ...worker, tenant: 2 }, 'access', 1, digest), kind('forbidden'));
    const made = await policies.acknowledge(worker, 'access', 1, digest);
    world.time.now += day_ms;
    assert.deepEqual(await policies.acknowledge(worker, 'access', 1, digest), made);
    assert.deepEqual(await policies.owed(1, worker.id), []);
    assert.equal((await policies.owed(1, sec.id)).length, 1);
    const all = await policies.acknowledgements(1);
    assert.deepEqual(all.find(({ account }) => account === worker.id)?.done, [made]);
    assert.deepEqual(all.find(({ account }) => account === sec.id)?.owed, ['access']);
    world.time.now = start;
  });

  test('is drafted anew; who wrote it approves it in no session, whoever submitted it', async () => {
    const { policies, workflow, sec, priv, admin, worker } = world;
    await assert.rejects(policies.draft(worker, 'access', access(' New.')), kind('forbidden'));
    const drafted = await policies.draft(sec, 'access', access(' Sooner on phones.'));
    assert.deepEqual([drafted.number, drafted.state, drafted.source.kind], [2, 'draft', 'draft']);
    const task = await policies.submit(priv, 'access', 2);
    const other = world.engine();
    world.make(other);
    const both = [workflow.approve(sec, task.id), other.approve(sec, task.id)];
    for (const { status } of await Promise.allSettled(both)) assert.equal(status, 'rejected');
    await assert.rejects(workflow.approve(priv, task.id), kind('forbidden'));
    world.time.now += day_ms;
    await workflow.approve(admin, task.id);
    const versions = await policies.versions(1, 'access');
    assert.deepEqual(
      versions.map(({ state }) => state),
      ['superseded', 'published'],
    );
    assert.equal((await policies.owed(1, worker.id)).length, 1, 'the new version is owed anew');
    await assert.rejects(policies.acknowledge(worker, 'access', 1, versions[0]?.digest ?? ''), kind('conflict'));
  });

  test('shows what changed, line by line', async () => {
    const { policies } = world;
    const changes = (await policies.redline(1, 'access', 1, 2)).filter((change) => change.kind !== 'same');
    assert.deepEqual(changes, [
      { kind: 'removed', text: 'Sessions end after {{sessions.idle_minutes}} minutes of rest.' },
      { kind: 'added', text: 'Sessions end after {{sessions.idle_minutes}} minutes of rest. Sooner on phones.' },
    ]);
    await assert.rejects(policies.redline(1, 'access', 1, 9), kind('missing'));
    assert.ok((await policies.redline(1, 'access', 0, 1)).every((change) => change.kind === 'added'));
  });

  test('an older draft does not come after a newer version; one that was rejected is no draft', async () => {
    const { policies, workflow, sec, priv, admin } = world;
    const third = await policies.draft(sec, 'access', access(' Third.'));
    const fourth = await policies.draft(sec, 'access', access(' Fourth.'));
    const late = await policies.submit(sec, 'access', third.number);
    await workflow.approve(priv, late.id);
    await world.publish(sec, 'access', fourth.number, [priv, admin]);
    await assert.rejects(workflow.approve(admin, late.id), kind('conflict'));
    await workflow.reject(admin, late.id, 'The fourth one is in force.');
    const states = (await policies.versions(1, 'access')).map(({ state }) => state);
    assert.deepEqual(states, ['superseded', 'superseded', 'rejected', 'published']);
    await assert.rejects(policies.submit(sec, 'access', third.number), kind('conflict'));
  });

  test('is not published with other numbers than were approved', async () => {
    const { policies, workflow, at, sec, priv, admin } = world;
    const { number } = await policies.draft(sec, 'access', access(' Fifth.'));
    const task = await policies.submit(sec, 'access', number);
    await workflow.approve(priv, task.id);
    at.content = contentOf({ access: access() }, 5);
    await assert.rejects(workflow.approve(admin, task.id), kind('conflict'));
    at.content = contentOf({ access: access() });
    // Negative control: with the numbers that were submitted.
    assert.equal((await workflow.approve(admin, task.id)).state, 'done');
  });

  test('is reviewed each year, by a task like any other', async () => {
    const { policies, workflow, sec, priv, admin } = world;
    const due = (await policies.read(1, 'access'))?.review_due_at ?? 0;
    world.time.now = due - 10 * day_ms;
    const task = await policies.review(sec, 'access', 'Read again: nothing to change.');
    await workflow.approve(priv, task.id);
    await assert.rejects(workflow.approve(sec, task.id), kind('forbidden'));
    await workflow.approve(admin, task.id);
    assert.equal((await policies.read(1, 'access'))?.review_due_at, monthsLater(world.time.now, 12));
    await assert.rejects(policies.review(sec, 'nothing', 'Is it there?'), kind('missing'));
  });
});

describe('reminders', () => {
  test('each person hears once that a policy is there, due, overdue; its keeper of reviews', async () => {
    const { policies, make, told, worker, sec } = world;
    const published = await policies.read(1, 'access');
    const at = published?.published_at ?? 0;
    const run = async (when: number) => {
      world.time.now = when;
      told.length = 0;
      const counts = await Promise.all([policies.remind(), make().remind(), make().remind()]);
      const people = told.flatMap(({ kind: what, to }) => to.map((one) => `${what} ${one}`));
      assert.equal(
        counts.reduce((sum, n) => sum + n),
        people.length,
      );
      assert.equal(new Set(people).size, people.length, 'nobody twice');
      return people;
    };
    assert.ok((await run(at)).includes(`policy-to-acknowledge ${worker.id}`));
    assert.deepEqual(await run(at + day_ms), []);
    assert.ok((await run(at + 24 * day_ms)).includes(`policy-to-acknowledge ${worker.id}`));
    await policies.acknowledge(worker, 'access', published?.number ?? 0, published?.digest ?? '');
    const overdue = await run(at + 31 * day_ms);
    assert.ok(!overdue.includes(`policy-to-acknowledge ${worker.id}`));
    assert.ok(overdue.includes(`policy-to-acknowledge ${sec.id}`));
    const due = published?.review_due_at ?? 0;
    assert.deepEqual(await run(due - 30 * day_ms), [`policy-review-due ${sec.id}`]);
    assert.deepEqual(await run(due), [`policy-review-due ${sec.id}`]);
    assert.deepEqual(await run(due + day_ms), []);
    world.time.now = start;
  });

  test('whoever began later has as long, from then on', async () => {
    const { policies, people, worker } = world;
    const by = (await policies.owed(1, worker.id))[0];
    assert.equal(by, undefined);
    const late = people.add([]);
    const since = start + 400 * day_ms;
    const workforce = async () => [{ account: late.id, since }];
    const { owed } = world.make(world.engine(), { workforce });
    assert.equal((await owed(1, late.id))[0]?.by, since + 30 * day_ms);
  });
});

test('a newer text of the repository becomes a draft; what was drafted here does not hide it', async () => {
  const { policies, at } = world;
  at.content = contentOf({ access: access(' From the repository.'), more: access().replaceAll('Access', 'More') });
  assert.equal(await policies.adopt(), 2);
  assert.equal(await policies.adopt(), 0);
  const newest = (await policies.versions(1, 'access')).at(-1);
  assert.deepEqual([newest?.state, newest?.source.kind], ['draft', 'repository']);
  assert.deepEqual(
    (await policies.list(1)).map(({ policy, state }) => [policy, state]),
    [
      ['access', 'published'],
      ['more', 'draft'],
    ],
  );
});

test('a year is to the day, and February has a last one', () => {
  const at = (text: string): number => Date.parse(`${text}T12:00:00Z`);
  assert.equal(monthsLater(at('2028-02-29'), 12), at('2029-02-28'));
  assert.equal(monthsLater(at('2026-10-31'), 1), at('2026-11-30'));
  assert.equal(monthsLater(at('2026-12-15'), 12), at('2027-12-15'));
});

test('a redline holds every line of both texts, in order', () => {
  const line = fc.constantFrom('', 'a', 'b', '## c', 'd d');
  const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
  // The last line may or may not have an end: that is no difference.
  const end = (lines: readonly string[]) => lines.join('\n').replace(/\n+$/, '');
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = redlineOf(before, after);
      const of = (kinds: readonly string[]) => changes.filter((one) => kinds.includes(one.kind)).map((one) => one.text);
      assert.equal(end(of(['same', 'removed'])), end([before]));
      assert.equal(end(of(['same', 'added'])), end([after]));
    }),
    { numRuns: 300 },
  );
});
