import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import type { Actor, Task, Workflow } from '../../workflow/types.ts';
import { startWorld, type World } from './world.ts';

/** What somebody can do who took over the login of the service: the database holds the engine a second time. */
let world: World;
let flow: Workflow;
let [ann, ben, cat]: Actor[] = [];
before(async () => {
  world = await startWorld();
  flow = world.engine();
  [ann, ben, cat] = ['administrator', 'administrator', 'administrator'].map((role) => world.people.add([role]));
});
after(() => world.close());
const id = (actor: Actor | undefined): string => actor?.id ?? '';

async function task(more: { kind?: string } = {}): Promise<Task> {
  const wanted = { kind: 'two', title: 'Logs of November', subject: {}, ...more };
  return flow.submit(ann as Actor, (await flow.open(ann as Actor, wanted)).id);
}
const step = (of: string, n: number, actor: string, act: string, more: { needed?: number; tenant?: number } = {}) =>
  world.runtime(
    1,
    `insert into programme.step (tenant, task, n, at, actor, act, needed)
      values ($1, $2, $3, now(), $4, $5, $6)`,
    [more.tenant ?? 1, of, n, actor, act, more.needed ?? null],
  );
const refused = /refused|Another write/;

describe('the runtime role', () => {
  test('rewrites and deletes nothing, and sets no state', async () => {
    const { id: of } = await task();
    const attacks = [
      `update programme.step set actor = '${id(ben)}' where task = '${of}'`,
      `delete from programme.step where task = '${of}'`,
      `delete from programme.task where id = '${of}'`,
      `update programme.task set state = 'done' where id = '${of}'`,
      `update programme.task set barred = '{}' where id = '${of}'`,
      `update programme.task set quorum = 1 where id = '${of}'`,
      'truncate programme.step',
      'alter table programme.step disable trigger step_taken',
      `insert into programme.task (id, tenant, kind, key_id, sealed, opened_by, opened_at, due_at, apart, state)
        values ('${newId()}', 1, 'two', 1, '', 'operator', now(), now() + interval '1 day', '{}', 'done')`,
    ];
    for (const text of attacks) await assert.rejects(world.runtime(1, text), refused, text);
    // Negative control: what it may do.
    assert.equal((await world.runtime(1, 'select 1 as one from programme.step where task = $1', [of])).length, 2);
  });

  test('counts no approval of who opened or submitted, none twice, none before its time', async () => {
    const { id: of, version } = await task();
    const next = version + 1;
    await assert.rejects(step(of, next, id(ann), 'approved'), refused);
    await assert.rejects(step(of, next, 'service', 'approved'), refused);
    await assert.rejects(step(of, next, id(ben), 'done'), refused);
    await assert.rejects(step(of, next + 1, id(ben), 'approved'), refused);
    await step(of, next, id(ben), 'approved');
    await assert.rejects(step(of, next + 1, id(ben), 'approved'), refused);
    await assert.rejects(step(of, next + 1, id(ben), 'done'), refused);
    await assert.rejects(step(of, next + 1, id(cat), 'done'), refused);
    // Negative control: another person's approval, and then it is done.
    await step(of, next + 1, id(cat), 'approved');
    await step(of, next + 2, id(cat), 'done');
    assert.equal((await flow.byId(1, of))?.state, 'done');
  });

  test('opens nothing that is decided again, and inserts no second beginning', async () => {
    const { id: of, version } = await task({ kind: 'log-review' });
    await flow.approve(ben as Actor, of);
    for (const act of ['noted', 'submitted', 'approved', 'returned', 'withdrawn', 'opened']) {
      await assert.rejects(step(of, version + 3, id(ben), act, { needed: 1 }), refused, act);
      await assert.rejects(step(of, 1, id(ben), act, { needed: 1 }), refused, act);
    }
    assert.equal((await flow.byId(1, of))?.state, 'done');
  });

  test('reaches no other tenant', async () => {
    const { id: of, version } = await task();
    await assert.rejects(
      world.runtime(
        2,
        'insert into programme.step (tenant, task, n, at, actor, act) values (1, $1, $2, now(), $3, $4)',
        [...[of, version + 1, id(ben), 'approved']],
      ),
      refused,
    );
    await assert.rejects(step(of, version + 1, id(ben), 'noted', { tenant: 2 }), refused);
    assert.deepEqual(await world.runtime(2, 'select id from programme.task'), []);
  });

  test('a reminder is the service’s and once', async () => {
    const { id: of, version } = await task();
    const remind = (n: number, actor: string) =>
      world.runtime(
        1,
        `insert into programme.step (tenant, task, n, at, actor, act, mark)
          values (1, $1, $2, now(), $3, 'reminded', 'due-in-7')`,
        [of, n, actor],
      );
    await assert.rejects(remind(version + 1, id(ben)), refused);
    await remind(version + 1, 'service');
    await assert.rejects(remind(version + 2, 'service'), refused);
  });
});

test('negative control: without the trigger the same forged steps are taken', async () => {
  const { id: of, version } = await task();
  await world.sql('alter table programme.step disable trigger step_taken');
  try {
    await step(of, version + 1, id(ann), 'approved');
    await step(of, version + 2, id(ann), 'done');
  } finally {
    await world.sql('alter table programme.step enable trigger step_taken');
  }
});

test('the owner’s own hand does not rewrite a step either', async () => {
  const { id: of } = await task();
  await assert.rejects(world.sql('update programme.step set act = $2 where task = $1', [of, 'noted']), /rewritten/);
  await assert.rejects(world.sql('delete from programme.step where task = $1', [of]), /rewritten/);
});

test('two tasks that are open for one thing: the database refuses the second', async () => {
  const wanted = { kind: 'at-once', title: 'One', subject: { of: 'here' } };
  await flow.open(ann as Actor, wanted);
  await assert.rejects(
    world.runtime(
      1,
      `insert into programme.task (id, tenant, kind, about, key_id, sealed, opened_by, opened_at, due_at, apart)
        values ($1, 1, 'at-once', 'here', 1, '', 'operator', now(), now() + interval '1 day', '{}')`,
      [newId()],
    ),
    refused,
  );
});
