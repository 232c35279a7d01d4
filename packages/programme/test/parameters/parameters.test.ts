import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@safeguard/kernel';
import { createParameters, type Parameters, settingsOf } from '../../index.ts';
import type { Definition, Effect, Task, Workflow } from '../../workflow/types.ts';
import { createWorkflow } from '../../workflow/workflow.ts';
import { changed, read, small } from '../content/small.ts';
import { openHouse } from '../postgres.ts';
import { createPeople } from '../workflow/world.ts';

const house = await openHouse();
const segment = house.segments.identity;
const clock = { now: Date.now };
const file = `sessions:
  idle_minutes:
    {title: Idle, value: 15, unit: minutes, least: 1, most: 15, setting: {name: sessions.idle_s, times: 60}, why: W.}
  idle_twice: {title: Twice, value: = sessions.idle_minutes * 2, unit: minutes, least: 4, most: 30, why: W.}
`;
const parametersYaml = `${small['parameters.yaml']}${file}`;
const content = await read({ ...small, 'parameters.yaml': parametersYaml });

/** The real engine, and an approval of what was opened last. */
function engine() {
  const people = createPeople();
  const kinds = new Map<string, { definition: Definition; effect: Effect }>();
  const workflow = createWorkflow({
    ...{ segment, vault: house.vault, clock, people: people.port, holders: people.holders, base: 'https://x.example' },
    tell: { tell: async () => undefined },
  });
  const define: Workflow['define'] = (given, effect) => {
    const definition = typeof given === 'function' ? given() : given;
    kinds.set(definition.kind, { definition, effect });
    workflow.define(given, effect);
  };
  const [opener, approver] = [people.add(['security-officer']), people.add(['privacy-officer'])];
  return {
    workflow: { ...workflow, define },
    ...{ opener, approver, customer: people.add(['security-officer'], 2) },
    approve: (task: Task, by = approver) => workflow.approve(by, task.id),
    /** Its effect alone, as if the engine had let it through. */
    effect: (task: Task) =>
      segment.transaction(1, async (connection) => kinds.get(task.kind)?.effect(connection, task, Date.now())),
  };
}

const why = 'The wards asked for a shorter time.';
const valueIn = async (parameters: Parameters, name = 'sessions.idle_minutes') =>
  (await parameters.current()).get(name)?.value;

test('an approved change is in force in every process within a second, and its history stays', async () => {
  const { workflow, approve, opener, approver } = engine();
  const [one, two] = [
    createParameters({ content, segment, clock, workflow }),
    createParameters({ content, segment, clock }),
  ];
  assert.deepEqual([await valueIn(one), await valueIn(two)], [15, 15]);
  const watching = createParameters({ content, segment, clock });
  const stop = await watching.watch((error) => assert.fail(String(error)));
  const proposed = await one.propose(opener, 'sessions.idle_minutes', 10, why);
  assert.deepEqual(proposed.subject, { name: 'sessions.idle_minutes', value: 10, why });
  await assert.rejects(approve(proposed, opener), { kind: 'forbidden' });
  assert.equal(await valueIn(one), 15);
  await approve(proposed);
  await sleep(1050);
  assert.deepEqual([await valueIn(one), await valueIn(two)], [10, 10]);
  assert.equal(watching.known().get('sessions.idle_minutes')?.value, 10);
  stop();
  assert.equal(await valueIn(two, 'sessions.idle_twice'), 20);
  assert.equal((await two.numbers())('sessions.idle_minutes'), 10);
  assert.equal(two.known().get('sessions.idle_minutes')?.source, 'approved');
  assert.equal(settingsOf(await two.current()).get('sessions.idle_s'), 600);
  const before = Date.now();
  await sleep(2);
  await approve(await one.propose(opener, 'sessions.idle_minutes', null, why));
  await sleep(1050);
  assert.equal(await valueIn(two), 15);
  assert.equal((await two.at(before)).get('sessions.idle_minutes')?.value, 10);
  assert.deepEqual(
    (await one.history('sessions.idle_minutes')).map(({ number, value, opened_by, approved_by }) => [
      number,
      value,
      opened_by,
      approved_by,
    ]),
    [
      [2, null, opener.id, [approver.id]],
      [1, 10, opener.id, [approver.id]],
    ],
  );
});

