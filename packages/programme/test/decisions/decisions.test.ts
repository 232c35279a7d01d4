import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { createDecisions, type Decisions } from '../../decisions/decisions.ts';
import type { DecisionsDeps } from '../../decisions/deps.ts';
import type { StateName } from '../../posture/types.ts';
import type { Actor, Workflow } from '../../workflow/types.ts';
import { contentOf } from '../policies/world.ts';
import { day_ms, kind, operator, start, startWorld, type World } from '../workflow/world.ts';

let world: World;
let workflow: Workflow;
let decisions: Decisions;
let state: StateName = 'unmet';
const at = { content: contentOf({}) };
let [sec, priv, worker]: Actor[] = [];
const s = () => sec as Actor;
const p = () => priv as Actor;

const why = 'Doors are locked and visitors are accompanied.';
const factors = 'A small house with one door; low cost; the risk is moderate.';
const [contingency, encryption] = ['164.310-a-2-i', '164.312-a-2-iv'];
const subject = (more: object = {}) =>
  ({ control: contingency, kind: 'implemented', why, factors, ...more }) as Parameters<Decisions['propose']>[1];

function make(more: Partial<DecisionsDeps> = {}): { engine: Workflow; made: Decisions } {
  const engine = world.engine();
  const { segment, vault, clock } = world.deps;
  const made = createDecisions({
    ...{ segment, vault, clock, people: world.people.port, workflow: engine, content: () => at.content },
    stateOf: async () => state,
    ...more,
  });
  return { engine, made };
}

before(async () => {
  world = await startWorld();
  const { engine, made } = make();
  [workflow, decisions] = [engine, made];
});
after(() => world.close());
beforeEach(() => {
  world.time.now = start;
  state = 'unmet';
  world.people.all.clear();
  sec = world.people.add(['security-officer']);
  priv = world.people.add(['privacy-officer']);
  worker = world.people.add([]);
});

describe('decisions', () => {
  test('at set-up the reasoned default is asked for of each addressable specification, once', async () => {
    const tasks = await decisions.proposeDefaults(operator());
    assert.deepEqual(
      tasks.map(({ about, opened_by, state: is }) => [about, opened_by, is]),
      [contingency, encryption].map((id) => [id, 'operator', 'submitted']),
    );
    assert.deepEqual(await decisions.proposeDefaults(s()), []);
    assert.deepEqual(await decisions.at(1, start), new Map(), 'nothing is decided by asking');
    await assert.rejects(workflow.approve(operator(), tasks[0]?.id ?? ''), kind('forbidden'));
    world.time.now = start + day_ms;
    await workflow.approve(s(), tasks[0]?.id ?? '');
    const found = (await decisions.at(1, world.time.now)).get(contingency);
    assert.deepEqual(
      [found?.kind, found?.by, found?.approved_by, found?.at],
      ['implemented', 'operator', [s().id], start + day_ms],
    );
    await workflow.reject(s(), tasks[1]?.id ?? '', 'We do it otherwise.');
    const again = await decisions.proposeDefaults(operator());
    assert.deepEqual(
      again.map(({ about }) => about),
      [encryption],
    );
    await workflow.withdraw(operator(), again[0]?.id ?? '', 'Not asked for now.');
  });

  test('a newer one supersedes; what was in force at a day is known', async () => {
    world.time.now = start + 10 * day_ms;
    const task = await decisions.propose(s(), subject({ kind: 'not-reasonable' }));
    await assert.rejects(decisions.propose(p(), subject()), kind('conflict'));
    await assert.rejects(workflow.approve(s(), task.id), kind('forbidden'));
    await workflow.approve(p(), task.id);
    const kindAt = async (days: number) => (await decisions.at(1, start + days * day_ms)).get(contingency)?.kind;
    assert.deepEqual(
      [await kindAt(0), await kindAt(1), await kindAt(9), await kindAt(10)],
      [...[undefined, 'implemented', 'implemented', 'not-reasonable']],
    );
    assert.deepEqual(
      (await decisions.history(contingency)).map((one) => one.kind),
      ['not-reasonable', 'implemented'],
    );
    assert.equal((await decisions.list(1)).length, 2);
  });

  test('is of an addressable specification, with reasons, by officers of the house', async () => {
    const bad = [{ control: '164.310-b' }, { control: 'none' }, { kind: 'met' }, { why: 'short' }, { factors: 'x' }];
    for (const more of bad) await assert.rejects(decisions.propose(s(), subject(more)), kind('invalid'));
    await assert.rejects(decisions.propose(worker as Actor, subject()), kind('forbidden'));
    const customer = world.people.add(['administrator'], 2);
    await assert.rejects(decisions.propose(customer, subject()), kind('forbidden'));
    const direct = { kind: 'decision', title: 'Ours', subject: subject() };
    await assert.rejects(workflow.open(customer, direct), kind('forbidden'));
    await assert.rejects(decisions.proposeDefaults(customer), kind('forbidden'));
  });

  test('the runtime role writes none that nobody decided, and of one that was no other', async () => {
    const task = await decisions.propose(s(), subject({ control: encryption, kind: 'alternative' }));
    const forge = (control: string, of: string) =>
      world.runtime(
        1,
        `insert into programme.decision (id, tenant, control, task, at)
          values ($1, 1, $2, $3, coalesce((select closed_at from programme.task where id = $3), now()))`,
        [newId(), control, of],
      );
    await assert.rejects(forge(encryption, task.id), /refused/);
    await workflow.approve(p(), task.id);
    await assert.rejects(forge(contingency, task.id), /refused/);
    await assert.rejects(forge(encryption, task.id), /Another write/, 'a task decides once');
    for (const text of ['update programme.decision set control = control', 'delete from programme.decision']) {
      await assert.rejects(world.runtime(1, text), /refused/);
    }
    assert.equal((await decisions.at(1, world.time.now)).get(encryption)?.kind, 'alternative');
  });

  test('a row whose task says something else counts for nothing', async () => {
    const before = await decisions.list(1);
    await world.sql('alter table programme.decision disable trigger user');
    const [row] = await world.sql(`select task from programme.decision where control = $1`, [encryption]);
    await world.sql('update programme.decision set control = $1 where task = $2', ['164.310-b', row?.['task']]);
    assert.equal((await decisions.list(1)).length, before.length - 1);
    assert.equal((await decisions.at(1, world.time.now)).get('164.310-b'), undefined);
    await world.sql('update programme.decision set control = $1 where task = $2', [encryption, row?.['task']]);
    await world.sql('alter table programme.decision enable trigger user');
    assert.equal((await decisions.list(1)).length, before.length);
  });
});

