/**
 * Work of one thread that can take long (a tenant's constraints, the paths of a patch) in turns with everything else:
 * entries of a batch wait for nothing between their checks, and would else hold the thread for all of them together.
 * One for the process, as the thread is.
 */
export type Pace = <T>(work: () => T) => Promise<T>;

/** Milliseconds of such work after which others come first. */
const stretch_ms = 20;

export function createPace(): Pace {
  let spent_ms = 0;
  let pause: Promise<void> | undefined;

  const others = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(() => {
        spent_ms = 0;
        pause = undefined;
        resolve();
      });
    });

  return async (work) => {
    while (spent_ms > stretch_ms) {
      pause ??= others();
      await pause;
    }
    const began = performance.now();
    try {
      return work();
    } finally {
      spent_ms += performance.now() - began;
    }
  };
}

export const paced: Pace = createPace();
