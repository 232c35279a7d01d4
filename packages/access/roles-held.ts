import type { Principal } from '@safeguard/http';
import { openStanding } from './policy/sealed-standing.ts';

/**
 * Which of these roles a person holds at this moment, for the whole tenant: as `identity` says, or by a grant in force.
 * A grant that names patients gives nothing beyond their records, and an emergency is no office.
 */
export function roleHeld(principal: Principal, among: readonly string[]): string | undefined {
  if (principal.kind !== 'user') return undefined;
  const known = principal.roles?.find((role) => among.includes(role));
  if (known !== undefined) return known;
  const { holdings = [], at = 0 } = openStanding(principal) ?? {};
  return holdings.find(
    ({ role, kind, patients, until = Infinity }) =>
      among.includes(role) && kind !== 'break-glass' && patients === undefined && until > at,
  )?.role;
}

/** All roles that a person holds at this moment for the whole tenant; see `roleHeld`. */
export function rolesHeld(principal: Principal): readonly string[] {
  if (principal.kind !== 'user') return [];
  const { holdings = [], at = 0 } = openStanding(principal) ?? {};
  const granted = holdings.filter(
    ({ kind, patients, until = Infinity }) => kind !== 'break-glass' && patients === undefined && until > at,
  );
  return [...new Set([...(principal.roles ?? []), ...granted.map(({ role }) => role)])];
}
