import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { fault, isFault } from '@safeguard/kernel';
import { extract, type Header } from 'tar-stream';

/** Bounds of what is unpacked: a small archive may hold very much. */
export interface ArchiveLimits {
  readonly bytes: number;
  readonly entries: number;
}

export const archive_limits: ArchiveLimits = { bytes: 512 * 1024 * 1024, entries: 50_000 };

const mebibytes = (bytes: number): number => Math.floor(bytes / (1024 * 1024));

/** Counts what comes through, and ends it at the bound. */
function bounded(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(fault('tooLarge', `expected a package of at most ${mebibytes(limit)} MiB unpacked`));
      else done(null, chunk);
    },
  });
}

/** Every path lies in `package/` and names no way out of it. */
function checkPath(path: string): void {
  const words = path.split('/');
  const inside = words[0] === 'package' && words.length > 1;
  if (inside && !path.includes('\\') && !path.includes('\0') && !words.some((word) => word === '..' || word === '.')) {
    return;
  }
  throw fault('unprocessable', 'expected only files below package/ in a FHIR package');
}

/** Whether an entry is a file to read; links and devices are refused, whoever packed them. */
function isFile({ name, type }: Header): boolean {
  const path = name.replace(/^\.\//, '');
  if (type === 'directory' && (path === '' || path === 'package')) return false;
  checkPath(path.replace(/\/$/, type === 'directory' ? '/' : ''));
  if (type === 'directory') return false;
  if (type === 'file' || type === 'contiguous-file') return true;
  throw fault('unprocessable', 'expected only files and folders in a FHIR package: links are refused');
}

/** tar-stream's types rest on a package that has none. */
const asBytes = (entry: unknown): AsyncIterable<Uint8Array> => entry as AsyncIterable<Uint8Array>;

async function contentOf(entry: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads the files of a gzipped tar one after another; those that `wanted` refuses are passed over unread. Throws Fault
 * `malformed` for what is no such archive, `tooLarge` beyond the limits, `unprocessable` for links and paths outside.
 */
export async function eachFile(
  bytes: Buffer,
  wanted: (path: string) => boolean,
  take: (path: string, content: Buffer) => void,
  limits: ArchiveLimits = archive_limits,
): Promise<void> {
  const files = extract();
  const reading = (async () => {
    let entries = 0;
    for await (const entry of files) {
      entries += 1;
      if (entries > limits.entries) throw fault('tooLarge', `expected at most ${limits.entries} entries in a package`);
      const path = entry.header.name.replace(/^\.\//, '');
      if (isFile(entry.header) && wanted(path)) take(path, await contentOf(asBytes(entry)));
      else entry.resume();
    }
  })();
  const unpacking = pipeline(Readable.from([bytes]), createGunzip(), bounded(limits.bytes), files);
  const outcomes = await Promise.allSettled([reading, unpacking]);
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  // One failure ends the other side too: our own finding says what was wrong.
  const [failure] = [...failures.filter(isFault), ...failures];
  if (failure === undefined) return;
  if (isFault(failure)) throw failure;
  throw fault('malformed', 'expected a FHIR package: a gzipped tar archive (.tgz)', { cause: failure });
}
