import type { JsonObject } from '@safeguard/kernel';
import type { Item } from './items.ts';
import type { Run } from './run.ts';
import type { Members } from './valuesets.ts';

/** Checks the item to which the run's path leads. */
export type Check = (item: Item, run: Run) => void;

/** A profile made ready. */
export interface Compiled {
  readonly url: string;
  /** The type that it constrains. */
  readonly type: string;
  readonly check: Check;
  /** Where an extension may stand; empty for everything else. */
  readonly contexts: readonly { readonly type: string; readonly expression: string }[];
  /** What of it cannot be checked, and what is wrong with it. */
  readonly problems: readonly string[];
}

/** What compiled profiles ask for while they run: each is looked for when it is needed, and found by canonical URL. */
export interface Library {
  readonly profile: (url: string) => Compiled | undefined;
  /** The type that a profile constrains (`Patient` for R4's own Patient); undefined where it is not held. */
  readonly typeOf: (url: string) => string | undefined;
  readonly members: (valueSet: string) => Members;
}

/** What the compilation of one profile carries along. */
export interface Owner {
  /** The profile's name in findings. */
  readonly label: string;
  readonly library: Library;
  readonly problems: string[];
}

/** Runs a check of a whole resource: `%resource` is that resource, and `%rootResource` what contains it. */
export function inResource(check: Check, item: Item, run: Run, contained: boolean): void {
  const { resource, root } = run;
  run.resource = item.value as JsonObject;
  if (!contained) run.root = run.resource;
  check(item, run);
  run.resource = resource;
  run.root = root;
}
