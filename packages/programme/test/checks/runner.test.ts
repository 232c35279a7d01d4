import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, type CheckContext, type CheckResult, fault } from '@safeguard/kernel';
import { createRunner, type Evidence, type PlacedEvidence, type Runner, type RunnerDeps } from '../../index.ts';
import { openHouse } from '../postgres.ts';

const house = await openHouse();
const evidence = house.evidence();
const code = { version: '1.0', digest: 'd'.repeat(64), programme: 'p'.repeat(64) };
const met: CheckResult = { result: 'met', examined: 2, saw: 'Both answered.' };
const runners: Runner[] = [];
after(() => Promise.all(runners.map((one) => one.close())));

let made = 0;
function checkWith(run: Check['run'], change: Partial<Check> = {}): Check {
  made += 1;
  const id = `run.one-${made}`;
  return { id, title: id, query: 'Asks both.', every_s: 60, run, ...change };
}

interface Told {
  readonly text: string;
  readonly error: unknown;
}

function runnerOf(checks: readonly Check[], change: Partial<RunnerDeps> = {}) {
  const errors: Told[] = [];
  const runner = createRunner({
    ...{ checks, evidence, segment: house.segments.identity, clock: { now: Date.now }, code: async () => code },
    parameters: {
      numbers: async () => (name) => {
        if (name !== 'audit.retention_years') throw new Error(name);
        return 6;
      },
    },
    log: { error: (text, { error }) => void errors.push({ text, error }) },
    ...{ delay_ms: 5, look_ms: 20 },
    ...change,
  });
  runners.push(runner);
  return { runner, errors };
}

async function ran(check: Check, change: Partial<RunnerDeps> = {}): Promise<{ evidence: Evidence; errors: Told[] }> {
  const { runner, errors } = runnerOf([check], change);
  const [placed] = await runner.run({ why: 'asked' });
  if (placed === undefined) throw new Error('no evidence');
  assert.deepEqual(await evidence.byId(placed.evidence.id), placed);
  return { evidence: placed.evidence, errors };
}

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await holds()) return;
    await sleep(10);
  }
  assert.fail('it never came');
};

test('a run leaves evidence: what was asked, seen, by which code, over which time', async () => {
  let seen: CheckContext | undefined;
  const check = checkWith(async (context) => {
    seen = context;
    return {
      ...met,
      examined: context.number('audit.retention_years'),
      from: 5,
      until: 10,
      exceptions: ['a'],
      more: 2,
    };
  });
  const { evidence: kept } = await ran(check);
  assert.equal(kept.result, 'met');
  assert.deepEqual(
    [kept.examined, kept.saw, kept.from, kept.until, kept.exceptions, kept.more],
    [6, met.saw, 5, 10, ['a'], 2],
  );
  assert.deepEqual([kept.query, kept.how, kept.why, kept.code], [check.query, 'performed', 'asked', code]);
  assert.equal(seen?.signal.aborted, true);
  const { evidence: reported } = await ran(checkWith(async () => met, { kind: 'reported' }));
  assert.deepEqual([reported.how, reported.from, reported.until], ['reported', reported.at, reported.at]);
});

test('nothing examined is unknown, whoever says met; unmet stays unmet', async () => {
  const { evidence: kept } = await ran(checkWith(async () => ({ ...met, examined: 0 })));
  assert.deepEqual([kept.result, kept.saw], ['unknown', 'Nothing was examined. Both answered.']);
  const { evidence: unmet } = await ran(checkWith(async () => ({ result: 'unmet', examined: 0, saw: 'It is off.' })));
  assert.equal(unmet.result, 'unmet');
});

test('what is thrown is unknown in fixed words; only the log gets the error', async () => {
  const secret = 'patient Paula Archer';
  const broken: Check['run'][] = [
    async () => Promise.reject(new Error(secret)),
    () => {
      throw new Error(secret);
    },
    async ({ number }) => ({ ...met, examined: number('no.such') }),
  ];
  for (const run of broken) {
    const { evidence: kept, errors } = await ran(checkWith(run));
    assert.equal(kept.result, 'unknown');
    assert.ok(!JSON.stringify(kept).includes(secret));
    assert.equal(errors.length, 1);
  }
  const { evidence: kept, errors } = await ran(
    checkWith(async () => met),
    {
      parameters: { numbers: async () => Promise.reject(fault('unavailable', 'down')) },
    },
  );
  assert.deepEqual([kept.result, errors.length], ['unknown', 1]);
});

