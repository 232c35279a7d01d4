import type { Row, Segment, Statement } from '@safeguard/store';
import * as sql from './statements.ts';
import { type Tile, tileWidth } from './tree.ts';
import type { SignedCheckpoint } from './types.ts';

export interface EntryRow extends Row {
  readonly index: number;
  readonly body: Buffer;
}

/** The rows of one log. Every call is one transaction. */
export interface LogRows {
  readonly tenant: number;
  readonly shard: number;
  /** Adds entries [first, first + bodies.length) behind the leaf `tip`. False when the head is not as given. */
  append(first: number, tip: Buffer | undefined, bodies: readonly Buffer[], tiles: readonly Tile[]): Promise<boolean>;
  /** The number of entries, going by the highest index. */
  size(): Promise<number>;
  entries(from: number, limit: number): Promise<EntryRow[]>;
  entriesAt(indexes: readonly number[]): Promise<EntryRow[]>;
  entriesBefore(index: number, floor: number, limit: number): Promise<EntryRow[]>;
  /** The full tiles [from, to) of a level. */
  tiles(level: number, from: number, to: number): Promise<{ index: number; hashes: Buffer }[]>;
  newestCheckpoint(): Promise<{ size: number; note: string } | undefined>;
  /** The size of the newest checkpoint signed before a time; 0 when there is none. */
  sizeBefore(at_ms: number): Promise<number>;
  addCheckpoint(checkpoint: SignedCheckpoint, at_ms: number, leaves: Buffer): Promise<void>;
  /** The log's registered origin; registers it when the log is new. */
  register(origin: string): Promise<string>;
  origin(): Promise<string | undefined>;
}

export function logRows(segment: Segment, tenant: number, shard: number): LogRows {
  const ask = <R extends Row>(statement: Statement, ...values: readonly unknown[]): Promise<R[]> =>
    segment.query<R>(tenant, statement, [tenant, shard, ...values]);
  const origin = async (): Promise<string | undefined> => (await ask<{ origin: string }>(sql.findLog))[0]?.origin;
  return {
    tenant,
    shard,
    append: async (first, tip, bodies, tiles) => {
      const values = batchValues(first, tip, bodies);
      const rows =
        tiles.length === 0
          ? await ask<{ added: number }>(sql.addEntries, ...values)
          : await ask<{ added: number }>(sql.addEntriesAndTiles, ...values, ...tileValues(tiles));
      return rows[0]?.added === bodies.length;
    },
    size: async () => {
      const [row] = await ask<{ index: number | null }>(sql.headOf);
      return (row?.index ?? -1) + 1;
    },
    entries: (from, limit) => ask<EntryRow>(sql.entriesFrom, from, limit),
    entriesAt: (indexes) => ask<EntryRow>(sql.entriesAt, indexes),
    entriesBefore: (index, floor, limit) => ask<EntryRow>(sql.entriesBefore, index, floor, limit),
    tiles: (level, from, to) => (from >= to ? Promise.resolve([]) : ask(sql.tilesFrom, level, from, to)),
    newestCheckpoint: async () => (await ask<{ size: number; note: string }>(sql.newestCheckpoint))[0],
    sizeBefore: async (at_ms) => (await ask<{ size: number }>(sql.checkpointBefore, new Date(at_ms)))[0]?.size ?? 0,
    addCheckpoint: async ({ size, note }, at_ms, leaves) => {
      await ask(sql.addCheckpoint, size, new Date(at_ms), note, leaves);
    },
    register: async (name) => {
      const known = await origin();
      if (known !== undefined) return known;
      await ask(sql.addLog, name);
      return (await origin()) ?? name;
    },
    origin,
  };
}

function batchValues(first: number, tip: Buffer | undefined, bodies: readonly Buffer[]): unknown[] {
  let at = 1;
  const starts: number[] = [];
  for (const body of bodies) {
    starts.push(at);
    at += body.length;
  }
  const lengths = bodies.map((body) => body.length);
  return [first, tip ?? null, Buffer.concat(bodies), `{${starts.join()}}`, `{${lengths.join()}}`];
}

const tileValues = (tiles: readonly Tile[]): unknown[] => [
  Buffer.concat(tiles.map((tile) => tile.hashes)),
  `{${tiles.map((tile) => tile.level).join()}}`,
  `{${tiles.map((tile) => tile.index).join()}}`,
];

/** The hashes of a stored tile. */
export const tileHashes = (tile: Buffer): Buffer[] =>
  Array.from({ length: tileWidth }, (_, at) => tile.subarray(at * 32, at * 32 + 32));
