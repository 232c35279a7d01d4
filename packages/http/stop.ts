import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@safeguard/kernel';
import { endExchange } from './exchange.ts';
import type { Life } from './lifecycle.ts';
import type { Server } from './listen.ts';

const poll_ms = 10;
/** For handlers to answer once their signal has fired, so that their events are still recorded. */
const last_ms = 2_000;

async function drained(life: Life, duration_ms: number): Promise<boolean> {
  const end = performance.now() + duration_ms;
  while (life.open.size > 0 && performance.now() < end) await sleep(poll_ms);
  return life.open.size === 0;
}

/**
 * Stops without losing a request: no new connections, idle ones closed, each answer from now on the last of its
 * connection; what is in flight has `stop_ms`, then its signal fires; then whatever is left is cut.
 */
export async function stop(life: Life, servers: readonly Server[]): Promise<void> {
  life.stopping = true;
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  if (!(await drained(life, life.settings.deadlines.stop_ms))) {
    life.log.warn('requests in flight were ended by the stop', { count: life.open.size });
    for (const exchange of life.open) endExchange(exchange, fault('unavailable', 'The server is stopping'));
    await drained(life, last_ms);
  }
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
}
