import { typeNumber } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import type { Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import type { RowReader } from '../storage/read.ts';
import type { StoredRow } from '../storage/rows.ts';
import { candidatesIn, type Level } from './clinical-stream.ts';
import { type Driver, everything } from './driver.ts';
import type { Search } from './engine.ts';
import type { Candidate } from './found.ts';
import type { TokenLookup } from './identity-lookup.ts';
import { identityTokens } from './identity-stream.ts';
import { conjuncts, type Node } from './node.ts';

/** A condition that may be looked up again: planned once, so that under its lock no planning waits for anything. */
export interface Look {
  readonly level: Level;
  /** Of each list one token at least: looked up in the identity segment. */
  readonly tokens: readonly (readonly bigint[])[];
  /** Ids that are named, each list of alternatives. */
  readonly ids: readonly (readonly string[])[];
  /** Where the candidates come from when neither says. */
  readonly driver?: Driver;
  /** Tokens and ids say all that SQL could: what they lead to needs no statement of its own. */
  readonly pure: boolean;
}

const idsOf = (node: Node): readonly (readonly string[])[] =>
  conjuncts(node).flatMap((one) =>
    one.kind === 'leaf' ? one.drivers.flatMap((driver) => (driver.kind === 'ids' ? [driver.ids] : [])) : [],
  );

const isPure = (node: Node): boolean =>
  conjuncts(node).every(
    (one) =>
      one.kind === 'leaf' &&
      ((one.identity !== undefined && one.sql === undefined) || one.drivers.some((driver) => driver.kind === 'ids')),
  );

export async function lookFor({ sources }: Search, level: Level): Promise<Look> {
  const tokens = identityTokens(level);
  const ids = idsOf(level.node);
  const pure = isPure(level.node);
  if (tokens.length + ids.length > 0) return { level, tokens, ids, pure };
  const { driver } = await sources.chooser.choose(level);
  return { level, tokens, ids, pure: false, driver };
}

/** Candidates that one condition may have. */
const most = 1_000;

interface LookDeps {
  readonly clinical: Segment;
  readonly reader: RowReader;
}

type LookAll = (
  tenant: number,
  looks: readonly Look[],
  vaultOf: (tenant: number) => Promise<Vault>,
  connection?: Connection,
) => Promise<Looked[][]>;

/** A row that may fulfil a condition, with what its statement said of leaves that only SQL can judge. */
export interface Looked {
  readonly row: StoredRow;
  readonly facts: Candidate['facts'];
}

const noFacts: Candidate['facts'] = new Map();

const intersect = (sets: readonly ReadonlySet<string>[]): Set<string> =>
  sets.reduce<Set<string>>((all, set) => all.intersection(set), new Set(sets[0] ?? []));

const union = (sets: readonly ReadonlySet<string>[]): Set<string> => new Set(sets.flatMap((set) => [...set]));

export function createLook({ clinical, reader }: LookDeps, lookup: TokenLookup): LookAll {
  const idsOfLooks = async (
    tenant: number,
    looks: readonly Look[],
    vaultOf: (tenant: number) => Promise<Vault>,
  ): Promise<(ReadonlySet<string> | undefined)[]> => {
    const tokens = [...new Set(looks.flatMap((look) => look.tokens.flat()))];
    const found = tokens.length === 0 ? undefined : await lookup(tenant, await vaultOf(tenant), tokens);
    return looks.map((look) => {
      const sets = [
        ...look.tokens.map((list) => union(list.map((token) => found?.get(token) ?? new Set()))),
        ...look.ids.map((ids) => new Set(ids)),
      ];
      return sets.length === 0 ? undefined : intersect(sets);
    });
  };

  /** The rows of one condition by a statement of its own. */
  const bySql = async (segment: Segment, look: Look, ids: ReadonlySet<string> | undefined): Promise<Looked[]> => {
    if (ids?.size === 0) return [];
    const driver: Driver = ids ? { kind: 'ids', ids: [...ids] } : (look.driver ?? { kind: 'type' });
    const found = await candidatesIn(segment, look.level, { driver }, { ...everything, limit: most + 1 });
    if (found.length > most) throw fault('stale', 'Too many resources may match a condition: ask more precisely');
    return found;
  };

  return async (tenant, looks, vaultOf, connection) => {
    const ids = await idsOfLooks(tenant, looks, vaultOf);
    const plain = union(looks.flatMap((look, index) => (look.pure ? (ids[index] ?? new Set<string>()) : [])));
    const rows = plain.size === 0 ? [] : await reader.currents(tenant, [...plain], connection);
    // Under a lock everything goes over the connection that holds it.
    const segment: Segment = connection
      ? { ...clinical, query: (_tenant, statement, values) => connection.query(statement, values) }
      : clinical;
    const looked: Looked[][] = [];
    for (const [index, look] of looks.entries()) {
      const own = ids[index];
      const type = typeNumber(look.level.type);
      looked.push(
        look.pure
          ? rows
              .filter((row) => row.type === type && row.body !== null && own?.has(row.id))
              .map((row) => ({ row, facts: noFacts }))
          : await bySql(segment, look, own),
      );
    }
    return looked;
  };
}
