import { newId } from '@safeguard/kernel';
import type { Row } from '@safeguard/store';
import { intentPlace, openEnvelopes, sealEvent } from './envelope.ts';
import { unavailable, within } from './failure.ts';
import { manyIn, sealedIn } from './many.ts';
import type { LogDeps } from './open-log.ts';
import { partition } from './partition.ts';
import { type Place, takePlace } from './place.ts';
import { tryToWrite } from './probe.ts';
import { readEntries, readEntriesAt, recentEvents } from './reading.ts';
import { logRows } from './rows.ts';
import { listSizes } from './statements.ts';
import type { Appended, Ledger, LedgerDeps, LogSize } from './types.ts';
import { consistencyIn, inclusionIn, offlineProofIn, type View, viewOf } from './view.ts';

/** A probe appends for real when the last commit is older than this. */
const realProbe_ms = 60_000;

/** Claims this process's shard and opens the platform's log; logs of tenants open when first used. */
export async function createLedger(given: LedgerDeps): Promise<Ledger> {
  const deps: LogDeps = { checkpoint_interval_ms: 1000, append_deadline_ms: 5000, queue_limit: 8192, ...given };
  const place = await takePlace(deps);
  const stopSigning = signRegularly(deps, place);
  try {
    await place.logs().get(0);
  } catch (error) {
    await stopSigning();
    await place.close();
    throw error;
  }
  return {
    ...writing(deps, place),
    ...reading(deps, place),
    shard: place.shard,
    close: async () => {
      await stopSigning();
      await place.close();
    },
  };
}

function signRegularly({ checkpoint_interval_ms }: LogDeps, place: Place): () => Promise<void> {
  let signing: Promise<void> | undefined;
  const timer = setInterval(() => {
    signing ??= place
      .logs()
      .sign()
      .finally(() => {
        signing = undefined;
      });
  }, checkpoint_interval_ms);
  return async () => {
    clearInterval(timer);
    await signing;
  };
}

type Writing = Pick<Ledger, 'append' | 'state' | 'probe' | 'sealIntent' | 'openIntent'>;

function writing(deps: LogDeps, place: Place): Writing {
  const { segment, clock, append_deadline_ms } = deps;
  const append = async (tenant: number, events: readonly object[]): Promise<Appended> => {
    const parts = events.flatMap((event) => partition('at' in event ? event : { ...event, at: clock.now() }));
    const { origin, sequencer } = place.logs().fit(tenant) ?? (await openFit(place, tenant));
    const plains = parts.map(({ bytes }) => bytes);
    const first = plains.length === 0 ? sequencer.tree().size : await sequencer.append(plains);
    return { log: origin, first, count: plains.length };
  };
  return {
    append,
    state: (tenant = 0) => place.logs().state(tenant),
    probe: async () => {
      const { sequencer } = await openFit(place, 0);
      const last = sequencer.committed_ms();
      const real = last === undefined || performance.now() - last > realProbe_ms;
      try {
        if (real) await append(0, [{ id: newId(), kind: 'probe' }]);
        else await within(append_deadline_ms, tryToWrite(segment));
      } catch (error) {
        throw unavailable(error);
      }
    },
    sealIntent: async (tenant, event) => {
      const { keys } = await place.logs().get(tenant);
      return sealEvent(keys.vault, keys.current(), intentPlace(tenant), event);
    },
    openIntent: async (tenant, body) => {
      const [event] = await openEnvelopes(await deps.vault(tenant), [{ place: intentPlace(tenant), body }]);
      return event ?? {};
    },
  };
}

async function openFit(place: Place, tenant: number) {
  const opened = await place.logs().get(tenant);
  const { serving, reason } = place.logs().state(tenant);
  if (!serving) throw unavailable(new Error(reason));
  return opened;
}

type Reading = Omit<Ledger, keyof Writing | 'shard' | 'close'>;

function reading(deps: LogDeps, place: Place): Reading {
  const { segment, signer } = deps;
  const view = async (tenant: number, shard = place.shard()): Promise<View> => {
    if (shard !== place.shard()) return viewOf(logRows(segment, tenant, shard), signer);
    const { rows, checkpointer, sequencer } = await place.logs().get(tenant);
    const checkpoint = await checkpointer.sign();
    return { rows, tree: sequencer.tree(), checkpoint };
  };
  return {
    recent: (tenant, since_ms) => recentEvents(deps, tenant, since_ms),
    read: (tenant, from, count, shard = place.shard()) =>
      readEntries(deps, logRows(segment, tenant, shard), from, count),
    readAt: (tenant, indexes, shard) => readEntriesAt(deps, logRows(segment, tenant, shard), indexes),
    sizes: (tenant) => segment.query<LogSize & Row>(tenant, listSizes, [tenant]),
    checkpoint: async (tenant, shard) => (await view(tenant, shard)).checkpoint,
    proveInclusion: async (tenant, index, shard) => inclusionIn(await view(tenant, shard), index),
    proveConsistency: async (tenant, from, to, shard) => consistencyIn(await view(tenant, shard), from, to),
    proveMany: async (tenant, indexes, shard) => manyIn(await view(tenant, shard), indexes),
    sealedAt: (tenant, indexes, shard) => sealedIn({ rows: logRows(segment, tenant, shard) }, indexes),
    offlineProof: async (tenant, index, shard) => offlineProofIn(await view(tenant, shard), index),
  };
}
