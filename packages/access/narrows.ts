import { compileGrants } from './grants.ts';
import { placeOf, readScope } from './scope.ts';

/**
 * True when `asked` permits nothing that `granted` together do not permit. A wildcard is covered by a wildcard only: a
 * list of every type of today would not cover the types of tomorrow. False when `asked` is no scope of ours.
 */
export function narrows(asked: string, granted: readonly string[], types: ReadonlySet<string>): boolean {
  const scope = readScope(asked, types);
  if (typeof scope === 'string') return false;
  const grants = compileGrants(granted, types);
  const row = grants.byType.get(scope.type);
  return scope.letters.every((letter) => (row?.[placeOf(letter)] ?? grants.all[placeOf(letter)]) !== undefined);
}
