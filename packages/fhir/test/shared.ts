import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Real data beside the repository. A clone elsewhere has none: tests that want it say that they skip. */
const folder = join(import.meta.dirname, '../../../../shared/data');

/** The path of a shared file or folder; undefined, and said aloud, when it is not there. */
export function shared(path: string): string | undefined {
  const found = join(folder, path);
  if (existsSync(found)) return found;
  process.stderr.write(`SKIPPED: ../shared/data/${path} is not here, so the tests on it do not run\n`);
  return undefined;
}

export const filesIn = (path: string): string[] => readdirSync(path).sort();

/** The regular files of a .tgz, by path (POSIX ustar; long names in a `prefix` field). */
export function* untar(path: string): Generator<[string, Buffer]> {
  const bytes = gunzipSync(readFileSync(path));
  const field = (at: number, size: number): string => bytes.toString('latin1', at, at + size).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(field(at + 124, 12), 8) || 0;
    const prefix = field(at + 345, 155);
    const name = (prefix ? `${prefix}/` : '') + field(at, 100);
    yield [name, bytes.subarray(at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
