/** What is known, or will be. */
export type Later<T> = T | Promise<T>;

/** Goes on at once with what is known, so that a request of which all is known never waits. */
export const after = <T, R>(value: Later<T>, next: (value: T) => Later<R>): Later<R> =>
  value instanceof Promise ? value.then(next) : next(value);
