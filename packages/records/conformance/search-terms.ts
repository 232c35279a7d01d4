import type { Engine } from '../search/engine.ts';
import { expandTerms, needsTerms, type Terms } from './expand-terms.ts';

/** An engine that takes `:in`, `:not-in`, `:above` and `:below` of tokens, by what the tenant's terminology tells. */
export const withTerms = (engine: Engine, termsOf: (tenant: number) => Promise<Terms>): Engine => ({
  search: async (principal) => {
    const search = await engine.search(principal);
    return {
      ...search,
      level: async (asked) => {
        if (!needsTerms(asked.where)) return search.level(asked);
        return search.level({ ...asked, where: expandTerms(asked.where, await termsOf(search.tenant)) });
      },
    };
  },
});
