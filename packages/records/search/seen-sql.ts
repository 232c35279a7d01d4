import type { Exception, Visibility } from '@safeguard/access';
import { typeNumber } from '@safeguard/fhir';
import type { Search } from './engine.ts';
import { superset } from './node.ts';
import { guardOf, type Planning } from './plan.ts';
import type { Draft } from './sql.ts';

/** A condition on a row with `type` and `seq` (`records.resource`, `records.search`), by the row's alias. */
export type SeenSql = (draft: Draft, alias: string) => string;

/** Whether what is said of rows depends on more than their compartments and ids. */
const isOfType = ({ query, labels, except = [] }: Exception): boolean =>
  query !== undefined || labels !== undefined || except.some(isOfType);

const isQueried = (visibility: Visibility): boolean =>
  typeof visibility === 'object' &&
  visibility.some(({ query, except = [] }) => query !== undefined || except.some(isOfType));

const hasQuery = ({ query, except = [] }: Exception): boolean => query !== undefined || except.some(hasQuery);

/** Labels stand in another column of each type: types whose column is the same are asked together. */
const labelColumns = (planning: Planning, type: string): string => {
  const parameter = planning.parameters(type).get('_security');
  const tests = [{ kind: 'token' as const, system: 'any', code: 'any' }];
  const asked = parameter && planning.rules.probe({ kind: 'condition', parameter, tests });
  return asked?.in === 'clinical' ? asked.any.map(({ column }) => column).join() : type;
};

/** Types that are seen alike have one predicate: all but those of which a query says what is seen. */
function formOf(planning: Planning, type: string): string {
  const visibility = planning.visible(type);
  if (typeof visibility === 'string') return visibility;
  if (visibility.some(hasQuery)) return type;
  const labels = isQueried(visibility) ? labelColumns(planning, type) : '';
  return JSON.stringify([labels, planning.sharedTypes.has(type), visibility.map(({ why, ...sight }) => sight)]);
}

/**
 * What a caller may see of live resources of several types, for statements that the engine does not write: what is
 * hidden is neither counted nor paged over. The statement must ask for these types itself. True for whatever is
 * seen, and maybe for more where SQL alone cannot judge: what comes out is still to be judged opened (verbs/sight.ts).
 * Fault `forbidden` as `guardOf`.
 */
export async function seenSql(planning: Planning, types: readonly string[]): Promise<SeenSql> {
  // Nothing is added to the statement then: it asks for these types itself.
  if (types.length > 0 && types.every((type) => planning.visible(type) === 'all')) return () => 'true';
  const groups = Map.groupBy(types, (type) => formOf(planning, type));
  const parts = await Promise.all(
    [...groups.values()].map(async (alike) => ({
      numbers: alike.map(typeNumber),
      where: superset(await guardOf(planning, alike)),
    })),
  );
  return (draft, alias) => {
    const written = parts.map(({ numbers, where }) => {
      const ofTypes = `${alias}.type = any (${draft.value(numbers, 'int2[]')})`;
      return where === undefined ? ofTypes : `(${ofTypes} and ${where(draft, `${alias}.seq`)})`;
    });
    return written.length === 0 ? 'false' : `(${written.join(' or ')})`;
  };
}

/** The same, in a shorter statement: a type with a predicate of its own stands in it only where there is any of it. */
export async function seenLiveSql({ planning, present }: Search, types: readonly string[]): Promise<SeenSql> {
  const [queried, plain] = [true, false].map((is) => types.filter((type) => isQueried(planning.visible(type)) === is));
  return seenSql(planning, [...(plain ?? []), ...(queried?.length ? await present(queried) : [])]);
}
