/**
 * Runs what concerns one name one after the other, in the order asked; different names side by side. Spares writers of
 * one resource in this process from losing to each other; between processes the expected version decides.
 */
export function createQueues(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    last.set(name, done);
    try {
      await before;
      return await work();
    } finally {
      resolve();
      if (last.get(name) === done) last.delete(name);
    }
  };
}
