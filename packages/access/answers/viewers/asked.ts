import { cellIn, type Grants } from '../../grants.ts';
import { letters } from '../../interactions.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import { ruleQueries } from '../rule-queries.ts';

/** What scopes ask of resources of a type. */
const scopeQueries = ({ patient, user, system }: Grants, type: string): string[] =>
  [patient, user, system].flatMap((table) =>
    letters.split('').flatMap((_, place) => cellIn(table, type, place)?.queries ?? []),
  );

/** All that anybody's rules, scopes and consents ask of a resource of a type. */
export function queriesFor(
  policy: CompiledPolicy,
  scopes: readonly Grants[],
  consents: readonly string[],
): (type: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (type) => {
    const before = known.get(type);
    if (before !== undefined) return before;
    const asked = [...ruleQueries(policy, type), ...scopes.flatMap((one) => scopeQueries(one, type)), ...consents];
    const made = [...new Set(asked)];
    known.set(type, made);
    return made;
  };
}
