import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './endpoint.ts';
import type { Guardian } from './guardian.ts';
import { type Postmaster, type Run, startPostmaster } from './postmaster.ts';

/** A server that is started again whenever it ends by itself. */
export interface Supervised {
  pid(): number | undefined;
  restarts(): number;
  onExit(listener: () => void): void;
  stop(): Promise<void>;
}

const first_wait_ms = 50;
const longest_wait_ms = 5_000;

/**
 * Starts the server and keeps it running: after an end nobody asked for it sweeps up and starts anew, waiting longer
 * after each failure. The first start is not repeated: its error is the operator's.
 */
export async function supervise(
  run: Run,
  sweep: () => Promise<void>,
  guardian: Guardian,
  log: Log,
): Promise<Supervised> {
  const listeners: (() => void)[] = [];
  const stopping = new AbortController();
  let restarts = 0;
  let current: Postmaster | undefined;

  const start = async (): Promise<void> => {
    current = await startPostmaster(run);
  };
  const keep = async (): Promise<void> => {
    while (current !== undefined) {
      await current.ended;
      current = undefined;
      if (stopping.signal.aborted) return;
      log('PostgreSQL ended by itself; it is started again', { restarts });
      for (const listener of listeners) listener();
      await again();
    }
  };
  const again = async (): Promise<void> => {
    for (let wait_ms = first_wait_ms; !stopping.signal.aborted; wait_ms = Math.min(wait_ms * 2, longest_wait_ms)) {
      try {
        await sleep(wait_ms, undefined, { signal: stopping.signal });
        await sweep();
        await start();
        // `stop` came while it was starting, and found nothing to stop.
        if (stopping.signal.aborted) await current?.stop();
        restarts++;
        log('PostgreSQL runs again', { restarts });
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        log('PostgreSQL did not start', { reason: error instanceof Error ? error.message : 'unknown' });
      }
    }
  };

  try {
    await start();
  } catch (error) {
    guardian.dismiss();
    throw error;
  }
  const kept = keep();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await current?.stop();
    await kept;
    guardian.dismiss();
  };
  return { pid: () => current?.pid, restarts: () => restarts, onExit: (listener) => listeners.push(listener), stop };
}
