import type { Exception, Sight } from '@safeguard/access';

/** What a visibility excepts, put in few words: statements and judgements cost by how many exceptions there are. */

const keyOf = (exception: Exception): string => JSON.stringify(exception);

type List = 'patients' | 'ids' | 'labels';

/** All of an exception but for one list, of which only whether it is there. */
function restOf({ patients, ids, labels, query, except }: Exception, but: List): string {
  const lists = { patients, ids, labels };
  const told = Object.entries(lists).map(([name, list]) => (name === but ? list === undefined : (list ?? null)));
  return JSON.stringify([told, query, except]);
}

/** Of exceptions alike but for one list: one with all of it. */
function mergedBy(list: List, exceptions: readonly Exception[]): readonly Exception[] {
  const groups = Map.groupBy(exceptions, (one) => restOf(one, list));
  if (groups.size === exceptions.length) return exceptions;
  return [...groups.values()].flatMap((alike): readonly Exception[] => {
    const [first] = alike;
    if (first?.[list] === undefined) return alike.slice(0, 1);
    return [{ ...first, [list]: [...new Set(alike.flatMap((one) => one[list] ?? []))] }];
  });
}

/** What is made of a list once is kept with it: `access` makes sights for a request, and never changes them. */
function kept<From extends object, To>(make: (from: From) => To): (from: From) => To {
  const known = new WeakMap<From, { readonly made: To }>();
  return (from) => {
    const before = known.get(from);
    if (before !== undefined) return before.made;
    const made = make(from);
    known.set(from, { made });
    return made;
  };
}

/** The same exceptions, as few as can be. */
export const merged = kept((exceptions: readonly Exception[]): readonly Exception[] =>
  (['patients', 'ids', 'labels'] as const).reduce((all, list) => mergedBy(list, all), exceptions),
);

/** Sights without what all of them except, and that. */
export interface Factored {
  readonly sights: readonly Sight[];
  readonly except: readonly Exception[];
}

/** Whether a list has an exception: most often the very same one. */
function having(exceptions: readonly Exception[]): (one: Exception) => boolean {
  const same = new Set(exceptions);
  let keys: ReadonlySet<string> | undefined;
  return (one) => {
    if (same.has(one)) return true;
    keys ??= new Set(exceptions.map(keyOf));
    return keys.has(keyOf(one));
  };
}

/** What every sight excepts is said once, for all of them. */
export const factored = kept((sights: readonly Sight[]): Factored => {
  const [first, ...others] = sights;
  if (first?.except === undefined || first.except.length === 0) return { sights, except: [] };
  const tests = others.map(({ except = [] }) => having(except));
  const common = first.except.filter((one) => tests.every((has) => has(one)));
  const isCommon = having(common);
  const rest = sights.map(({ except: own = [], ...sight }): Sight => {
    const left = own.filter((one) => !isCommon(one));
    return left.length === 0 ? sight : { ...sight, except: left };
  });
  return { sights: rest, except: merged(common) };
});
