import type { Fault } from '@safeguard/kernel';
import { unavailable } from './failure.ts';

/** An entry ready to be written at `index`: sealed for that index and no other. */
export interface Sealed {
  readonly index: number;
  readonly body: Buffer;
  readonly leaf: Buffer;
}

/** One append that waits for its answer. */
export interface Waiting {
  readonly plains: readonly Buffer[];
  entries: readonly Sealed[];
  /** Every way in which it was sent and may have landed. */
  readonly sent: (readonly Sealed[])[];
  /** True once it was answered, by success, failure or its deadline. */
  answered: boolean;
  /** Entries [first, first + plains.length) are durable. */
  resolve(first: number): void;
  reject(fault: Fault): void;
}

/** An append and the promise of its answer, which comes by the deadline whatever happens. */
export function waiting(plains: readonly Buffer[], entries: readonly Sealed[], deadline_ms: number) {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const item: Waiting = {
    plains,
    entries,
    sent: [],
    answered: false,
    resolve: (first) => {
      clearTimeout(timer);
      item.answered = true;
      resolve(first);
    },
    reject: (fault) => {
      clearTimeout(timer);
      item.answered = true;
      reject(fault);
    },
  };
  const timer = setTimeout(() => item.reject(unavailable(new Error('the deadline has passed'))), deadline_ms);
  return { item, promise };
}
