import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { IdentityLog } from '../types.ts';
import { aliveToken, tokenTables } from './alive.ts';
import type { KnownTokens } from './known.ts';

const select = {
  name: 'identity.token.recheck',
  text: `select t.hash from ${tokenTables} where t.hash = any ($1::bytea[]) and ${aliveToken}`,
};

/** Asks once about every token used since the last time: those still valid count as checked anew, the others go. */
export async function recheck(segment: Segment, known: KnownTokens): Promise<void> {
  const asked = known.takeUsed();
  if (asked.size === 0) return;
  const checked_at_ms = performance.now();
  const hashes = [...asked.keys()].map((key) => Buffer.from(key, 'base64'));
  const rows = await segment.query<{ hash: Buffer }>(platform, select, [hashes]);
  const valid = new Set(rows.map(({ hash }) => hash.toString('base64')));
  for (const [key, entry] of asked) {
    if (!known.holds(key, entry)) continue;
    if (valid.has(key)) entry.checked_at_ms = checked_at_ms;
    else known.drop(key);
  }
}

export interface Rechecking {
  stop(): Promise<void>;
}

/**
 * Runs `recheck` again and again, one at a time. When it fails, entries grow too old and are asked for one by one:
 * the bound on a revocation's age does not hang on this timer.
 */
export function startRechecking(segment: Segment, known: KnownTokens, log: IdentityLog, every_ms: number): Rechecking {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      await recheck(segment, known);
    } catch (error) {
      log.warn('access tokens could not be checked again', { error });
    } finally {
      running = undefined;
    }
  };
  const timer = setInterval(() => {
    running ??= run();
  }, every_ms);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
