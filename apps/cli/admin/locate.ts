import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSettings } from '@safeguard/config';

/** The data directory that `--data`, the environment or the default names; absolute. */
export const dataDirectory = (data: string | undefined): string =>
  loadSettings({ overrides: data === undefined ? {} : { data } }).data;

/**
 * The admin socket of the instance that keeps its state in `data`. A path longer than the system allows for sockets
 * (about 100 bytes) stands elsewhere; then the server writes where into `run/admin.path`.
 */
export async function adminSocket(data: string): Promise<string> {
  try {
    return (await readFile(join(data, 'run', 'admin.path'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return join(data, 'run', 'admin.sock');
  }
}
