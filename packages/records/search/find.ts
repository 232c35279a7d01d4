import { parseWritten, typeNumber } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Seal } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import type { Opener } from '../storage/open.ts';
import type { RowReader } from '../storage/read.ts';
import type { StoredRow } from '../storage/rows.ts';
import { createCandidates, type Question, union } from './candidates.ts';
import { hasIdentifier } from './identifier.ts';
import type { Condition } from './lock.ts';
import { parseSearch, type Range, type SearchQuery } from './parameters.ts';

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

const inRange = (at: number, { from, to, outside = false }: Range): boolean => (at >= from && at < to) !== outside;

const seenOf = (rows: readonly StoredRow[]): string =>
  rows
    .map((row) => `${row.id}/${row.version}`)
    .sort()
    .join();

/** What conditions ask. Fault `stale` where one names nothing to look up by. */
const questionsOf = (conditions: readonly Condition[]): Question[] =>
  conditions.map(({ type, condition }) => {
    const query = parseSearch(new URLSearchParams(condition));
    if (query.ids.length + query.identifiers.length === 0) {
      throw fault('stale', 'A condition must name an identifier or an _id');
    }
    return { type, query };
  });

function verify(query: SearchQuery, text: string): boolean {
  if (query.identifiers.length === 0) return true;
  const resource = parseWritten(text) as JsonObject;
  return query.identifiers.every((tests) => hasIdentifier(resource, tests));
}

export function createFinder({ identity, seal, reader, opener }: FinderDeps): Finder {
  const candidatesOf = createCandidates(identity, seal);

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

  /** The rows that really match, of those that were looked up: opened all at once. */
  const matching = async (
    tenant: number,
    questions: readonly Question[],
    looked: readonly (readonly StoredRow[])[],
  ): Promise<StoredRow[][]> => {
    const rows = [...new Set(looked.flat())];
    const texts = await opener.texts(tenant, rows, 'full');
    const textOf = new Map(rows.map((row, index) => [row, texts[index]]));
    return questions.map(({ query }, index) =>
      (looked[index] ?? []).filter((row) => {
        const text = textOf.get(row);
        const dated = query.updated.every((range) => inRange(row.at.getTime(), range));
        return dated && text !== undefined && verify(query, text);
      }),
    );
  };

  return {
    candidates: async (tenant, type, query) => (await candidatesOf(tenant, [{ type, query }]))[0],
    verify,
    match: async (tenant, conditions) => {
      if (conditions.length === 0) return [];
      const questions = questionsOf(conditions);
      const looked = await look(tenant, questions);
      const matched = await matching(tenant, questions, looked);
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
