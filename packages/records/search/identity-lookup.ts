import { fault } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Row, Segment, Statement } from '@safeguard/store';
import { tokensOf } from './sql.ts';

const most = 50_000;

const tokenRows: Statement = {
  name: 'records-tokens',
  text: `select token::text, row from records.token
    where tenant = $1 and token = any ($2::int8[]) limit ${most + 1}`,
};

interface TokenRow extends Row {
  readonly token: string;
  readonly row: string;
}

/** Token → the ids of the resources that carry it, for many tokens in one statement. */
export type TokenLookup = (
  tenant: number,
  vault: Vault,
  tokens: readonly bigint[],
) => Promise<ReadonlyMap<bigint, ReadonlySet<string>>>;

export function createTokenLookup(identity: Segment): TokenLookup {
  return async (tenant, vault, tokens) => {
    const found = new Map<bigint, Set<string>>();
    if (tokens.length === 0) return found;
    const rows = await identity.query<TokenRow>(tenant, tokenRows, [tenant, tokensOf(tokens)]);
    if (rows.length > most) throw fault('stale', 'Too many resources match a condition: ask more precisely');
    for (const { token, row } of rows) {
      const ids = found.get(BigInt(token)) ?? new Set();
      found.set(BigInt(token), ids.add(vault.resource(row)));
    }
    return found;
  };
}