test('what is out of bounds, computed, unknown, of another kind, or unexplained is not proposed', async () => {
  const { workflow, opener, customer } = engine();
  const parameters = createParameters({ content, segment, clock, workflow });
  for (const [name, value, because] of [
    ['sessions.idle_minutes', 16, why],
    ['sessions.idle_minutes', 0, why],
    // Twice of it would be below what is allowed.
    ['sessions.idle_minutes', 1, why],
    ['sessions.idle_minutes', Number.NaN, why],
    ['sessions.idle_minutes', '10', why],
    ['sessions.idle_minutes', '= audit.verify_hours', why],
    ['sessions.idle_twice', 20, why],
    ['tls.least', '1.1', why],
    ['tls.least', 1.2, why],
    ['no.such', 1, why],
    ['__proto__', 1, why],
    ['sessions.idle_minutes', 10, 'because'],
  ] as const) {
    await assert.rejects(parameters.propose(opener, name, value, because), { kind: 'invalid' }, `${name} ${value}`);
  }
  await assert.rejects(parameters.propose(customer, 'tls.least', '1.3', why), { kind: 'forbidden' });
  await parameters.propose(opener, 'tls.least', '1.3', why);
});

test('approved once, and no longer allowed by the file: not used, and not approved again', async () => {
  const { workflow, approve, opener } = engine();
  const parameters = createParameters({ content, segment, clock, workflow });
  await approve(await parameters.propose(opener, 'audit.verify_hours', 20, why));
  const late = await parameters.propose(opener, 'audit.verify_hours', 18, why);
  assert.equal(await valueIn(parameters, 'audit.verify_hours'), 20);
  const stricter = await read(
    changed(
      'parameters.yaml',
      'value: 24, unit: hours, least: 1, most: 24',
      'value: 12, unit: hours, least: 1, most: 12',
    ),
  );
  const now = engine();
  const next = createParameters({ content: stricter, segment, clock, workflow: now.workflow });
  assert.equal(await valueIn(next, 'audit.verify_hours'), 12);
  // Opened before the file was stricter: neither the engine nor the effect lets it through.
  await assert.rejects(now.approve(late), { kind: 'invalid' });
  await assert.rejects(now.effect(late), { kind: 'invalid' });
  await assert.rejects(now.effect({ ...late, tenant: 2 }), { kind: 'forbidden' });
});

test('attack: the service’s role rewrites no history, skips no number, approves nobody by themselves', async () => {
  for (const text of [
    "update programme.parameter set value = '1'",
    'delete from programme.parameter',
    'truncate programme.parameter',
  ]) {
    await assert.rejects(house.asRuntime(1, text), { code: '42501' });
  }
  const insert = (number: number, by: string, of: string, at: number) =>
    house.asRuntime(
      1,
      `insert into programme.parameter (tenant, name, number, value, task, opened_by, approved_by, at)
      values (1, 'sessions.idle_minutes', ${number}, '14', '${newId()}', '${by}', array['${of}'], ${at})`,
    );
  await assert.rejects(insert(7, 'a', 'b', Date.now()), { code: '23514' });
  await assert.rejects(insert(3, 'a', 'a', Date.now()), { code: '23514' });
  await assert.rejects(insert(3, 'a', 'b', 5), { code: '23514' });
  assert.deepEqual(await house.asRuntime(2, 'select * from programme.parameter'), []);
  // Control: what the code writes is taken.
  await insert(3, 'a', 'b', Date.now() + 1);
});
