import { createDecide, type Decide } from './decide.ts';
import { describeScope } from './describe.ts';
import { createGuard, type Guard } from './guard.ts';
import { narrows } from './narrows.ts';
import { permissions } from './permissions.ts';
import { parseScope, readScope, type Scope } from './scope.ts';
import { sharedTypes } from './shared-types.ts';
import { createVisible, type Visible } from './visible.ts';

export interface AccessDeps {
  /** The FHIR types that exist here; any other type is unknown and denied. Must not change afterwards. */
  readonly types: ReadonlySet<string>;
}

export interface Access {
  readonly decide: Decide;
  readonly guard: Guard;
  /** Which resources of a type the caller may see. */
  readonly visible: Visible;
  /** Types that hold nothing of a patient. */
  readonly sharedTypes: ReadonlySet<string>;
  /** What can be granted to a client beside scopes. */
  readonly permissions: ReadonlySet<string>;
  /** True for a scope that this server can grant; SMART v1 spelling included. */
  isScope(text: string): boolean;
  /** Takes a scope apart. Throws Fault `invalid` that says what was expected. */
  parseScope(text: string): Scope;
  /** The v2 normal form of a scope: `system/*.read` → `system/*.rs`. Throws Fault `invalid`. */
  normalScope(text: string): string;
  /** True when `asked` permits nothing that `granted` together do not permit. */
  narrows(asked: string, granted: readonly string[]): boolean;
  /** A scope in plain words. Throws Fault `invalid`. */
  describe(text: string): string;
}

/** The policy of the house in this slice: SMART v2 system scopes for clients, a fixed table for operators. */
export function createAccess({ types }: AccessDeps): Access {
  const decide = createDecide(types);
  return {
    decide,
    guard: createGuard(decide),
    visible: createVisible(decide),
    sharedTypes,
    permissions,
    isScope: (text) => typeof readScope(text, types) !== 'string',
    parseScope: (text) => parseScope(text, types),
    normalScope: (text) => parseScope(text, types).text,
    narrows: (asked, granted) => narrows(asked, granted, types),
    describe: (text) => describeScope(parseScope(text, types)),
  };
}
