import { AsyncLocalStorage } from 'node:async_hooks';
import { fault } from '@safeguard/kernel';

/** What one process spends on slow hashes at most. */
export interface GateSettings {
  /** Of one core, between 0 and 1: after each turn there is a pause in proportion. */
  readonly share: number;
  /** Turns that may wait, of known devices and of others each. */
  readonly most_waiting: number;
}

/**
 * A quarter of a core: with a hash of about 30 ms some 8 sign-ins a second. 32 waiting are answered within about 4 s.
 */
export const gateSettings: GateSettings = { share: 0.25, most_waiting: 32 };

type Lane = 'known' | 'other';

export interface Gate {
  /**
   * Runs `work` when it is its turn: one at a time, known devices first, each lane in the order of arrival. Undefined
   * instead of a promise when too many wait already: nothing was done. A turn inside of a turn is the same turn.
   */
  run<T>(lane: Lane, work: () => Promise<T>): Promise<T> | undefined;
  /** True when the next one in this lane would be sent away. */
  isFull(lane: Lane): boolean;
  /** How long a caller that was sent away should wait, whole seconds. */
  wait_s(): number;
}

interface GateDeps extends Partial<GateSettings> {
  /** Monotonic, milliseconds; and a pause. For tests. */
  readonly now?: () => number;
  readonly pause?: (duration_ms: number) => Promise<void>;
}

const pauseFor = (duration_ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration_ms));
/** A turn that hung on the database must not be paid for with minutes of silence. */
const longestPause_ms = 500;

/**
 * The door to the slow hash. argon2id runs on a thread of its own, but cores are shared: without this, 200 guesses a
 * second would take all of them, and the API with them. What does not fit is refused, never queued without end.
 */
export function createGate(deps: GateDeps = {}): Gate {
  const { share = gateSettings.share, most_waiting = gateSettings.most_waiting } = deps;
  const { now = () => performance.now(), pause = pauseFor } = deps;
  const lanes = { known: [] as (() => Promise<void>)[], other: [] as (() => Promise<void>)[] };
  const within = new AsyncLocalStorage<true>();
  let turn_ms = 30;
  let running = false;
  const next = (): (() => Promise<void>) | undefined => lanes.known.shift() ?? lanes.other.shift();
  const serve = async (): Promise<void> => {
    running = true;
    for (let turn = next(); turn !== undefined; turn = next()) {
      const began_ms = now();
      await turn();
      const took_ms = now() - began_ms;
      turn_ms += (took_ms - turn_ms) / 8;
      await pause(Math.min(longestPause_ms, took_ms * (1 / share - 1)));
    }
    running = false;
  };
  return {
    run<T>(lane: Lane, work: () => Promise<T>) {
      if (within.getStore() === true) return work();
      const waiting = lanes[lane];
      if (waiting.length >= most_waiting) return undefined;
      return new Promise<T>((resolve, reject) => {
        waiting.push(() => within.run(true, async () => work()).then(resolve, reject));
        if (!running) void serve();
      });
    },
    isFull: (lane) => lanes[lane].length >= most_waiting,
    wait_s: () => Math.max(1, Math.ceil((most_waiting * turn_ms) / share / 1000)),
  };
}

/** The gate as `createAuthenticators` takes one: for passwords that somebody who is signed in sets. */
export const plainGate = (gate: Gate): { run<T>(work: () => Promise<T>): Promise<T> } => ({
  run(work) {
    const turn = gate.run('known', work);
    if (turn !== undefined) return turn;
    throw fault('tooMany', 'Too many attempts at once. Try again later.', { retry_after_s: gate.wait_s() });
  },
});
