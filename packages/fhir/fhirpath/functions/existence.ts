import { itemSet } from '../equality.ts';
import { collects, decides, type Expression } from '../expression.ts';
import { type Items, integerItem, isSystem, systemItem } from '../items.ts';
import { unanswerable } from '../refuse.ts';
import { eachSelf, type Scope, spend } from '../scope.ts';
import { type Functions, type PathFunction, special } from './define.ts';

const some = (): boolean => true;

/** Whether there is any item, without making the items of a plain path. */
const any = (input: Expression): ((scope: Scope) => boolean) => {
  const { each } = input;
  if (!each) return (scope) => input.run(scope).length > 0;
  return (scope) => {
    spend(scope, 1);
    return each(scope, some);
  };
};

function count(input: Expression, scope: Scope): number {
  const { each } = input;
  if (!each) return input.run(scope).length;
  let found = 0;
  each(scope, () => {
    found++;
    return false;
  });
  spend(scope, found);
  return found;
}

function satisfies(scope: Scope, items: Items, criterion: Expression, wanted: boolean): boolean {
  let found = false;
  eachSelf(scope, items, () => {
    found = (criterion.test(scope) === true) === wanted;
    return !found;
  });
  return found;
}

const booleans = (items: Items): boolean[] =>
  items.map((one) => {
    const known = systemItem(one);
    if (!isSystem(known, 'Boolean')) throw unanswerable('booleans are expected');
    return known.value as boolean;
  });

const over = (decide: (values: readonly boolean[]) => boolean): PathFunction =>
  special(0, 0, ({ input }) => decides((scope) => decide(booleans(input.run(scope)))));

const contained = (scope: Scope, inner: Items, outer: Items): boolean => {
  const set = itemSet((steps) => spend(scope, steps));
  for (const one of outer) set.add(one);
  return inner.every((one) => set.has(one));
};

/** N1 5.1. */
export const existence: Functions = {
  empty: special(0, 0, ({ input }) => {
    const found = any(input);
    return decides((scope) => !found(scope));
  }),
  exists: special(0, 1, ({ input, args: [criterion] }) =>
    decides(criterion ? (scope) => satisfies(scope, input.run(scope), criterion, true) : any(input)),
  ),
  all: special(1, 1, ({ input, args }) => {
    const criterion = args[0] as Expression;
    return decides((scope) => !satisfies(scope, input.run(scope), criterion, false));
  }),
  not: special(0, 0, ({ input }) =>
    decides((scope) => {
      const value = input.test(scope);
      return value === undefined ? undefined : !value;
    }),
  ),
  allTrue: over((values) => values.every(Boolean)),
  anyTrue: over((values) => values.some(Boolean)),
  allFalse: over((values) => !values.some(Boolean)),
  anyFalse: over((values) => !values.every(Boolean)),
  count: special(0, 0, ({ input }) => collects((scope) => [integerItem(count(input, scope))])),
  isDistinct: special(0, 0, ({ input }) =>
    decides((scope) => {
      const set = itemSet((steps) => spend(scope, steps));
      return input.run(scope).every((one) => set.add(one));
    }),
  ),
  subsetOf: special(1, 1, ({ input, args }) =>
    decides((scope) => contained(scope, input.run(scope), (args[0] as Expression).run(scope))),
  ),
  supersetOf: special(1, 1, ({ input, args }) =>
    decides((scope) => contained(scope, (args[0] as Expression).run(scope), input.run(scope))),
  ),
  hasValue: special(0, 0, ({ input }) =>
    decides((scope) => {
      const items = input.run(scope);
      const [one] = items;
      return items.length === 1 && one !== undefined && one.kind.primitive && one.value !== undefined;
    }),
  ),
};
