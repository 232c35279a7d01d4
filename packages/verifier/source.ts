/** One entry as it stands in the database: the leaf is SHA-256(0x00 || body). */
export interface EntryRow {
  readonly index: number;
  readonly body: Uint8Array;
}

/** One checkpoint: its signed note, and the leaf hashes [size - n, size) that were new with it (32 bytes each). */
export interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  readonly leaves: Uint8Array;
}

/** One full tile of 256 hashes of 32 bytes (C2SP tlog-tiles). */
export interface TileRow {
  readonly index: number;
  readonly hashes: Uint8Array;
}

/**
 * Where a log's rows come from, in pages, each stream in ascending order. It must show one state of the database:
 * every row of `entries` that `checkpoints` and `tiles` speak of.
 */
export interface LogSource {
  readonly origin: string;
  entries(): AsyncIterable<readonly EntryRow[]>;
  checkpoints(): AsyncIterable<readonly CheckpointRow[]>;
  tiles(level: number): AsyncIterable<readonly TileRow[]>;
}

/** A stream of pages read row by row, one row in sight. */
export interface Cursor<T> {
  /** The row in sight; undefined at the end. */
  peek(): Promise<T | undefined>;
  take(): void;
}

export function cursor<T>(pages: AsyncIterable<readonly T[]>): Cursor<T> {
  const iterator = pages[Symbol.asyncIterator]();
  let page: readonly T[] = [];
  let at = 0;
  let ended = false;
  return {
    async peek() {
      while (at >= page.length && !ended) {
        const next = await iterator.next();
        ended = next.done === true;
        page = next.done === true ? [] : next.value;
        at = 0;
      }
      return page[at];
    },
    take() {
      at += 1;
    },
  };
}
