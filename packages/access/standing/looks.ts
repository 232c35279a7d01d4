import { fault } from '@safeguard/kernel';
import { settleAdministrators } from '../grants/administrators.ts';
import { oldest_ms, type StandingDeps } from './deps.ts';
import type { Later } from './later.ts';
import { emptySnapshot, isDue, prune, renew, type Snapshot } from './snapshot.ts';

/** From this age on the next look is taken while the one before still serves. */
const ahead_ms = 750;
/** A tenant that nobody asked for so long is forgotten. */
const idle_ms = 15 * 60_000;
/** How often `identity` is asked again to give or take a role. */
const settle_ms = 60_000;

interface Look {
  snapshot: Snapshot;
  /** When the database was last asked: before the question, not after. */
  looked_at_ms: number;
  used_at_ms: number;
  settled_at_ms: number;
  asking: Promise<void> | undefined;
  /** Something changed in this process: an answer that is under way may be too old. */
  doubts: number;
}

/** What each tenant in use grants, as of at most a second ago. */
export interface Looks {
  /** Fault `unavailable` when the database does not answer: what is older than a second is not used. */
  of(tenant: number): Later<Snapshot>;
  /** What changes rights in this process holds for the next request. */
  forget(tenant: number): void;
  /** Drops what is over, and tenants that nobody uses. */
  sweep(): void;
}

const fresh = (): Look => ({
  ...{ snapshot: emptySnapshot(), looked_at_ms: -Infinity, used_at_ms: 0, settled_at_ms: -Infinity },
  ...{ asking: undefined, doubts: 0 },
});

const unknown = (cause: unknown) => fault('unavailable', 'What you may do cannot be found out now.', { cause });

export function createLooks(deps: StandingDeps, ticks: () => number): Looks {
  const looks = new Map<number, Look>();

  const settle = (tenant: number, look: Look): void => {
    const now_ms = ticks();
    if (now_ms - look.settled_at_ms < settle_ms || !isDue(look.snapshot, deps.clock.now())) return;
    look.settled_at_ms = now_ms;
    settleAdministrators(deps, tenant).catch((error: unknown) => {
      deps.log.warn('grants of the role administrator could not be read', { error });
    });
  };

  const ask = async (tenant: number, look: Look): Promise<void> => {
    const [asked_at_ms, doubts] = [ticks(), look.doubts];
    try {
      await renew(deps.segment, tenant, look.snapshot, deps.clock.now());
      if (doubts === look.doubts) look.looked_at_ms = asked_at_ms;
    } finally {
      look.asking = undefined;
    }
    settle(tenant, look);
  };

  const start = (tenant: number, look: Look): Promise<void> => {
    look.asking ??= ask(tenant, look);
    return look.asking;
  };

  /** Until an answer is there that was asked for recently enough, or by this very request. */
  const wait = async (tenant: number, look: Look): Promise<Snapshot> => {
    try {
      const joined = look.asking;
      if (joined !== undefined) await joined;
      if (joined === undefined || ticks() - look.looked_at_ms > oldest_ms) await start(tenant, look);
      return look.snapshot;
    } catch (error) {
      throw unknown(error);
    }
  };

  return {
    of(tenant) {
      let look = looks.get(tenant);
      if (look === undefined) {
        look = fresh();
        looks.set(tenant, look);
      }
      const now_ms = ticks();
      look.used_at_ms = now_ms;
      const age_ms = now_ms - look.looked_at_ms;
      if (age_ms > oldest_ms) return wait(tenant, look);
      if (age_ms > ahead_ms && look.asking === undefined) {
        start(tenant, look).catch((error: unknown) => deps.log.warn('grants could not be read', { error }));
      }
      return look.snapshot;
    },
    forget(tenant) {
      const look = looks.get(tenant);
      if (look === undefined) return;
      look.doubts += 1;
      look.looked_at_ms = -Infinity;
    },
    sweep() {
      const [now_ms, at] = [ticks(), deps.clock.now()];
      for (const [tenant, { snapshot, used_at_ms }] of looks) {
        if (now_ms - used_at_ms > idle_ms) looks.delete(tenant);
        else prune(snapshot, at);
      }
    },
  };
}
