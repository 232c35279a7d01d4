import { setTimeout as sleep } from 'node:timers/promises';
import { isFault, newId } from '@safeguard/kernel';
import { claimShard } from './claim.ts';
import { intentPlace, openEnvelopes, sealEvent } from './envelope.ts';
import { LogDiffers, unavailable, within } from './failure.ts';
import { type LogDeps, type OpenLog, openLog } from './open-log.ts';
import { partition } from './partition.ts';
import { tryToWrite } from './probe.ts';
import { readEntries, recentEvents } from './reading.ts';
import { logRows } from './rows.ts';
import type { Appended, Ledger, LedgerDeps, State } from './types.ts';
import { consistencyIn, inclusionIn, offlineProofIn, type View, viewOf } from './view.ts';

/** A probe appends for real when the last commit is older than this. */
const realProbe_ms = 60_000;
/** Checkpoints that fail for so many intervals stop the log: what nobody signs can be rewritten unseen. */
const missedCheckpoints = 10;

/** Opens the ledger: claims this process's shard and opens the platform's log. Logs of tenants open when first used. */
export async function createLedger(given: LedgerDeps): Promise<Ledger> {
  const deps: LogDeps = { checkpoint_interval_ms: 1000, append_deadline_ms: 5000, queue_limit: 8192, ...given };
  const { segment, signer, clock, log } = deps;
  const deadline_ms = deps.append_deadline_ms;
  let claim = await claimShard(segment, log);
  let closed = false;
  const logs = new Map<number, Promise<OpenLog>>();
  const open = new Map<number, OpenLog>();
  const differs = new Map<number, LogDiffers>();

  const begin = async (tenant: number): Promise<OpenLog> => {
    try {
      const opened = await openLog(deps, tenant, claim.shard);
      open.set(tenant, opened);
      return opened;
    } catch (error) {
      // Forgotten, so that the next append tries anew; but what differs from what was signed stays refused.
      logs.delete(tenant);
      if (error instanceof LogDiffers) {
        differs.set(tenant, error);
        log.error({ tenant, shard: claim.shard, err: error }, 'the audit log is refused: it is not what was signed');
      }
      throw error;
    }
  };

  const logOf = async (tenant: number): Promise<OpenLog> => {
    const opened = open.get(tenant);
    if (opened !== undefined) return opened;
    const refused = differs.get(tenant);
    if (refused !== undefined || closed) throw unavailable(refused ?? new Error('the audit log is closed'));
    let opening = logs.get(tenant);
    if (opening === undefined) {
      opening = begin(tenant);
      logs.set(tenant, opening);
    }
    try {
      return await within(deadline_ms, opening);
    } catch (error) {
      throw isFault(error) && error.kind !== 'conflict' ? error : unavailable(error);
    }
  };

  const overdue = (opened: OpenLog): boolean => {
    const since = opened.checkpointer.failing_ms();
    return since !== undefined && performance.now() - since > missedCheckpoints * deps.checkpoint_interval_ms;
  };

  const state = (tenant = 0): State => {
    if (closed) return { serving: false, reason: 'the audit log is closed' };
    const refused = differs.get(tenant);
    if (refused !== undefined) return { serving: false, reason: refused.message };
    const opened = open.get(tenant);
    if (opened === undefined) return { serving: true };
    if (overdue(opened)) return { serving: false, reason: 'checkpoints cannot be stored' };
    return opened.sequencer.state();
  };

  const append = async (tenant: number, events: readonly object[]): Promise<Appended> => {
    const plains = events.flatMap((event) => partition('at' in event ? event : { ...event, at: clock.now() }));
    const opened = open.get(tenant) ?? (await logOf(tenant));
    if (overdue(opened)) throw unavailable(new Error('checkpoints cannot be stored'));
    const first =
      plains.length === 0
        ? opened.sequencer.tree().size
        : await opened.sequencer.append(plains.map(({ bytes }) => bytes));
    return { log: opened.origin, first, count: plains.length };
  };

  const signAll = async (): Promise<void> => {
    // A failure is logged where it happens, and stops the log when it lasts.
    await Promise.allSettled([...open.values()].map((opened) => opened.checkpointer.sign()));
  };
  let signing: Promise<void> | undefined;
  const timer = setInterval(() => {
    signing ??= signAll().finally(() => {
      signing = undefined;
    });
  }, deps.checkpoint_interval_ms);

  /** Takes a lost claim again; when another process has the shard by then, all logs begin anew on the next one. */
  const keepClaim = async (): Promise<void> => {
    for (;;) {
      await claim.ended;
      if (closed) return;
      await sleep(250, undefined, { ref: false });
      const next = await claimShard(segment, log).catch((error: unknown) => {
        log.warn({ err: error }, 'the shard of the audit log cannot be claimed yet');
        return undefined;
      });
      if (next === undefined) continue;
      if (closed) next.release();
      const moved = next.shard !== claim.shard;
      claim = next;
      if (moved) await leaveLogs();
    }
  };

  const leaveLogs = async (): Promise<void> => {
    log.warn({ shard: claim.shard }, 'another process has this shard of the audit log; this one goes on with its own');
    const left = [...open.values()];
    open.clear();
    logs.clear();
    differs.clear();
    await Promise.all(left.map((opened) => opened.sequencer.close()));
    await Promise.allSettled(left.map((opened) => opened.checkpointer.sign()));
  };

  const view = async (tenant: number, shard = claim.shard): Promise<View> => {
    if (shard !== claim.shard) return viewOf(logRows(segment, tenant, shard), signer);
    const { rows, checkpointer, sequencer } = await logOf(tenant);
    const checkpoint = await checkpointer.sign();
    return { rows, tree: sequencer.tree(), checkpoint };
  };

  await logOf(0);
  const keeping = keepClaim();

  return {
    shard: () => claim.shard,
    append,
    state,
    probe: async () => {
      const { serving, reason } = state();
      if (!serving) throw unavailable(new Error(reason));
      const { sequencer } = await logOf(0);
      const last = sequencer.committed_ms();
      const real = last === undefined || performance.now() - last > realProbe_ms;
      const act = real ? append(0, [{ id: newId(), kind: 'probe' }]) : within(deadline_ms, tryToWrite(segment));
      await act.catch((error: unknown) => {
        throw unavailable(error);
      });
    },
    sealIntent: async (tenant, event) => {
      const { keys } = await logOf(tenant);
      return sealEvent(keys.vault, keys.current(), intentPlace(tenant), event);
    },
    openIntent: async (tenant, body) => {
      const [event] = await openEnvelopes(await deps.vault(tenant), [{ place: intentPlace(tenant), body }]);
      return event ?? {};
    },
    recent: (tenant, since_ms) => recentEvents(deps, tenant, since_ms),
    read: (tenant, from, count, shard = claim.shard) => readEntries(deps, logRows(segment, tenant, shard), from, count),
    checkpoint: async (tenant, shard) => (await view(tenant, shard)).checkpoint,
    proveInclusion: async (tenant, index, shard) => inclusionIn(await view(tenant, shard), index),
    proveConsistency: async (tenant, from, to, shard) => consistencyIn(await view(tenant, shard), from, to),
    offlineProof: async (tenant, index, shard) => offlineProofIn(await view(tenant, shard), index),
    close: async () => {
      closed = true;
      clearInterval(timer);
      await Promise.all([...open.values()].map((opened) => opened.sequencer.close()));
      await signing;
      await signAll();
      claim.release();
      await claim.ended;
      await within(deadline_ms, keeping);
    },
  };
}
