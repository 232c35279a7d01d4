import type { Principal } from '@safeguard/http';
import type { Judge } from './decide.ts';
import { scopeSights } from './scope-gate.ts';
import type { Visibility } from './sight.ts';

/** `action`: the interaction that needs the sight, `search-type` where it is a step of a search. */
export type Visible = (principal: Principal, type: string, action?: string) => Visibility;

/** What both gates show: for every row of the type `decide` permits what is shown, and nothing else. */
export const createVisible =
  ({ byScopes, grantsOf, gate }: Judge): Visible =>
  (principal, type, action = 'search-type') => {
    const asked = byScopes(principal, action, type);
    if (asked?.permit !== true) return 'none';
    const { place } = asked;
    const scope = (): Visibility => scopeSights(principal, grantsOf(principal.scopes), type, place);
    if (gate === undefined) return scope();
    return gate.visible(principal, type, place, scope);
  };
