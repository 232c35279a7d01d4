import { itemSet } from '../equality.ts';
import { collects } from '../expression.ts';
import { type Item, type Items, item, nothing } from '../items.ts';
import { eachChild } from '../member.ts';
import { unanswerable } from '../refuse.ts';
import { type Scope, spend } from '../scope.ts';
import { type Functions, plain, singleInteger, special } from './define.ts';

const setFor = (scope: Scope): ReturnType<typeof itemSet> => itemSet((steps) => spend(scope, steps));

/** Each item once, in the order of its first place. */
export function distinct(items: Items, scope: Scope): Items {
  if (items.length < 2) return items;
  const set = setFor(scope);
  return items.filter((one) => set.add(one));
}

/** `|`: both, each item once. */
export function union(left: Items, right: Items, scope: Scope): Items {
  if (right.length === 0) return distinct(left, scope);
  if (left.length === 0) return distinct(right, scope);
  spend(scope, left.length + right.length);
  return distinct([...left, ...right], scope);
}

const only = (one: Item | undefined): Items => (one === undefined ? nothing : [one]);

function children(items: Items, scope: Scope): Items {
  const out: Item[] = [];
  for (const one of items) {
    eachChild(one, (kind, value, holder) => {
      out.push(item(kind, value, holder));
      return false;
    });
  }
  spend(scope, out.length);
  return out;
}

function descendants(items: Items, scope: Scope): Items {
  const out: Item[] = [];
  for (let level = children(items, scope); level.length > 0; level = children(level, scope)) {
    for (const one of level) out.push(one);
  }
  return out;
}

function among(items: Items, others: Items, wanted: boolean, scope: Scope): Items {
  const set = setFor(scope);
  for (const one of others) set.add(one);
  return items.filter((one) => set.has(one) === wanted);
}

/** N1 5.3, 5.4, 5.8; `distinct` of 5.1. */
export const collections: Functions = {
  first: plain(0, 0, (input) => only(input[0])),
  last: plain(0, 0, (input) => only(input.at(-1))),
  tail: plain(0, 0, (input) => input.slice(1)),
  skip: plain(1, 1, (input, [count]) => input.slice(Math.max(0, singleInteger(count) ?? 0))),
  take: plain(1, 1, (input, [count]) => input.slice(0, Math.max(0, singleInteger(count) ?? 0))),
  single: plain(0, 0, (input) => {
    if (input.length > 1) throw unanswerable('single() finds several items');
    return input;
  }),
  distinct: plain(0, 0, (input, _, scope) => distinct(input, scope)),
  intersect: plain(1, 1, (input, [other = nothing], scope) => distinct(among(input, other, true, scope), scope)),
  exclude: plain(1, 1, (input, [other = nothing], scope) => among(input, other, false, scope)),
  union: plain(1, 1, (input, [other = nothing], scope) => union(input, other, scope)),
  combine: plain(1, 2, (input, [other = nothing], scope) => {
    spend(scope, input.length + other.length);
    return [...input, ...other];
  }),
  children: special(0, 0, ({ input }) => {
    const run = (scope: Scope): Items => children(input.run(scope), scope);
    return { ...collects(run), each: (scope, visit) => input.run(scope).some((one) => eachChild(one, visit)) };
  }),
  descendants: plain(0, 0, (input, _, scope) => descendants(input, scope)),
};
