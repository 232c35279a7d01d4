import type { JsonObject } from '@safeguard/kernel';
import { type Items, isSystem, systemItem, truth } from './items.ts';
import type { Kind } from './kinds.ts';
import { unanswerable } from './refuse.ts';
import type { Scope } from './scope.ts';

/** Sees one item of a path without making it; true: enough. */
export type Visit = (kind: Kind, value: unknown, holder: JsonObject | undefined) => boolean;

/** An expression made ready: as a collection, and as a condition (undefined: empty). */
export interface Expression {
  run(scope: Scope): Items;
  test(scope: Scope): boolean | undefined;
  /** Of a plain path: visits the items; true when a visit said that it is enough. */
  readonly each?: (scope: Scope, visit: Visit) => boolean;
}

/** Singleton evaluation of a collection as Boolean (N1 5.1): one item that is no Boolean counts as true. */
export function condition(items: Items): boolean | undefined {
  const [one] = items;
  if (one === undefined) return undefined;
  if (items.length > 1) throw unanswerable('one item is expected where a condition is asked');
  const known = systemItem(one);
  return isSystem(known, 'Boolean') ? (known.value as boolean) : true;
}

export const collects = (run: (scope: Scope) => Items): Expression => ({ run, test: (scope) => condition(run(scope)) });

export const decides = (test: (scope: Scope) => boolean | undefined): Expression => ({
  run: (scope) => truth(test(scope)),
  test,
});
