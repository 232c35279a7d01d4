import type { Clock } from '@safeguard/kernel';

/** Failed attempts that are let through per window. Generous to a person with a typo, useless to a guesser. */
export interface AttemptLimits {
  readonly window_ms: number;
  readonly perClient: number;
  readonly perRemote: number;
  /** Most keys that are remembered, of each sort. */
  readonly most: number;
}

export const attemptLimits: AttemptLimits = { window_ms: 60_000, perClient: 10, perRemote: 100, most: 10_000 };

export interface Attempts {
  /** Seconds to wait before this client may try again from this address; 0: it may now. */
  wait_s(client_id: string, remote: string): number;
  failed(client_id: string, remote: string): void;
  succeeded(client_id: string, remote: string): void;
}

interface Count {
  failures: number;
  readonly ends_at: number;
}

/** An IPv6 caller owns a /64 at least: its addresses are one. An IPv4 address in IPv6 clothes is itself. */
export function networkOf(remote: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remote)?.[1];
  if (mapped !== undefined) return mapped;
  if (!remote.includes(':')) return remote.slice(0, 64);
  const [head = '', tail] = remote.toLowerCase().split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

/** Counts per key in fixed windows, at most `most` keys: the oldest window makes room for a new one. */
function createCounts(clock: Clock, limit: number, { window_ms, most }: { window_ms: number; most: number }) {
  const counts = new Map<string, Count>();
  const current = (key: string): Count | undefined => {
    const count = counts.get(key);
    if (count === undefined || count.ends_at > clock.now()) return count;
    counts.delete(key);
    return undefined;
  };
  return {
    wait_s(key: string): number {
      const count = current(key);
      if (count === undefined || count.failures < limit) return 0;
      return Math.max(1, Math.ceil((count.ends_at - clock.now()) / 1000));
    },
    add(key: string): void {
      const count = current(key);
      if (count !== undefined) {
        count.failures += 1;
        return;
      }
      const [oldest] = counts.keys();
      if (counts.size >= most && oldest !== undefined) counts.delete(oldest);
      counts.set(key, { failures: 1, ends_at: clock.now() + window_ms });
    },
    clear: (key: string): boolean => counts.delete(key),
  };
}

/**
 * Failed attempts are counted per client id *from one network* and per network over all client ids. Never per client
 * id alone: who fails from elsewhere on purpose must not lock the real client out.
 */
export function createAttempts(clock: Clock, limits: AttemptLimits = attemptLimits): Attempts {
  const clients = createCounts(clock, limits.perClient, limits);
  const remotes = createCounts(clock, limits.perRemote, limits);
  const pair = (client_id: string, network: string): string => `${client_id.slice(0, 64)} ${network}`;
  return {
    wait_s(client_id, remote) {
      const network = networkOf(remote);
      return Math.max(clients.wait_s(pair(client_id, network)), remotes.wait_s(network));
    },
    failed(client_id, remote) {
      const network = networkOf(remote);
      clients.add(pair(client_id, network));
      remotes.add(network);
    },
    succeeded(client_id, remote) {
      clients.clear(pair(client_id, networkOf(remote)));
    },
  };
}
