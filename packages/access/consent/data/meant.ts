import type { Term } from '../terms.ts';

/**
 * What an attribute of a provision says of the data. `may`: all that it may mean, which a denial takes. `must`: what it
 * surely means, which a permission gives. Terms are alternatives; none: nothing.
 */
export interface Meant {
  readonly may: readonly Term[];
  readonly must: readonly Term[];
}

export const same = (terms: readonly Term[]): Meant => ({ may: terms, must: terms });
