import { parseWritten, typeNumber } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Seal, Vault } from '@safeguard/seal';
import type { Connection, Row, Segment, Statement } from '@safeguard/store';
import type { Opener } from '../storage/open.ts';
import type { RowReader } from '../storage/read.ts';
import type { StoredRow } from '../storage/rows.ts';
import { hasIdentifier, type IdentifierTest, testToken } from './identifier.ts';
import type { Condition } from './lock.ts';
import { parseSearch, type Range, type SearchQuery } from './parameters.ts';

const tokenRows: Statement = {
  name: 'records-tokens',
  text: `select token::text, row from records.token where tenant = $1 and token = any ($2::int8[]) limit ${50_001}`,
};
const max_candidates = 50_000;

interface TokenRow extends Row {
  readonly token: string;
  readonly row: string;
}

/** What a condition matched, and what it was judged on: to see later, under the lock, whether that still stands. */
export interface Match {
  readonly condition: Condition;
  /** Live resources that really match. */
  readonly rows: readonly StoredRow[];
  readonly seen: string;
}

export interface Finder {
  /**
   * Ids that may match a query's identity parameters and `_id`; undefined: it has none. Asks the identity segment
   * only for identifiers.
   */
  candidates(tenant: number, type: string, query: SearchQuery): Promise<Set<string> | undefined>;
  /** Whether the opened resource matches the identifiers asked for. */
  verify(query: SearchQuery, text: string): boolean;
  /** Looks up conditions, all in three statements. Fault `stale`: a condition names nothing to look up by. */
  match(tenant: number, conditions: readonly Condition[]): Promise<Match[]>;
  /** Under the conditions' lock: whether a new look-up would see the same. Needs no keys, opens nothing. */
  unchanged(tenant: number, matches: readonly Match[], connection: Connection): Promise<boolean>;
}

export interface FinderDeps {
  readonly identity: Segment;
  readonly seal: Seal;
  readonly reader: RowReader;
  readonly opener: Opener;
}

interface Question {
  readonly type: string;
  readonly query: SearchQuery;
}

const inRange = (at: number, { from, to, outside = false }: Range): boolean => (at >= from && at < to) !== outside;

const seenOf = (rows: readonly StoredRow[]): string =>
  rows
    .map((row) => `${row.id}/${row.version}`)
    .sort()
    .join();

const union = (sets: readonly ReadonlySet<string>[]): Set<string> => new Set(sets.flatMap((set) => [...set]));
const intersect = (sets: readonly ReadonlySet<string>[]): Set<string> | undefined =>
  sets.length === 0 ? undefined : sets.reduce<Set<string>>((all, set) => all.intersection(set), new Set(sets[0]));

export function createFinder({ identity, seal, reader, opener }: FinderDeps): Finder {
  /** Token → the ids of resources that carry it. */
  const byToken = async (
    tenant: number,
    vault: Vault,
    tokens: readonly bigint[],
  ): Promise<Map<string, Set<string>>> => {
    const rows = await identity.query<TokenRow>(tenant, tokenRows, [tenant, tokens.map(String)]);
    if (rows.length > max_candidates)
      throw fault('invalid', 'identifier: too many resources match; ask more precisely');
    const found = new Map<string, Set<string>>();
    for (const { token, row } of rows) {
      const ids = found.get(token) ?? new Set();
      found.set(token, ids.add(vault.resource(row)));
    }
    return found;
  };

  const candidatesOf = async (tenant: number, questions: readonly Question[]): Promise<(Set<string> | undefined)[]> => {
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

  const verify = (query: SearchQuery, text: string): boolean => {
    if (query.identifiers.length === 0) return true;
    const resource = parseWritten(text) as JsonObject;
    return query.identifiers.every((tests) => hasIdentifier(resource, tests));
  };

  const look = async (
    tenant: number,
    questions: readonly Question[],
    connection?: Connection,
  ): Promise<StoredRow[][]> => {
    const candidates = await candidatesOf(tenant, questions);
    const ids = union(candidates.flatMap((set) => set ?? []));
    const rows = ids.size === 0 ? [] : await reader.currents(tenant, [...ids], connection);
    return questions.map(({ type }, index) =>
      rows.filter((row) => row.type === typeNumber(type) && row.body !== null && candidates[index]?.has(row.id)),
    );
  };

  const questionsOf = (conditions: readonly Condition[]): Question[] =>
    conditions.map(({ type, condition }) => {
      const query = parseSearch(new URLSearchParams(condition));
      if (query.ids.length + query.identifiers.length === 0) {
        throw fault('stale', 'A condition must name an identifier or an _id');
      }
      return { type, query };
    });

  const matching = async (tenant: number, { query }: Question, rows: readonly StoredRow[]): Promise<StoredRow[]> => {
    const texts = await opener.texts(tenant, rows, 'full');
    return rows.filter((row, index) => {
      const text = texts[index];
      const dated = query.updated.every((range) => inRange(row.at.getTime(), range));
      return dated && text !== undefined && verify(query, text);
    });
  };

  return {
    candidates: async (tenant, type, query) => (await candidatesOf(tenant, [{ type, query }]))[0],
    verify,
    match: async (tenant, conditions) => {
      if (conditions.length === 0) return [];
      const questions = questionsOf(conditions);
      const looked = await look(tenant, questions);
      const matched = await Promise.all(questions.map((one, index) => matching(tenant, one, looked[index] ?? [])));
      return conditions.map((condition, index) => ({
        condition,
        rows: matched[index] ?? [],
        seen: seenOf(looked[index] ?? []),
      }));
    },
    unchanged: async (tenant, matches, connection) => {
      const conditions = matches.map((match) => match.condition);
      const looked = await look(tenant, questionsOf(conditions), connection);
      return matches.every((match, index) => match.seen === seenOf(looked[index] ?? []));
    },
  };
}
