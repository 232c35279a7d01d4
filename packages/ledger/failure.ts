import { type Fault, fault } from '@safeguard/kernel';

/** What a caller hears when an event cannot be chained now. */
export const unavailable = (cause: unknown): Fault =>
  fault('unavailable', 'The audit log does not take entries at the moment.', { cause, retry_after_s: 1 });

/**
 * The log is not what this process, a signed checkpoint or a local anchor says it was. Nothing repairs that by itself:
 * the log stays stopped until an operator has looked.
 */
export class LogDiffers extends Error {}

/** Settles as the promise does, or throws after `limit_ms`. The promise itself goes on. */
export async function within<T>(limit_ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), limit_ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
