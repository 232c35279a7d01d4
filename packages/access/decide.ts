import type { Principal } from '@safeguard/http';
import { decideProduct, forOperator } from './decide-product.ts';
import { type Decision, type DecisionTarget, denied, permitted } from './decisions.ts';
import { createGrants, type Grants } from './grants.ts';
import { envelopeInteractions, publicInteractions } from './interactions.ts';
import { type ByScope, createPolicyGate, type PolicyGate } from './policy/gate.ts';
import { isHeldBack } from './policy/sealed-standing.ts';
import { shows } from './policy/shows.ts';
import { actionsOnHold } from './product.ts';
import type { Vocabulary } from './scope.ts';
import { decideByScopes, envelopeOf, type Need, needs, scopeSights, widestLimit } from './scope-gate.ts';

export type Decide = (principal: Principal, action: string, target?: DecisionTarget) => Decision;

/** A person below the second level of assurance reaches nothing (NIST SP 800-63B-4 2.2). */
const isUnsure = ({ kind, assurance }: Principal): boolean => kind === 'user' && assurance?.level !== 2;

/** Who is nobody, of no tenant, or not surely known: why they reach nothing; undefined: they are none of these. */
function strange(principal: Principal): Decision | undefined {
  const { kind } = principal;
  if (kind !== 'client' && kind !== 'user') return denied.stranger;
  if (!(principal.tenant > 0)) return denied.platform;
  return isUnsure(principal) ? denied.factor : undefined;
}

/** A decision, and what sight is made of. */
export interface Judge {
  readonly decide: Decide;
  readonly grantsOf: (scopes: readonly string[]) => Grants;
  /** What the scopes alone say of an interaction of FHIR; undefined: it is none. */
  byScopes(
    principal: Principal,
    action: string,
    type: string,
  ): { readonly place: number; readonly permit: boolean } | undefined;
  /** Undefined: scopes alone decide. */
  readonly gate: PolicyGate | undefined;
}

interface Asked {
  readonly principal: Principal;
  readonly grants: Grants;
  readonly need: Need;
}

/** The scopes let it through. */
function decideByPolicy(
  gate: PolicyGate,
  types: ReadonlySet<string>,
  { principal, grants, need: { over, place } }: Asked,
  type: string | undefined,
  scope: string,
): Decision {
  const isUnlimited = principal.within === undefined && principal.patient === undefined;
  const limitedTo = (one: string): ByScope => ({
    scope,
    limit: isUnlimited ? undefined : widestLimit(principal, grants, one, place),
  });
  if (type !== undefined && (over === 'type' || types.has(type))) {
    return gate.ofType(principal, type, place, limitedTo(type));
  }
  let last: Decision = denied.policy;
  for (const one of types) {
    last = gate.ofType(principal, one, place, limitedTo(one));
    if (last.permit) return last;
  }
  return last;
}

function decideRow(
  gate: PolicyGate | undefined,
  { principal, grants, need: { place } }: Asked,
  { type, row }: DecisionTarget,
  byScope: Decision,
): Decision {
  if (row === undefined || type !== row.type) return denied.type;
  const shown = scopeSights(principal, grants, type, place);
  if (!shows(shown, row)) return denied.scope;
  return gate?.ofRow(principal, row, place, { scope: byScope.rule ?? '', limit: undefined, shown }) ?? byScope;
}

/**
 * Makes the decision function. It is pure: the same principal, action and target give the same answer, without I/O.
 * Default deny: every path that is not a match in a table, or in a scope and a rule of the policy, ends in a denial.
 */
export function createJudge(vocabulary: Vocabulary, policies: 'on' | 'off'): Judge {
  const { types } = vocabulary;
  const grantsOf = createGrants(vocabulary);
  const gate = policies === 'off' ? undefined : createPolicyGate(vocabulary.parameters);

  function decideFhir(asked: Asked, target: DecisionTarget | undefined): Decision {
    const { principal, grants, need } = asked;
    const byScope = decideByScopes(types, principal, grants, need, target?.type);
    if (!byScope.permit) return byScope;
    if (target?.row !== undefined)
      return types.has(target.row.type) ? decideRow(gate, asked, target, byScope) : denied.type;
    return gate ? decideByPolicy(gate, types, asked, target?.type, byScope.rule ?? '') : byScope;
  }

  const decide: Decide = (principal, action, target) => {
    const need = needs.get(action);
    if (need === undefined && publicInteractions.has(action)) return permitted.open;
    if (principal.kind === 'operator') return forOperator(action, target?.type);
    const stranger = strange(principal);
    if (stranger !== undefined) return stranger;
    if (isHeldBack(principal) && !actionsOnHold.has(action)) return denied.onHold;
    const grants = grantsOf(principal.scopes);
    if (need !== undefined) return decideFhir({ principal, grants, need }, target);
    if (!envelopeInteractions.has(action)) return decideProduct(principal, grants, action, target);
    return gate && principal.standing === undefined ? denied.held : envelopeOf(principal, grants);
  };

  return {
    decide,
    grantsOf,
    gate,
    byScopes(principal, action, type) {
      const need = needs.get(action);
      if (need === undefined) return undefined;
      if (strange(principal) !== undefined || isHeldBack(principal) || !types.has(type))
        return { place: need.place, permit: false };
      const { permit } = decideByScopes(types, principal, grantsOf(principal.scopes), need, type);
      return { place: need.place, permit };
    },
  };
}
