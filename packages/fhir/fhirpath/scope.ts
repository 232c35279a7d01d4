import type { Item, Items } from './items.ts';
import type { PathAllowance, PathEnvironment } from './path.ts';
import { costly } from './refuse.ts';

/** What one evaluation carries along; iterating functions set `self`, `index`, `total` and put them back. */
export interface Scope {
  /** `$this`: what a path without a start begins at. */
  self: Items;
  index: number;
  total: Items;
  /** What `defineVariable()` named. */
  defined: ReadonlyMap<string, Items> | undefined;
  /** What is left of the work that it may do. */
  readonly allowance: PathAllowance;
  readonly focus: Item;
  readonly environment: PathEnvironment;
  /** The instant of this evaluation: every `now()` of an expression tells the same (N1 5.10). */
  now: Date | undefined;
}

/** Steps, about one per item: far above what a real expression over a resource asks, and a second or two at most. */
const steps_limit = 3_000_000;

/** For all that a tenant has asked over one resource together: a tenth of a second or two. */
const shared_limit = 1_000_000;

/** What several evaluations may do together. */
export const newAllowance = (): PathAllowance => ({ steps: shared_limit });

export const newScope = (focus: Item, environment: PathEnvironment): Scope => ({
  self: [focus],
  index: 0,
  total: [],
  defined: undefined,
  allowance: environment.allowance ?? { steps: steps_limit },
  focus,
  environment,
  now: environment.now,
});

/** Throws Fault `unprocessable` when an expression does far more than a resource can ask for. */
export function spend(scope: Scope, steps: number): void {
  scope.allowance.steps -= steps;
  if (scope.allowance.steps < 0) throw costly('it takes too many steps');
}

export function instant(scope: Scope): Date {
  scope.now ??= new Date();
  return scope.now;
}

/** A text that an expression grew: longer ones cost more, so that no loop can fill the memory. */
export function grown(scope: Scope, text: string): string {
  if (text.length > text_limit) throw costly('a text grows too long');
  spend(scope, text.length >> 4);
  return text;
}
/** Characters. */
export const text_limit = 4_000_000;

/** Runs `body` with each item as `$this`, until it answers false. */
export function eachSelf(scope: Scope, input: Items, body: (one: Item) => boolean): void {
  const { self, index, defined } = scope;
  spend(scope, input.length);
  try {
    for (let at = 0; at < input.length; at++) {
      const one = input[at] as Item;
      scope.self = [one];
      scope.index = at;
      if (!body(one)) return;
      scope.defined = defined;
    }
  } finally {
    scope.self = self;
    scope.index = index;
    scope.defined = defined;
  }
}

/** Runs `body` with a collection as `$this`. */
export function withSelf(scope: Scope, input: Items, body: () => Items): Items {
  const { self, defined } = scope;
  scope.self = input;
  try {
    return body();
  } finally {
    scope.self = self;
    scope.defined = defined;
  }
}
