import type { Policy } from '../../policy/types.ts';
import type { PolicyVocabulary } from '../vocabulary.ts';
import type { Report } from './issues.ts';

/** Every type is in exactly one category. */
export function checkCategories({ categories }: Policy, { types }: PolicyVocabulary, report: Report): void {
  const seen = new Set<string>();
  for (const [name, category] of Object.entries(categories)) {
    for (const [index, type] of category.types.entries()) {
      const path = ['categories', name, 'types', index];
      if (!types.has(type)) report('type', path);
      else if (seen.has(type)) report('type-twice', path);
      seen.add(type);
    }
  }
  if ([...types].some((type) => !seen.has(type))) report('type-nowhere', ['categories']);
}
