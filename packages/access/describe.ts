import type { Letter } from './interactions.ts';
import type { Scope } from './scope.ts';

const verbs: Readonly<Record<Letter, string>> = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' };

/** A scope in plain words for a person who grants it: `read, search: Patient`, `create: every type`. */
export function describeScope(scope: Scope): string {
  const what = scope.letters.map((letter) => verbs[letter]).join(', ');
  return `${what}: ${scope.type === '*' ? 'every type' : scope.type}`;
}
