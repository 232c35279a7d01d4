import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fault } from '@safeguard/kernel';

/** The hold on a data directory. The kernel drops it when the process dies, however it dies. */
export interface DataLock {
  release(): void;
}

const tries = 20;
const between_ms = 50;

/**
 * Takes the one hold on the data directory `data`.
 *
 * The hold is the kernel's own file lock on `safeguard.lock`, taken through SQLite because Node has no flock: it cannot
 * be raced, survives no `kill -9`, holds across containers that share the directory, and a recycled process id does not
 * fool it. `safeguard.pid` beside it only tells people who holds it.
 * @throws Fault `conflict` naming the holder's process id.
 */
export async function lockData(data: string): Promise<DataLock> {
  const lock = join(data, 'safeguard.lock');
  const holder = join(data, 'safeguard.pid');
  for (let tried = 1; ; tried++) {
    const database = tryLock(lock);
    if (database !== undefined) {
      writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
      return { release: () => database.close() };
    }
    // The holder may be on its way out (a restart), or may not yet have written its id.
    if (tried >= tries) {
      throw fault('conflict', `The data directory ${data} is in use by process ${readHolder(holder)}.`);
    }
    await sleep(between_ms);
  }
}

function tryLock(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('begin exclusive');
    return database;
  } catch (error) {
    database.close();
    // SQLITE_BUSY: another process, or another store of this one, holds it.
    if (error instanceof Error && 'errcode' in error && error.errcode === 5) return undefined;
    throw fault('internal', `The lock file ${file} cannot be locked.`, { cause: error });
  }
}

/** The process id that the holder of a data directory wrote down, or `unknown`. */
export function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'unknown';
    throw error;
  }
}
