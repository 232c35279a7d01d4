import type { Reindex, ReindexProgress } from '../index-rows/index.ts';
import type { RecordsLog } from '../storage/intents.ts';

/** Runs of a tenant's reindex, one after the other, in the background. */
export interface Reindexing {
  /** Asks for a run over these types, or over all. What is asked for while one runs is done in the next, together. */
  start(tenant: number, types: readonly string[] | 'all'): void;
  /** Takes up what a stop of the server, or a migration, left to be done. */
  resume(tenant: number): void;
  status(tenant: number): Promise<ReindexProgress[]>;
  /** Whether a run is under way, or asked for: what is stored may not be indexed under a new parameter yet. */
  busy(tenant: number): boolean;
  /** When the last run over a type was begun, milliseconds since the Unix epoch; undefined: never. */
  begun(tenant: number, type: string): Promise<number | undefined>;
  /** Stops after the batches under way; a later `resume` takes them up. */
  close(): Promise<void>;
}

/** What stands for every type. */
const general = new Set(['Resource', 'DomainResource']);

/** Longer than a write that does not know a new parameter yet takes from its look at the parameters to its commit. */
const settle_ms = 500;

export function createReindexing(reindex: Reindex, log: RecordsLog): Reindexing {
  const wanted = new Map<number, Set<string>>();
  const running = new Map<number, Promise<void>>();
  const stop = new AbortController();
  const { signal } = stop;

  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, settle_ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });

  const work = async (tenant: number, first: boolean): Promise<void> => {
    if (first) await reindex.resume(tenant, { signal });
    while (!signal.aborted && wanted.has(tenant)) {
      await settled();
      const types = wanted.get(tenant) ?? new Set();
      wanted.delete(tenant);
      await reindex.run(tenant, { signal, ...(types.has('') ? {} : { types: [...types] }) });
    }
  };

  const run = (tenant: number, first: boolean): void => {
    if (running.has(tenant) || signal.aborted) return;
    const done = work(tenant, first)
      .catch((error: unknown) => log.warn('a reindex stopped; the next start takes it up', { error }))
      .finally(() => running.delete(tenant));
    running.set(tenant, done);
  };

  return {
    start: (tenant, types) => {
      const all = types === 'all' || types.some((type) => general.has(type));
      const known = wanted.get(tenant) ?? new Set();
      for (const type of all ? [''] : types) known.add(type);
      wanted.set(tenant, known);
      run(tenant, false);
    },
    resume: (tenant) => run(tenant, true),
    status: (tenant) => reindex.status(tenant),
    busy: (tenant) => running.has(tenant),
    begun: async (tenant, type) => {
      const runs = await reindex.status(tenant);
      const times = runs
        .filter((one) => one.type === undefined || one.type === type)
        .map((one) => one.started.getTime());
      return times.length === 0 ? undefined : Math.max(...times);
    },
    close: async () => {
      stop.abort();
      await Promise.all(running.values());
    },
  };
}
