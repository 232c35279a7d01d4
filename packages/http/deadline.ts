import type { Fault } from '@safeguard/kernel';

/**
 * Gives `work` so many milliseconds. When they are over it throws what `late` makes; the work itself goes on,
 * so whoever calls must know what to do with a result that comes after.
 */
export function within<T>(duration_ms: number, work: Promise<T>, late: () => Fault): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), duration_ms);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (reason: unknown) => {
        clearTimeout(timer);
        reject(reason);
      },
    );
  });
}
