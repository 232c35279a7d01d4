import { fault } from '@safeguard/kernel';
import type { Following } from './follow.ts';

/** How many entries are left is not said: to a patient it would tell what others do. */
const behind = (): Error =>
  fault('unavailable', 'The audit log is still being indexed. Ask again', { retry_after_s: 2 });

/**
 * Brings a tenant's index up to the moment of the question, so that an answer is complete as of its start. Questions
 * that come together wait for one run: one that began before a question does not count for it. What a run has done
 * stays done: a question that was told to come again finds less to do.
 */
export function createFresh(following: Following, wait_ms: number): (tenant: number) => Promise<void> {
  const running = new Map<number, Promise<number>>();
  const next = new Map<number, Promise<number>>();

  const begin = (tenant: number): Promise<number> => {
    const until_ms = performance.now() + wait_ms;
    const run = following
      .run(tenant, { goOn: () => performance.now() < until_ms })
      .finally(() => running.delete(tenant));
    running.set(tenant, run);
    return run;
  };

  const queued = async (tenant: number, before: Promise<number>): Promise<number> => {
    await Promise.allSettled([before]);
    next.delete(tenant);
    return begin(tenant);
  };

  return async (tenant) => {
    const [before, waiting] = [running.get(tenant), next.get(tenant)];
    // What waits has not begun, so it counts for this question too, also in the moment between two runs.
    const mine = waiting ?? (before === undefined ? begin(tenant) : queued(tenant, before));
    if (waiting === undefined && before !== undefined) next.set(tenant, mine);
    if ((await mine) > 0) throw behind();
  };
}
