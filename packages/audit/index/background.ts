import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@safeguard/kernel';
import type { Following } from './follow.ts';

/** What is told of it: fixed words, no values. */
export interface AuditLog {
  warn(event: string, fields?: { readonly error?: unknown }): void;
}

export interface BackgroundDeps {
  readonly following: Following;
  tenants(): Promise<readonly number[]>;
  readonly log: AuditLog;
  readonly interval_ms: number;
  /** The share of the time that it may work: under load it falls behind rather than slow what people wait for. */
  readonly share: number;
}

/** Follows the logs of all tenants, one after the other, again and again, until it is stopped. */
export function startBackground({ following, tenants, log, interval_ms, share }: BackgroundDeps) {
  const holder = newId();
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number): Promise<void> =>
    // A stop ends the pause early: that is no failure.
    sleep(ms, undefined, { ref: false, signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });

  let worked_from = 0;
  const goOn = async (): Promise<boolean> => {
    if (signal.aborted) return false;
    const worked_ms = performance.now() - worked_from;
    await pause((worked_ms * (1 - share)) / share);
    worked_from = performance.now();
    return !signal.aborted;
  };

  const round = async (): Promise<void> => {
    for (const tenant of await tenants()) {
      if (signal.aborted) return;
      worked_from = performance.now();
      await following.run(tenant, { holder, goOn });
    }
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await round();
      } catch (error) {
        log.warn('the audit log could not be indexed now; it is tried again', { error });
      }
      await pause(interval_ms);
    }
  };
  const running = loop();
  return {
    stop: async (): Promise<void> => {
      stopping.abort();
      await running;
    },
  };
}
