import { brotliCompressSync, constants } from 'node:zlib';
import type { Published } from './published.ts';
import { byText } from './source.ts';

/** Uncompressed size of a block: what is read to answer for one resource. */
const block_chars = 192 * 1024;

const compress = (text: string): Buffer =>
  brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 20 } });

/**
 * One file: the length of the index (4 bytes, big endian), the index, the blocks; index and blocks each compressed by
 * itself (Brotli, RFC 7932). A block holds resources one a line; `../published.ts` reads it.
 */
export function pack(resources: readonly Published[]): Buffer {
  const rows: (string | number)[][] = [];
  const blocks: string[][] = [];
  let [lines, chars]: [string[], number] = [[], 0];
  for (const one of [...resources].sort((a, b) => byText(a.resourceType, b.resourceType) || byText(a.id, b.id))) {
    const line = JSON.stringify(one);
    if (lines.length > 0 && chars + line.length > block_chars) [lines, chars] = [[], 0];
    if (lines.length === 0) blocks.push(lines);
    const version = one.version === '4.0.1' ? [] : [one.version ?? ''];
    rows.push([one.resourceType, one.id, one.url, one.name ?? '', blocks.length - 1, lines.length, ...version]);
    lines.push(line);
    chars += line.length;
  }
  const packed = blocks.map((block) => compress(block.join('\n')));
  const index = compress(JSON.stringify({ lengths: packed.map(({ length }) => length), rows }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(index.length);
  return Buffer.concat([length, index, ...packed]);
}