test('what is no answer is unknown', async () => {
  for (const answer of [
    undefined,
    null,
    'met',
    {},
    { ...met, examined: -1 },
    { ...met, examined: 1.5 },
    { ...met, result: 'ok' },
    { ...met, saw: '' },
  ]) {
    const { evidence: kept } = await ran(checkWith(async () => answer as CheckResult));
    assert.equal(kept.result, 'unknown', JSON.stringify(answer));
  }
});

test('texts and exceptions keep to their bounds; what is left out is counted; no time lies ahead', async () => {
  const exceptions = Array.from({ length: 50 }, () => '\u0001é山'.repeat(200));
  const answer: CheckResult = {
    result: 'unmet',
    examined: 50,
    saw: 'é'.repeat(900),
    todo: 'x'.repeat(900),
    exceptions,
    until: 9e15,
  };
  const { evidence: kept } = await ran(checkWith(async () => answer));
  assert.deepEqual([kept.saw.length, kept.todo?.length], [500, 500]);
  assert.equal((kept.exceptions?.length ?? 0) + (kept.more ?? 0), 50);
  assert.ok((kept.exceptions?.length ?? 0) <= 20 && Buffer.byteLength(JSON.stringify(kept)) <= 16_384);
  assert.ok(kept.until <= kept.at);
});

test('time that is up is unknown, and the check is told to stop; until it has, it is not begun again', async () => {
  const held = Promise.withResolvers<CheckResult>();
  let begun = 0;
  let told = false;
  const check = checkWith(
    ({ signal }) => {
      begun += 1;
      signal.addEventListener('abort', () => {
        told = true;
      });
      return held.promise;
    },
    { limit_ms: 30 },
  );
  const { runner } = runnerOf([check]);
  const [first] = await runner.run({ why: 'asked' });
  assert.deepEqual(
    [first?.evidence.result, first?.evidence.saw],
    ['unknown', 'The check did not end within 0.03 seconds.'],
  );
  assert.ok(told);
  const [second] = await runner.run({ why: 'asked' });
  assert.deepEqual([second?.evidence.saw, begun], ['Its last run has not ended.', 1]);
  held.resolve(met);
  await new Promise((resolve) => setImmediate(resolve));
  const [third] = await runner.run({ why: 'asked' });
  assert.deepEqual([third?.evidence.result, begun], ['met', 2]);
});

test('at most two at a time; who asks for one under way gets its result; each is told', async () => {
  let [now, most, runs] = [0, 0, 0];
  const checks = Array.from({ length: 7 }, () =>
    checkWith(async () => {
      now += 1;
      runs += 1;
      most = Math.max(most, now);
      await sleep(5);
      now -= 1;
      return met;
    }),
  );
  const { runner } = runnerOf(checks);
  const told: number[] = [];
  const [one, other] = await Promise.all([
    runner.run({ why: 'asked', told: (_, { done }) => void told.push(done) }),
    runner.run({ ids: [checks[6]?.id ?? ''], why: 'change' }),
  ]);
  assert.deepEqual([most, runs, told], [2, 7, [1, 2, 3, 4, 5, 6, 7]]);
  assert.deepEqual(other[0], one[6]);
  await assert.rejects(runner.run({ ids: ['no.such'], why: 'asked' }), { kind: 'invalid' });
});

test('where evidence cannot be kept, who asked hears it', async () => {
  const add = async (): Promise<PlacedEvidence> => {
    throw fault('unavailable', 'The log does not answer.');
  };
  const { runner } = runnerOf([checkWith(async () => met)], { evidence: { ...evidence, add } });
  await assert.rejects(runner.run({ why: 'asked' }), { kind: 'unavailable' });
});

