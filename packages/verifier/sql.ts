import type { CheckpointRow, EntryRow, LogSource, TileRow } from './source.ts';

/** Runs one SELECT: rows with int8 as number or text and bytea as bytes. Any PostgreSQL client can be this. */
export type Query = (text: string, values: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** One log as the database names it. */
export interface LogRow {
  readonly tenant: number;
  readonly shard: number;
  readonly origin: string;
}

const page = 4000;

export interface Reading {
  /** The first entry wanted; the checkpoints behind it and the tiles that it stands in come with it. Default 0. */
  readonly from?: number;
  /** Entries read at a time. Default 4000. */
  readonly page?: number;
}

/** All logs of the database, in a fixed order. */
export async function sqlLogs(query: Query): Promise<LogRow[]> {
  const rows = await query('select tenant, shard, origin from ledger.logs order by tenant, shard', []);
  return rows.map((row) => ({ tenant: Number(row.tenant), shard: Number(row.shard), origin: String(row.origin) }));
}

/** Pages by key until a page comes back short. */
async function* pages<T>(read: (after: number) => Promise<T[]>, key: (row: T) => number, limit: number, start = -1) {
  let after = start;
  for (;;) {
    const rows = await read(after);
    yield rows;
    const last = rows[rows.length - 1];
    if (rows.length < limit || last === undefined) return;
    after = key(last);
  }
}

async function one(query: Query, text: string, values: readonly unknown[]): Promise<number> {
  const [row] = await query(text, values);
  return Number(row?.n ?? -1);
}

const bytes = (value: unknown): Uint8Array => value as Uint8Array;

/**
 * The rows of one log from PostgreSQL. A log that grows meanwhile is read as it stood at the start: the newest
 * checkpoint and the newest tile are fixed first and the head after them, so all that they speak of is within the head.
 */
export async function sqlSource(
  query: Query,
  { tenant, shard, origin }: LogRow,
  how: Reading = {},
): Promise<LogSource> {
  const { from = 0, page: limit = page } = how;
  const log = [tenant, shard];
  const top = await one(query, 'select max(size) as n from ledger.checkpoints where tenant=$1 and shard=$2', log);
  const tiles = await one(
    query,
    'select max(index) as n from ledger.tiles where tenant=$1 and shard=$2 and level=0',
    log,
  );
  const head = await one(query, 'select max(index) as n from ledger.entries where tenant=$1 and shard=$2', log);
  return {
    origin,
    entries: () =>
      pages<EntryRow>(
        async (after) => {
          const text = `select index, body from ledger.entries
            where tenant=$1 and shard=$2 and index > $3 and index <= $4 order by index limit ${limit}`;
          const rows = await query(text, [...log, after, head]);
          return rows.map((row) => ({ index: Number(row.index), body: bytes(row.body) }));
        },
        (row) => row.index,
        limit,
        from - 1,
      ),
    checkpoints: () =>
      pages<CheckpointRow>(
        async (after) => {
          const text = `select size, note, leaves from ledger.checkpoints
            where tenant=$1 and shard=$2 and size > $3 and size <= $4 order by size limit 500`;
          const rows = await query(text, [...log, after, top]);
          return rows.map((row) => ({ size: Number(row.size), note: String(row.note), leaves: bytes(row.leaves) }));
        },
        (row) => row.size,
        500,
        from,
      ),
    tiles: (level) =>
      pages<TileRow>(
        async (after) => {
          const text = `select index, hashes from ledger.tiles
            where tenant=$1 and shard=$2 and level=$3 and index > $4 and index <= $5 order by index limit 64`;
          const rows = await query(text, [...log, level, after, Math.floor(tiles / 256 ** level)]);
          return rows.map((row) => ({ index: Number(row.index), hashes: bytes(row.hashes) }));
        },
        (row) => row.index,
        64,
        Math.floor(from / 256 ** (level + 1)) - 1,
      ),
  };
}
