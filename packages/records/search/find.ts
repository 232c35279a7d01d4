import { parseWritten, readSearch } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Seal, Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import type { Opener } from '../storage/open.ts';
import type { RowReader } from '../storage/read.ts';
import type { StoredRow } from '../storage/rows.ts';
import type { Engine, Search } from './engine.ts';
import { createTokenLookup } from './identity-lookup.ts';
import type { Condition } from './lock.ts';
import { createLook, type Look, type Looked, lookFor } from './look.ts';
import { isExact, verify } from './node.ts';

/** What a condition matched, and what it was judged on: to see later, under the lock, whether that still stands. */
export interface Match {
  readonly condition: Condition;
  /** Live resources that really match. */
  readonly rows: readonly StoredRow[];
  readonly seen: string;
  /** How it is looked up again. */
  readonly look: Look;
}

export interface Finder {
  /**
   * Looks up conditions: those that name an identifier or an `_id`, all in three statements; others in one or two each.
   * Judged by what the caller may see. Fault `stale`: a condition names nothing, or more than can be looked through.
   */
  match(tenant: number, conditions: readonly Condition[], principal: Principal): Promise<Match[]>;
  /** Under the conditions' lock: whether a new look-up would see the same. Needs no keys, opens nothing. */
  unchanged(tenant: number, matches: readonly Match[], connection: Connection): Promise<boolean>;
}

export interface FinderDeps {
  readonly identity: Segment;
  readonly clinical: Segment;
  readonly seal: Seal;
  readonly reader: RowReader;
  readonly opener: Opener;
  readonly engine: Engine;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

const seenOf = (looked: readonly Looked[]): string =>
  looked
    .map(({ row }) => `${row.id}/${row.version}`)
    .sort()
    .join();

export function createFinder(deps: FinderDeps): Finder {
  const { seal, opener, engine } = deps;
  const lookup = createTokenLookup(deps.identity);
  const look = createLook(deps, lookup);

  const looksOf = async (search: Search, conditions: readonly Condition[]): Promise<Look[]> => {
    const looks: Look[] = [];
    for (const { type, condition } of conditions) {
      const { where } = readSearch(type, new URLSearchParams(condition), {
        parameters: search.parameters,
        lenient: false,
        now: deps.now(),
      });
      if (where.kind === 'and' && where.all.length === 0) throw fault('stale', 'A condition must name something');
      looks.push(await lookFor(search, await search.level({ type, where })));
    }
    return looks;
  };

  /** The rows that really match, of those that were looked up: opened all at once. */
  const matching = async (
    tenant: number,
    looks: readonly Look[],
    looked: readonly (readonly Looked[])[],
  ): Promise<StoredRow[][]> => {
    const unsure = looks.map(({ level }) => !isExact(level.node));
    const rows = [
      ...new Map(looked.flatMap((some, index) => (unsure[index] ? some.map(({ row }) => [row.id, row]) : []))),
    ];
    const texts = await opener.texts(
      tenant,
      rows.map(([, row]) => row),
      'full',
    );
    const resources = new Map(rows.map(([id], index) => [id, parsed(texts[index])]));
    return looks.map(({ level }, index) =>
      (looked[index] ?? []).flatMap(({ row, facts }) => {
        const resource = unsure[index] ? resources.get(row.id) : undefined;
        const matched = !unsure[index] || (resource !== undefined && verify(level.node, { resource, facts }));
        return matched ? [row] : [];
      }),
    );
  };

  const vaultOf = (tenant: number): Promise<Vault> => seal.vault('identity', tenant);

  return {
    match: async (tenant, conditions, principal) => {
      if (conditions.length === 0) return [];
      const looks = await looksOf(await engine.search(principal), conditions);
      const looked = await look(tenant, looks, vaultOf);
      const matched = await matching(tenant, looks, looked);
      return conditions.map((condition, index) => ({
        condition,
        rows: matched[index] ?? [],
        seen: seenOf(looked[index] ?? []),
        look: looks[index] as Look,
      }));
    },
    unchanged: async (tenant, matches, connection) => {
      const looked = await look(
        tenant,
        matches.map((match) => match.look),
        vaultOf,
        connection,
      );
      return matches.every((match, index) => match.seen === seenOf(looked[index] ?? []));
    },
  };
}

const parsed = (text: string | undefined): JsonObject | undefined =>
  text === undefined ? undefined : (parseWritten(text) as JsonObject);