describe('waivers', () => {
  const wanted = (more: object = {}) => ({
    ...{ control: '164.310-b', owner: worker?.id ?? '', why: 'The lock comes in three weeks.' },
    until: start + 30 * day_ms,
    ...more,
  });

  test('somebody answers for what is unmet, for a while; the control stays as it is', async () => {
    const task = await decisions.waivers.propose(s(), wanted());
    assert.deepEqual(await decisions.waivers.at(1, start), new Map());
    await workflow.approve(p(), task.id);
    const waiver = (await decisions.waivers.at(1, start)).get('164.310-b');
    assert.deepEqual([waiver?.owner, waiver?.from, waiver?.until], [worker?.id, start, start + 30 * day_ms]);
    assert.deepEqual(waiver?.approved_by, [p().id]);
    assert.equal((await decisions.waivers.at(1, start + 30 * day_ms - 1)).size, 1);
    assert.equal((await decisions.waivers.at(1, start + 30 * day_ms)).size, 0, 'it ends by itself');
    assert.equal((await decisions.waivers.list(1)).length, 1, 'and stays to be seen');
  });

  test('not of what is met, nor too long, nor of the past, nor for nobody, nor for a customer', async () => {
    for (const is of ['met', 'documented', 'undocumented', 'not-applicable'] as const) {
      state = is;
      await assert.rejects(decisions.waivers.propose(s(), wanted()), kind('conflict'), is);
    }
    state = 'unknown';
    const gone = world.people.add([], 1, { state: 'suspended' });
    const bad = [
      { until: start + 91 * day_ms },
      { until: start },
      { until: 1.5 },
      { owner: newId() },
      { owner: gone.id },
      { owner: 'operator' },
      { control: 'none' },
      { why: 'later' },
      { more: 1 },
    ];
    for (const more of bad) {
      await assert.rejects(decisions.waivers.propose(s(), wanted(more)), kind('invalid'), JSON.stringify(more));
    }
    const customer = world.people.add(['administrator'], 2);
    await assert.rejects(decisions.waivers.propose(customer, wanted()), kind('forbidden'));
    assert.equal((await decisions.waivers.list(1)).length, 1);
  });

  test('who answers for it does not approve it, and what became met meanwhile is not waived', async () => {
    world.time.now = start + 40 * day_ms;
    const until = world.time.now + day_ms;
    const task = await decisions.waivers.propose(s(), wanted({ owner: p().id, until }));
    await assert.rejects(workflow.approve(p(), task.id), kind('forbidden'));
    const admin = world.people.add(['administrator']);
    state = 'met';
    await assert.rejects(workflow.approve(admin, task.id), kind('conflict'));
    state = 'unmet';
    world.time.now = until;
    await assert.rejects(workflow.approve(admin, task.id), kind('invalid'));
    // Negative control: unmet still, and in time.
    world.time.now = until - 1;
    await workflow.approve(admin, task.id);
    assert.equal((await decisions.waivers.at(1, world.time.now)).size, 1);
  });

  test('is ended by who answers for it or an officer, with a reason, once', async () => {
    world.time.now = start + 50 * day_ms;
    const task = await decisions.waivers.propose(s(), wanted({ until: world.time.now + day_ms }));
    await workflow.approve(p(), task.id);
    const { id } = (await decisions.waivers.at(1, world.time.now)).get('164.310-b') ?? assert.fail();
    const other = world.people.add([]);
    await assert.rejects(decisions.waivers.end(other, id, 'I would like to.'), kind('forbidden'));
    await assert.rejects(decisions.waivers.end(s(), id, ''), kind('invalid'));
    await assert.rejects(decisions.waivers.end(s(), newId(), 'The lock is there.'), kind('missing'));
    world.time.now += 1000;
    const both = await Promise.allSettled([s(), p()].map((by) => decisions.waivers.end(by, id, 'The lock is there.')));
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal((await decisions.waivers.at(1, world.time.now)).size, 0);
    assert.equal((await decisions.waivers.at(1, world.time.now - 1)).size, 1, 'of the time before it is still known');
    assert.equal((await decisions.waivers.list(1))[0]?.ended_at, world.time.now);
  });

  test('the runtime role lengthens none and writes none', async () => {
    const attacks = [
      `update programme.waiver set until_at = until_at + interval '30 days'`,
      'delete from programme.waiver_end',
      `insert into programme.waiver (id, tenant, control, owner, task, from_at, until_at)
        select '${newId()}', 1, control, owner, task, from_at, from_at + interval '300 days'
        from programme.waiver limit 1`,
    ];
    for (const text of attacks) await assert.rejects(world.runtime(1, text), /refused|Another write/, text);
  });
});
