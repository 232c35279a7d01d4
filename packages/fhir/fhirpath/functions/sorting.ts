import { compareItems } from '../compare.ts';
import { collects, type Expression } from '../expression.ts';
import type { Item, Items } from '../items.ts';
import { eachSelf, type Scope, spend } from '../scope.ts';
import { type PathFunction, single, special } from './define.ts';

interface Key {
  readonly of: Expression | undefined;
  readonly descending: boolean;
}

interface Row {
  readonly one: Item;
  readonly keys: readonly (Item | undefined)[];
}

function rows(scope: Scope, items: Items, keys: readonly Key[]): Row[] {
  const made: Row[] = [];
  eachSelf(scope, items, (one) => {
    made.push({ one, keys: keys.map(({ of }) => (of ? single(of.run(scope)) : one)) });
    return true;
  });
  return made;
}

/** What is empty comes last; first, where the order is turned round. */
function order(a: Item | undefined, b: Item | undefined): number {
  if (!a || !b) return (b ? 1 : 0) - (a ? 1 : 0);
  return compareItems(a, b) ?? 0;
}

function compareRows(keys: readonly Key[]): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const [at, { descending }] of keys.entries()) {
      const found = order(a.keys[at], b.keys[at]);
      if (found !== 0) return descending ? -found : found;
    }
    return 0;
  };
}

/** `sort(family, -given.first())`: a key that begins with `-` sorts downwards, text as well. */
export const sort: PathFunction = special(0, 20, ({ input, args, trees, negated }) => {
  const keys: Key[] = trees.map((_, at) => ({ of: args[at], descending: negated[at] === true }));
  const used = keys.length === 0 ? [{ of: undefined, descending: false }] : keys;
  return collects((scope) => {
    const items = input.run(scope);
    spend(scope, items.length * 20);
    return rows(scope, items, used)
      .sort(compareRows(used))
      .map(({ one }) => one);
  });
});
