import { naming, type RequestEvent } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Call, Shelf } from '../call.ts';
import { isConflict } from '../storage/put.ts';
import { putLocked } from '../verbs/put-locked.ts';
import type { Entry } from './plan.ts';
import type { Slot } from './references.ts';
import { type Plan, resolve } from './resolve.ts';

const attempts = 10;

/** A plan that was carried out; without an event where it had nothing to write. */
export type Committed = Plan & { readonly event?: RequestEvent };

/**
 * Looks up, seals, and commits; again when what was looked up changed meanwhile. Everything is looked up and sealed
 * first; then, under the conditions' locks, only that the look-up still stands: so a write never waits for a second
 * connection, and two callers with one condition make one resource. `status`: what the event says came of it.
 */
export async function commit(
  shelf: Shelf,
  call: Call,
  writes: readonly Entry[],
  slots: readonly Slot[],
  status: (plan: Plan) => number,
): Promise<Committed> {
  const { tenant } = call.principal;
  for (let attempt = 1; ; attempt += 1) {
    const plan = await resolve(shelf, call, writes, slots);
    if (plan.writes.length === 0) return plan;
    const event = naming(call.event(status(plan), plan.targets), plan.patients);
    const sealed = await shelf.writer.seal(tenant, plan.writes, event);
    try {
      if (await putLocked(shelf, tenant, plan.locks, sealed)) {
        for (const type of new Set(plan.writes.map((write) => write.type))) shelf.conformance.written(tenant, type);
        return { ...plan, event };
      }
      throw fault('conflict', 'Others kept writing what this needs; try again');
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
      plan.undo();
    }
  }
}
