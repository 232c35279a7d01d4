import type { Visibility } from '@safeguard/access';
import { typeNumber } from '@safeguard/fhir';
import type { Search } from './engine.ts';
import { superset } from './node.ts';
import { guardOf, type Planning } from './plan.ts';
import type { Draft } from './sql.ts';

/** A condition on a row with `type` and `seq` (`records.resource`, `records.search`), by the row's alias. */
export type SeenSql = (draft: Draft, alias: string) => string;

/** Types that are seen alike have one predicate: all but those whose sight has a query, which is a type's own. */
function formOf(visibility: Visibility, type: string, isShared: boolean): string {
  if (typeof visibility === 'string') return visibility;
  const plain = visibility.every(({ query }) => query === undefined);
  return plain ? JSON.stringify([isShared, visibility]) : type;
}

/**
 * What a caller may see of live resources of several types, for statements that the engine does not write: what is
 * hidden is neither counted nor paged over. The statement must ask for these types itself. True for whatever is
 * seen, and maybe for more where SQL alone cannot judge: what comes out is still to be judged opened (verbs/sight.ts).
 * Fault `forbidden` as `guardOf`.
 */
export function seenSql(planning: Planning, types: readonly string[]): SeenSql {
  // Nothing is added to the statement then: it asks for these types itself.
  if (types.length > 0 && types.every((type) => planning.visible(type) === 'all')) return () => 'true';
  const groups = Map.groupBy(types, (type) => formOf(planning.visible(type), type, planning.sharedTypes.has(type)));
  const parts = [...groups.values()].map((alike) => {
    const [first = ''] = alike;
    return { numbers: alike.map(typeNumber), where: superset(guardOf(planning, first)) };
  });
  return (draft, alias) => {
    const written = parts.map(({ numbers, where }) => {
      const ofTypes = `${alias}.type = any (${draft.value(numbers, 'int2[]')})`;
      return where === undefined ? ofTypes : `(${ofTypes} and ${where(draft, `${alias}.seq`)})`;
    });
    return written.length === 0 ? 'false' : `(${written.join(' or ')})`;
  };
}

const isQueried = (visibility: Visibility): boolean =>
  typeof visibility === 'object' && visibility.some(({ query }) => query !== undefined);

/** The same, in a shorter statement: a type with a predicate of its own stands in it only where there is any of it. */
export async function seenLiveSql({ planning, present }: Search, types: readonly string[]): Promise<SeenSql> {
  const [queried, plain] = [true, false].map((is) => types.filter((type) => isQueried(planning.visible(type)) === is));
  return seenSql(planning, [...(plain ?? []), ...(queried?.length ? await present(queried) : [])]);
}
