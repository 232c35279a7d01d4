import { fault } from '@safeguard/kernel';
import type { Seal, Vault } from '@safeguard/seal';
import type { Row, Segment, Statement } from '@safeguard/store';
import { type IdentifierTest, testToken } from './identifier.ts';
import type { SearchQuery } from './parameters.ts';

const max_candidates = 50_000;

const tokenRows: Statement = {
  name: 'records-tokens',
  text: `select token::text, row from records.token
    where tenant = $1 and token = any ($2::int8[]) limit ${max_candidates + 1}`,
};

interface TokenRow extends Row {
  readonly token: string;
  readonly row: string;
}

/** A search within one type. */
export interface Question {
  readonly type: string;
  readonly query: SearchQuery;
}

/** The ids that may answer each question; undefined: it names neither an identifier nor an `_id`. */
export type Candidates = (
  tenant: number,
  questions: readonly Question[],
) => Promise<readonly (Set<string> | undefined)[]>;

export const union = (sets: readonly ReadonlySet<string>[]): Set<string> => new Set(sets.flatMap((set) => [...set]));

const intersect = (sets: readonly ReadonlySet<string>[]): Set<string> | undefined =>
  sets.length === 0 ? undefined : sets.reduce<Set<string>>((all, set) => all.intersection(set), new Set(sets[0]));

/** Looks up blind tokens: one statement for all questions, and none where no question names an identifier. */
export function createCandidates(identity: Segment, seal: Seal): Candidates {
  /** Token → the ids of resources that carry it. */
  const byToken = async (
    tenant: number,
    vault: Vault,
    tokens: readonly bigint[],
  ): Promise<Map<string, Set<string>>> => {
    const rows = await identity.query<TokenRow>(tenant, tokenRows, [tenant, tokens.map(String)]);
    if (rows.length > max_candidates) {
      throw fault('invalid', 'identifier: too many resources match; ask more precisely');
    }
    const found = new Map<string, Set<string>>();
    for (const { token, row } of rows) {
      const ids = found.get(token) ?? new Set();
      found.set(token, ids.add(vault.resource(row)));
    }
    return found;
  };

  return async (tenant, questions) => {
    const asks = questions.some(({ query }) => query.identifiers.length > 0);
    const vault = asks ? await seal.vault('identity', tenant) : undefined;
    const token = (type: string, test: IdentifierTest): bigint => testToken(vault as Vault, type, test);
    const tokens = questions.flatMap(({ type, query }) => query.identifiers.flat().map((test) => token(type, test)));
    const found = vault ? await byToken(tenant, vault, tokens) : new Map<string, Set<string>>();
    return questions.map(({ type, query }) =>
      intersect([
        ...query.identifiers.map((tests) =>
          union(tests.map((test) => found.get(String(token(type, test))) ?? new Set())),
        ),
        ...query.ids.map((ids) => new Set(ids)),
      ]),
    );
  };
}
