import type { ScopeRules } from '../types.ts';
import type { Fields } from './types.ts';

const within = (after: readonly string[], before: readonly string[]): boolean =>
  after.every((one) => before.includes(one));

/** What a reviewer relied on, and what people see when they consent: any other value has to be seen again. */
const fixed = ['name', 'view', 'auth_method', 'client_uri', 'policy_uri', 'tos_uri', 'jwks_uri'] as const;
const told = ['publisher', 'purpose'] as const;

const sameOrGone = (after: unknown, before: unknown): boolean =>
  after === undefined || JSON.stringify(after) === JSON.stringify(before);

/**
 * True when a revision asks for nothing that the one in force did not have: fewer scopes, addresses, grants, or another
 * contact or description. Such a change needs no reviewer. `vouched`: the keys come with a certificate that was
 * checked.
 */
export function isNarrower(
  after: Fields,
  before: Fields,
  rules: Pick<ScopeRules, 'narrows'>,
  vouched = false,
): boolean {
  return (
    [...fixed, ...told].every((name) => after[name] === before[name]) &&
    sameOrGone(after.launch_uri, before.launch_uri) &&
    sameOrGone(after.logo, before.logo) &&
    (vouched || after.jwks === undefined) &&
    within(after.grant_types, before.grant_types) &&
    within(after.redirect_uris, before.redirect_uris) &&
    within(after.post_logout_redirect_uris, before.post_logout_redirect_uris) &&
    after.scopes.every((scope) => rules.narrows(scope, before.scopes))
  );
}
