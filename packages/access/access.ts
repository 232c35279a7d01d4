import type { Because, Principal } from '@safeguard/http';
import { createJudge, type Decide, type Judge } from './decide.ts';
import { describeScope } from './describe.ts';
import { createGuard, type Guard } from './guard.ts';
import { intersect } from './intersect.ts';
import { narrows } from './narrows.ts';
import { permissions } from './permissions.ts';
import { createExplain, type Explain } from './policy/explain.ts';
import { becauseOf } from './policy/sealed-standing.ts';
import { type Shielding, shieldOf } from './policy/shields.ts';
import { parseScope, readScope, type Scope, type Vocabulary } from './scope.ts';
import { sharedTypes } from './shared-types.ts';
import { createVisible, type Visible } from './visible.ts';

/**
 * `types`: the FHIR types that exist here; any other type is unknown and denied. `parameters`: which search parameters
 * a scope may be restricted by. Neither may change afterwards.
 */
export interface AccessDeps extends Vocabulary {
  /**
   * `on`: an interaction of FHIR needs a scope and a rule of the tenant's policy; who has no standing reaches nothing.
   * `off`: scopes alone decide. That is for tests of what stands on scopes; a server never has it off.
   */
  readonly policies: 'on' | 'off';
}

export interface Access {
  readonly decide: Decide;
  readonly guard: Guard;
  /** Which resources of a type the caller may see. */
  readonly visible: Visible;
  /** Which elements of a type the caller does not see, or does not change. */
  readonly shield: Shielding;
  /** What of policies and grants let a request of this principal through, or stopped it, for its event. */
  because(principal: Principal): Because | undefined;
  /** Why, rule by rule: for people, not for decisions. */
  readonly explain: Explain;
  /** Types that hold nothing of a patient. */
  readonly sharedTypes: ReadonlySet<string>;
  /** What can be granted to a client beside scopes. */
  readonly permissions: ReadonlySet<string>;
  /** True for a scope that this server can grant; SMART v1 spelling included. */
  isScope(text: string): boolean;
  /** Takes a scope apart. Throws Fault `invalid` that says what was expected. */
  parseScope(text: string): Scope;
  /** The v2 normal form of a scope: `user/*.read` → `user/*.rs`. Throws Fault `invalid`. */
  normalScope(text: string): string;
  /** True when `asked` permits nothing that `granted` together do not permit. */
  narrows(asked: string, granted: readonly string[]): boolean;
  /** What both lists permit, each asked scope narrowed letter by letter; see intersect.ts. */
  intersect(asked: readonly string[], granted: readonly string[]): string[];
  /** A scope in plain words. Throws Fault `invalid`. */
  describe(text: string): string;
}

/** Two gates for FHIR, SMART v2 scopes and the tenant's policy; fixed tables for the product's own actions. */
export function createAccess({ policies, ...vocabulary }: AccessDeps): Access {
  const judge = createJudge(vocabulary, policies);
  return {
    decide: judge.decide,
    guard: createGuard(judge.decide),
    visible: createVisible(judge),
    shield: createShield(judge),
    because: becauseOf,
    explain: createExplain(judge),
    sharedTypes,
    permissions,
    isScope: (text) => typeof readScope(text, vocabulary) !== 'string',
    parseScope: (text) => parseScope(text, vocabulary),
    normalScope: (text) => parseScope(text, vocabulary).text,
    narrows: (asked, granted) => narrows(asked, granted, vocabulary),
    intersect: (asked, granted) => intersect(asked, granted, vocabulary),
    describe: (text) => describeScope(parseScope(text, vocabulary)),
  };
}

const createShield =
  ({ byScopes, gate }: Judge): Shielding =>
  (principal, type, action = 'read', row) => {
    const place = byScopes(principal, action, type)?.place;
    const reach = place === undefined ? undefined : gate?.reach(principal, type, place);
    return reach && shieldOf(reach, type, row);
  };
