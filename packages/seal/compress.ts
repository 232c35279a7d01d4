import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Below this many bytes deflate costs more time than the bytes are worth. */
const worthwhile_bytes = 1024;
/** The largest body; also the bound of inflation. */
export const plainLimit_bytes = 64 * 1024 * 1024;

/**
 * The length of `plain` (4 bytes) and its raw deflate at level 1, or undefined where that would not save an eighth.
 * An output chunk of 4 KiB instead of zlib's 16 is a third faster for bodies of 1–5 KB (README, measured).
 */
export function compress(plain: Buffer): Buffer | undefined {
  if (plain.length < worthwhile_bytes) return undefined;
  const deflated = deflateRawSync(plain, { level: 1, chunkSize: plain.length > 65_536 ? 65_536 : 4096 });
  if (deflated.length + 4 > plain.length - plain.length / 8) return undefined;
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(plain.length);
  return Buffer.concat([length, deflated]);
}

/** The inverse. Never makes more bytes than the stated length, and never more than `plainLimit_bytes`. */
export function decompress(compressed: Buffer): Buffer {
  const length = compressed.length < 4 ? 0 : compressed.readUInt32BE(0);
  if (length === 0 || length > plainLimit_bytes) throw new RangeError('impossible length of a compressed body');
  const plain = inflateRawSync(compressed.subarray(4), {
    maxOutputLength: length,
    // One chunk with room to spare: zlib sees the end without growing its output.
    chunkSize: Math.min(length, 1024 * 1024) + 64,
  });
  if (plain.length !== length) throw new RangeError('a compressed body is not as long as it says');
  return plain;
}
