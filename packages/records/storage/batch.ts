/**
 * Natural batching: while one batch is under way the next gathers, and starts when the first returns. Nothing waits
 * on a timer: an idle batcher runs an item at once (with those of the same turn of the event loop).
 */
export function createBatcher<I, O>(
  run: (items: readonly I[]) => Promise<readonly O[]>,
  limits: { readonly concurrency: number; readonly size: number },
): (item: I) => Promise<O> {
  type Waiting = { readonly item: I; resolve(value: O): void; reject(error: unknown): void };
  let queue: Waiting[] = [];
  let running = 0;
  let scheduled = false;

  const finish = async (batch: Waiting[]): Promise<void> => {
    try {
      const results = await run(batch.map((one) => one.item));
      batch.forEach((one, index) => {
        one.resolve(results[index] as O);
      });
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      running -= 1;
      pump();
    }
  };
  const pump = (): void => {
    scheduled = false;
    while (queue.length > 0 && running < limits.concurrency) {
      const batch = queue.slice(0, limits.size);
      queue = queue.slice(limits.size);
      running += 1;
      void finish(batch);
    }
  };
  return (item) =>
    new Promise<O>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (scheduled || running >= limits.concurrency) return;
      scheduled = true;
      setImmediate(pump);
    });
}
