const watched = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
export type StopSignal = (typeof watched)[number];

/**
 * A Ctrl-C reaches every process of the terminal, and npm and the launcher pass it on as well: what arrives within this
 * time of the first is the same press.
 */
const same_press_ms = 700;

export interface Signals {
  readonly first: Promise<StopSignal>;
  /** A later one, from someone who does not want to wait. */
  readonly second: Promise<StopSignal>;
  release(): void;
}

/** Watches for the signals that stop a process. */
export function nextSignal(): Signals {
  const first = Promise.withResolvers<StopSignal>();
  const second = Promise.withResolvers<StopSignal>();
  let at: number | undefined;
  const hear = (signal: StopSignal): void => {
    if (at !== undefined && performance.now() - at > same_press_ms) second.resolve(signal);
    at ??= performance.now();
    first.resolve(signal);
  };
  for (const signal of watched) process.on(signal, hear);
  return {
    first: first.promise,
    second: second.promise,
    release() {
      for (const signal of watched) process.off(signal, hear);
    },
  };
}
