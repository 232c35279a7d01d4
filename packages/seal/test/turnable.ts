import type { Clock } from '@safeguard/kernel';

/** A clock that a test turns. */
export function turnableClock(): Clock & { turn(by_ms: number): void } {
  let now = Date.UTC(2026, 10, 22);
  return {
    now: () => now,
    turn(by_ms) {
      now += by_ms;
    },
  };
}
