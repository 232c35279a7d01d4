/** The first thing that is wrong with a bundle: where, and what, in words of ours. */
export interface Wrong {
  /** A file of the bundle, with a line where it has lines; or `the archive`. */
  readonly where: string;
  readonly reason: string;
}

const told = new WeakMap<Error, Wrong>();

/** Ends the verification: `wrongOf` finds what was said. */
export function fail(where: string, reason: string): never {
  const error = new Error(`${where}: ${reason}`);
  told.set(error, { where, reason });
  throw error;
}

/** What was thrown, as a finding: what nobody foresaw is one too, for a sound bundle throws nothing. */
export const wrongOf = (error: unknown): Wrong =>
  (error instanceof Error ? told.get(error) : undefined) ?? {
    where: 'the bundle',
    reason: `cannot be read (${error instanceof Error ? error.message : 'no reason given'})`,
  };
