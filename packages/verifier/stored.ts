import type { Cursor, TileRow } from './source.ts';

/** The hashes of one tile level, looked up in ascending order. */
export interface Stored {
  /** The stored hash at `position`; 'missing' when a full tile should stand there by now; undefined when none does. */
  at(position: number): Promise<Buffer | 'missing' | undefined>;
  /** Whether a tile stands there that speaks of nodes at `size` or later. */
  beyond(size: number): Promise<boolean>;
}

const width = 256;

/** Reads a level's tiles beside the recomputed nodes. A tile of a wrong length counts as missing. */
export function storedHashes(tiles: Cursor<TileRow>): Stored {
  let current: TileRow | undefined;
  const seek = async (index: number): Promise<void> => {
    current = await tiles.peek();
    while (current !== undefined && current.index < index) {
      tiles.take();
      current = await tiles.peek();
    }
  };
  return {
    async at(position) {
      const index = Math.floor(position / width);
      const offset = position % width;
      if (current === undefined || current.index !== index) await seek(index);
      if (current === undefined || current.index !== index || current.hashes.length !== width * 32) {
        return offset === width - 1 ? 'missing' : undefined;
      }
      const { buffer, byteOffset } = current.hashes;
      return Buffer.from(buffer, byteOffset + offset * 32, 32);
    },
    async beyond(size) {
      await seek(Math.floor(size / width));
      return current !== undefined;
    },
  };
}
