import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { Actor, Task, Workflow } from '../../workflow/types.ts';
import { day_ms, kind, operator, start, startWorld, type World } from './world.ts';

let world: World;
let flow: Workflow;
let tenant = 0;
let [ann, ben, cat, joe]: Actor[] = [];

before(async () => {
  world = await startWorld();
  flow = world.engine();
});
after(() => world.close());
beforeEach(() => {
  tenant += 1;
  world.time.now = start;
  world.told.length = 0;
  world.effects.length = 0;
  world.recorded.length = 0;
  world.people.all.clear();
  ann = world.people.add(['administrator'], tenant);
  ben = world.people.add(['administrator'], tenant);
  cat = world.people.add(['security-officer'], tenant);
  joe = world.people.add([], tenant);
});
const a = () => ann as Actor;
const b = () => ben as Actor;
const c = () => cat as Actor;
const j = () => joe as Actor;

const opened = (more: object = {}, by = a()): Promise<Task> =>
  flow.open(by, { kind: 'log-review', title: 'Logs of November', subject: { month: '2026-11' }, ...more });
async function submitted(more: object = {}): Promise<Task> {
  const { id } = await opened({ assignee: j().id, ...more });
  return flow.submit(j(), id, 'Nothing was found.');
}

describe('five steps', () => {
  test('open, assign, do, approve: done, with the effect, and everybody told', async () => {
    const task = await opened({ note: 'As every month.' });
    assert.deepEqual([task.state, task.quorum, task.version, task.due_at], ['open', 1, 1, start + 14 * day_ms]);
    const given = await flow.assign(a(), task.id, j().id);
    assert.deepEqual([given.state, given.assignee, given.steps[1]?.to], ['assigned', j().id, j().id]);
    await flow.note(j(), task.id, 'Half of it is read.');
    const done = await flow.submit(j(), task.id, 'Nothing was found.');
    assert.equal(done.state, 'submitted');
    const approved = await flow.approve(b(), task.id, 'Seen.');
    assert.deepEqual([approved.state, approved.closed_at, approved.approvals], ['done', start, [b().id]]);
    assert.deepEqual(
      approved.steps.map(({ act, by, note }) => [act, by, note]),
      [
        ['opened', a().id, 'As every month.'],
        ['assigned', a().id, undefined],
        ['noted', j().id, 'Half of it is read.'],
        ['submitted', j().id, 'Nothing was found.'],
        ['approved', b().id, 'Seen.'],
        ['done', b().id, undefined],
      ],
    );
    assert.deepEqual(
      world.effects.map(({ id, state, subject }) => [id, state, subject]),
      [[task.id, 'done', { month: '2026-11' }]],
    );
    assert.deepEqual(
      world.told.map(({ kind: what, to }) => [what, [...to].sort()]),
      [
        ['task-assigned', []],
        ['task-assigned', [j().id]],
        ['task-to-approve', [b().id, c().id].sort()],
        ['task-decided', [a().id, a().id, j().id].sort()],
      ].map(([what, to]) => [what, to]),
    );
  });

  test('returned: approvals are void, and it is done again', async () => {
    const { id } = await submitted({ kind: 'two' });
    assert.equal((await flow.approve(b(), id)).state, 'submitted');
    const back = await flow.return(c(), id, 'The third is missing.');
    assert.deepEqual([back.state, back.approvals], ['assigned', []]);
    await assert.rejects(flow.approve(b(), id), kind('conflict'));
    await flow.submit(j(), id, 'Now with the third.');
    assert.equal((await flow.approve(b(), id)).state, 'submitted');
    assert.equal((await flow.approve(c(), id)).state, 'done');
    assert.equal(world.effects.length, 1);
  });

  test('rejected and withdrawn are the end, with a reason', async () => {
    const one = await submitted();
    await assert.rejects(flow.reject(b(), one.id, ''), kind('invalid'));
    assert.equal((await flow.reject(b(), one.id, 'Not this year.')).state, 'rejected');
    await assert.rejects(flow.approve(c(), one.id), kind('conflict'));
    const other = await opened();
    await assert.rejects(flow.withdraw(j(), other.id, 'I would not.'), kind('forbidden'));
    assert.equal((await flow.withdraw(a(), other.id, 'Opened by mistake.')).state, 'withdrawn');
    await assert.rejects(flow.note(a(), other.id, 'And still.'), kind('conflict'));
    assert.equal(world.effects.length, 0);
  });

  test('at once: it waits for approval from the start, one open at a time for one thing', async () => {
    const wanted = { kind: 'at-once', subject: { of: '164.310-b' } };
    const task = await opened(wanted);
    assert.deepEqual([task.state, task.about, task.version], ['submitted', '164.310-b', 2]);
    await assert.rejects(opened(wanted, b()), kind('conflict'));
    const racing = await Promise.allSettled([0, 1, 2].map(() => opened({ ...wanted, subject: { of: 'x' } })));
    assert.deepEqual(racing.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
    await flow.approve(b(), task.id);
    assert.equal((await opened(wanted, b())).state, 'submitted');
  });

  test('a plain worker neither opens nor approves; a suspended one is given nothing', async () => {
    await assert.rejects(opened({}, j()), kind('forbidden'));
    const { id } = await submitted();
    await assert.rejects(flow.approve(j(), id), kind('forbidden'));
    const claims = { ...world.people.add([], tenant), roles: ['administrator'] };
    await assert.rejects(flow.approve(claims, id), kind('forbidden'));
    await assert.rejects(flow.approve({ ...b(), roles: [] }, id), kind('forbidden'));
    const gone = world.people.add([], tenant, { state: 'suspended' });
    const patient = world.people.add([], tenant, { kind: 'patient' });
    for (const to of [gone.id, patient.id, newId(), 'operator']) {
      await assert.rejects(opened({ assignee: to }), kind('invalid'));
    }
    // Negative control: the same approval by somebody who holds the role.
    assert.equal((await flow.approve(b(), id)).state, 'done');
  });

  test('words that are none are refused before anything is written', async () => {
    for (const title of ['', 'two\nlines', 'x'.repeat(201), 'a\u0000b']) {
      await assert.rejects(opened({ title }), kind('invalid'));
    }
    await assert.rejects(opened({ note: 'a\u0007bc' }), kind('invalid'));
    await assert.rejects(opened({ subject: { text: 'x'.repeat(70_000) } }), kind('invalid'));
    await assert.rejects(opened({ kind: 'nothing' }), kind('invalid'));
    assert.equal((await flow.list(tenant, { count: 10 })).length, 0);
  });
});

describe('duties apart', () => {
  test('who opened, worked on, noted findings or submitted never approves', async () => {
    const { id } = await opened({ kind: 'two' });
    await flow.assign(a(), id, c().id);
    await flow.note(b(), id, 'I looked at the half of it.');
    const dan = world.people.add(['administrator'], tenant);
    await flow.submit(c(), id);
    for (const who of [a(), b(), c()]) await assert.rejects(flow.approve(who, id), kind('forbidden'));
    for (const who of [a(), b(), c()]) await assert.rejects(flow.return(who, id, 'It is mine.'), kind('forbidden'));
    // One other is left: then one is enough, and never none.
    assert.equal((await flow.approve(dan, id)).state, 'done');
  });

  test('a person approves once; two sessions of one person at the same moment are one approval', async () => {
    const { id } = await submitted({ kind: 'two' });
    const done = await Promise.allSettled([flow.approve(b(), id), world.engine().approve(b(), id)]);
    assert.deepEqual(done.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const task = await flow.byId(tenant, id);
    assert.deepEqual([task?.state, task?.approvals], ['submitted', [b().id]]);
    await assert.rejects(flow.approve(b(), id), kind('conflict'));
    assert.equal((await flow.approve(c(), id)).state, 'done');
  });

  test('racing approvals of two are both counted, the effect happens once', async () => {
    const { id } = await submitted({ kind: 'two' });
    await Promise.all([flow.approve(b(), id), world.engine().approve(c(), id)]);
    const task = await flow.byId(tenant, id);
    assert.deepEqual([task?.state, task?.approvals.length, world.effects.length], ['done', 2, 1]);
  });

  test('racing against a return: one of them holds', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { id } = await submitted();
      const before = world.effects.length;
      await Promise.allSettled([flow.approve(b(), id), flow.return(c(), id, 'Once more, please.')]);
      const task = await flow.byId(tenant, id);
      assert.equal(world.effects.length - before, task?.state === 'done' ? 1 : 0);
      assert.ok(task?.state === 'done' || task?.state === 'assigned');
    }
  });

  test('self approval through two sessions: while one submits the other approves', async () => {
    const { id } = await opened();
    const done = await Promise.allSettled([
      flow.submit(a(), id),
      world.engine().approve(a(), id),
      flow.approve(a(), id),
    ]);
    assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await flow.byId(tenant, id))?.state, 'submitted');
  });

  test('who the subject sets apart does not approve, and only the roles that it names do', async () => {
    const wanted = { kind: 'apart', subject: { author: b().id, roles: ['administrator'] } };
    const dan = world.people.add(['administrator'], tenant);
    const { id, quorum } = await opened(wanted);
    assert.equal(quorum, 1);
    await assert.rejects(flow.approve(b(), id), kind('forbidden'));
    await assert.rejects(flow.approve(c(), id), kind('forbidden'));
    assert.equal((await flow.approve(dan, id)).state, 'done');
  });

  test('a small house: one other is enough, the operator where there is none, nobody approves their own', async () => {
    for (const one of [b(), c()]) world.people.leave(one.id);
    const first = await opened({ kind: 'two' });
    await flow.submit(a(), first.id);
    await assert.rejects(flow.approve(a(), first.id), kind('forbidden'));
    assert.equal((await flow.approve(operator(tenant), first.id)).state, 'done');
    const second = await opened({ kind: 'two' }, operator(tenant));
    await flow.submit(operator(tenant), second.id);
    await assert.rejects(flow.approve(operator(tenant), second.id), kind('forbidden'));
    assert.equal((await flow.approve(a(), second.id)).state, 'done');
    // Negative control: with somebody else there the operator does not decide.
    world.people.add(['administrator'], tenant);
    const third = await opened({ kind: 'two' });
    await flow.submit(a(), third.id);
    await assert.rejects(flow.approve(operator(tenant), third.id), kind('forbidden'));
  });

  test('a stale version is a conflict, and a wrong tenant finds nothing', async () => {
    const { id, version } = await submitted();
    await flow.note(c(), id, 'A question to the second line.');
    await assert.rejects(flow.approve(b(), id, undefined, version), kind('stale'));
    const other = { ...b(), tenant: tenant + 1000 };
    await assert.rejects(flow.approve(other, id), kind('missing'));
    assert.equal(await flow.byId(tenant + 1000, id), undefined);
    assert.equal((await flow.approve(b(), id, undefined, version + 1)).state, 'done');
  });
});

