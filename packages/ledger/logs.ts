import { isFault } from '@safeguard/kernel';
import { LogDiffers, unavailable, within } from './failure.ts';
import { type LogDeps, type OpenLog, openLog } from './open-log.ts';
import type { State } from './types.ts';

/** Checkpoints that fail for so many intervals stop the log: what nobody signs can be rewritten unseen. */
const missedCheckpoints = 10;

/** The logs that this process writes, one per tenant, opened when first used. */
export interface Logs {
  /** The tenant's log. Throws Fault `unavailable` when it cannot be opened by the deadline, or is refused. */
  get(tenant: number): Promise<OpenLog>;
  /** The same when it is open and fit to be appended to. */
  fit(tenant: number): OpenLog | undefined;
  state(tenant: number): State;
  /** Signs every log that has grown. A failure is logged where it happens, and stops the log when it lasts. */
  sign(): Promise<void>;
  /** Settles what waits, signs what is there, and forgets all logs. */
  leave(): Promise<void>;
}

export function createLogs(deps: LogDeps, shard: number): Logs {
  const opening = new Map<number, Promise<OpenLog>>();
  const open = new Map<number, OpenLog>();
  const refused = new Map<number, LogDiffers>();
  let left = false;

  const begin = async (tenant: number): Promise<OpenLog> => {
    try {
      const opened = await openLog(deps, tenant, shard);
      open.set(tenant, opened);
      return opened;
    } catch (error) {
      if (error instanceof LogDiffers) {
        refused.set(tenant, error);
        deps.log.error({ tenant, shard, err: error }, 'the audit log is refused: it is not what was signed');
      }
      throw error;
    } finally {
      // A failure is not remembered: the next append tries anew. What differs from what was signed stays refused.
      opening.delete(tenant);
    }
  };

  const state = (tenant: number): State => {
    const differs = refused.get(tenant);
    if (left) return { serving: false, reason: 'the audit log is closed' };
    if (differs !== undefined) return { serving: false, reason: differs.message };
    const opened = open.get(tenant);
    if (opened === undefined) return { serving: true };
    const since = opened.checkpointer.failing_ms();
    if (since !== undefined && performance.now() - since > missedCheckpoints * deps.checkpoint_interval_ms) {
      return { serving: false, reason: 'checkpoints cannot be stored' };
    }
    return opened.sequencer.state();
  };

  const get = async (tenant: number): Promise<OpenLog> => {
    const opened = open.get(tenant);
    if (opened !== undefined) return opened;
    const { serving, reason } = state(tenant);
    if (!serving) throw unavailable(new Error(reason));
    const promise = opening.get(tenant) ?? begin(tenant);
    if (!open.has(tenant)) opening.set(tenant, promise);
    try {
      return await within(deps.append_deadline_ms, promise);
    } catch (error) {
      throw isFault(error) && error.kind === 'internal' ? error : unavailable(error);
    }
  };

  const sign = async (): Promise<void> => {
    await Promise.allSettled([...open.values()].map(({ checkpointer }) => checkpointer.sign()));
  };

  return {
    get,
    fit: (tenant) => (state(tenant).serving ? open.get(tenant) : undefined),
    state,
    sign,
    leave: async () => {
      left = true;
      await Promise.all([...open.values()].map(({ sequencer }) => sequencer.close()));
      await sign();
    },
  };
}