test('two processes on one schedule: each check runs once an interval, in one of them', async () => {
  let now = Date.now();
  const clock = { now: () => now };
  const counts = new Map<string, number>();
  const ids = ['run.shared-1', 'run.shared-2', 'run.shared-3', 'run.shared-4'];
  const checks = ids.map((id) =>
    checkWith(
      async () => {
        counts.set(id, (counts.get(id) ?? 0) + 1);
        await sleep(3);
        return met;
      },
      { id, every_s: 60 },
    ),
  );
  const both = [runnerOf(checks, { clock }), runnerOf(checks, { clock }), runnerOf(checks, { clock })];
  for (const { runner } of both) runner.start();
  await until(() => ids.every((id) => (counts.get(id) ?? 0) >= 1));
  await sleep(100);
  assert.deepEqual([...counts.values()], [1, 1, 1, 1]);
  now += 61_000;
  await until(() => ids.every((id) => (counts.get(id) ?? 0) >= 2));
  await sleep(100);
  assert.deepEqual([...counts.values()], [2, 2, 2, 2]);
  assert.deepEqual(
    both.flatMap(({ errors }) => errors),
    [],
  );
  const [last, first] = await evidence.list(ids[0] ?? '', { count: 2 });
  assert.deepEqual([first?.evidence.why, last?.evidence.why], ['start', 'schedule']);
  // After a deploy everything is tried anew, whatever is due; in one process.
  const newer = { ...code, digest: 'e'.repeat(64) };
  const next = [
    runnerOf(checks, { clock, code: async () => newer }),
    runnerOf(checks, { clock, code: async () => newer }),
  ];
  for (const { runner } of next) runner.start();
  await until(() => ids.every((id) => (counts.get(id) ?? 0) >= 3));
  await sleep(100);
  assert.deepEqual([...counts.values()], [3, 3, 3, 3]);
  await Promise.all([...both, ...next].map(({ runner }) => runner.close()));
});

test('control: without the shared schedule every process runs them', async () => {
  let count = 0;
  const check = checkWith(async () => {
    count += 1;
    return met;
  });
  const segment: RunnerDeps['segment'] = {
    ...house.segments.identity,
    // Broken on purpose: each claim is granted, and nothing is ever known to rest.
    query: async (_tenant, { name }) => (name === 'programme.schedule.claim' ? [{ check_id: check.id }] : []) as never,
  };
  for (const { runner } of [runnerOf([check], { segment }), runnerOf([check], { segment })]) runner.start();
  await until(() => count >= 2);
});

/** A process that holds a check for ever, and another that would run it. */
async function heldCheck(id: string) {
  let now = Date.now();
  let count = 0;
  const clock = { now: () => now };
  const hangs = checkWith(() => new Promise<CheckResult>(() => undefined), { id, limit_ms: 20_000 });
  const works = checkWith(
    async () => {
      count += 1;
      return met;
    },
    { id, limit_ms: 20_000 },
  );
  const holder = runnerOf([hangs], { clock });
  holder.runner.start();
  const leased = () => house.sql(`select from programme.schedule where check_id = '${id}' and lease_until > ${now}`);
  await until(async () => (await leased()).length === 1);
  const other = runnerOf([works], { clock });
  other.runner.start();
  await sleep(100);
  assert.equal(count, 0);
  const pass = (ms: number): void => {
    now += ms;
  };
  return { holder, pass, count: () => count };
}

test('a process that dies gives its checks back when its lease has run out', async () => {
  const { holder, pass, count } = await heldCheck('run.leased');
  pass(51_000);
  await until(() => count() === 1);
  const kept = async () => (await evidence.list('run.leased', { count: 9 })).length;
  await until(async () => (await kept()) === 1);
  // Stopping late takes nothing from who has it by now, and keeps nothing.
  await holder.runner.close();
  await sleep(100);
  assert.deepEqual([count(), await kept()], [1, 1]);
});

test('a process that stops gives them back at once, and keeps no evidence of what it did not see', async () => {
  const { holder, count } = await heldCheck('run.released');
  await holder.runner.close();
  await until(() => count() === 1);
  const kept = await evidence.list('run.released', { count: 9 });
  assert.deepEqual(new Set(kept.map(({ evidence: one }) => one.result)), new Set(kept.length === 0 ? [] : ['met']));
  await assert.rejects(holder.runner.run({ why: 'asked' }), { kind: 'unavailable' });
});

test('two checks of one id are refused', () => {
  const check = checkWith(async () => met);
  assert.throws(() => runnerOf([check, { ...check }]), { kind: 'internal' });
});