describe('one transaction', () => {
  test('where the effect fails nothing is approved', async () => {
    const { id, version } = await submitted();
    world.breaks.effect = true;
    await assert.rejects(flow.approve(b(), id), /the effect fails/);
    world.breaks.effect = false;
    const task = await flow.byId(tenant, id);
    assert.deepEqual([task?.state, task?.version, task?.approvals], ['submitted', version, []]);
    assert.equal((await flow.approve(b(), id)).state, 'done');
  });

  test('a process that dies before any statement of it leaves nothing half', async () => {
    const { id, version } = await submitted();
    for (let dies = 1; dies <= 5; dies += 1) {
      let count = 0;
      const segment: World['segment'] = {
        ...world.segment,
        transaction: (of, work) =>
          world.segment.transaction(of, (connection) =>
            work({
              query: (statement, values) => {
                count += 1;
                if (count === dies) throw new Error('killed');
                return connection.query(statement, values);
              },
            }),
          ),
      };
      await world
        .engine({ segment })
        .approve(b(), id)
        .then(
          () => undefined,
          () => undefined,
        );
      const task = await flow.byId(tenant, id);
      if (task?.state === 'done') return assert.deepEqual([task.version, dies > 3], [version + 2, true]);
      assert.deepEqual([task?.state, task?.version], ['submitted', version], `statement ${dies}`);
    }
    assert.fail('it was never done');
  });
});

describe('at rest', () => {
  test('notes, titles and subjects are sealed; a destroyed key leaves an empty note', async () => {
    const { id } = await submitted({ title: 'Secret title', subject: { text: 'secret subject' } });
    await flow.note(j(), id, 'secret note');
    const rows = JSON.stringify([
      ...(await world.sql('select t.*, encode(sealed, $1) as s from programme.task t', ['escape'])),
      ...(await world.sql('select s.*, encode(sealed, $1) as t from programme.step s', ['escape'])),
    ]);
    assert.doesNotMatch(rows, /ecret (title|subject|note)/);
    assert.equal((await flow.byId(tenant, id))?.steps.at(-1)?.note, 'secret note');
    await world.seal.destroy(tenant, j().id);
    const task = await flow.byId(tenant, id);
    assert.deepEqual([task?.title, task?.steps.at(-1)?.note], ['Secret title', '']);
  });
});
