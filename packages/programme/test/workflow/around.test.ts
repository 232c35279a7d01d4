import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Actor, Task, Workflow } from '../../workflow/types.ts';
import { asRecord, base, day_ms, definition, kind, start, startWorld, type World } from './world.ts';

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

describe('reminders', () => {
  test('each once, whatever the number of processes; escalated to those above', async () => {
    const officer = world.people.add(['privacy-officer'], tenant);
    const { id } = await opened({ assignee: j().id });
    const engines = [flow, world.engine(), world.engine()];
    const run = async () => (await Promise.all(engines.map((one) => one.remind()))).reduce((sum, n) => sum + n);
    assert.equal(await run(), 0);
    world.time.now = start + 7 * day_ms;
    assert.deepEqual([await run(), await run()], [1, 0]);
    world.time.now = start + 13 * day_ms;
    assert.deepEqual([await run(), await run()], [1, 0]);
    world.time.now = start + 21 * day_ms;
    assert.deepEqual([await run(), await run()], [1, 0]);
    const told = world.told.filter(({ kind: what }) => what === 'task-due' || what === 'task-escalated');
    assert.deepEqual(
      told.map(({ kind: what, to }) => [what, new Set(to)]),
      [
        ['task-due', new Set([j().id])],
        ['task-due', new Set([j().id])],
        ['task-escalated', new Set([j().id, a().id, officer.id])],
      ],
    );
    assert.deepEqual(
      world.recorded.map(({ act, mark }) => [act, mark]),
      [
        ['reminded', 'due-in-7'],
        ['reminded', 'due-in-1'],
        ['escalated', 'escalated'],
      ],
    );
    const task = await flow.byId(tenant, id);
    assert.deepEqual(
      task?.steps.slice(2).map(({ act, by }) => [act, by]),
      [
        ['reminded', 'service'],
        ['reminded', 'service'],
        ['escalated', 'service'],
      ],
    );
  });

  test('a log that takes nothing: no reminder, and the next time it is', async () => {
    await opened({ assignee: j().id });
    world.time.now = start + 7 * day_ms;
    world.breaks.record = true;
    await assert.rejects(flow.remind());
    world.breaks.record = false;
    assert.equal(await flow.remind(), 1);
  });

  test('who may approve is reminded of what is submitted; what is closed reminds nobody', async () => {
    const { id } = await submitted({ kind: 'two' });
    await flow.approve(b(), id);
    world.time.now = start + 13.5 * day_ms;
    assert.equal(await flow.remind(), 1);
    assert.deepEqual(world.told.at(-1)?.to, [c().id]);
    await flow.approve(c(), id);
    world.time.now = start + 30 * day_ms;
    assert.equal(await flow.remind(), 0);
  });
});

describe('lists', () => {
  test('by kind, state, person, what is overdue; in pages, newest first', async () => {
    const one = await opened();
    const two = await submitted();
    const three = await submitted({ kind: 'two' });
    await flow.approve(b(), two.id);
    const ids = async (wanted: object) => (await flow.list(tenant, { count: 10, ...wanted })).map(({ id }) => id);
    assert.deepEqual(await ids({}), [three.id, two.id, one.id]);
    assert.deepEqual(await ids({ kind: 'two' }), [three.id]);
    assert.deepEqual(await ids({ state: 'done' }), [two.id]);
    assert.deepEqual(await ids({ open: true }), [three.id, one.id]);
    assert.deepEqual(await ids({ concerning: b().id }), [three.id, two.id, one.id]);
    assert.deepEqual(await ids({ concerning: c().id, state: 'done' }), []);
    assert.deepEqual(await ids({ concerning: j().id }), [three.id, two.id, one.id]);
    assert.deepEqual(await ids({ overdue: true }), []);
    assert.deepEqual(await ids({ after: three.id, count: 1 }), [two.id]);
    world.time.now = start + 15 * day_ms;
    assert.deepEqual(await ids({ overdue: true }), [three.id, one.id]);
    await assert.rejects(flow.list(tenant, { count: 0 }), kind('invalid'));
    assert.deepEqual(await flow.list(tenant + 1000, { count: 10 }), []);
  });
});

describe('the calendar', () => {
  const unfolded = (text: string) => text.replaceAll('\r\n ', '');
  test('holds titles and due dates, no notes; its UIDs stay', async () => {
    const title = 'Logs; November, "all"';
    const { id } = await opened({ title, assignee: j().id, note: 'ask Mr. Doe' });
    const first = unfolded(await flow.calendar(tenant, j().id));
    assert.match(first, /^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\n/);
    assert.match(first, new RegExp(`UID:${id}@clinic\\.example\r\n`));
    assert.match(first, /SUMMARY:Logs\\; November\\, "all"\r\n/);
    assert.match(first, /DTEND:20261208T100000Z\r\n/);
    assert.ok(first.includes(`${base}/programme/tasks/${id}`));
    assert.doesNotMatch(first, /Doe|2026-11/);
    world.time.now += day_ms;
    assert.equal(unfolded(await flow.calendar(tenant, j().id)), first, 'nothing moved: the same bytes');
    await flow.note(j(), id, 'began to read');
    assert.match(unfolded(await flow.calendar(tenant, j().id)), new RegExp(`UID:${id}@`));
    assert.doesNotMatch(await flow.calendar(tenant, world.people.add([], tenant + 1).id), /UID/);
    await flow.withdraw(a(), id, 'It is not needed.');
    assert.doesNotMatch(await flow.calendar(tenant, j().id), /BEGIN:VEVENT/);
  });
});

test('a kind that nobody approves, or everybody, is no kind; nor is one twice', () => {
  const none = async () => undefined;
  for (const more of [{ approve: [] }, { approve: ['everyone'] }, { approve: ['service'] }, { quorum: 0 }]) {
    assert.throws(() => flow.define(definition({ kind: 'bad', ...more }), none), kind('internal'));
  }
  assert.throws(() => flow.define(definition({ subject: asRecord }), none), kind('internal'));
});
