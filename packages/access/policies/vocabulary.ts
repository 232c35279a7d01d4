import type { View } from '@safeguard/http';
import type { Vocabulary } from '../scope.ts';

/**
 * What a policy may name beside itself; filled by the composition root, and never changed afterwards. `types`: each
 * must be in one category.
 */
export interface PolicyVocabulary extends Vocabulary {
  /**
   * Whether records can hold a resource of the type against the query, in the view of its rule; else why not, in fixed
   * words that quote nothing. `records` answers it.
   */
  readonly isServedQuery: (type: string, query: string, use?: { readonly view?: View }) => true | string;
}
