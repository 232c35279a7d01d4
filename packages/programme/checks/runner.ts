import { type Check, fault, newId } from '@safeguard/kernel';
import { type Finding, untold } from './finding.ts';
import { limited } from './limited.ts';
import { type Conditions, perform } from './perform.ts';
import { codeText, type RunnerDeps, type Running } from './running.ts';
import { createSchedule } from './schedule.ts';
import { keepTime } from './timer.ts';
import type { Evidence, PlacedEvidence, Runner } from './types.ts';

export function createRunner(deps: RunnerDeps): Runner {
  const checks = new Map(deps.checks.map((check) => [check.id, check]));
  if (checks.size !== deps.checks.length) throw fault('internal', 'two checks have one id');
  const control = new AbortController();
  const underway = new Map<string, Promise<PlacedEvidence>>();
  const slot = limited(deps.at_once ?? 2);
  const stuck = new Set<string>();
  const running: Running = {
    deps,
    checks,
    schedule: createSchedule(deps.segment),
    closing: control.signal,
    once: (check, why) => {
      const already = underway.get(check.id);
      if (already !== undefined) return already;
      const made = slot(() => runOne(running, stuck, check, why)).finally(() => underway.delete(check.id));
      underway.set(check.id, made);
      return made;
    },
  };
  const timer = keepTime(running);
  return {
    checks,
    run: ({ ids, why, told }) => runAll(running, { ids: ids ?? [...checks.keys()], why, told }),
    start: timer.start,
    close: async () => {
      control.abort();
      await timer.close();
      await Promise.allSettled(underway.values());
    },
  };
}

/** All of them, whatever becomes of one. Fault `unavailable` at the end where the evidence of one could not be kept. */
async function runAll(
  { checks, once }: Running,
  { ids, why, told }: { ids: readonly string[]; why: Evidence['why']; told: Parameters<Runner['run']>[0]['told'] },
): Promise<readonly PlacedEvidence[]> {
  const wanted = [...new Set(ids)].map((id) => {
    const check = checks.get(id);
    if (check === undefined) throw fault('invalid', 'There is no check of this id.');
    return check;
  });
  let done = 0;
  const ran = await Promise.allSettled(
    wanted.map(async (check) => {
      const placed = await once(check, why);
      done += 1;
      told?.(placed, { done, all: wanted.length });
      return placed;
    }),
  );
  const lost = ran.find((one) => one.status === 'rejected');
  if (lost !== undefined) throw lost.reason;
  return ran.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

async function runOne(
  { deps, schedule, closing }: Running,
  stuck: Set<string>,
  check: Check,
  why: Evidence['why'],
): Promise<PlacedEvidence> {
  const { evidence, clock, code, parameters, log } = deps;
  if (closing.aborted) throw closed();
  const began = clock.now();
  const conditions = { now: clock.now, numbers: parameters.numbers, closing, log };
  const { at, finding, took_ms } = stuck.has(check.id)
    ? { at: began, finding: untold('Its last run has not ended.', began), took_ms: 0 }
    : await performed(check, conditions, stuck);
  if (closing.aborted) {
    await schedule.release(check.id);
    throw closed();
  }
  const by = await code();
  const placed = await evidence.add(evidenceFrom(check, finding, { at, took_ms, why, code: by }));
  await schedule.done(check.id, began + check.every_s * 1000, codeText(by)).catch((error: unknown) => {
    // It was kept: at worst it runs again soon.
    log.error('when a check is due again was not noted', { check: check.id, error });
  });
  return placed;
}

/** One that does not end when its time is up is not begun again before it has. */
async function performed(check: Check, conditions: Conditions, stuck: Set<string>) {
  stuck.add(check.id);
  const made = await perform(check, conditions);
  void made.ended.finally(() => stuck.delete(check.id));
  // What has ended has said so by the next turn of the loop.
  await new Promise((resolve) => setImmediate(resolve));
  return made;
}

const closed = () => fault('unavailable', 'The service is stopping.');

const evidenceFrom = (
  check: Check,
  finding: Finding,
  rest: Pick<Evidence, 'at' | 'took_ms' | 'why' | 'code'>,
): Evidence => ({
  kind: 'evidence',
  id: newId(),
  check: check.id,
  ...finding,
  query: check.query,
  how: check.kind ?? 'performed',
  ...rest,
});
