import { closeSync, constants, mkdtempSync, openSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A directory that is held open, so that it can be named in ways its path does not allow: by a child that may not walk
 * the path (a clone under a home of mode 0700), and for a socket whose path would pass the 107 bytes of `sun_path`.
 */
export interface OpenDirectory {
  readonly path: string;
  /** Descriptor to hand to a child as its descriptor `childFd`. -1 where the system has no /proc. */
  readonly fd: number;
  /** The directory's name as such a child sees it. */
  readonly inChild: string;
  /** The directory's name for this process: short enough for a socket. */
  readonly here: string;
  close(): void;
}

/** The number under which a child gets the directory's descriptor. */
export const childFd = 3;

const longestSocketDirectory_bytes = 80;

/** Opens `path`. On Linux the descriptor does it all; elsewhere a short link in the temporary directory. */
export function openDirectory(path: string): OpenDirectory {
  const real = realpathSync(path);
  if (process.platform === 'linux') {
    const fd = openSync(real, constants.O_RDONLY | constants.O_DIRECTORY);
    const here = `/proc/self/fd/${fd}`;
    return { path: real, fd, inChild: `/proc/self/fd/${childFd}`, here, close: () => closeSync(fd) };
  }
  if (Buffer.byteLength(real) <= longestSocketDirectory_bytes) {
    return { path: real, fd: -1, inChild: real, here: real, close: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'sg-'));
  const link = join(folder, 's');
  symlinkSync(real, link);
  return { path: real, fd: -1, inChild: real, here: link, close: () => rmSync(folder, { recursive: true }) };
}
