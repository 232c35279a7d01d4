import { placeOf, readScope } from './scope.ts';

/** A permit with the scope that gave it; made once per scope list, handed out unchanged. */
export interface Permit {
  readonly permit: true;
  readonly reason: 'scope';
  readonly rule: string;
}

type Row = readonly (Permit | undefined)[];

/** What a list of scopes grants: per type five places (c r u d s), and the row of `*`. */
export interface Grants {
  readonly any: boolean;
  readonly all: Row;
  readonly byType: ReadonlyMap<string, Row>;
}

/** Compiles a list of scopes. A text that is no scope of ours grants nothing. */
export function compileGrants(scopes: readonly string[], types: ReadonlySet<string>): Grants {
  const rows = new Map<string, (Permit | undefined)[]>();
  for (const text of scopes) {
    const scope = readScope(text, types);
    if (typeof scope === 'string') continue;
    const permit: Permit = Object.freeze({ permit: true, reason: 'scope', rule: scope.text });
    const row = rows.get(scope.type) ?? new Array<Permit | undefined>(5).fill(undefined);
    for (const letter of scope.letters) row[placeOf(letter)] ??= permit;
    rows.set(scope.type, row);
  }
  const all = rows.get('*') ?? [];
  rows.delete('*');
  return { any: rows.size > 0 || all.length > 0, all, byType: rows };
}

/**
 * Compiles each list once. Only a frozen list is remembered: one that could still change would go on granting
 * what was taken out of it.
 */
export function createGrants(types: ReadonlySet<string>): (scopes: readonly string[]) => Grants {
  const known = new WeakMap<readonly string[], Grants>();
  return (scopes) => {
    const before = known.get(scopes);
    if (before !== undefined) return before;
    const grants = compileGrants(scopes, types);
    if (Object.isFrozen(scopes)) known.set(scopes, grants);
    return grants;
  };
}
